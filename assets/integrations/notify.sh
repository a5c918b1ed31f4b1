# shellcheck shell=bash
# Says when a long command ends: `. notify.sh`, then `notify make test`.
notify() {
    "$@"
    local code=$? said="$1 is done."
    [ "$code" -eq 0 ] || said="$1 has failed."
    if command -v notify-send >/dev/null; then notify-send "$said"; fi
    # NOTIFY_OUTPUT names a file instead of the loudspeaker.
    # shellcheck disable=SC2086
    piper-rs speak --quiet ${NOTIFY_OUTPUT:+-o "$NOTIFY_OUTPUT"} "$said" </dev/null
    return "$code"
}
