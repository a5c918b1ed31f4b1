"""Runs programs and measures their cost."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

# Nothing more comes from a program that has been silent for so long: all speak
# faster than real time, and hand out sound sentence by sentence.
SILENCE = 2.0


@dataclass
class Cost:
    """The cost of a command: CPU is user and system time of the whole process."""

    wall: float
    cpu: float
    peak_mb: float
    first: float = 0.0
    size: int = 0
    said: str = ""


def pinned(cores):
    """Returns a function that confines a child process to `cores` cores.

    The child gets Ctrl-C even if this script runs in the background of a shell,
    which makes its children ignore it.
    """
    usable = sorted(os.sched_getaffinity(0))[:cores]

    def confine():
        os.sched_setaffinity(0, usable)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    return confine


def core_counts():
    """One core, and two if there are two."""
    return [1, 2][: len(os.sched_getaffinity(0))]


def start(command, cores, environ=None, **streams):
    return subprocess.Popen(
        [str(part) for part in command],
        preexec_fn=pinned(cores),
        env=environ,
        **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, **streams},
    )


def feed(process, text):
    """Writes the input in a thread: a program whose output is not read stops reading
    its input."""

    def write():
        # Who is interrupted leaves the rest unread.
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(text.encode())

    threading.Thread(target=write, daemon=True).start()


def finish(process, command, began, accepted=(0,)):
    """Waits for a process; returns its cost."""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted:
        sys.exit(f"exit code {process.returncode}: {' '.join(map(str, command))}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


def measure(command, text="", cores=2, environ=None, keep_errors=False):
    """Runs a command with `text` as its standard input, and reads its output."""
    began = time.perf_counter()
    errors = subprocess.PIPE if keep_errors else subprocess.DEVNULL
    process = start(command, cores, environ, stderr=errors)
    feed(process, text)
    output = os.read(process.stdout.fileno(), 1)
    first = time.perf_counter() - began
    size = len(output)
    said = bytearray(output)
    while block := os.read(process.stdout.fileno(), 1 << 20):
        size += len(block)
        said += block[: 1 << 16] if len(said) < 1 << 16 else b""
    complaint = process.stderr.read().decode() if keep_errors else ""
    cost = finish(process, command, began)
    cost.first, cost.size = first, size
    cost.said = complaint or (said.decode() if size < 1 << 16 and said.isascii() else "")
    return cost


def interrupted(command, text, cores, after, environ=None):
    """Seconds from Ctrl-C, sent after so much audio, to the end of the process."""
    process = start(command, cores, environ, stderr=subprocess.DEVNULL)
    feed(process, text)
    os.read(process.stdout.fileno(), 1)
    until = time.perf_counter() + after
    while (left := until - time.perf_counter()) > 0:
        if select.select([process.stdout], [], [], left)[0]:
            if not os.read(process.stdout.fileno(), 1 << 20):
                sys.exit(f"nothing left to interrupt: {command}")
    asked = time.perf_counter()
    process.send_signal(signal.SIGINT)
    while os.read(process.stdout.fileno(), 1 << 20):
        pass
    # Python says 1 or dies of the signal, piper-rs 130.
    return finish(process, command, asked, accepted=(130, 1, -signal.SIGINT)).wall


class Kept:
    """A process that speaks each line as raw audio."""

    def __init__(self, command, cores, environ=None):
        self.command = command
        self.began = time.perf_counter()
        self.process = start(command, cores, environ, stderr=subprocess.DEVNULL)

    def say(self, line):
        """Seconds from the line to its first audio and to its last."""
        began = time.perf_counter()
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        out = self.process.stdout
        if not os.read(out.fileno(), 1 << 16):
            sys.exit(f"no sound: {self.command}")
        first = last = time.perf_counter() - began
        while select.select([out], [], [], SILENCE)[0]:
            if not os.read(out.fileno(), 1 << 20):
                sys.exit(f"ended too early: {self.command}")
            last = time.perf_counter() - began
        return first, last

    def close(self):
        self.process.stdin.close()
        while os.read(self.process.stdout.fileno(), 1 << 20):
            pass
        return finish(self.process, self.command, self.began)
