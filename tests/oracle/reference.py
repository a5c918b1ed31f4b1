"""Speaks with piper-tts, inside its environment.

Reads a JSON list of jobs on standard input, each

    {"voice": PATH, "lines": [TEXT...], "arguments": [...], "out": WAV,
     "spoken": {TEXT: [SENTENCE...]} or null}

and runs piper-tts's own command line for each. Its espeak-ng alone is replaced,
since its phonemes are not those that voices were trained with: each piece of
text that piper-tts would give to espeak-ng is looked up in `spoken`, or given to
`piper-rs phonemes` where that is null. All else, `[[ ]]`, ids, tensors, level,
silence, int16, is piper-tts's code. With --espeak nothing is replaced.

Prints a JSON list: for each job the phonemes of every sentence, line by line.
"""

import argparse
import functools
import io
import json
import subprocess
import sys
import unicodedata

import piper.__main__ as command_line
from piper import PiperVoice
from piper.phonemize_espeak import EspeakPhonemizer


class Source:
    """The source of the phonemes."""

    def __init__(self, piper_rs):
        self.piper_rs = piper_rs
        self.spoken = None

    def phonemize(self, _espeak, voice, text, vowel_clusters=None):
        assert not vowel_clusters, "no test voice has vowel clusters"
        # For a text without words, espeak-ng returns one empty sentence.
        sentences = self.sentences(voice, text) if text.strip() else []
        return [list(unicodedata.normalize("NFD", sentence)) for sentence in sentences or [""]]

    def sentences(self, voice, text):
        if self.spoken is not None:
            return self.spoken[text]
        command = [self.piper_rs, "phonemes", "--strict-piper", "--json", "--espeak-voice", voice]
        run = subprocess.run(command, input=text + "\n", capture_output=True, text=True, check=True)
        return json.loads(run.stdout)["sentences"]


def speak(job):
    """Runs piper-tts's main and returns the sentences that it synthesized."""
    said = []
    phonemize = PiperVoice.phonemize

    def listen(self, text):
        sentences = phonemize(self, text)
        said.append(["".join(sentence) for sentence in sentences if sentence])
        return sentences

    PiperVoice.phonemize = listen
    sys.argv = ["piper", "-m", job["voice"], "-f", job["out"], *job["arguments"]]
    sys.stdin = io.StringIO("".join(line + "\n" for line in job["lines"]))
    try:
        command_line.main()
    finally:
        PiperVoice.phonemize = phonemize
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--piper-rs", help="the program that makes the phonemes of jobs without them")
    parser.add_argument("--espeak", action="store_true", help="use the espeak-ng of piper-tts")
    options = parser.parse_args()
    source = Source(options.piper_rs)
    if not options.espeak:
        EspeakPhonemizer.phonemize = lambda *rest, **more: source.phonemize(*rest, **more)
    # Load each voice once; the command line would load it for every run.
    PiperVoice.load = staticmethod(functools.cache(PiperVoice.load))

    said = []
    for job in json.load(sys.stdin):
        source.spoken = job["spoken"]
        said.append(speak(job))
    json.dump(said, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
