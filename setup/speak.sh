#!/usr/bin/env bash
# What `make speak` does after the build: speak.sh PROGRAM FILE TEXT
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh

readonly PROGRAM=$1 FILE=$2 TEXT=$3

has_device() {
    "$PROGRAM" devices 2>/dev/null | grep -q .
}

"$PROGRAM" speak -o "$FILE" -- "$TEXT"
say "wrote $FILE with the voice $("$PROGRAM" version | sed -n 's/^voice //p')"
if has_device; then
    # A busy or broken device is no error: the file is written.
    "$PROGRAM" speak --play -- "$TEXT" || say "the sound device did not play (see above); play $FILE with any player"
else
    say "no sound device here: play $FILE on a machine that has one"
fi

say "the program is $PROGRAM; run it by that path, or:"
say "  make install PREFIX=~/.local    installs it as ~/.local/bin/piper-rs, without root"
say "  sudo make install               installs it for all users, in /usr/local/bin"
