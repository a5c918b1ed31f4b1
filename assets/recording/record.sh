#!/usr/bin/env bash
# Records the terminal session of the README as an animated SVG:
# record.sh [PROGRAM]
#
# session.sh types the commands and runs them with the real program, by default
# target/release/piper-rs. termtosvg, from PyPI, records and draws it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source setup/say.sh

readonly TOOLS=.deps/recording
readonly PICTURE=assets/recording/session.svg
program=$(realpath "${1:-target/release/piper-rs}")

if [ ! -x "$TOOLS/bin/termtosvg" ]; then
    say "installing termtosvg into $TOOLS (6 MB)"
    python3 -m venv "$TOOLS"
    # It imports pkg_resources, which newer setuptools do not have.
    "$TOOLS/bin/pip" install --quiet --disable-pip-version-check termtosvg==1.1.0 'setuptools<81'
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/bin" "$folder/home"
ln -s "$program" "$folder/bin/piper-rs"

# `script` provides the terminal that termtosvg copies its settings from.
export SESSION=$PWD/assets/recording/session.sh FOLDER=$folder
export ORT_DYLIB_PATH=${ORT_DYLIB_PATH:-$PWD/.deps/onnxruntime/1.32.0/libonnxruntime.so}
script -qec "$TOOLS/bin/termtosvg record -g 104x18 -c 'bash $SESSION' '$folder/session.cast'" /dev/null >&2
"$TOOLS/bin/termtosvg" render --min-frame-duration 40 --max-frame-duration 2500 --loop-delay 5000 --template window_frame \
    "$folder/session.cast" "$PICTURE" >&2
say "wrote $PICTURE ($(($(stat -c %s "$PICTURE") / 1024)) kB)"
