"""The README keeps its word: its tables are made from the code, and its examples run.

`python tests/test_readme.py` writes the tables anew.
"""

from __future__ import annotations

import re
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from wyoming_kokoro import settings
from wyoming_kokoro.settings import Settings
from wyoming_kokoro.store.catalogue import GRADES, LANGUAGES, Language, gender_of
from wyoming_kokoro.text.phonemize import _ESPEAK_VOICES, _EXTRAS

README = Path(__file__).parent.parent / "README.md"


def options_table() -> str:
    rows = ["| option | meaning | default |", "| --- | --- | --- |"]
    for name, option in settings._options(Settings).items():
        text = option.help + settings._default_text(Settings.__dataclass_fields__[name].default)
        found = re.search(r" \(default: (.*)\)$", text)
        shown = f"`{found[1]}`" if found and not option.help.endswith(found[0]) else found[1] if found else ""
        text = text.removesuffix(found[0]) if found else text
        metavar = f" {option.metavar}" if option.metavar else ""
        rows.append(f"| `{option.flag}{metavar}` | {text} | {shown} |")
    return "\n".join(rows)


def voices_table() -> str:
    rows = ["| language | tag | female | male |", "| --- | --- | --- | --- |"]
    for language in LANGUAGES:
        cells = [
            ", ".join(_shown(name, language) for name in language.voices if gender_of(name) == gender)
            for gender in ("female", "male")
        ]
        rows.append(f"| {language.label} | `{language.tag}` | {cells[0]} | {cells[1]} |")
    return "\n".join(rows)


def _shown(voice: str, language: Language) -> str:
    name = f"**`{voice}`**" if voice == language.default_voice else f"`{voice}`"
    return f"{name} {GRADES[voice]}" if voice in GRADES else name


def languages_table() -> str:
    rows = ["| language | tag | read by | needs |", "| --- | --- | --- | --- |"]
    for language in LANGUAGES:
        tag = language.tag
        reader = "espeak-ng" if tag in _ESPEAK_VOICES else "misaki, words it does not know by espeak-ng"
        extra = f"`pip install '.{_EXTRAS[tag]}'`" if tag in _EXTRAS else ""
        rows.append(f"| {language.label} | `{tag}` | {reader} | {extra} |")
    return "\n".join(rows)


TABLES = {"options": options_table, "voices": voices_table, "languages": languages_table}


def with_table(text: str, name: str) -> str:
    start, end = rf"(<!-- {name}: [^>]*-->\n)", rf"(<!-- /{name} -->)"
    made, n_places = re.subn(
        f"{start}.*?{end}", lambda found: f"{found[1]}{TABLES[name]()}\n{found[2]}", text, flags=re.DOTALL
    )
    assert n_places == 1, name
    return made


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_what_the_code_says(name: str) -> None:
    text = README.read_text(encoding="utf-8")
    assert text == with_table(text, name), f"run: python {Path(__file__).relative_to(README.parent)}"


def examples(command: str) -> list[str]:
    """The lines of the README's code blocks that start with a command."""
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith(command)]


@pytest.mark.weights
@pytest.mark.parametrize("line", examples("wyoming-kokoro say"))
def test_say_examples_make_a_wav_file(line: str, tmp_path: Path) -> None:
    shell = line.replace("wyoming-kokoro", f"{sys.executable} -m wyoming_kokoro", 1)
    subprocess.run(shell, shell=True, check=True, cwd=tmp_path, stderr=subprocess.PIPE)
    [path] = tmp_path.glob("*.wav")
    with wave.open(str(path)) as wav:
        assert wav.getnframes() > 0.5 * wav.getframerate()


@pytest.mark.weights
@pytest.mark.parametrize("line", examples("python -m wyoming_kokoro.download"))
def test_download_examples_find_everything_there(line: str) -> None:
    shell = line.replace("python", sys.executable, 1)
    done = subprocess.run(shell, shell=True, check=True, capture_output=True, text=True)
    assert "already" in done.stdout


def test_there_are_examples_to_run() -> None:
    assert len(examples("wyoming-kokoro say")) == 3
    assert len(examples("python -m wyoming_kokoro.download")) == 1


if __name__ == "__main__":
    content = README.read_text(encoding="utf-8")
    for table in TABLES:
        content = with_table(content, table)
    README.write_text(content, encoding="utf-8")
