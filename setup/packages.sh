#!/usr/bin/env bash
# Installs the system packages that are missing: packages.sh LIST…
#
# LIST is `build` (to build and run), `fetch` (to take ONNX Runtime from PyPI),
# `test` (tests only) or `bench` (benchmarks only). A need is checked by what it does, not by its
# package, so that any system that has it will do. Only Debian and its kin are
# installed on; elsewhere the needs are named and the script ends with 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh

# Debian's packages that are missing, and for people what each is for.
packages=()
reasons=()

# need "PACKAGE…" "WHY" CHECK [ARGUMENT…]: a need is met when its check succeeds.
need() {
    local names=$1 why=$2
    shift 2
    "$@" >/dev/null 2>&1 && return
    local -a split
    read -r -a split <<<"$names"
    packages+=("${split[@]}")
    reasons+=("$names: $why")
}

build_needs() {
    need "gcc libc6-dev" "a C compiler, which Rust links with" has cc
    need "python3" "runs the setup itself" has python3
    need "libespeak-ng1 espeak-ng-data" "espeak-ng 1.51 or newer, turns text into phonemes" \
        python3 setup/espeak.py
    [ "$(uname -s)" = Linux ] || return 0
    need "pkg-config" "finds ALSA when the program is built" has pkg-config
    need "libasound2-dev" "ALSA, plays sound" pkg-config --exists alsa
}

fetch_needs() {
    need "python3 python3-pip ca-certificates" "takes ONNX Runtime from PyPI" python3 -m pip --version
}

test_needs() {
    need "sox" "reads WAV from a pipe in tests" has sox
    need "ffmpeg" "reads WAV from a pipe in tests" has ffmpeg
    need "expect" "gives tests a terminal" has expect
    need "zsh" "completes flags in tests" has zsh
    need "fish" "completes flags in tests" has fish
    need "git" "runs the commit hook in tests" has git
    need "vim" "runs the :Speak command in tests" has vim
    need "tmux" "runs a session in a terminal in tests" has tmux
    need "shellcheck" "checks the scripts in setup/" has shellcheck
    [ "$(uname -s)" = Linux ] || return 0
    need "alsa-utils" "aplay, plays raw sound in tests" has aplay
    need "strace" "shows tests which files and sockets a run opens" has strace
}

bench_needs() {
    need "python3-venv" "gives piper-tts, which is measured too, a place of its own" \
        python3 -c "import ensurepip, venv"
}

collect() {
    packages=()
    reasons=()
    local list
    for list in "$@"; do
        case "$list" in
            build | fetch | test | bench) "${list}_needs" ;;
            *) refuse "no such list of packages: $list" ;;
        esac
    done
}

is_complete() {
    [ "${#packages[@]}" -eq 0 ]
}

# Why this system's packages cannot be installed from here; empty when they can.
obstacle() {
    if ! has apt-get; then
        echo "this is not Debian or its kin, and only apt-get is known here"
    elif [ "$(id -u)" -ne 0 ] && ! has sudo; then
        echo "installing needs root, and there is no sudo"
    fi
}

remedy() {
    if has apt-get; then
        echo "as root: apt-get install ${packages[*]}"
    elif has brew; then
        echo "for espeak-ng, sox, ffmpeg, expect, shellcheck: brew install NAME"
    else
        echo "look for packages of like names (Debian's are given above), then run make again"
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# Its errors are shown, its hundreds of lines of progress are not.
apt() {
    as_root apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null >/dev/null
}

install_missing() {
    say "installing with apt-get, in a minute or so:"
    printf '       %s\n' "${reasons[@]}" >&2
    [ "$(id -u)" -eq 0 ] || say "this needs root: sudo may ask for your password"
    apt update || say "not every package list could be refreshed; going on with what there is"
    apt install -y --no-install-recommends "${packages[@]}" ||
        refuse "apt-get could not install what is missing (see above)" "$(remedy)"
}

main() {
    collect "$@"
    is_complete && return
    local why
    why=$(obstacle)
    [ -z "$why" ] || refuse "$why; missing:" "${reasons[@]}" "$(remedy)"
    install_missing
    collect "$@"
    is_complete || refuse "installed, but still not usable here:" "${reasons[@]}"
}

main "$@"
