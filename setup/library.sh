#!/usr/bin/env bash
# Builds and runs the README's library example in a new crate that depends on
# the library alone, and checks that it brings along no crate for terminals.
#
# The crate uses this repository's Cargo.lock and target folder ($1), so that
# nothing is downloaded and little is compiled.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
CARGO_TARGET_DIR=${1:-target}
[[ $CARGO_TARGET_DIR = /* ]] || CARGO_TARGET_DIR=$root/$CARGO_TARGET_DIR
export CARGO_TARGET_DIR
mkdir -p .deps
# Below the root, whose .cargo/config.toml names ONNX Runtime.
crate=$(mktemp -d "$root/.deps/library-user.XXXXXX")
trap 'rm -rf "$crate"' EXIT

mkdir "$crate/src"
cp Cargo.lock "$crate"
cat > "$crate/Cargo.toml" <<TOML
[workspace]

[package]
name = "library-user"
edition = "2024"

[dependencies]
piper-rs = { path = "$root" }
TOML
awk '/^```$/ { inside = 0 } inside; /^```rust/ { inside = 1 }' README.md > "$crate/src/main.rs"

cd "$crate"
tree=$("${CARGO:-cargo}" tree --quiet --edges normal --prefix none)
foreign=$(grep -E '^(clap|clap_complete|ctrlc|indicatif|rustyline|signal-hook|toml) ' <<< "$tree" || true)
if [ -n "$foreign" ]; then
	printf 'the library brings along:\n%s\n' "$foreign" >&2
	exit 1
fi
"${CARGO:-cargo}" run --quiet
[ -s hello.wav ]
echo "the library's example builds and runs on its own, with $(sort -u <<< "$tree" | wc -l) crates"
