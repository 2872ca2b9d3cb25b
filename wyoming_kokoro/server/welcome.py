"""What a server says once it is ready: voice, device, what to click in Home Assistant, and what may be in the way.

For people; programs read the line "Ready." before it. Knows nothing of events.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from wyoming_kokoro.server import discovery, reach
from wyoming_kokoro.settings import Settings, TcpUri
from wyoming_kokoro.speech import Synthesizer

_LOGGER = logging.getLogger(__name__)


def greet(settings: Settings, bound: Sequence[tuple[str, int]], synthesizer: Synthesizer) -> None:
    """Logs it all; what is in the way and was not asked for as warnings."""
    adapters = list(discovery.local_adapters())
    voice = synthesizer.resolve_voice(None)
    label = next((each.label for each in synthesizer.voices() if each.name == voice), voice)
    equipment = synthesizer.equipment
    _LOGGER.info("Voice: %s, %s; one of %d", voice, label, len(synthesizer.voices()))
    _LOGGER.info("Device: %s; precision: %s", equipment.device, equipment.precision)
    if isinstance(settings.uri, TcpUri):
        for line in _clicks(settings, bound, adapters, label):
            _LOGGER.info("%s", line)
    for obstacle in reach.obstacles(settings, bound, adapters):
        _LOGGER.log(logging.INFO if obstacle.is_chosen else logging.WARNING, "%s", obstacle)


def invitation(settings: Settings, bound: Sequence[tuple[str, int]]) -> str:
    """What to type into Home Assistant, for each address others can reach."""
    if not isinstance(settings.uri, TcpUri):
        return f"Clients connect to {settings.uri}"
    places = _places(bound, list(discovery.local_adapters()))
    return f"In Home Assistant add the Wyoming Protocol integration with {places}"


def _places(bound: Sequence[tuple[str, int]], adapters: discovery.Adapters) -> str:
    places = [f"host {address} port {port}" for address, port in discovery.places(bound, adapters)]
    return " or ".join(places or ["no address: this machine has none"])


def _clicks(
    settings: Settings, bound: Sequence[tuple[str, int]], adapters: discovery.Adapters, label: str
) -> tuple[str, ...]:
    name = settings.announced_name or discovery.default_name(bound[0][1])
    add = f'choose Add beside "{name}" if it is shown as discovered, else ' if settings.is_announced else ""
    like = f'a language and a voice, such as "{label}"'
    return (
        "In Home Assistant, 1 of 3: open Settings → Devices & services",
        f"In Home Assistant, 2 of 3: {add}choose Add integration → Wyoming Protocol and type in {_places(bound, adapters)}",
        f"In Home Assistant, 3 of 3: open Settings → Voice assistants, choose yours, take kokoro under Text-to-speech, {like}",
    )
