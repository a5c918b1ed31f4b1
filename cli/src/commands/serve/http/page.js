"use strict";
// Plays the samples while they arrive, and keeps them for a file.

const element = (id) => document.getElementById(id);
const HEADER_BYTES = 44;
/** Sound that is kept before the first is heard, so that a late part leaves no gap. */
const LEAD_SECONDS = 0.05;
let voices = [];
let running = null;

const headers = () => {
  const token = element("token").value;
  return token ? { Authorization: `Bearer ${token}` } : {};
};

function say(text, isFault = false) {
  element("status").textContent = text;
  element("status").classList.toggle("fault", isFault);
}

/** Returns a good response. */
async function ask(path, options = {}) {
  const response = await fetch(path, { ...options, headers: { ...options.headers, ...headers() } });
  if (response.ok) return response;
  if (response.status === 401) {
    const isFirst = element("login").hidden;
    element("login").hidden = false;
    element("token").focus();
    throw new Error(isFirst ? "Type the token of this server." : "This is not the token of this server.");
  }
  const body = await response.json().catch(() => ({}));
  throw new Error(body.error?.message ?? `the server answers ${response.status}`);
}

function languageName(code) {
  try {
    return new Intl.DisplayNames("en", { type: "language" }).of(code.replaceAll("_", "-"));
  } catch {
    return code;
  }
}

async function loadVoices() {
  voices = (await (await ask("v1/audio/voices")).json()).data;
  const groups = new Map();
  for (const voice of voices) {
    const language = languageName(voice.language || "");
    if (!groups.has(language)) {
      const group = document.createElement("optgroup");
      group.label = language;
      groups.set(language, group);
    }
    groups.get(language).append(new Option(voice.name, voice.name, voice.default, voice.default));
  }
  element("voice").replaceChildren(...groups.values());
  showVoice();
  say("");
}

const chosen = () => voices.find((voice) => voice.name === element("voice").value);

function showVoice() {
  const speakers = chosen()?.speakers ?? [];
  element("speaker").replaceChildren(...speakers.map((name) => new Option(name, name)));
  element("speakers").hidden = speakers.length === 0;
  element("text").lang = chosen()?.language?.replaceAll("_", "-") ?? "";
}

function request() {
  const body = {
    input: element("text").value,
    voice: element("voice").value,
    response_format: "pcm",
    speed: Number(element("speed").value),
  };
  if (!element("speakers").hidden) body.speaker = element("speaker").value;
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
    if (this.end <= this.context.currentTime) this.end = this.context.currentTime + LEAD_SECONDS;
    source.start(this.end);
    this.end += buffer.duration;
    this.last = source;
  }

  /** Waits until the last part has been heard. */
  ended() {
    if (!this.last || this.context.currentTime >= this.end) return Promise.resolve();
    return new Promise((resolve) => { this.last.onended = resolve; });
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
  if (!chosen()) return;
  const link = element("download");
  if (link.href) URL.revokeObjectURL(link.href);
  link.removeAttribute("href");
  link.hidden = true;
  // Now: browsers let sound begin only after the user has pressed something.
  const own = { abort: new AbortController(), player: new Player(chosen().sample_rate) };
  running = own;
  element("stop").disabled = false;
  say("Speaking…");
  try {
    const heard = await play(own);
    if (running !== own) return;
    stop();
    say(heard ? "" : "There is nothing to hear in this text.");
  } catch (error) {
    // Who stops it, or speaks again, is not told about it.
    if (running === own) fail(error);
  }
}

/** Plays a text and offers it as a file. Returns whether there was something to hear. */
async function play(own) {
  const response = await ask("v1/audio/speech?rate=native", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request()),
    signal: own.abort.signal,
  });
  const rate = Number(response.headers.get("X-Sample-Rate"));
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
  const link = element("download");
  link.href = URL.createObjectURL(wav(parts, rate));
  link.hidden = false;
  await own.player.ended();
  return parts.length > 0;
}

function stop() {
  if (!running) return;
  running.abort.abort();
  running.player.context.close();
  running = null;
  element("stop").disabled = true;
}

function fail(error) {
  stop();
  say(error instanceof TypeError ? "The server cannot be reached." : error.message, true);
}

element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  speak();
});
element("stop").addEventListener("click", () => { stop(); say(""); });
element("voice").addEventListener("change", showVoice);
element("speed").addEventListener("input", () => { element("factor").value = `${element("speed").value}×`; });
element("token").addEventListener("change", () => loadVoices().catch(fail));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && running) element("stop").click();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) element("form").requestSubmit();
});
loadVoices().catch(fail);
