#!/usr/bin/env python3
"""Speaks with PyPI's `openai`: openai_client.py BASE_URL"""

import sys

import openai

STARTS = {"mp3": b"ID3", "opus": b"OggS", "flac": b"fLaC", "wav": b"RIFF", "pcm": b""}


def main(base_url):
    client = openai.OpenAI(base_url=base_url, api_key="unused", max_retries=0)
    assert any(model.id == "tts-1" for model in client.models.list())
    request = {"model": "tts-1", "voice": "alloy", "input": "Hello there. And again."}
    for name, start in STARTS.items():
        whole = client.audio.speech.create(response_format=name, speed=1.2, **request).content
        assert whole.startswith(start) and len(whole) > 1000, name
        streamed = client.audio.speech.with_streaming_response
        with streamed.create(response_format=name, instructions="x", **request) as response:
            parts = list(response.iter_bytes())
        assert b"".join(parts).startswith(start), name
        if name in ("wav", "pcm"):
            assert len(parts) > 1, name
    assert client.audio.speech.create(**request).content.startswith(b"ID3")
    with streamed.create(stream_format="sse", response_format="pcm", **request) as response:
        events = [line for line in response.iter_lines() if line]
    assert "speech.audio.delta" in events[0] and "speech.audio.done" in events[-1]
    for wrong in ({"response_format": "aac"}, {"voice": "nobody"}, {"speed": 9}, {"input": ""}):
        try:
            client.audio.speech.create(**{**request, **wrong})
        except openai.BadRequestError as error:
            assert error.body["message"] and error.body["type"] == "invalid_request_error"
        else:
            raise AssertionError(wrong)


main(*sys.argv[1:])
