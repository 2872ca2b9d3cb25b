"""What is spoken to find the scales of 8-bit weights: a few sentences, in several voices. Knows no model.

Sentences come as phonemes, so that no phonemizer is needed and every machine measures the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from torch import Tensor

from wyoming_kokoro.errors import KokoroError
from wyoming_kokoro.store.voices import VoiceStore

_LOGGER = logging.getLogger(__name__)

# Several languages, women and men: scales fit the proportions that styles give to channels, and a voice unlike
# all of these would be served worse (one voice alone: 0.86 dB log-mel for others instead of 0.48).
_VOICES = ("af_heart", "am_adam", "bf_alice", "bm_george", "jf_alpha", "zm_yunxi", "hf_alpha", "ef_dora")

_SENTENCES = (
    "ɡˈʊd mˈɔɹnɪŋ, ðə kˈɛTᵊl ɪz ˌɔlɹˈɛdi ˌɔn.",  # Good morning, the kettle is already on.
    "wˌI dˈʌz ðə hˈɔlwˌA smˈɛl ʌv fɹˈɛʃ pˈAnt?",  # Why does the hallway smell of fresh paint?
    "sˈɛvən ɡɹˈA ɡˈis flˈu lˈO ˈOvəɹ ðə fɹˈOzən lˈAk.",  # Seven grey geese flew low over the frozen lake.
    "plˈiz ɹəmˈInd mˌi tə kˈɔl ðə dˈɛntɪst ˌɔn θˈɜɹzdˌA.",  # Please remind me to call the dentist on Thursday.
    "ʃˌi ʧˈOz ɐ θˈɪk wˈʊl ʤˈʌmpəɹ, ɡlˈʌvz ænd ɐ skˈɑɹf.",  # She chose a thick wool jumper, gloves and a scarf.
    "ðə tɹˈAn tə bɹˈʌsəlz lˈivz fɹʌm plˈætfˌɔɹm nˈIn!",  # The train to Brussels leaves from platform nine!
    "ˈɑnəstli, nˈObˌɑdi ɪnʤˈYz mˈɛʒəɹɪŋ kˈɜɹtᵊn ɹˈAlz.",  # Honestly, nobody enjoys measuring curtain rails.
    "jˌʊɹ pˈɑɹsᵊl wʌz lˈɛft wɪð ɐ nˈAbəɹ.",  # Your parcel was left with a neighbour.
    "hˌi wˈɪspəɹd sˈʌmθˌɪŋ əbˈWt tɹˈɛʒəɹ ænd vˈænɪʃt.",  # He whispered something about treasure and vanished.
    "dˈɪm ðə lˈæmps ænd plˈA sˌʌm kwˈIət ʤˈæz.",  # Dim the lamps and play some quiet jazz.
    "θˈʌndəɹ ɹˈOld əkɹˈɔs ðə vˈæli ˈɔl ˌæftəɹnˈun.",  # Thunder rolled across the valley all afternoon.
    "kˌʊd ju ʧˈɛk wˈɛðəɹ ðə bˈæk dˈɔɹ ɪz ʃˈʌt?",  # Could you check whether the back door is shut?
    "tˈu kˈʌps ʌv flˈWəɹ, wˈʌn ˈɛɡ, ænd ɐ pˈɪnʧ ʌv sˈɔlt.",  # Two cups of flour, one egg, and a pinch of salt.
    "jˈɛs.",  # Yes.
    "ðə ʤˈʌʤ pɹˈAzd bˈOθ ʌv ðə jˈʌŋ vˌIəlˈɪnɪsts.",  # The judge praised both of the young violinists.
    "fˈɔɡ hˈIdz ðə bɹˈɪʤ, sˌO dɹˈIv vˈɛɹi slˈOli.",  # Fog hides the bridge, so drive very slowly.
)


def calibration_speech(voices: VoiceStore) -> Iterator[tuple[str, Tensor]]:
    """Phonemes and a style row each, (1, 256). Voices that cannot be had here are left out, which is logged.

    Raises what `VoiceStore.style` raises where not even the default voice can be had.
    """
    names = [voices.resolve(None)]
    voices.pack(names[0])
    missing = []
    for name in _VOICES:
        if name not in names:
            try:
                voices.pack(name)
            except KokoroError as error:
                missing.append(name)
                _LOGGER.debug("No calibration with %s: %s", name, error)
            else:
                names.append(name)
    if missing:
        _LOGGER.warning(
            "8-bit weights are fitted without %s, which cannot be had now; other voices may sound a little worse",
            ", ".join(missing),
        )
    for index, phonemes in enumerate(_SENTENCES):
        yield phonemes, voices.style(names[index % len(names)], len(phonemes))
