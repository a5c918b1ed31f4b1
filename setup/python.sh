#!/usr/bin/env bash
# Runs a Python script with the packages it imports: python.sh SCRIPT [ARGUMENT…]
#
# The packages of python.txt go into .deps/python; the system's Python is left
# as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh

readonly PLACE=.deps/python

# What the folder is made from; another Python or another list makes it anew.
recipe() {
    python3 --version
    cat setup/python.txt
}

is_fresh() {
    [ "$(cat "$PLACE/recipe" 2>/dev/null)" = "$(recipe)" ]
}

fill() {
    PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --only-binary=:all: \
        --requirement setup/python.txt --target "$1" >&2 ||
        refuse "pip could not install the packages of setup/python.txt (see above)" \
            "they need Python 3.11 or newer and a connection to PyPI"
}

# The folder appears under its final name only when all of it is there.
install() {
    setup/packages.sh fetch
    say "installing $(sed '/^#/d' setup/python.txt | tr '\n' ' ')into $PLACE: Python scripts under tests/ need them (26 MB)"
    mkdir -p .deps
    staging=$(mktemp -d .deps/staging.XXXXXX)
    trap 'rm -rf "$staging"' EXIT
    fill "$staging/ready"
    recipe >"$staging/ready/recipe"
    rm -rf "$PLACE"
    mv "$staging/ready" "$PLACE"
}

is_fresh || install
PYTHONPATH=$PWD/$PLACE python3 "$@"
