#!/usr/bin/env bash
# Installs the system packages that are missing: packages.sh LIST…
#
# LIST is `build` (to build and run), `fetch` (to download ONNX Runtime from PyPI),
# `test` (tests only), `bench` (benchmarks only) or `judges` (judging voices only).
# The script checks for programs
# and libraries, not for packages, so that it works on any system. It can install
# only on Debian and its derivatives; elsewhere it lists what is missing and ends
# with 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh

# The missing packages of Debian, and what each is for.
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
    need "libmp3lame0" "LAME, encodes MP3" python3 setup/lame.py
    [ "$(uname -s)" = Linux ] || return 0
    need "pkg-config" "finds ALSA when the program is built" has pkg-config
    need "libasound2-dev" "ALSA, plays sound" pkg-config --exists alsa
}

fetch_needs() {
    need "python3 python3-pip ca-certificates" "downloads ONNX Runtime from PyPI" python3 -m pip --version
}

test_needs() {
    need "sox" "reads WAV from a pipe in tests" has sox
    need "ffmpeg" "reads WAV from a pipe in tests" has ffmpeg
    need "nodejs" "validates WebVTT in tests" has node
    need "flac" "reads FLAC in tests" has flac
    need "opus-tools" "reads Opus in tests" has opusdec
    need "mpg123" "reads MP3 in tests" has mpg123
    need "expect" "gives tests a terminal" has expect
    need "zsh" "completes flags in tests" has zsh
    need "fish" "completes flags in tests" has fish
    need "chromium chromium-driver" "opens the server's page in tests" has chromedriver
    need "curl" "is a client of the server in tests" has curl
    need "git" "runs the commit hook in tests" has git
    need "vim" "runs the :Speak command in tests" has vim
    need "tmux" "runs a session in a terminal in tests" has tmux
    need "man-db groff-base" "renders the man page in tests" has man
    need "parallel" "divides a batch among processes in tests" has parallel
    need "shellcheck" "checks the scripts in setup/" has shellcheck
    [ "$(uname -s)" = Linux ] || return 0
    need "alsa-utils" "aplay, plays raw sound in tests" has aplay
    need "speech-dispatcher speech-dispatcher-audio-plugins" "speaks through its module in tests" \
        has spd-say
    need "systemd" "checks its files and passes sockets in tests" has systemd-socket-activate
    need "strace" "shows tests which files and sockets a run opens" has strace
}

bench_needs() {
    need "python3-venv" "isolates piper-tts, which is measured too" \
        python3 -c "import ensurepip, venv"
}

judges_needs() {
    need "python3-venv" "isolates the judges" /usr/bin/python3 -c "import ensurepip, venv"
    # With OpenBLAS it is eight times as fast.
    need "python3-torch libopenblas0-pthread" "runs a judge, DistillMOS" \
        /usr/bin/python3 -c "import torch"
    need "espeak-ng" "is judged too" has espeak-ng
    need "flite" "is judged too" has flite
}

collect() {
    packages=()
    reasons=()
    local list
    for list in "$@"; do
        case "$list" in
            build | fetch | test | bench | judges) "${list}_needs" ;;
            *) refuse "no such list of packages: $list" ;;
        esac
    done
}

is_complete() {
    [ "${#packages[@]}" -eq 0 ]
}

# Why this script cannot install packages here; empty if it can.
obstacle() {
    if ! has apt-get; then
        echo "this is not Debian or a derivative, and this script knows only apt-get"
    elif [ "$(id -u)" -ne 0 ] && ! has sudo; then
        echo "installing needs root, and there is no sudo"
    fi
}

remedy() {
    if has apt-get; then
        echo "as root: apt-get install ${packages[*]}"
    elif has brew; then
        echo "for espeak-ng, sox, ffmpeg, node, expect, shellcheck: brew install NAME"
    else
        echo "install the equivalent of the Debian packages above, then run make again"
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# Shows errors, but not the hundreds of lines of progress.
apt() {
    as_root apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null >/dev/null
}

install_missing() {
    say "installing with apt-get, in a minute or so:"
    printf '       %s\n' "${reasons[@]}" >&2
    [ "$(id -u)" -eq 0 ] || say "this needs root: sudo may ask for your password"
    apt update || say "some package lists could not be refreshed; continuing with the old ones"
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
    is_complete || refuse "installed, but still not usable:" "${reasons[@]}"
}

main "$@"
