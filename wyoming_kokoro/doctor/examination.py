"""All checks in their order, and how what they find is told. Knows no check's inside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from wyoming_kokoro import __version__
from wyoming_kokoro.doctor import machine, network, speech
from wyoming_kokoro.doctor.findings import Finding, Level, broken
from wyoming_kokoro.settings import EngineSettings, Settings
from wyoming_kokoro.speech import Synthesizer

# What there is no speaking without.
_NEEDED = ("python", "packages", "torch", "model")


def examine(
    settings: Settings, load: Callable[[EngineSettings], Synthesizer]
) -> Iterator[tuple[str, Finding]]:
    """Each check's name with what it found, as soon as it has.

    load: makes what speaks, as the server does.
    """
    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("python", machine.check_python),
        ("packages", machine.check_packages),
        ("variables", machine.check_variables),
        ("torch", speech.check_torch),
        ("openmp", machine.check_openmp),
        ("cpu", partial(speech.check_cpu, settings)),
        ("gpu", partial(speech.check_gpu, settings)),
        ("espeak", partial(speech.check_espeak, settings)),
        ("model", partial(speech.check_model, settings)),
        ("folders", partial(machine.check_folders, settings)),
        ("memory", machine.check_memory),
        ("port", partial(network.check_port, settings)),
        ("network", partial(network.check_network, settings)),
        ("discovery", partial(network.check_discovery, settings)),
    )
    found: dict[str, Finding] = {}
    for name, check in checks:
        found[name] = _careful(check)
        yield name, found[name]
    yield "sentence", _careful(partial(_speak, settings, load, found))


def _speak(
    settings: Settings, load: Callable[[EngineSettings], Synthesizer], found: Mapping[str, Finding]
) -> Finding:
    lacking = [name for name in _NEEDED if found[name].level is Level.BROKEN]
    if lacking:
        return speech.no_sentence(f"put right {', '.join(lacking)} first")
    if found["model"].level is not Level.OK:
        return speech.no_sentence("the model has not been fetched yet")
    return speech.check_sentence(settings, load)


def _careful(check: Callable[[], Finding]) -> Finding:
    """What a check finds; a check that fails has found something too."""
    try:
        return check()
    except Exception as error:
        return broken(f"The check itself failed: {type(error).__name__}: {error}", "Report that, please.")


def as_lines(findings: Iterable[tuple[str, Finding]]) -> Iterator[str]:
    """What was found, for people, a line at a time; the last one is the sum of it."""
    n_by_level = dict.fromkeys(Level, 0)
    for name, finding in findings:
        n_by_level[finding.level] += 1
        yield f"{finding.level.value:8} {name:10} {finding.text}"
        if finding.remedy:
            yield f"{'':19} → {finding.remedy}"
    n_broken, n_warnings = n_by_level[Level.BROKEN], n_by_level[Level.WARNING]
    if not n_broken and not n_warnings:
        yield "All is well."
    else:
        yield f"Broken: {n_broken}. Warnings: {n_warnings}."


def as_json(findings: Iterable[tuple[str, Finding]]) -> str:
    """The same for programs."""
    checks = [
        {"name": name, "level": finding.level.value, "text": finding.text, "remedy": finding.remedy}
        for name, finding in findings
    ]
    is_well = all(check["level"] != Level.BROKEN.value for check in checks)
    return json.dumps(
        {"version": __version__, "is_well": is_well, "checks": checks}, indent=2, ensure_ascii=False
    )
