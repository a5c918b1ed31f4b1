#!/usr/bin/env python3
"""Speaks, and shows each word as it is heard: `read-along.py -i FILE`, with any options
of `piper-rs speak`."""
import json, signal, subprocess, sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends both, without a traceback
speak = ["piper-rs", "speak", "--events", "json", *sys.argv[1:]]
with subprocess.Popen(speak, stdout=subprocess.PIPE, text=True, encoding="utf-8") as run:
    for event in map(json.loads, run.stdout):
        if event["event"] == "sentence":
            sentence = " ".join(event["text"].split("\n"))
        elif event["event"] == "word":
            start, end = event["chars"]
            word = f"\033[7m{sentence[start:end]}\033[0m"
            print(f"\r\033[2K{sentence[:start]}{word}{sentence[end:]}", end="", flush=True)
        elif event["event"] == "sentence_end":
            print(f"\r\033[2K{sentence}")
sys.exit(run.returncode)
