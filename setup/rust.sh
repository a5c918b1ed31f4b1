#!/usr/bin/env bash
# Checks that Rust is installed and new enough: rust.sh [COMPONENT…]
#
# Components have rustup's names (rustfmt, clippy). This script never installs Rust
# itself: that is the choice of the machine's owner.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh

readonly HOW_TO="install it with rustup, see https://rustup.rs, then run make again"

# The version that Cargo.toml requires.
wanted() {
    sed -n 's/^rust-version = "\([0-9.]*\)".*/\1/p' Cargo.toml
}

found() {
    cargo --version | cut -d ' ' -f 2
}

# True when $1 is the same version as $2 or a newer one.
at_least() {
    [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]
}

check_cargo() {
    has cargo || refuse "cargo is missing: it builds the program" "$HOW_TO"
    cargo --version >/dev/null || refuse "cargo does not start (see above)" "$HOW_TO"
    at_least "$(found)" "$(wanted)" ||
        refuse "Rust $(found) is too old: $(wanted) or newer is needed" "$HOW_TO"
}

# The cargo command of a component.
command_of() {
    case "$1" in
        rustfmt) echo cargo-fmt ;;
        *) echo "cargo-$1" ;;
    esac
}

runs() {
    "$(command_of "$1")" --version >/dev/null 2>&1
}

check_component() {
    runs "$1" && return
    if has rustup; then
        say "adding $1 with rustup: make test checks with it"
        rustup component add "$1" && runs "$1" && return
    fi
    refuse "$1 is missing: make test checks with it" \
        "add it with: rustup component add $1" \
        "or, if Rust is from the system's packages, install its $1 package"
}

check_cargo
for component in "$@"; do
    check_component "$component"
done
