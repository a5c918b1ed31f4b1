# piper-rs. `make` or `make help` lists what can be asked for here.
#
# Everything but the first steps is plain cargo: after `make build` or `make
# test` has run once, `cargo build`, `cargo run` and `cargo test` need no make.
# Every target is safe to repeat; what is already there is not installed again.

PREFIX  ?= /usr/local
# A folder that stands for / while a package is made.
DESTDIR ?=
CARGO   ?= cargo
# What `make speak` says.
TEXT    ?= Hello! This sentence was spoken by the voice that is built in.
# For how long `make fuzz` runs each target.
FUZZ_SECONDS ?= 600
# What `make bench` tells benchmarks/peer.py; see its --help.
BENCH   ?=

target := $(or $(CARGO_TARGET_DIR),target)
binary := $(target)/release/piper-rs
export PREFIX DESTDIR CARGO FUZZ_SECONDS

# Where rustup puts cargo, for shells that have not been opened anew since.
export PATH := $(PATH):$(HOME)/.cargo/bin

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help speak test bench fuzz build check fmt clippy doc scripts voices man install uninstall clean \
	tools deps

help: ## List what make can do here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

speak: build ## Say a sentence with the built-in voice, into hello.wav and aloud (TEXT="…")
	@setup/speak.sh $(binary) hello.wav "$$TEXT"
speak: export TEXT := $(TEXT)

test: tools check ## Run every check and every test, as continuous integration does
	$(CARGO) test --locked

bench: build ## Measure the program beside piper-tts for hours, into BENCHMARKS.md (BENCH="--rounds 1 --only cold")
	@setup/packages.sh bench
	$(CARGO) bench --locked --bench micro -- --noplot
	benchmarks/peer.py $(binary) --page $(BENCH)

fuzz: deps ## Feed hostile files to what reads them, each kind for ten minutes (FUZZ_SECONDS=60)
	@fuzz/run.sh

build: deps ## Build the program, optimised, as target/release/piper-rs
	$(CARGO) build --locked --release

check: tools fmt clippy doc scripts voices ## Run every check, but no test

# -- the single checks

fmt:
	$(CARGO) fmt --check
	$(CARGO) fmt --check --manifest-path fuzz/Cargo.toml

clippy:
	$(CARGO) clippy --locked --all-targets -- -D warnings
	$(CARGO) clippy --locked --all-targets --no-default-features -- -D warnings
	@# No libFuzzer is built, so that no C++ compiler is needed: nothing is linked.
	CUSTOM_LIBFUZZER_PATH=/none $(CARGO) clippy --locked --manifest-path fuzz/Cargo.toml \
		--target-dir $(target) --bins -- -D warnings

doc:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps

scripts:
	shellcheck -x setup/*.sh .ci/run fuzz/run.sh

# The test voices are, to the byte, what their script makes.
voices:
	rm -rf $(target)/voices && mkdir -p $(target)/voices
	setup/python.sh tests/voices/make.py --out $(target)/voices
	for file in $(target)/voices/*; do cmp "$$file" tests/voices/$${file##*/} || exit 1; done

# -- files made from the program

man: deps ## Write the man page and the shell completions anew
	UPDATE=1 $(CARGO) test --locked --test integration generated

# -- installing

install: ## Install under PREFIX (default /usr/local): program, man page, completions, ONNX Runtime
	@setup/install.sh install $(target)
# Under sudo nothing is built: root seldom has a cargo, and should not own target/.
ifndef SUDO_USER
install: build
endif

uninstall: ## Remove what `make install` put under PREFIX
	@setup/install.sh uninstall

clean: ## Remove what was built and downloaded here
	$(CARGO) clean
	rm -rf .deps hello.wav

# -- what the rest needs

# To build and run.
deps:
	@setup/rust.sh
	@setup/packages.sh build
	@setup/onnxruntime.sh $(target)

# To run the checks and tests.
tools:
	@setup/rust.sh rustfmt clippy
	@setup/packages.sh build test
	@setup/onnxruntime.sh $(target)
