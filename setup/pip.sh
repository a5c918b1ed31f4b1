# shellcheck shell=bash
# Installs lists of pinned packages from PyPI. Sourced after say.sh, never run.

# Installs the packages of LIST in FOLDER, unless they are there: install_packages LIST FOLDER WHAT
#
# WHAT says which packages, and why. The folder gets its final name when it is complete.
install_packages() {
    local list=$1 folder=$2 what=$3
    # What the folder depends on: it is rebuilt if Python or the list changes.
    local recipe
    recipe=$(python3 --version && cat "$list")
    [ "$(cat "$folder/recipe" 2>/dev/null)" != "$recipe" ] || return 0
    setup/packages.sh fetch
    say "installing $what into $folder"
    mkdir -p .deps
    staging=$(mktemp -d .deps/staging.XXXXXX)
    trap 'rm -rf "$staging"' EXIT
    # Other packages of this Python do not matter: the folder is searched first.
    PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check \
        --no-warn-conflicts --require-hashes --only-binary=:all: --requirement "$list" \
        --target "$staging/ready" >&2 ||
        refuse "pip could not install the packages of $list (see above)" \
            "they need Python 3.11 to 3.14 and a connection to PyPI"
    printf '%s\n' "$recipe" >"$staging/ready/recipe"
    rm -rf "$folder"
    mv "$staging/ready" "$folder"
}
