// Speech as it comes from the server: Wyoming events read, samples played, drawn and put into a WAV file.
// Knows nothing of the page but a canvas.

export const SAMPLE_RATE_HZ = 24_000;

const LEAD_S = 0.05; // before what follows a silence, so that a late piece does not make another
const AHEAD_S = 2; // of what is scheduled; of thousands of sources that wait for their time, browsers stutter
const SAMPLES_PER_PEAK = 240; // 10 ms: as fine as anybody's screen
const MAX_PEAKS = 16_384; // of a longer speech, each stands for twice the time
const QUIETEST_PEAK = 0.01; // below it, silence is not drawn as sound
const WAV_HEADER_BYTES = 44;

/** Yields `{ type, data, payload }` for each event of a response's body, as soon as it is there. */
export async function* readEvents(body) {
  let bytes = new Uint8Array();
  for await (const more of chunks(body)) {
    bytes = joined(bytes, more);
    for (let event; (event = eventAtStart(bytes)) !== null; bytes = bytes.subarray(event.length)) {
      yield event;
    }
  }
  if (bytes.length > 0) {
    throw new Error("The server's answer broke off.");
  }
}

// Streams are iterable by themselves, but not in every browser yet.
async function* chunks(body) {
  const reader = body.getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    yield value;
  }
}

function joined(first, second) {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

// A JSON header line, `data_length` bytes of JSON, `payload_length` bytes; null while some of it is missing.
function eventAtStart(bytes) {
  const lineEnd = bytes.indexOf(0x0a);
  if (lineEnd < 0) {
    return null;
  }
  const header = JSON.parse(text(bytes.subarray(0, lineEnd)));
  const dataEnd = lineEnd + 1 + header.data_length;
  const length = dataEnd + header.payload_length;
  if (bytes.length < length) {
    return null;
  }
  const data = header.data_length > 0 ? JSON.parse(text(bytes.subarray(lineEnd + 1, dataEnd))) : {};
  return { type: header.type, data, payload: bytes.slice(dataEnd, length), length };
}

function text(bytes) {
  return new TextDecoder().decode(bytes);
}

/** Plays samples one after the other without a gap, from the first that come. Buffers are scheduled to the sample. */
export class Player {
  // An AudioWorklet would do as well, but browsers have it only where the page came by HTTPS or from the machine itself.
  #context;
  #sources = new Set();
  #waiting = []; // samples that are not scheduled yet
  #runs = []; // of samples without a pause between: when each starts, and how many samples came before it
  #nSamples = 0;
  #whenSilent = null;

  /** How often, and for how long, there was nothing to play before all was said. */
  nPauses = 0;
  pauses_s = 0;

  constructor(context) {
    this.#context = context;
  }

  /** Adds 16-bit samples. */
  add(samples) {
    this.#waiting.push(samples);
    this.#schedule();
  }

  #schedule() {
    while (this.#waiting.length > 0 && (this.#runs.length === 0 || this.#end_s() < this.#context.currentTime + AHEAD_S)) {
      this.#play(this.#waiting.shift());
    }
  }

  #play(samples) {
    const now_s = this.#context.currentTime;
    const run = this.#runs.at(-1);
    if (run === undefined || this.#end_s() < now_s) {
      if (run !== undefined) {
        this.nPauses += 1;
        this.pauses_s += now_s + LEAD_S - this.#end_s();
      }
      this.#runs.push({ start_s: now_s + LEAD_S, nBefore: this.#nSamples });
    }
    const buffer = this.#context.createBuffer(1, samples.length, SAMPLE_RATE_HZ);
    buffer.copyToChannel(Float32Array.from(samples, (sample) => sample / 32_768), 0);
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(this.#context.destination);
    source.onended = () => this.#ended(source);
    this.#sources.add(source);
    source.start(this.#end_s());
    this.#nSamples += samples.length;
  }

  /** Resolves when all that was added has been heard, or stopped. */
  silent() {
    return new Promise((resolve) => {
      this.#whenSilent = resolve;
      this.#ended(null);
    });
  }

  /** Falls silent at once. */
  stop() {
    this.#waiting = [];
    for (const source of this.#sources) {
      source.stop();
    }
  }

  /** How much has been heard, in samples. */
  get nHeard() {
    const now_s = this.#context.currentTime;
    const run = this.#runs.findLast(({ start_s }) => start_s <= now_s);
    return run === undefined ? 0 : Math.min(run.nBefore + (now_s - run.start_s) * SAMPLE_RATE_HZ, this.#nSamples);
  }

  #end_s() {
    const { start_s, nBefore } = this.#runs.at(-1);
    return start_s + (this.#nSamples - nBefore) / SAMPLE_RATE_HZ;
  }

  #ended(source) {
    this.#sources.delete(source);
    this.#schedule();
    if (this.#sources.size === 0) {
      this.#whenSilent?.();
    }
  }
}

/** A waveform that grows; the part that has been heard is drawn in full. */
export class Waveform {
  #canvas;
  #peaks = []; // the loudest of each 10 ms or more, from 0 to 1
  #samplesPerPeak = SAMPLES_PER_PEAK;
  #left = { peak: 0, nSamples: 0 };

  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** Adds 16-bit samples; draws nothing. */
  add(samples) {
    for (const sample of samples) {
      this.#left.peak = Math.max(this.#left.peak, Math.abs(sample) / 32_768);
      this.#left.nSamples += 1;
      if (this.#left.nSamples >= this.#samplesPerPeak) {
        this.#peaks.push(this.#left.peak);
        this.#left = { peak: 0, nSamples: 0 };
      }
      if (this.#peaks.length === MAX_PEAKS) {
        const [even, odd] = [0, 1].map((rest) => this.#peaks.filter((_, index) => index % 2 === rest));
        this.#peaks = even.map((peak, index) => Math.max(peak, odd[index]));
        this.#samplesPerPeak *= 2;
      }
    }
  }

  /** Draws all there is, as wide as the canvas and as high as its loudest moment. */
  draw(nHeard) {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = window.devicePixelRatio;
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    const context = this.#canvas.getContext("2d");
    context.scale(scale, scale);
    context.fillStyle = getComputedStyle(this.#canvas).color;
    const peaksPerPixel = this.#peaks.length / width;
    const heard = nHeard / this.#samplesPerPeak;
    const loudest = this.#peaks.reduce((most, peak) => Math.max(most, peak), QUIETEST_PEAK);
    for (let x = 0; x < width && this.#peaks.length > 0; x += 1) {
      const first = Math.floor(x * peaksPerPixel);
      const part = this.#peaks.slice(first, Math.max(first + 1, Math.floor((x + 1) * peaksPerPixel)));
      const bar = Math.max((Math.max(...part) / loudest) * height, 1);
      context.globalAlpha = x * peaksPerPixel < heard ? 1 : 0.4;
      context.fillRect(x, (height - bar) / 2, 1, bar);
    }
  }
}

/** The 16-bit samples of some arrays as one WAV file. */
export function wavFile(arrays) {
  const nBytes = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const header = new DataView(new ArrayBuffer(WAV_HEADER_BYTES));
  const put = (offset, word) => [...word].forEach((letter, index) => header.setUint8(offset + index, letter.charCodeAt(0)));
  put(0, "RIFF");
  header.setUint32(4, WAV_HEADER_BYTES - 8 + nBytes, true);
  put(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true); // PCM
  header.setUint16(22, 1, true); // channels
  header.setUint32(24, SAMPLE_RATE_HZ, true);
  header.setUint32(28, SAMPLE_RATE_HZ * 2, true); // bytes a second
  header.setUint16(32, 2, true); // bytes a sample
  header.setUint16(34, 16, true); // bits a sample
  put(36, "data");
  header.setUint32(40, nBytes, true);
  return new Blob([header, ...arrays], { type: "audio/wav" });
}
