#!/usr/bin/env python3
"""Times `piper-rs serve` against `interactive`, cold `speak`, and Piper's own servers.

    benchmarks/serve.py target/release/piper-rs --voice .deps/voices/en_US-joe-medium.onnx
    benchmarks/serve.py … --wyoming-piper 127.0.0.1:10201 --piper-http 127.0.0.1:5001

Prints JSON. The servers of others are started by hand, with the same voice and a thread
for each core, since their packages are not pinned here:

    python -m wyoming_piper --voice NAME --data-dir FOLDER --uri tcp://127.0.0.1:10201
    python -m piper.http_server -m NAME --data-dir FOLDER --port 5001

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


def by_wyoming(address, text):
    host, port = address.rsplit(":", 1)
    started = time.perf_counter()
    with socket.create_connection((host, int(port))) as connection:
        line = json.dumps({"type": "synthesize", "data": {"text": text}}) + "\n"
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


def memory_mb(pid, field):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(field))
    return round(int(line.split()[1]) / 1000)


def processor():
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    return names[0].split(":")[1].strip() if names else platform.processor()


def medians(rows):
    return [round(statistics.median(column), 1) for column in zip(*rows)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--voice", required=True)
    parser.add_argument("--more-voices", nargs="*", default=[], help="names, for the memory of three")
    parser.add_argument("--wyoming-piper", help="its address")
    parser.add_argument("--piper-http", help="its address")
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args()
    voice = str(Path(options.voice).resolve())
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/s"
        command = [options.program, "serve", "--socket", path, "--wyoming", "127.0.0.1:10299", "-m", voice]
        server = subprocess.Popen([*command, "-q"])
        try:
            measure(options, server, path, voice)
        finally:
            server.terminate()
            server.wait()


def measure(options, server, path, voice):
    while not os.path.exists(path):
        time.sleep(0.01)

    def serve(text):
        fields = {"input": text, "response_format": "pcm"}
        return by_http(UnixConnection(path), "/v1/audio/speech?rate=native", fields)

    ways = {
        "serve": serve,
        "serve by wyoming": lambda text: by_wyoming("127.0.0.1:10299", text),
        "cold speak": lambda text: cold(options.program, voice, text),
    }
    interactive = Interactive(options.program, voice)
    ways["interactive"] = lambda text: (interactive.first_sound(text),)
    if options.wyoming_piper:
        ways["wyoming-piper"] = lambda text: by_wyoming(options.wyoming_piper, text)
    if options.piper_http:
        own = lambda: http.client.HTTPConnection(options.piper_http)
        ways["piper's http server"] = lambda text: by_http(own(), "/synthesize", {"text": text}, 44)
    result = {"processor": processor(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    for name, text in (("short", SHORT), ("long", LONG)):
        for way in ways.values():
            way(text)  # warm
        rows = {way: [] for way in ways}
        for _ in range(options.rounds):
            for way, speak in ways.items():
                rows[way].append(speak(text))
        result[name] = {way: medians(times) for way, times in rows.items()}
    interactive.process.stdin.close()
    for name in ("serve", "wyoming-piper", "piper's http server"):
        if name in ways:
            result[f"{name}, clients"] = {n: together(ways[name], n) for n in (1, 4, 16)}
    for name in options.more_voices:
        fields = {"input": SHORT, "voice": name, "response_format": "pcm"}
        by_http(UnixConnection(path), "/v1/audio/speech", fields)
    result["memory_mb"] = {field: memory_mb(server.pid, field) for field in ("VmHWM", "VmRSS", "RssAnon")}
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
