#!/usr/bin/env bash
# Installs the clients of `piper-rs serve` that tests use in .deps/clients: PyPI's
# `openai` and `wyoming`, pinned by hash in clients.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh
source setup/pip.sh

install_packages setup/clients.txt .deps/clients \
    "the clients openai and wyoming, which tests speak with (46 MB),"
