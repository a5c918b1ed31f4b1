#!/usr/bin/env bash
# Puts the default voice beside the program: default_voice.sh TARGET_DIR
#
# natural_voice.sh makes it in .deps/natural-voice. TARGET_DIR/release gets
# share/piper-rs/voices, where TARGET_DIR/release/piper-rs looks for it. The program
# of the tests, in TARGET_DIR/debug, has none: tests speak with the built-in voice.
# VOICE=none leaves it out. Nothing here fails: without it the built-in voice speaks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh

readonly FOLDER=.deps/natural-voice
readonly LINK=$1/release/share/piper-rs/voices

without() {
    rm -f "$LINK"
    say "$1: the small voice that is built in speaks instead"
    exit 0
}

# Only links are made here. A folder is somebody's own.
if [ -e "$LINK" ] && ! [ -L "$LINK" ]; then
    say "$LINK is not a link: the voices in it stay, and no default voice is put there;" \
        "to get it, remove the folder and run make again"
    exit 0
fi
[ "${VOICE:-}" != none ] || without "the default voice is left out (VOICE=none)"
setup/natural_voice.sh ||
    without "there is no default voice (see above; make VOICE=none does not try to make it)"
if [ "$(readlink "$LINK" || true)" != "$PWD/$FOLDER" ]; then
    mkdir -p "$(dirname "$LINK")"
    ln -sfn "$PWD/$FOLDER" "$LINK"
fi
