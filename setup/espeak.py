"""Ends with 0 if espeak-ng 1.51 or newer is installed with its data."""

import ctypes
import sys

# Linux, macOS, and where Homebrew puts it.
LIBRARIES = (
    "libespeak-ng.so.1",
    "libespeak-ng.1.dylib",
    "/opt/homebrew/lib/libespeak-ng.1.dylib",
)
OLDEST = (1, 51)

# From espeak-ng's speak_lib.h.
AUDIO_OUTPUT_SYNCHRONOUS = 2
INITIALIZE_DONT_EXIT = 0x8000


def load():
    for name in LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def version(espeak):
    """(1, 51) for "1.51" and for "1.51.1-dev"."""
    espeak.espeak_Info.restype = ctypes.c_char_p
    major, minor = espeak.espeak_Info(None).decode().split(".")[:2]
    return int(major), int(minor.split("-")[0])


def main():
    espeak = load()
    if espeak is None:
        return "the library of espeak-ng is missing"
    if espeak.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, None, INITIALIZE_DONT_EXIT) < 0:
        return "espeak-ng is installed, but not its data"
    if version(espeak) < OLDEST:
        return "espeak-ng {}.{} is too old: 1.51 or newer is needed".format(*version(espeak))
    return 0


sys.exit(main())
