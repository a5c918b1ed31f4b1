#!/usr/bin/env python3
"""Speaks with PyPI's `wyoming`, as Home Assistant does: wyoming_client.py HOST PORT

The server has a seed, so that the same text has the same sound.
"""

import asyncio
import sys

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.info import Describe, Info
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)

TEXT = "Hello there. How are you today? This is the last sentence."


async def describe(host, port):
    async with AsyncTcpClient(host, port) as client:
        await client.write_event(Describe().event())
        event = await client.read_event()
        assert Info.is_type(event.type), event
        program, = Info.from_event(event).tts
        assert program.installed and program.supports_synthesize_streaming
        assert any(voice.languages == ["en_US"] for voice in program.voices)
        return program


async def sound(client, last):
    """The bytes up to the event of type `last`."""
    start, audio = None, b""
    while True:
        event = await asyncio.wait_for(client.read_event(), 60)
        assert event is not None
        if AudioStart.is_type(event.type):
            assert start is None
            start = AudioStart.from_event(event)
        elif AudioChunk.is_type(event.type):
            chunk = AudioChunk.from_event(event)
            assert (chunk.rate, chunk.width, chunk.channels) == (start.rate, 2, 1)
            audio += chunk.audio
        if last.is_type(event.type):
            return audio


async def main(host, port):
    program = await describe(host, port)
    voice = SynthesizeVoice(name=program.voices[0].name)
    async with AsyncTcpClient(host, port) as client:
        await client.write_event(Synthesize(text=TEXT, voice=voice).event())
        whole = await sound(client, AudioStop)
    assert len(whole) > 10_000
    async with AsyncTcpClient(host, port) as client:
        await client.write_event(SynthesizeStart(voice=voice).event())
        for word in TEXT.split(" "):
            await client.write_event(SynthesizeChunk(text=f"{word} ").event())
        await client.write_event(Synthesize(text=TEXT, voice=voice).event())
        await client.write_event(SynthesizeStop().event())
        streamed = await sound(client, SynthesizeStopped)
    assert streamed == whole


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
