#!/usr/bin/env python3
"""Times `piper-rs serve` against `interactive`, cold `speak`, and Piper's own servers.

    benchmarks/serve.py target/release/piper-rs VOICE.onnx… [--peers PYTHON] [--write PAGE.md]

Prints JSON. The first voice is timed; the others are loaded for the memory of several.
PYTHON is that of an environment with `piper-tts==1.8.0 wyoming-piper==2.5.2 flask`: the
two servers of Piper are started with it, as they are.

A first sound is the time to the first sample that is not zero: a pause is no sound. Every
round measures all of them once, one after the other, and medians are reported.
"""

import argparse
import http.client
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SHORT = "Hello there, this is a short sentence."
LONG = (
    "When the sun had set behind the hills, and the last of the travellers had found their way "
    "to the inn, the old man lit his lamp, sat down by the window, and began to tell the story."
)


def sounds(samples):
    return any(samples)


def first_sound(read, started, header=0):
    """Reads until a byte after the header is not zero; returns milliseconds to it and to the end."""
    first, seen = None, 0
    while block := read():
        body = block[max(0, header - seen):]
        seen += len(block)
        if first is None and sounds(body):
            first = time.perf_counter() - started
    assert first is not None, "nothing was heard"
    return first * 1000, (time.perf_counter() - started) * 1000


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def by_http(connection, path, fields, header=0):
    started = time.perf_counter()
    connection.request("POST", path, json.dumps(fields), {"Content-Type": "application/json"})
    response = connection.getresponse()
    assert response.status == 200, response.read()
    times = first_sound(lambda: response.read1(65536), started, header)
    connection.close()
    return times


def by_wyoming(port, text, voice=None):
    started = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        data = {"text": text, **({"voice": {"name": voice}} if voice else {})}
        line = json.dumps({"type": "synthesize", "data": data}) + "\n"
        connection.sendall(line.encode())
        stream, first = connection.makefile("rb"), None
        while True:
            event = json.loads(stream.readline())
            stream.read(event.get("data_length") or 0)
            payload = stream.read(event.get("payload_length") or 0)
            if first is None and sounds(payload):
                first = time.perf_counter() - started
            if event["type"] == "audio-stop":
                return first * 1000, (time.perf_counter() - started) * 1000


class Interactive:
    """A session that stays open; the end of a text is not seen, so only its start is timed."""

    def __init__(self, program, voice):
        command = [program, "interactive", "--raw", "-q", "-m", voice]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def first_sound(self, text):
        started = time.perf_counter()
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()
        while not sounds(os.read(self.process.stdout.fileno(), 65536)):
            pass
        first = (time.perf_counter() - started) * 1000
        # What is left of this text must not be taken for the next one.
        os.set_blocking(self.process.stdout.fileno(), False)
        quiet = time.monotonic()
        while time.monotonic() - quiet < 0.5:
            try:
                os.read(self.process.stdout.fileno(), 1 << 20)
                quiet = time.monotonic()
            except BlockingIOError:
                time.sleep(0.01)
        os.set_blocking(self.process.stdout.fileno(), True)
        return first


def cold(program, voice, text):
    started = time.perf_counter()
    command = [program, "speak", "--raw", "-q", "-m", voice, text]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        return first_sound(lambda: process.stdout.read1(65536), started)


def together(speak, n_clients):
    """Speaks LONG with some clients at once: worst first sound, and all in seconds."""
    firsts, started = [], time.perf_counter()
    threads = [threading.Thread(target=lambda: firsts.append(speak(LONG)[0])) for _ in range(n_clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(firsts) == n_clients
    return {"worst_first_ms": round(max(firsts), 1), "all_s": round(time.perf_counter() - started, 3)}


def memory_mb(process, field="VmHWM"):
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(field))
    return round(int(line.split()[1]) / 1000)


def processor():
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    return names[0].split(":")[1].strip() if names else platform.processor()


def medians(rows):
    return [round(statistics.median(column), 1) for column in zip(*rows)]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(process, connect):
    """Returns when the server takes connections; fails if it ends before."""
    while process.poll() is None:
        try:
            return connect().close()
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{process.args[0]} has ended with {process.returncode}")


class Servers:
    """The servers that are compared: a process, and a function that speaks a text."""

    def __init__(self, program, voices, python, folder):
        self.processes, self.ways = {}, {}
        path, port = f"{folder}/s", free_port()
        command = [program, "serve", "-q", "--socket", path, "--wyoming", f"127.0.0.1:{port}"]
        self.start("serve", [*command, "-m", voices[0], "--data-dir", folder], lambda: UnixConnection(path))
        self.ways["serve"] = lambda text, voice=None: by_http(
            UnixConnection(path),
            "/v1/audio/speech?rate=native",
            {"input": text, "response_format": "pcm", **({"voice": voice} if voice else {})},
        )
        self.ways["serve, Wyoming"] = lambda text: by_wyoming(port, text)
        if python:
            self.start_peers(python, Path(voices[0]).stem, folder)

    def start_peers(self, python, name, folder):
        port = free_port()
        command = [python, "-m", "wyoming_piper", "--voice", name, "--data-dir", folder]
        self.start("wyoming-piper", [*command, "--uri", f"tcp://127.0.0.1:{port}"], lambda: tcp(port))
        self.ways["wyoming-piper"] = lambda text, voice=None: by_wyoming(port, text, voice)
        own_port = free_port()
        command = [python, "-m", "piper.http_server", "-m", name, "--data-dir", folder]
        self.start("piper.http_server", [*command, "--port", str(own_port)], lambda: tcp(own_port))
        self.ways["piper.http_server"] = lambda text, voice=None: by_http(
            http.client.HTTPConnection("127.0.0.1", own_port),
            "/synthesize",
            {"text": text, **({"voice": voice} if voice else {})},
            44,
        )

    def start(self, name, command, connect):
        self.processes[name] = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.processes[name], connect)

    def stop(self):
        for process in self.processes.values():
            process.terminate()
            process.wait()


def tcp(port):
    return socket.create_connection(("127.0.0.1", port))


def measure(options, servers, voices):
    ways = dict(servers.ways)
    interactive = Interactive(options.program, voices[0])
    ways["interactive"] = lambda text: (interactive.first_sound(text),)
    ways["cold speak"] = lambda text: cold(options.program, voices[0], text)
    result = {"processor": processor(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    for name, text in (("short", SHORT), ("long", LONG)):
        for way in ways.values():
            way(text)  # warm
        rows = {way: [] for way in ways}
        for _ in range(options.rounds):
            for way, speak in ways.items():
                rows[way].append(speak(text))
        result[name] = {way: medians(times) for way, times in rows.items()}
    interactive.process.stdin.close()
    result["memory_mb"] = {server: [memory_mb(process)] for server, process in servers.processes.items()}
    for server in servers.processes:
        for voice in voices[1:]:
            servers.ways[server](SHORT, Path(voice).stem)
        result["memory_mb"][server].append(memory_mb(servers.processes[server]))
    result["clients"] = {
        server: {n: together(servers.ways[server], n) for n in (1, 4, 16)} for server in servers.processes
    }
    for server, process in servers.processes.items():
        result["memory_mb"][server].append(memory_mb(process))
    return result


def page(result, n_voices):
    """The page of the figures."""
    lines = [
        "# Benchmarks of the server",
        "",
        "`piper-rs serve` beside `interactive --raw`, a new `speak` for each text, and the two",
        "servers of Piper: wyoming-piper 2.5.2 and `piper.http_server` of piper-tts 1.8.0, with the",
        "same voice. `benchmarks/serve.py` measured it and wrote this page.",
        f"Machine: {result['processor']}, {result['cores']} cores. Load at the start: {result['load']}.",
        "",
        "## First sound, last sound",
        "",
        "Milliseconds from the request to the first sample that is not zero, and to the end of",
        "the response. The voice is loaded, except for `speak`.",
        "",
        "| | short, first | short, last | long, first | long, last |",
        "|---|---:|---:|---:|---:|",
    ]
    for way, short in result["short"].items():
        cells = [*(short + [None])[:2], *(result["long"][way] + [None])[:2]]
        lines.append(f"| {way} | " + " | ".join("" if c is None else f"{c:.0f}" for c in cells) + " |")
    lines += [
        "",
        "## Many clients",
        "",
        "Each sends the long sentence at the same moment: seconds until the last one has heard",
        "its first sound, and until all have all.",
        "",
        "| | " + " | ".join(f"{n}, first | {n}, all" for n in (1, 4, 16)) + " |",
        "|---|" + "---:|" * 6,
    ]
    for server, counts in result["clients"].items():
        cells = [f"{c['worst_first_ms'] / 1000:.2f} | {c['all_s']:.2f}" for c in counts.values()]
        lines.append(f"| {server} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "## Memory",
        "",
        "The most megabytes so far, with the files that are mapped.",
        "",
        f"| | one voice | {n_voices} voices | and after 16 clients |",
        "|---|---:|---:|---:|",
    ]
    for server, megabytes in result["memory_mb"].items():
        lines.append(f"| {server} | " + " | ".join(str(mb) for mb in megabytes) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("voices", nargs="+")
    parser.add_argument("--peers", help="a Python that has the packages of the peers")
    parser.add_argument("--write", help="the page")
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # One folder with all voices, for servers that want it so.
        for voice in options.voices:
            for file in (voice, f"{voice}.json"):
                os.symlink(Path(file).resolve(), f"{folder}/{Path(file).name}")
        voices = [f"{folder}/{Path(voice).name}" for voice in options.voices]
        # A first use prepares a voice, in more memory.
        prepare = [options.program, "voices", "prepare", *voices]
        subprocess.run(prepare, check=True, stdout=sys.stderr)
        servers = Servers(options.program, voices, options.peers, folder)
        try:
            result = measure(options, servers, voices)
        finally:
            servers.stop()
    print(json.dumps(result, indent=2))
    if options.write:
        Path(options.write).write_text(page(result, len(voices)))


if __name__ == "__main__":
    main()
