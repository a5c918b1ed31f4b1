#!/bin/sh
# Makes the installed voices known to speech-dispatcher: writes its module,
# piper-rs-generic.conf, with a line for each voice of `piper-rs voices list`. Run
# it again after `piper-rs voices get` or `remove`.
set -eu
umask 022

template=$(dirname "$0")/piper-rs-generic.conf
folder=${XDG_CONFIG_HOME:-$HOME/.config}/speech-dispatcher/modules
module=$folder/piper-rs-generic.conf

# Piper's voices do not tell whether the speaker is a woman. These are.
women="alba amy anna cori eva_k gosia heart hfc_female huayan irina jenny_dioco kathleen
kerstin kristin lada lessac lili ljspeech marylux meera natia nathalie paola
ramona rapunzelina salka siwis slt southern_english_female ugla upc_ona"

# Prints `NAME LANGUAGE REGION` for each installed voice. Names that need quotes
# are left out.
installed_voices() {
    piper-rs voices list --json |
        sed -n 's/.*"name":"\([^"\\ ]*\)".*"code":"\([a-z]*\)_*\([^"]*\)".*/\1 \2 \3/p' |
        grep -v "'"
}

# Prints the name of the voice that the config file selects, if it does.
configured_voice() {
    piper-rs config show --json |
        sed -n 's/.*"from":"file","key":"voice","line":[0-9]*,"value":"\([^"]*\)".*/\1/p'
}

# Turns the lines of installed_voices into lines of the module. speech-dispatcher
# has three voices of each sex for each language and selects MALE1 by default.
add_voices() {
    awk -v women="$women" -v configured="$(configured_voice)" '
        function add(language, sex, name,   n) {
            n = ++count[language, sex]
            lines = lines sprintf("AddVoice \"%s\" \"%s%d\" \"%s\"\n", language, sex, n > 3 ? 3 : n, name)
        }
        function sex(name,   parts) {
            split(name, parts, "-")
            return parts[2] in is_woman ? "FEMALE" : "MALE"
        }
        BEGIN {
            n = split(women, list)
            for (i = 1; i <= n; i++) is_woman[list[i]] = 1
        }
        {
            name[NR] = $1; language[NR] = $2; region[NR] = tolower($2 "-" $3)
            if ($1 == configured) own = $2
            if ($3 != "" && !seen[region[NR]]++) regions[$2]++
        }
        END {
            add(own ? own : "en", "MALE", "default")
            for (i = 1; i <= NR; i++) {
                add(language[i], sex(name[i]), name[i])
                # Regions are told apart only if a language has several, in lower
                # case, as speech-dispatcher passes them.
                if (regions[language[i]] < 2) continue
                if (!count[region[i], "MALE"] && !count[region[i], "FEMALE"])
                    printf "GenericLanguage \"%s\" \"%s\" \"utf-8\"\n", region[i], region[i]
                add(region[i], sex(name[i]), name[i])
            }
            printf "%s", lines
        }'
}

# Fails here if piper-rs is missing, before anything is written.
voices=$(installed_voices)
mkdir -p "$folder"
{
    sed '/^# -- voices/q' "$template"
    echo
    echo "$voices" | add_voices
} >"$module.new"
mv "$module.new" "$module"
echo "wrote $module with $(grep -c ^AddVoice "$module") voices"
echo "now run: killall speech-dispatcher; spd-say -o piper-rs-generic Hello"
