"""piper-tts in one long-running process, inside its environment.

    theirs.py serve VOICE        speaks each line of standard input as raw audio,
                                 sentence by sentence, as soon as there is one
    theirs.py load VOICE N       prints how long PiperVoice.load takes, N times
    theirs.py keep VOICE...      keeps all voices loaded and speaks with each

Only piper-tts's own interface is used, with its defaults. What is timed here is
printed as JSON; the rest is timed from outside.
"""

import json
import sys
import time

from piper import PiperVoice

TEXT = "This is a short sentence to begin with."


def say(voice, text):
    """Writes each sentence when it is complete, as `piper --output-raw` does."""
    for chunk in voice.synthesize(text):
        sys.stdout.buffer.write(chunk.audio_int16_bytes)
        sys.stdout.buffer.flush()


def timed_load(path):
    began = time.perf_counter()
    voice = PiperVoice.load(path)
    return voice, (time.perf_counter() - began) * 1000


def serve(path):
    voice = PiperVoice.load(path)
    for line in sys.stdin:
        say(voice, line.strip())


def load(path, times):
    PiperVoice.load(path)  # the first pays for reading the files
    print(json.dumps([timed_load(path)[1] for _ in range(int(times))]))


def keep(*paths):
    voices = [PiperVoice.load(path) for path in paths]
    for voice in voices:
        for _ in voice.synthesize(TEXT):
            pass


def main():
    command, *arguments = sys.argv[1:]
    {"serve": serve, "load": load, "keep": keep}[command](*arguments)


if __name__ == "__main__":
    main()
