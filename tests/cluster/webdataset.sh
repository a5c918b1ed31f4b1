#!/usr/bin/env bash
# Makes a small corpus, and runs the lines of docs/scale.md that put it into tar and
# parquet; PyPI's webdataset and duckdb read the result: webdataset.sh PIPER_RS.
# Needs jq, python3 with venv, and the network. It is not a part of `make test`.
set -euo pipefail
program=$(realpath "$1")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip -q install webdataset==1.0.2 numpy==2.4.6 duckdb==2.0.1
export PATH=$folder/python/bin:$PATH
for n in $(seq 60); do echo "{\"id\":\"$n\",\"text\":\"This is clip $n.\"}"; done >list.jsonl
"$program" batch -q -m builtin --seed 1 -d out --manifest list.jsonl \
    --name '{hash:2}/{id}' --timings json --report all.jsonl
# The lines of that page, as they stand there.
sed -n '/^## Tar and parquet/,/^## /p' "$root/docs/scale.md" |
    awk '/^```sh$/ {on = 1; next} /^```$/ {on = 0} on' >lines.sh
[ -s lines.sh ] || { echo "docs/scale.md has no lines: FAILED"; exit 1; }
bash -euo pipefail lines.sh
python - <<'PYTHON'
import io, json, pathlib, wave
import duckdb, webdataset
expected = sorted(str(path) for path in pathlib.Path("out").glob("0*/*.wav"))
found = []
for sample in webdataset.WebDataset("0.tar", shardshuffle=False):
    sound, times = wave.open(io.BytesIO(sample["wav"])), json.loads(sample["json"])
    assert sound.getframerate() == times["sample_rate_hz"]
    number = sample["__key__"].rsplit("/", 1)[1]
    assert times["sentences"][0]["text"] == f"This is clip {number}.", sample["__key__"]
    found.append(sample["__key__"] + ".wav")
assert found and sorted(found) == expected, (found, expected)
[(rows,)] = duckdb.sql("select count(*) from 'all.parquet' where seconds > 0").fetchall()
assert rows == 60, rows
print(f"{len(found)} samples in 0.tar, {rows} rows in all.parquet")
PYTHON
