# shellcheck shell=bash
# How the scripts of this folder speak. Sourced, never run.

# On stderr, so that a script's stdout stays free for its result.
say() {
    printf 'setup: %s\n' "$*" >&2
}

# Ends the script. The first line says what is wrong, the others what to do.
refuse() {
    say "error: $1"
    shift
    local line
    for line in "$@"; do
        printf '       %s\n' "$line" >&2
    done
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}
