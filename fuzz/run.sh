#!/usr/bin/env bash
# Runs every fuzz target for FUZZ_SECONDS (default 600) each: run.sh [TARGET…]
#
# Stops at the first finding; its input is then in fuzz/artifacts/TARGET.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh

readonly seconds=${FUZZ_SECONDS:-600}
# cargo-fuzz needs compiler flags that stable compilers otherwise refuse.
export RUSTC_BOOTSTRAP=1

if ! cargo fuzz --version >/dev/null 2>&1; then
    has c++ || refuse "a C++ compiler is missing: libFuzzer is built with it" \
        "run \`apt-get install g++\`, or the equivalent on this system"
    say "installing cargo-fuzz into ~/.cargo/bin"
    cargo install cargo-fuzz --locked
fi

[ $# -gt 0 ] || mapfile -t names < <(cargo fuzz list)
for target in "${@:-${names[@]}}"; do
    # A voice is larger than a config or a list.
    max_len=4096
    [ "$target" != onnx ] || max_len=32768
    corpora=("fuzz/corpus/$target")
    mkdir -p "${corpora[@]}"
    [ ! -d "fuzz/seeds/$target" ] || corpora+=("fuzz/seeds/$target")
    case "$target" in
        voice_config) corpora+=(tests/voices) ;;
        csv | html | markdown | pdf_text | srt | ssml | vtt) corpora+=(tests/documents) ;;
    esac
    say "$target, for $seconds seconds"
    cargo fuzz run "$target" "${corpora[@]}" -- -max_total_time="$seconds" \
        -max_len="$max_len" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1
done
