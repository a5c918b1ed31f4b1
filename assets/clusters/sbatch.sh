#!/usr/bin/env bash
# A task of an array job: sbatch sbatch.sh -d OUT --manifest LIST.jsonl …
# All arguments go to `piper-rs batch`.
#SBATCH --job-name=piper-rs
#SBATCH --array=1-100
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=1G
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail
# Prepared voices are in XDG_CACHE_HOME, or ~/.cache: one for all nodes of one kind.
# With a seed, a file has the same bytes whichever task makes it.
[[ " $*" == *" --seed"* ]] || set -- --seed 1 "$@"
exec piper-rs batch --quiet --shard auto "$@"
