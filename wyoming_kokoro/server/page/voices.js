// The choice of a voice: one, or several with sliders, and the name that stands for it.
// Knows the elements of the choice and the syntax of names, `af_bella(2)+af_sky(1)|bm_george`; knows no sound.

const MAX_PARTS = 8; // as many as a name may have

/** The name of a blend. parts: `{ voice, weight }` each, weights whole numbers. manner: whose pitch and pace, or "". */
export function blendName(parts, manner) {
  const heard = parts.filter(({ weight }) => weight > 0);
  const divisor = heard.map(({ weight }) => weight).reduce(greatestDivisor, 0);
  const timbre =
    heard.length === 1
      ? heard[0].voice
      : heard.map(({ voice, weight }) => `${voice}(${weight / divisor})`).join("+");
  return manner === "" || timbre === "" ? timbre : `${timbre}|${manner}`;
}

function greatestDivisor(a, b) {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** The list of voices with their sliders, and the select of another's pitch and pace. */
export class VoiceChoice {
  #list;
  #template;
  #manner;
  #add;
  #options;
  #onChange;

  constructor({ list, template, manner, add }, voices, first, onChange) {
    this.#list = list;
    this.#template = template;
    this.#manner = manner;
    this.#add = add;
    this.#options = voiceOptions(voices);
    this.#onChange = onChange;
    manner.append(this.#options.cloneNode(true));
    manner.addEventListener("change", () => this.#changed());
    add.addEventListener("click", () => this.#append(this.#next(voices)).focus());
    this.#append(first);
  }

  /** The name of what is chosen; empty where every slider is at nothing. */
  get name() {
    const parts = [...this.#list.children].map((row) => ({
      voice: row.querySelector(".voice").value,
      weight: Number(row.querySelector(".weight").value),
    }));
    return blendName(parts, this.#manner.value);
  }

  // Another voice of the first one's language, where there is one that is not chosen yet.
  #next(voices) {
    const chosen = [...this.#list.querySelectorAll(".voice")].map(({ value }) => value);
    const { language } = voices.find(({ name }) => name === chosen[0]) ?? {};
    const others = voices.filter(({ name }) => !chosen.includes(name));
    return (others.find((voice) => voice.language === language) ?? others[0] ?? voices[0]).name;
  }

  #append(name) {
    const row = this.#template.content.firstElementChild.cloneNode(true);
    const voice = row.querySelector(".voice");
    voice.append(this.#options.cloneNode(true));
    voice.value = name;
    voice.addEventListener("change", () => this.#changed());
    row.querySelector(".weight").addEventListener("input", () => this.#changed());
    row.querySelector(".remove").addEventListener("click", () => {
      row.remove();
      this.#changed();
      this.#list.lastElementChild.querySelector(".voice").focus();
    });
    this.#list.append(row);
    this.#changed();
    return voice;
  }

  #changed() {
    const isBlend = this.#list.children.length > 1;
    this.#list.classList.toggle("blend", isBlend);
    this.#add.disabled = this.#list.children.length >= MAX_PARTS;
    [...this.#list.children].forEach((row, index) => {
      const weight = row.querySelector(".weight");
      const name = row.querySelector(".voice").value;
      row.querySelector(".voice").ariaLabel = isBlend ? `Voice ${index + 1}` : "Voice";
      row.querySelector(".remove").ariaLabel = `Remove ${name}`;
      row.querySelector(".weighing").hidden = !isBlend;
      row.querySelector(".weight-value").value = weight.value;
      weight.ariaLabel = `How much of ${name}`;
      if (!isBlend) {
        weight.value = weight.defaultValue;
      }
    });
    this.#onChange(this.name);
  }
}

// One group for each language, as people of the page's language call it.
function voiceOptions(voices) {
  const languages = new Intl.DisplayNames(["en"], { type: "language" });
  const groups = new Map();
  for (const { name, label, language } of voices) {
    if (!groups.has(language)) {
      const group = document.createElement("optgroup");
      group.label = languages.of(language);
      groups.set(language, group);
    }
    groups.get(language).append(new Option(`${name}: ${label}`, name));
  }
  const options = document.createDocumentFragment();
  options.append(...groups.values());
  return options;
}
