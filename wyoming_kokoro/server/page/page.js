// What the page does: asks the server for voices, speech and phonemes, and shows what comes.
// Addresses are relative, so that it works below any path, Home Assistant's ingress included.

import { Player, SAMPLE_RATE_HZ, Waveform, readEvents, wavFile } from "./sound.js";
import { VoiceChoice } from "./voices.js";

const element = (id) => document.getElementById(id);
const seconds = (value) => `${value.toFixed(2)} s`;

let audio = null; // the one AudioContext; browsers want a click before there is one
let speech = null; // the latest Speech

/** One text being spoken: asked for, received, played, until it is over or stopped. */
class Speech {
  #leaving = new AbortController();
  #asked_ms = performance.now();
  #first_ms = null;
  #player = new Player(audio);
  #waveform = new Waveform(element("waveform"));
  #pieces = [];
  #nSamples = 0;
  #isOver = false;

  /** Resolves when all has been heard. Rejects with what went wrong; what has come until then is kept. */
  async run(request) {
    element("result").hidden = false;
    element("wav").hidden = true;
    this.#draw();
    try {
      const answer = await ask("api/speech", request, this.#leaving.signal);
      for await (const { type, data, payload } of readEvents(answer.body)) {
        if (type === "audio-chunk" && payload.length > 0) {
          this.#take(new Int16Array(payload.buffer));
        } else if (type === "error") {
          throw new ServerError(data);
        }
      }
      await this.#player.silent();
    } finally {
      this.#isOver = true;
      this.#offer(request.voice);
    }
  }

  /** Falls silent; the server notices that nobody listens, and stops making speech. */
  stop() {
    this.#leaving.abort();
    this.#player.stop();
    this.#isOver = true;
  }

  get hasLeft() {
    return this.#leaving.signal.aborted;
  }

  get length_s() {
    return this.#nSamples / SAMPLE_RATE_HZ;
  }

  #take(samples) {
    this.#first_ms ??= performance.now();
    this.#player.add(samples);
    this.#waveform.add(samples);
    this.#pieces.push(samples);
    this.#nSamples += samples.length;
  }

  #draw() {
    if (speech !== this) {
      return;
    }
    this.#waveform.draw(this.#player.nHeard);
    element("waveform").ariaLabel = `Waveform of ${seconds(this.length_s)} of speech`;
    element("first-sound").textContent =
      this.#first_ms === null ? "–" : seconds((this.#first_ms - this.#asked_ms) / 1000);
    element("length").textContent = seconds(this.length_s);
    const { nPauses, pauses_s } = this.#player;
    element("pauses").textContent = nPauses === 0 ? "none" : `${nPauses}, ${seconds(pauses_s)} in all`;
    if (!this.#isOver) {
      requestAnimationFrame(() => this.#draw());
    }
  }

  #offer(voice) {
    this.#draw();
    if (speech !== this || this.#nSamples === 0) {
      return;
    }
    const link = element("wav");
    URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(wavFile(this.#pieces));
    link.download = `${voice.replaceAll(/[^\w+().-]/g, "_")}.wav`;
    link.hidden = false;
  }
}

/** What the server says went wrong. */
class ServerError extends Error {
  constructor({ code, text }) {
    super(text);
    this.code = code;
  }
}

/** Sends a request, or asks for something where there is none; throws what people can read. */
async function ask(address, request, signal) {
  const options = request && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
    signal,
  };
  const answer = await fetch(address, options).catch((error) => {
    throw error.name === "AbortError" ? error : new Error("The server cannot be reached.");
  });
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw new ServerError(told.error ?? { text: `The server answered ${answer.status} ${answer.statusText}.` });
  }
  return answer;
}

function showError(error) {
  element("error").textContent = error.message;
  element("status").textContent = "";
  element("name").ariaInvalid = String(["unknown-voice", "bad-blend"].includes(error.code));
}

function showNoError() {
  element("error").textContent = "";
  element("name").ariaInvalid = "false";
}

async function speak(text) {
  stop();
  showNoError();
  audio ??= new AudioContext({ sampleRate: SAMPLE_RATE_HZ });
  const mine = (speech = new Speech());
  element("stop").disabled = false;
  element("status").textContent = "Speaking.";
  try {
    await audio.resume();
    await mine.run({ text, voice: element("name").value.trim(), speed: Number(element("speed").value) });
    if (speech === mine && !mine.hasLeft) {
      element("status").textContent = `Spoken, ${seconds(mine.length_s)}.`;
    }
  } catch (error) {
    if (speech === mine && !mine.hasLeft) {
      showError(error);
    }
  }
  if (speech === mine) {
    element("stop").disabled = true;
  }
}

function stop() {
  if (speech !== null && !element("stop").disabled) {
    speech.stop();
    element("stop").disabled = true;
    element("status").textContent = "Stopped.";
  }
}

async function showPhonemes() {
  showNoError();
  try {
    const request = { text: element("text").value, voice: element("name").value.trim() };
    const { sentences } = await (await ask("api/phonemes", request)).json();
    element("phonemes").replaceChildren(...sentences.map(phonemesOf));
    element("phonemes-section").hidden = false;
    element("status").textContent = `Phonemes of ${sentences.length} ${sentences.length === 1 ? "sentence" : "sentences"}.`;
  } catch (error) {
    showError(error);
  }
}

function phonemesOf({ text, phonemes }) {
  const item = document.createElement("li");
  const spoken = document.createElement("bdi");
  spoken.textContent = phonemes;
  item.append(text, spoken);
  return item;
}

async function copyName() {
  const name = element("name");
  name.select();
  // The clipboard is only there where the page came by HTTPS or from the machine itself.
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(name.value);
  } else {
    document.execCommand("copy");
  }
  element("status").textContent = `Copied ${name.value}.`;
}

// Of plain letters alone, phonemes between single slashes would be the address of a link.
function marked() {
  const phonemes = element("word-phonemes").value.replaceAll("/", "").trim();
  const slashes = /[^\x00-\x7f]/.test(phonemes) ? "/" : "//";
  return `[${element("word").value.trim()}](${slashes}${phonemes}${slashes})`;
}

function putWordIntoText() {
  if (!element("word-form").reportValidity()) {
    return;
  }
  const word = element("word").value.trim();
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  // As marked before, or by itself: not within another word.
  const places = new RegExp(String.raw`\[${escaped}\]\(/[^)]*/\)|(?<![\p{L}\p{N}])${escaped}(?![\p{L}\p{N}])`, "giu");
  const text = element("text");
  const changed = text.value.replaceAll(places, marked);
  element("status").textContent = changed === text.value ? `The text has no “${word}”.` : `“${word}” is marked in the text.`;
  text.value = changed;
}

function showSpeed() {
  element("speed-value").value = `${Number(element("speed").value).toFixed(2)} ×`;
}

function submit(form, action) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void action();
  });
}

async function start() {
  const { version, voices, speed, max_text: maxText, default: first } = await (await ask("api/voices")).json();
  element("version").textContent = version;
  element("text").maxLength = maxText;
  element("speed").value = speed;
  showSpeed();
  const parts = { list: element("parts"), template: element("part"), manner: element("manner"), add: element("add") };
  new VoiceChoice(parts, voices, first, (name) => {
    element("name").value = name;
    showNoError();
  });
}

submit(element("form"), () => speak(element("text").value));
submit(element("word-form"), () => speak(marked()));
element("stop").addEventListener("click", stop);
element("show").addEventListener("click", showPhonemes);
element("copy").addEventListener("click", copyName);
element("put").addEventListener("click", putWordIntoText);
element("speed").addEventListener("input", showSpeed);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    stop();
  } else if (event.key === "Enter" && event.ctrlKey) {
    element("form").requestSubmit();
  }
});
start().catch(showError);
