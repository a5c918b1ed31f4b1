#!/usr/bin/env bash
# Trains the built-in voice from Debian packages.
#
#   run.sh [--smoke] [WORK]    WORK: folder for the output (default ./work)
#
# --smoke runs every step with a few sentences and half a minute of training, as a
# test; the resulting voice does not speak.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

smoke=
if [ "${1-}" = --smoke ]; then smoke=1; shift; fi
work=${1:-$here/work}
mkdir -p "$work"
work=$(cd "$work" && pwd)
voice=$work/en_US-slt-low.onnx

# bfloat16 made training faster with torch 2.1.2 from PyPI; with Debian 12's it is slower.
bf16=${BF16_UNTIL:-0}
if [ "$smoke" ]; then
  corpus=(--sentences 40 --held 4 --no-extras) first=(--minutes 0.5 --frames 2400) second=(--minutes 0.2 --frames 2400)
else
  corpus=() first=(--minutes 50) second=(--minutes 12)
fi

missing=$(xargs -n1 dpkg-query -W -f '${Status} ${Package}\n' <"$here/packages.txt" 2>&1 | grep -v '^install ok' || true)
if [ "$missing" ]; then
  echo "install these first: apt-get install --no-install-recommends $(tr '\n' ' ' <"$here/packages.txt")" >&2
  exit 1
fi
step() { printf '\n== %s\n' "$1"; shift; "$@"; }

python=$work/venv/bin/python
if ! [ -e "$work/venv/ready" ]; then
  step "Python packages, beside Debian's torch" /usr/bin/python3 -m venv --system-site-packages "$work/venv"
  "$python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  touch "$work/venv/ready"
fi
cd "$here"

step "teacher" gcc -O2 -Wall teacher.c -o "$work/teacher" -lHTSEngine -lm
step "1 corpus" "$python" step1_corpus.py --out "$work/corpus" "${corpus[@]}"
for set in train held; do
  step "2 features, $set" "$python" step2_features.py --text "$work/corpus/$set.txt" \
    --teacher "$work/teacher" --out "$work/features/$set"
done
data=(--data "$work/features/train" --held "$work/features/held" --bf16-until "$bf16")
step "3 training" "$python" step3_train.py "${data[@]}" "${first[@]}" --out "$work/first.pt"
step "3 training, all espeak-ng versions" "$python" step3_train.py "${data[@]}" "${second[@]}" \
  --lr 4e-4 --era --init "$work/first.pt" --out "$work/student.pt"
step "4 export" "$python" step4_export.py --checkpoint "$work/student.pt" --out "$voice"
step "5 config" "$python" step5_config.py --out "$voice.json"
step "resynthesis" "$python" judge.py resynth "$work/features/held" "$work/judged/teacher"
step "speech" "$python" judge.py speak "$voice" "$work/corpus/held.txt" "$work/judged/student"
for made in teacher student; do
  step "words" "$python" judge.py words "$work/judged/$made" "$work/corpus/held.txt"
done
step "picture" "$python" judge.py picture "$work/judged/last.png" "$work/judged"/{teacher,student}/003.wav
printf '\n%s and .json are ready\n' "$voice"
