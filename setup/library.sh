#!/usr/bin/env bash
# Builds and runs the example of src/lib.rs in a new crate that depends on the
# library alone, and checks that no crate of a terminal program comes along.
#
# The crate uses this repository's Cargo.lock and target folder ($1), so that
# nothing is downloaded and little is compiled.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
target=$(realpath -m "${1:-target}")
crate=$(mktemp -d)
trap 'rm -rf "$crate"' EXIT

mkdir "$crate/src"
cp Cargo.lock "$crate"
cat > "$crate/Cargo.toml" <<TOML
[package]
name = "library-user"
edition = "2024"

[dependencies]
piper-rs = { path = "$root" }
TOML
# The first code block of the crate's documentation. Rustdoc drops the `# `.
awk '/^\/\/! ```$/ { if (inside++) exit; next } inside' src/lib.rs |
	sed -E 's|^//! ?||; s|^# ?||' > "$crate/src/main.rs"

export CARGO_TARGET_DIR=$target
tree=$("${CARGO:-cargo}" tree --quiet --manifest-path "$crate/Cargo.toml" --edges normal --prefix none)
foreign=$(grep -E '^(clap|clap_complete|ctrlc|indicatif|rustyline|signal-hook|toml) ' <<< "$tree" || true)
if [ -n "$foreign" ]; then
	printf 'the library brings along:\n%s\n' "$foreign" >&2
	exit 1
fi
# From here, where .cargo/config.toml names ONNX Runtime.
"${CARGO:-cargo}" run --quiet --manifest-path "$crate/Cargo.toml"
echo "the library's example builds and runs on its own, with $(sort -u <<< "$tree" | wc -l) crates"
