#!/usr/bin/env bash
# Makes the natural voice in .deps/natural-voice.
#
# The folder gets en_US-heart-medium.onnx, its .json, LICENSE and NOTICE. conversion/
# makes the voice from a wheel that is pinned by hash in natural_voice.txt. The voice is
# checked by its own hash each time, so a second run needs no network. If it cannot be
# made, the script ends with 1; default_voice.sh then goes on without it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh
source setup/wheel.sh

readonly FOLDER=.deps/natural-voice
readonly VOICE=en_US-heart-medium
readonly SHA256=fa1c5e9767f570c64b33bbc4765b957c8e6c5ae36d13ccfad0a9f62cf9f4c5b1
readonly CONFIG_SHA256=b5827fb82bedb941c2795179aa6b96f0888913bd879cc90eff59b6f3f7498d15

is_complete() {
    has_hash "$1/$VOICE.onnx" "$SHA256" && has_hash "$1/$VOICE.onnx.json" "$CONFIG_SHA256" &&
        cmp -s conversion/NOTICE "$1/NOTICE" && [ -f "$1/LICENSE" ]
}

# The folder gets its final name when it is complete.
make_voice() {
    say "making the voice $VOICE in $FOLDER from hibari-tts on PyPI (14 MB)"
    mkdir -p .deps
    staging=$(mktemp -d .deps/staging.XXXXXX)
    trap 'rm -rf "$staging"' EXIT
    unpack_wheel setup/natural_voice.txt "$staging"
    setup/python.sh conversion/convert.py "$staging/wheel" "$staging/ready" >/dev/null
    cp "$staging"/wheel/hibari_tts-*.dist-info/licenses/LICENSE conversion/NOTICE "$staging/ready"
    is_complete "$staging/ready" || refuse "the voice $VOICE is not the expected one" \
        "its hash differs from the one in setup/natural_voice.sh; nothing was installed" \
        "please report this with: $(python3 --version 2>&1), $(uname -sm)" \
        "make VOICE=none goes on without this voice"
    rm -rf "$FOLDER"
    mv "$staging/ready" "$FOLDER"
}

is_complete "$FOLDER" || make_voice
