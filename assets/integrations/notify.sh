# shellcheck shell=bash
# Speaks when a long command ends: `. notify.sh`, then `notify make test`.
notify() {
    "$@"
    local code=$? text="$1 is done."
    [ "$code" -eq 0 ] || text="$1 has failed."
    if command -v notify-send >/dev/null; then notify-send "$text"; fi
    # NOTIFY_OUTPUT: a file to write instead of playing.
    # shellcheck disable=SC2086
    piper-rs speak --quiet ${NOTIFY_OUTPUT:+-o "$NOTIFY_OUTPUT"} "$text" </dev/null
    return "$code"
}
