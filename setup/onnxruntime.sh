#!/usr/bin/env bash
# Installs ONNX Runtime in .deps/onnxruntime/VERSION: onnxruntime.sh TARGET_DIR
#
# Microsoft publishes the library inside its Python wheels. The wheel is pinned
# by hash in onnxruntime.txt. The library is checked by its own hash each time, so
# a second run needs no network, and a damaged file is replaced. TARGET_DIR gets
# lib/piper-rs, where TARGET_DIR/release/piper-rs and TARGET_DIR/debug/piper-rs
# look for the library.
#
# To change the version: onnxruntime.txt, the table below, .cargo/config.toml.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh
source setup/wheel.sh

readonly VERSION=1.32.0
readonly FOLDER=.deps/onnxruntime/$VERSION

# The name in .cargo/config.toml, the same on every system: a loader does not care
# about the extension.
readonly COMMON_NAME=libonnxruntime.so

# Per system: pip's name for the platform, the library in its wheel, its hash.
case "$(uname -s)-$(uname -m)" in
    Linux-x86_64)
        readonly PLATFORM=manylinux_2_28_x86_64
        readonly LIBRARY=libonnxruntime.so.$VERSION
        readonly SHA256=6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f
        ;;
    Linux-aarch64)
        readonly PLATFORM=manylinux_2_28_aarch64
        readonly LIBRARY=libonnxruntime.so.$VERSION
        readonly SHA256=49852228a93995158b2a813d4df487d47a1b76b0eaa894507ef49e91b6d7954a
        ;;
    Darwin-arm64)
        readonly PLATFORM=macosx_14_0_arm64
        readonly LIBRARY=libonnxruntime.$VERSION.dylib
        readonly SHA256=fa585fabbea65b823b9a8f7e27d46aee3989d1be7e36b528203d3a1fd613aae7
        ;;
    *)
        refuse "there is no ONNX Runtime $VERSION on PyPI for $(uname -s) $(uname -m)" \
            "build or install it, and set ORT_DYLIB_PATH to its library;" \
            "then cargo build --release and cargo test work without make"
        ;;
esac

is_complete() {
    has_hash "$1/$LIBRARY" "$SHA256" && [ -e "$1/$COMMON_NAME" ]
}

# The library, and the licenses that must go with it.
unpack() {
    local into=$1
    unpack_wheel setup/onnxruntime.txt "$into" \
        --platform "$PLATFORM" --implementation cp --python-version 3.11 --abi cp311
    mkdir "$into/ready"
    mv "$into/wheel/onnxruntime/capi/$LIBRARY" "$into/wheel/onnxruntime/LICENSE" \
        "$into/wheel/onnxruntime/ThirdPartyNotices.txt" "$into/ready"
    local name
    for name in "$COMMON_NAME" "$(plain_name)"; do
        ln -sf "$LIBRARY" "$into/ready/$name"
    done
}

# The library's name without its version, as the program looks for it.
plain_name() {
    echo "${LIBRARY/.$VERSION/}"
}

# Fails on a system whose C library is too old or is not glibc.
loads() {
    ORT_DISABLE_TELEMETRY=1 python3 -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1"
}

# The folder gets its final name when it is complete.
fetch() {
    say "downloading ONNX Runtime $VERSION from PyPI into $FOLDER: it runs the voices (28 MB)"
    mkdir -p "$(dirname "$FOLDER")"
    staging=$(mktemp -d "$(dirname "$FOLDER")/staging.XXXXXX")
    trap 'rm -rf "$staging"' EXIT
    unpack "$staging"
    is_complete "$staging/ready" || refuse "the ONNX Runtime library is not the expected one" \
        "its hash differs from the one in setup/onnxruntime.sh; nothing was installed"
    loads "$PWD/$staging/ready/$LIBRARY" || refuse "ONNX Runtime does not load here (see above)" \
        "its Linux builds need glibc 2.28 or newer"
    rm -rf "$FOLDER"
    mv "$staging/ready" "$FOLDER"
}

link_into() {
    local link=$1/lib/piper-rs
    [ "$(readlink "$link" || true)" = "$PWD/$FOLDER" ] && return
    mkdir -p "$(dirname "$link")"
    ln -sfn "$PWD/$FOLDER" "$link"
}

is_complete "$FOLDER" || fetch
link_into "$1"
