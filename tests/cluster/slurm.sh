#!/usr/bin/env bash
# Runs an array job on a Slurm of two nodes on this machine, kills one node while it
# works, and checks that all files are there and none was made twice:
# slurm.sh PIPER_RS [FILES]. Needs root and Debian's slurm-wlm and munge.
#
# It is not a part of `make test`: Slurm takes two minutes to give a dead node's tasks
# to the other one.
set -euo pipefail
program=$(realpath "$1")
files=${2:-240}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(mktemp -d)
host=$(hostname -s)
started=()

# Stops what this script has started, and nothing else.
stop() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    sleep 1
    rm -rf "$folder"
}
trap stop EXIT

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }

head -c 1024 /dev/urandom >"$folder/munge.key"
chmod 700 "$folder"
chmod 400 "$folder/munge.key"
mkdir -m 755 "$folder/munge" && chmod 711 "$folder"
munged --foreground --force --socket="$folder/munge/socket" --key-file="$folder/munge.key" \
    --log-file="$folder/munge/log" --pid-file="$folder/munge/pid" \
    --seed-file="$folder/munge/seed" 2>"$folder/munge.out" &
started+=($!)
mkdir "$folder/state" "$folder/n0" "$folder/n1"
export SLURM_CONF=$folder/slurm.conf
cat >"$SLURM_CONF" <<CONF
ClusterName=piper
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=26817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/%n/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/%n/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdTimeout=15
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
NodeName=n0 NodeHostname=$host NodeAddr=127.0.0.1 Port=26818 CPUs=2 RealMemory=4000 State=UNKNOWN
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=26819 CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=all Nodes=n0,n1 Default=YES MaxTime=INFINITE State=UP
CONF
slurmctld -D -c 2>"$folder/ctld.out" &
started+=($!)
for node in n0 n1; do
    slurmd -D -N "$node" 2>"$folder/$node.out" &
    started+=($!)
done
node1=${started[-1]}
for _ in $(seq 60); do
    [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 2 ] && break
    sleep 1
done
sinfo

for n in $(seq "$files"); do
    printf '{"id":"%s","text":"This is clip number %s of a corpus that two nodes make."}\n' "$n" "$n"
done >"$folder/list.jsonl"
export XDG_CACHE_HOME=$folder/cache
batch=(-m builtin -d "$folder/out" --manifest "$folder/list.jsonl")
ln -s "$program" "$folder/piper-rs"
export PATH=$folder:$PATH
job=$(sbatch --parsable --array=1-8 --output="$folder/task.%a.log" \
    "$root/assets/clusters/sbatch.sh" "${batch[@]}")
say "job $job"
ready() { find "$folder/out" -name '*.wav' 2>/dev/null | wc -l; }
until [ "$(ready)" -ge $((files / 4)) ]; do sleep 0.2; done
on_node1=$(squeue -h -j "$job" -w n1 -t R -o %i | tr '\n' ' ')
say "killing n1 at $(ready) of $files files, with tasks $on_node1"
[ -n "$on_node1" ] || { say "n1 has no task: FAILED"; exit 1; }
# The node dies with its programs and their step daemons: those would report the end of
# the programs.
victims=()
for pid in $(pgrep -f "$folder/out"); do
    if grep -qz '^SLURMD_NODENAME=n1$' "/proc/$pid/environ" 2>/dev/null; then
        step=$(ps -o ppid= -p "$pid" | tr -d ' ')
        [ "$(ps -o comm= -p "$step")" = slurmstepd ] && victims+=("$step")
        victims+=("$pid")
    fi
done
[ "${#victims[@]}" -gt 1 ] || { say "no program of n1 was found: FAILED"; exit 1; }
kill -9 "${victims[@]}"
kill -9 "$node1"
while [ -n "$(squeue -h -j "$job")" ]; do sleep 2; done
again=$(scontrol show job "$job" | grep -c 'Restarts=[1-9]' || true)
[ "$again" -gt 0 ] || { say "no task was started again: FAILED"; exit 1; }
say "$again tasks were started again; the job has ended on $(sinfo -h -t idle,mix,alloc -o %N) with $(ready) files"
cat "$folder"/task.*.log
piper-rs batch --seed 1 --verify "${batch[@]}"
# How often each file was spoken, as all journals say.
python3 - "$folder/out" "$files" <<'PYTHON'
import collections, glob, json, sys
spoken = collections.Counter()
for name in glob.glob(sys.argv[1] + "/.piper-rs-journal*"):
    for line in open(name):
        try:
            record = json.loads(line)
        except ValueError:
            continue  # cut by the kill
        if record["event"] == "done" and record.get("pace"):
            spoken[record["output"]] += 1
twice = [name for name, times in spoken.items() if times > 1]
print(f"{len(spoken)} of {sys.argv[2]} files were spoken, {len(twice)} twice")
sys.exit(bool(twice))
PYTHON
say "passed"
