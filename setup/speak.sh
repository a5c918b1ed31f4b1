#!/usr/bin/env bash
# What `make speak` does once the program is built: speak.sh PROGRAM FILE TEXT
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh

readonly PROGRAM=$1 FILE=$2 TEXT=$3

has_device() {
    "$PROGRAM" devices 2>/dev/null | grep -q .
}

"$PROGRAM" speak -o "$FILE" -- "$TEXT"
say "wrote $FILE"
if has_device; then
    # The file is made: a device that is busy or broken does not undo that.
    "$PROGRAM" speak --play -- "$TEXT" || say "the sound device did not play (see above); play $FILE with any player"
else
    say "no sound device here: play $FILE where there is one"
fi
