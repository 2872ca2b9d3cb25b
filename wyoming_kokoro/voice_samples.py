"""A sentence in each voice's own language, as WAV files, and a page to compare them by ear. Knows no model."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from wyoming_kokoro import pcm
from wyoming_kokoro.errors import KokoroError, SettingsError
from wyoming_kokoro.speech import Utterance, VoiceInfo
from wyoming_kokoro.wav import write_wav

_LOGGER = logging.getLogger(__name__)

SENTENCES = {
    "en": "The kettle has boiled, the heating is down to nineteen degrees, and somebody is at the door.",
    "es": "El agua ya hierve, la calefacción está a diecinueve grados y alguien llama a la puerta.",
    "fr": "L'eau bout déjà, le chauffage est à dix-neuf degrés, et quelqu'un sonne à la porte.",
    "hi": "पानी उबल गया है, हीटर उन्नीस डिग्री पर है, और दरवाज़े पर कोई आया है।",
    "it": "L'acqua bolle già, il riscaldamento è a diciannove gradi e qualcuno suona alla porta.",
    "ja": "お湯が沸きました。暖房は十九度です。玄関にどなたかいらっしゃいます。",
    "pt": "A água já ferveu, o aquecimento está em dezenove graus e alguém está na porta.",
    "zh": "水已经烧开了，暖气调到了十九度，门口有人来了。",
}
"""By the first part of a BCP-47 tag: what a home might say, with a list, a number and an end."""

_IN_ANY_LANGUAGE = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10."  # which its phonemizer reads as its speakers do

PAGE_NAME = "index.html"


class Voices(Protocol):
    """What speaks, as far as samples need it; an engine does."""

    def voices(self) -> tuple[VoiceInfo, ...]:
        """Every voice that is listed."""
        ...

    def resolve_voice(self, name: str | None) -> str:
        """The voice for a name. Raises `KokoroError`."""
        ...

    def language(self, voice: str) -> str:
        """The BCP-47 tag of a resolved voice's language."""
        ...

    def stream(self, utterance: Utterance) -> Iterator[bytes]:
        """The utterance as PCM. Raises `KokoroError`."""
        ...


@dataclass(frozen=True)
class Sample:
    """One voice's."""

    info: VoiceInfo
    file_name: str
    duration_s: float


def write_samples(speaker: Voices, names: Sequence[str], folder: Path) -> list[str]:
    """Has the named voices speak, or all, and writes what they say into a folder, which may be new.

    Returns what went wrong with voices that could not speak. Raises `KokoroError` for names that are none, and
    where nothing can be written.
    """
    listed = {info.name: info for info in speaker.voices()}
    wanted = [speaker.resolve_voice(name) for name in names] or list(listed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"Cannot make the folder {folder}: {error.strerror or error}") from error
    samples: list[Sample] = []
    faults: list[str] = []
    for name in dict.fromkeys(wanted):
        info = listed.get(name) or VoiceInfo(name, name, speaker.language(name))
        text = sentence_in(info.language)
        try:
            speech = b"".join(speaker.stream(Utterance(text, name)))
        except KokoroError as error:
            faults.append(f"{name}: {error}")
            continue
        file_name = f"{_as_file_name(name, {sample.file_name for sample in samples})}.wav"
        write_wav(speech, folder / file_name)
        samples.append(Sample(info, file_name, pcm.duration_s(speech)))
        _LOGGER.info("Wrote %s", folder / file_name)
    try:
        (folder / PAGE_NAME).write_text(page(samples), encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"Cannot write {folder / PAGE_NAME}: {error.strerror or error}") from error
    return faults


def sentence_in(language: str) -> str:
    """What is spoken in a BCP-47 language."""
    return SENTENCES.get(language.partition("-")[0], _IN_ANY_LANGUAGE)


def page(samples: Sequence[Sample]) -> str:
    """The HTML page, which needs nothing but the WAV files beside it."""
    languages = dict.fromkeys(sample.info.language for sample in samples)
    sections = "\n".join(
        _section(language, [sample for sample in samples if sample.info.language == language])
        for language in languages
    )
    return _PAGE.replace("{sections}", sections).replace("{n_voices}", str(len(samples)))


def _section(language: str, samples: Sequence[Sample]) -> str:
    text = html.escape(sentence_in(language))
    buttons = "\n".join(
        f'<li><button type="button" aria-pressed="false" data-sound="{quote(sample.file_name)}">'
        f"<b>{html.escape(sample.info.label)}</b> <code>{html.escape(sample.info.name)}</code> "
        f"<span>{sample.duration_s:.1f} s</span></button></li>"
        for sample in samples
    )
    return (
        f'<section>\n<h2>{language}</h2>\n<p lang="{language}">{text}</p>\n<ul>\n{buttons}\n</ul>\n</section>'
    )


def _as_file_name(name: str, taken: set[str]) -> str:
    """A name with nothing in it that a file system or a shell minds, unlike those that are taken."""
    plain = re.sub(r"[^\w.-]+", "_", name)
    number, unlike = 1, plain
    while f"{unlike}.wav" in taken:
        number += 1
        unlike = f"{plain}-{number}"
    return unlike


_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Voices</title>
<style>
:root { color-scheme: light dark; --line: #ccc; --on: #d8e8ff; }
@media (prefers-color-scheme: dark) { :root { --line: #444; --on: #23456b; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 0 1rem 4rem; }
header { position: sticky; top: 0; background: Canvas; padding: 1rem 0; border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 1.4rem; }
audio { width: 100%; margin-top: .5rem; }
ul { list-style: none; padding: 0; display: grid; gap: .5rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); }
button { width: 100%; text-align: start; font: inherit; color: inherit; padding: .5rem .75rem; cursor: pointer;
  background: none; border: 1px solid var(--line); border-radius: .4rem; }
button:focus-visible { outline: 3px solid Highlight; outline-offset: 1px; }
button[aria-pressed=true] { background: var(--on); }
code, span { font-size: .85em; opacity: .75; }
</style>
<header>
<h1>{n_voices} voices</h1>
<audio controls preload="none" aria-label="The voice that was chosen last"></audio>
<p>Space or Enter plays a voice and stops it; Tab and the arrow keys go from one to another.</p>
</header>
<main>
{sections}
</main>
<script>
const player = document.querySelector("audio");
const buttons = [...document.querySelectorAll("button")];
const show = () => buttons.forEach(each =>
  each.setAttribute("aria-pressed", String(each.dataset.sound === player.dataset.sound && !player.paused)));
for (const button of buttons) button.addEventListener("click", () => {
  const isPlaying = button.getAttribute("aria-pressed") === "true";
  if (isPlaying) { player.pause(); return; }
  player.dataset.sound = player.src = button.dataset.sound;
  player.play();
});
for (const event of ["play", "pause", "ended"]) player.addEventListener(event, show);
document.querySelector("main").addEventListener("keydown", event => {
  const step = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1}[event.key];
  const at = buttons.indexOf(document.activeElement);
  if (!step || at < 0) return;
  event.preventDefault();
  buttons[(at + step + buttons.length) % buttons.length].focus();
});
</script>
</html>
"""
