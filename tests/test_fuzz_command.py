"""`python -m dev.fuzz`: that it runs the checks, and that what they find is seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dev import fuzz


@pytest.mark.slow
def test_every_kind_runs_and_keeps_what_reached_new_code(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("atheris", reason="the extra `fuzz`")
    assert fuzz.main(["--inputs", "800", "--corpus", str(tmp_path)]) == 0
    counts = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert set(counts) == {"framing", "sessions", "text", "voices"}
    assert all(count["kept"] > 0 for count in counts.values())


def test_a_kind_that_is_none_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        fuzz.main(["frames"])
    assert "no such kind: frames; there are framing," in capsys.readouterr().err
