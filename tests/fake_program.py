"""The whole program but for the model, as a process of its own: `python tests/fake_program.py [options]`.

Its voice is the fake one. "gate" in a text holds it up for good, as a model step would that hangs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from fakes import FakeSynthesizer

from wyoming_kokoro import __main__ as program


def load_fake(*_arguments: Any, **_options: Any) -> Any:
    return FakeSynthesizer(pieces_per_utterance=4, piece_bytes=9_600)


program._load_engine = load_fake

if __name__ == "__main__":
    sys.exit(program.main())
