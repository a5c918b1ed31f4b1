#!/usr/bin/env bash
# Runs a Python script with the packages it imports: python.sh SCRIPT [ARGUMENT…]
#
# The packages of python.txt go into .deps/python; the system's Python does not
# change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh

readonly FOLDER=.deps/python

# What the folder depends on: it is rebuilt if Python or the list changes.
recipe() {
    python3 --version
    cat setup/python.txt
}

is_fresh() {
    [ "$(cat "$FOLDER/recipe" 2>/dev/null)" = "$(recipe)" ]
}

fill() {
    PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --require-hashes \
        --only-binary=:all: --requirement setup/python.txt --target "$1" >&2 ||
        refuse "pip could not install the packages of setup/python.txt (see above)" \
            "they need Python 3.11 to 3.14 and a connection to PyPI"
}

# The folder gets its final name when it is complete.
install() {
    setup/packages.sh fetch
    say "installing $(sed '/^#/d; s/ .*//' setup/python.txt | tr '\n' ' ')into $FOLDER: the Python scripts here need them (26 MB)"
    mkdir -p .deps
    staging=$(mktemp -d .deps/staging.XXXXXX)
    trap 'rm -rf "$staging"' EXIT
    fill "$staging/ready"
    recipe >"$staging/ready/recipe"
    rm -rf "$FOLDER"
    mv "$staging/ready" "$FOLDER"
}

is_fresh || install
PYTHONPATH=$PWD/$FOLDER python3 "$@"
