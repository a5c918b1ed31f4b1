#!/usr/bin/env bash
# The recorded session: types each command, then runs it. Run by record.sh.
set -euo pipefail

export HOME=$FOLDER/home PATH=$FOLDER/bin:$PATH LANG=C.UTF-8 TERM=xterm-256color
export XDG_CACHE_HOME=$HOME/.cache
cd "$HOME"

prompt() {
    printf '\033[32m$\033[0m '
}

# Types a command, as a person would, and runs it.
run() {
    local command=$1 n
    for ((n = 0; n < ${#command}; n++)); do
        printf '%s' "${command:n:1}"
        sleep 0.03
    done
    sleep 0.4
    printf '\n'
    eval "$command"
    prompt
    sleep 1.5
}

# Three short chapters to read.
mkdir book
for chapter in 1 2 3; do
    for _ in {1..8}; do
        echo "Chapter $chapter. The little boat went out across the bay. It was late, and the wind had dropped."
    done >"book/chapter-$chapter.txt"
done

prompt
sleep 1
run 'piper-rs speak -o hello.wav "Hello, world."'
run 'echo "Audio on a pipe." | piper-rs speak -o - | file -'
run 'piper-rs batch -d audio book/'
run 'piper-rs phonemes "Dr. Smith read it aloud."'
run 'piper-rs speak -o long.wav < book/chapter-1.txt'
sleep 1
