#!/usr/bin/env bash
# Makes the picture of subtitles in the README: picture.sh [PROGRAM]
#
# Speaks a paragraph with --srt, by default with target/release/piper-rs, has ffmpeg show
# the subtitles over a black video with the speech, and takes a frame of it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source setup/say.sh

readonly PICTURE=assets/subtitles/frame.png
readonly TEXT="The ferry costs \$5.50 and leaves at noon. When the wind dropped, the little \
boat, which had left the harbour at dawn, went out across the bay and nobody saw it again."
program=$(realpath "${1:-target/release/piper-rs}")
export ORT_DYLIB_PATH=${ORT_DYLIB_PATH:-$PWD/.deps/onnxruntime/1.32.0/libonnxruntime.so}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$program" speak --quiet --seed 1 -o "$folder/talk.wav" --srt "$folder/talk.srt" "$TEXT"
cat "$folder/talk.srt" >&2
ffmpeg -loglevel error -f lavfi -i color=black:size=960x540:rate=25 -i "$folder/talk.wav" \
    -vf "subtitles=$folder/talk.srt" -shortest "$folder/talk.mkv"
# The middle of the second cue.
middle=$(awk -F '[:, ]+' '/-->/ && ++n == 2 {
    print ($1 * 3600 + $2 * 60 + $3 + $4 / 1000 + $6 * 3600 + $7 * 60 + $8 + $9 / 1000) / 2
}' "$folder/talk.srt")
ffmpeg -loglevel error -ss "$middle" -i "$folder/talk.mkv" -frames:v 1 \
    -vf "crop=960:200:0:340,format=pal8" "$folder/frame.png"
cp "$folder/frame.png" "$PICTURE"
say "wrote $PICTURE ($(stat -c %s "$PICTURE") bytes)"
