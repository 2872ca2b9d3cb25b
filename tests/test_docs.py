"""The documentation keeps its word: what it names is there. Options, scripts, files, links, and where they lead."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from test_readme import README

from dev import profile, stress
from dev.bench import __main__ as bench
from wyoming_kokoro import download, health_check, settings

ROOT = README.parent
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [README, *DOCS]

# Options of other programs that the pages tell of.
FOREIGN = {
    # pip, docker, systemctl, pytest
    "--index-url", "--cpus", "--gpus", "--now", "--profile", "--tmpfs",
    # wyoming-satellite
    "--snd-command", "--snd-command-rate",
    # wyoming-piper
    "--speaker", "--length-scale", "--noise-scale", "--noise-w-scale", "--auto-punctuation", "--update-voices", "--use-cuda",
    "--web-server", "--omnivoice-steps",
    # kokoro-wyoming
    "--model", "--list-voices", "--no-warmup",
    # wyoming-kokoro-torch
    "--compile",
}  # fmt: skip


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def parsers(capsys: pytest.CaptureFixture[str]) -> dict[str, Callable[[list[str], dict[str, str]], object]]:
    """What reads the arguments after each word that the program's usage names; "" for none."""
    with pytest.raises(SystemExit):
        settings.parse(["--help"], {})
    words = re.findall(rf"{settings.PROGRAM} (\w+) ", capsys.readouterr().out)
    return {"": settings.parse} | {word: getattr(settings, f"parse_{word}") for word in words}


def own_options(capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Every option that some program of ours prints in its help, those of `script/` that take any included."""
    for parse in parsers(capsys).values():
        with pytest.raises(SystemExit):
            parse(["--help"], {})
    for main in (health_check.main, download.main, bench.main, profile.main, stress.main):
        with pytest.raises(SystemExit):
            main(["--help"])
    return options_in(capsys.readouterr().out)


def options_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]\b(?!-)", text))


def anchors(page: Path) -> set[str]:
    """A heading's name in links, as forges make it."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_option_exists(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert options_in(page.read_text(encoding="utf-8")) - own_options(capsys) - FOREIGN == set()


def test_no_option_of_others_is_listed_in_vain(capsys: pytest.CaptureFixture[str]) -> None:
    named = set().union(*(options_in(page.read_text(encoding="utf-8")) for page in PAGES))
    assert named >= FOREIGN
    assert FOREIGN & own_options(capsys) == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"https?://", target):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_of_ours_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"(?<![\w./-])((?:script|wyoming_kokoro|tests|dev)/[\w./-]*[\w/])", text):
        assert (ROOT / name).exists(), name
    for module in re.findall(r"python3? -m (wyoming_kokoro[\w.]*)", text):
        path = ROOT.joinpath(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_variable_and_voice_exists(page: Path) -> None:
    from wyoming_kokoro.store.catalogue import OFFICIAL_VOICES

    text = page.read_text(encoding="utf-8")
    variables = set(re.findall(r"\bWYOMING_KOKORO_\w+[A-Z]\b", text))
    assert settings.unknown_variables(dict.fromkeys(variables, "x")) == ()
    assert set(re.findall(r"`([abefhijpz][fm]_[a-z]+)`", text)) <= set(OFFICIAL_VOICES)


def test_every_page_is_in_the_readme_and_in_the_index() -> None:
    for index, prefix in ((README, "docs/"), (ROOT / "docs" / "README.md", "")):
        text = index.read_text(encoding="utf-8")
        for page in DOCS:
            if page != index and page.name != "README.md":
                assert f"]({prefix}{page.name})" in text, page.name


def command_lines(page: Path) -> list[str]:
    """Those of a page's shell examples that start a program of ours."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    lines = [line.partition(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if re.match(r"(\S*/)?wyoming-kokoro( |$)|script/run\b", line)]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_line_is_understood(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parse = parsers(capsys)
    for line in command_lines(page):
        _, *words = shlex.split(line.partition(">")[0])
        word = words.pop(0) if words and words[0] in parse else ""
        parse[word](words, {})


def test_there_are_command_lines_to_understand() -> None:
    assert sum(len(command_lines(page)) for page in PAGES) >= 10
