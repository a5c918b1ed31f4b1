# piper-rs. `make` or `make help` lists the targets.
#
# Only the setup needs make: after `make build` or `make test` has run once,
# plain `cargo build`, `cargo run` and `cargo test` work. Every target can be
# repeated; what is already installed is not installed again.

PREFIX  ?= /usr/local
# A staging folder in place of /, for packagers.
DESTDIR ?=
CARGO   ?= cargo
# The text that `make speak` speaks.
TEXT    ?= Hello! This sentence was spoken by piper-rs, and nothing left this machine.
# `none` leaves out the default voice: then the small one that is built in speaks.
VOICE   ?=
# How long `make fuzz` runs each target.
FUZZ_SECONDS ?= 600
# Arguments of benchmarks/peer.py for `make bench`; see its --help.
BENCH   ?=

target := $(or $(CARGO_TARGET_DIR),target)
binary := $(target)/release/piper-rs
export PREFIX DESTDIR CARGO VOICE FUZZ_SECONDS

# rustup's folder, for shells that were opened before rustup was installed.
export PATH := $(PATH):$(HOME)/.cargo/bin

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help speak test bench fuzz build check fmt clippy doc scripts voices man install uninstall \
	clean tools deps

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

speak: build ## Build, then speak a sentence into hello.wav and on the sound device (TEXT="…")
	@setup/speak.sh $(binary) hello.wav "$$TEXT"
speak: export TEXT := $(TEXT)

test: tools check ## Run every check and every test, as continuous integration does
	$(CARGO) test --locked --all-features
	@setup/library.sh $(target)
	$(CARGO) test --locked --all-features --test integration timing:: -- --ignored --test-threads 1

check: tools fmt clippy doc scripts voices ## Run every check, but no test

build: deps ## Build the optimized program, target/release/piper-rs (VOICE=none: without its voice)
	$(CARGO) build --locked --release

bench: build ## Compare with piper-tts for hours and update BENCHMARKS.md (BENCH="--rounds 1 --only cold")
	@setup/packages.sh bench
	$(CARGO) bench --locked --bench micro -- --noplot
	benchmarks/peer.py $(binary) --page $(BENCH)

fuzz: deps ## Fuzz the readers of untrusted files, ten minutes each (FUZZ_SECONDS=60)
	@fuzz/run.sh

# -- the single checks

fmt:
	$(CARGO) fmt --check
	$(CARGO) fmt --check --manifest-path fuzz/Cargo.toml

clippy:
	$(CARGO) clippy --locked --all-targets --all-features -- -D warnings
	$(CARGO) clippy --locked --all-targets --no-default-features -- -D warnings
	$(CARGO) clippy --locked --package piper-rs --all-targets --no-default-features -- -D warnings
	@# Without libFuzzer, so that no C++ compiler is needed: nothing is linked.
	CUSTOM_LIBFUZZER_PATH=/none $(CARGO) clippy --locked --manifest-path fuzz/Cargo.toml \
		--target-dir $(target) --bins -- -D warnings

# Private items too, for their links. One package at a time, since the library
# and the program have the same name. The public documentation comes last and stays.
doc: export RUSTDOCFLAGS := -D warnings
doc:
	$(CARGO) doc --locked --no-deps --package piper-rs-cli --document-private-items
	$(CARGO) doc --locked --no-deps --package piper-rs-native --document-private-items
	$(CARGO) doc --locked --no-deps --package piper-rs --all-features --document-private-items
	$(CARGO) doc --locked --no-deps --package piper-rs --all-features

scripts:
	shellcheck -x setup/*.sh .ci/run fuzz/run.sh conversion/run.sh assets/*/*.sh assets/integrations/sd_piper-rs
	PYTHONDONTWRITEBYTECODE=1 setup/python.sh -m unittest discover --quiet --start-directory training
	PYTHONDONTWRITEBYTECODE=1 setup/python.sh -m unittest discover --quiet --start-directory conversion

# The test voices are byte for byte what their script writes.
voices:
	rm -rf $(target)/voices && mkdir -p $(target)/voices/framewise
	setup/python.sh tests/voices/make.py --out $(target)/voices
	PYTHONDONTWRITEBYTECODE=1 setup/python.sh tests/voices/framewise/make.py --out $(target)/voices/framewise
	cd $(target)/voices && find . -type f | while read -r file; do cmp "$$file" "$(CURDIR)/tests/voices/$$file" || exit 1; done

# -- generated files

man: deps ## Update the man page and the shell completions
	UPDATE=1 $(CARGO) test --locked --test integration generated

# -- installation

install: ## Install under PREFIX (default /usr/local): program, its voice, man page, completions
	@setup/install.sh install $(target)
# Nothing is built under sudo: root rarely has cargo, and should not own target/.
ifndef SUDO_USER
install: build
endif

uninstall: ## Remove what `make install` installed under PREFIX
	@setup/install.sh uninstall

clean: ## Remove what was built and downloaded here
	$(CARGO) clean
	rm -rf .deps hello.wav

# -- prerequisites

# To build and run.
deps:
	@setup/rust.sh
	@setup/packages.sh build
	@setup/onnxruntime.sh $(target)
	@setup/default_voice.sh $(target)

# To run the checks and tests.
tools:
	@setup/rust.sh rustfmt clippy
	@setup/packages.sh build test
	@setup/onnxruntime.sh $(target)
	@setup/default_voice.sh $(target)
	@setup/voice.sh
	@setup/clients.sh
