"""From a text to utterances, where it hangs on the voice; sessions' tests have the rest."""

from __future__ import annotations

import pytest
from fakes import FakeSynthesizer

from wyoming_kokoro.reading import utterances


class Blending(FakeSynthesizer):
    """Has a voice that is not listed, and speaks British English."""

    def language(self, voice: str) -> str:
        return "en-GB" if voice == "bf_emma+bf_lily" else super().language(voice)


@pytest.mark.parametrize(("documents", "utterances_own"), [("en-US", ""), ("en", ""), ("fr", "fr-FR")])
def test_a_document_changes_the_language_of_a_blend_but_not_its_accent(
    documents: str, utterances_own: str
) -> None:
    document = f'<speak xml:lang="{documents}">Hi.</speak>'
    (spoken,) = utterances(document, "bf_emma+bf_lily", 1.0, Blending())
    assert spoken.language == utterances_own
