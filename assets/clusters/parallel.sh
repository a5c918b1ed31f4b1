#!/usr/bin/env bash
# Divides a batch among processes: parallel.sh SHARDS -d OUT --manifest LIST.jsonl …
# All other arguments go to `piper-rs batch`. Set PARALLEL='--sshloginfile FILE --workdir .'
# for other machines that have the same folders. Run it again to go on after a failure.
set -euo pipefail

refuse() {
    echo "parallel.sh: $1" >&2
    exit 2
}

shards=${1-}
[[ $shards =~ ^[1-9][0-9]*$ && $# -gt 1 ]] || refuse "usage: parallel.sh SHARDS -d OUT --manifest LIST.jsonl …"
shift
for option in "$@"; do
    case $option in
        --shard* | --join* | --dry-run | --force | --overwrite)
            refuse "$option cannot be combined with shards that are verified at the end: use \`piper-rs batch\`" ;;
        --report* | --results*)
            refuse "$option: make the list at the end, with \`piper-rs batch --verify $option …\`" ;;
    esac
done
# With a seed, a file has the same bytes whichever shard makes it.
[[ " $*" == *" --seed"* ]] || set -- --seed 1 "$@"
# A text that fails does not keep the others from being made: what is missing at the end
# is what --verify finds.
seq "$shards" | parallel --quote piper-rs batch --quiet --jobs 1 --shard "{}/$shards" "$@" ||
    echo "parallel.sh: some shards have failed, see above" >&2
exec piper-rs batch --verify "$@"
