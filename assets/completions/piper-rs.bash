_piper_rs() {
    local IFS=$'\n' rest=$COMP_LINE words=() index=0 i word kept
    # Bash splits words at `:` and `=`, as in hw:CARD=0. This joins them again.
    # The part of a word before its last `:` or `=` is not replaced.
    for i in "${!COMP_WORDS[@]}"; do
        word=${COMP_WORDS[i]}
        if ((i > 0)) && [[ $rest != [[:space:]]* ]]; then
            words[${#words[@]}-1]+=$word
        else
            rest=${rest#"${rest%%[![:space:]]*}"}
            words+=("$word")
        fi
        rest=${rest#"$word"}
        ((i == COMP_CWORD)) && index=$((${#words[@]} - 1))
    done
    word=${words[index]}
    kept=${word%"${word##*[:=]}"}
    COMPREPLY=($("${words[0]}" complete "$index" -- "${words[@]}" 2>/dev/null))
    COMPREPLY=("${COMPREPLY[@]#"$kept"}")
    if [ "${#COMPREPLY[@]}" -eq 1 ] && [[ ${COMPREPLY[0]} == */ ]]; then
        compopt -o nospace
    fi
}
complete -o default -F _piper_rs piper-rs
