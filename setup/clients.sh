#!/usr/bin/env bash
# Installs the clients of `piper-rs serve` that tests use in .deps/clients: PyPI's
# `openai` and `wyoming`, pinned by hash in clients.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh

readonly FOLDER=.deps/clients

# What the folder depends on: it is rebuilt if Python or the list changes.
recipe() {
    python3 --version
    cat setup/clients.txt
}

is_fresh() {
    [ "$(cat "$FOLDER/recipe" 2>/dev/null)" = "$(recipe)" ]
}

# The folder gets its final name when it is complete.
install() {
    setup/packages.sh fetch
    say "installing the clients openai and wyoming into $FOLDER: tests speak with them (46 MB)"
    mkdir -p .deps
    staging=$(mktemp -d .deps/staging.XXXXXX)
    trap 'rm -rf "$staging"' EXIT
    PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --require-hashes \
        --only-binary=:all: --requirement setup/clients.txt --target "$staging/ready" >&2 ||
        refuse "pip could not install the packages of setup/clients.txt (see above)" \
            "they need Python 3.11 to 3.14 and a connection to PyPI"
    recipe >"$staging/ready/recipe"
    rm -rf "$FOLDER"
    mv "$staging/ready" "$FOLDER"
}

is_fresh || install
