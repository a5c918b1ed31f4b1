#!/usr/bin/env python3
"""Speaks with PyPI's `openai` through `piper-rs serve --http 5000`, while it is made.

    pip install openai
    ./openai-client.py "Hello." | aplay -r 24000 -f S16_LE
"""

import sys

from openai import OpenAI

client = OpenAI(base_url="http://localhost:5000/v1", api_key="unused")
speech = client.audio.speech.with_streaming_response
with speech.create(
    model="tts-1",
    voice="alloy",  # the server's default voice; or a name of `piper-rs voices list`
    input=" ".join(sys.argv[1:]),
    response_format="pcm",
) as response:
    for samples in response.iter_bytes():
        sys.stdout.buffer.write(samples)
        sys.stdout.buffer.flush()
