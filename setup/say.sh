# shellcheck shell=bash
# Messages of the scripts in this folder. Sourced, never run.

# To stderr: stdout is for the result of a script.
say() {
    printf 'setup: %s\n' "$*" >&2
}

# Ends the script. The first argument says what is wrong, the others what to do.
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
