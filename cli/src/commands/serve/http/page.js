"use strict";
// Plays the samples while they arrive, and keeps them for a file.

const element = (id) => document.getElementById(id);
const HEADER_BYTES = 44;
let voices = [];
let running = null;

const headers = () => {
  const token = element("token").value;
  return token ? { Authorization: `Bearer ${token}` } : {};
};

function say(text) {
  element("status").textContent = text;
}

async function loadVoices() {
  const response = await fetch("v1/audio/voices", { headers: headers() });
  element("login").hidden = response.status !== 401 && !element("token").value;
  if (!response.ok) return say((await response.json()).error.message);
  voices = (await response.json()).data;
  const options = voices.map((voice) => new Option(`${voice.name} (${voice.language})`, voice.name, voice.default, voice.default));
  element("voice").replaceChildren(...options);
  showSpeakers();
  say("");
}

function showSpeakers() {
  const voice = voices.find((voice) => voice.name === element("voice").value);
  const speakers = voice ? voice.speakers : [];
  element("speaker").replaceChildren(...speakers.map((name) => new Option(name)));
  element("speaker").hidden = speakers.length === 0;
  document.querySelector("label[for=speaker]").hidden = speakers.length === 0;
}

function request() {
  const body = {
    input: element("text").value,
    voice: element("voice").value,
    response_format: "pcm",
    speed: Number(element("speed").value),
  };
  if (!element("speaker").hidden) body.speaker = element("speaker").value;
  return body;
}

/** Plays 16-bit samples one part after the other. */
class Player {
  constructor(rate) {
    this.context = new AudioContext({ sampleRate: rate });
    this.end = 0;
    this.last = null;
  }

  play(samples) {
    const buffer = this.context.createBuffer(1, samples.length, this.context.sampleRate);
    const floats = buffer.getChannelData(0);
    samples.forEach((sample, i) => { floats[i] = sample / 32768; });
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.context.destination);
    this.end = Math.max(this.end, this.context.currentTime);
    source.start(this.end);
    this.end += buffer.duration;
    this.last = source;
  }

  ended() {
    return new Promise((resolve) => {
      if (this.last) this.last.onended = resolve;
      else resolve();
    });
  }
}

function wav(parts, rate) {
  const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  const text = (at, word) => [...word].forEach((c, i) => header.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF");
  header.setUint32(4, HEADER_BYTES - 8 + bytes, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, rate, true);
  header.setUint32(28, rate * 2, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  text(36, "data");
  header.setUint32(40, bytes, true);
  return new Blob([header, ...parts], { type: "audio/wav" });
}

async function speak() {
  stop();
  const link = element("download");
  if (link.href) URL.revokeObjectURL(link.href);
  link.hidden = true;
  const own = { abort: new AbortController(), player: null };
  running = own;
  element("stop").disabled = false;
  say("Speaking…");
  const response = await fetch("v1/audio/speech?rate=native", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers() },
    body: JSON.stringify(request()),
    signal: own.abort.signal,
  });
  if (!response.ok) throw new Error((await response.json()).error.message);
  const rate = Number(response.headers.get("X-Sample-Rate"));
  own.player = new Player(rate);
  const parts = [];
  let rest = new Uint8Array(0);
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    // A sample may be cut in two.
    const bytes = new Uint8Array(rest.length + value.length);
    bytes.set(rest);
    bytes.set(value, rest.length);
    const whole = bytes.length - (bytes.length % 2);
    rest = bytes.slice(whole);
    parts.push(bytes.slice(0, whole));
    if (whole > 0) own.player.play(new Int16Array(bytes.buffer, 0, whole / 2));
  }
  link.href = URL.createObjectURL(wav(parts, rate));
  link.hidden = false;
  await own.player.ended();
  if (running === own) {
    stop();
    say("");
  }
}

function stop() {
  if (!running) return;
  running.abort.abort();
  if (running.player) running.player.context.close();
  running = null;
  element("stop").disabled = true;
}

element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  speak().catch((error) => {
    if (error.name === "AbortError") return;
    stop();
    say(error.message);
  });
});
element("stop").addEventListener("click", () => { stop(); say(""); });
element("voice").addEventListener("change", showSpeakers);
element("token").addEventListener("change", () => loadVoices().catch((error) => say(error.message)));
loadVoices().catch((error) => say(error.message));
