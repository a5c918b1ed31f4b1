#!/usr/bin/env bash
# Runs a Python script with the packages it imports: python.sh SCRIPT [ARGUMENT…]
#
# The packages of python.txt go into .deps/python; the system's Python does not
# change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh
source setup/pip.sh

readonly FOLDER=.deps/python

install_packages setup/python.txt "$FOLDER" \
    "$(sed '/^#/d; s/ .*//' setup/python.txt | tr '\n' ' ')for the Python scripts here (26 MB)"
PYTHONPATH=$PWD/$FOLDER python3 "$@"
