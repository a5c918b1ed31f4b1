#!/usr/bin/env bash
# Divides a batch among processes: parallel.sh SHARDS -d OUT --manifest LIST.jsonl …
# All other arguments go to `piper-rs batch`. Set PARALLEL='--sshloginfile FILE --workdir .'
# for other machines that have the same folders. Run it again to go on after a failure.
set -euo pipefail
shards=$1
shift
seq "$shards" | parallel --quote --halt soon,fail=20% \
    piper-rs batch --quiet --jobs 1 --seed 1 --shard "{}/$shards" "$@"
exec piper-rs batch --seed 1 --verify "$@"
