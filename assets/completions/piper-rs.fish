function __piper_rs
    set -l words (commandline -opc)
    piper-rs complete (count $words) -- $words (commandline -ct) 2>/dev/null
end
complete -c piper-rs -f -a '(__piper_rs)'
