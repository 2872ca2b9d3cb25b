"""What the visit needs inside Home Assistant: somebody who writes while it is spoken, and the Supervisor's word.

An agent for Assist says what it was asked, word by word, as a language model writes; two services write a text in two
parts, and one offers a server as an app's. Runs in Home Assistant's own Python; knows nothing of this project.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Literal

from homeassistant.components import conversation, tts
from homeassistant.components.conversation.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers.service_info.hassio import HassioServiceInfo

DOMAIN = "kokoro_check"
_WORD_S = 0.02


async def async_setup(hass: HomeAssistant, config: dict[str, Any]) -> bool:  # noqa: ARG001 - Home Assistant's signature
    """Called by Home Assistant at its start."""
    await hass.data[DATA_COMPONENT].async_add_entities([WritingAgent()])
    _offer_services(hass)
    return True


class WritingAgent(conversation.ConversationEntity):
    """Answers with what it is asked, a word at a time."""

    _attr_name = "Kokoro check"
    _attr_unique_id = DOMAIN
    _attr_supports_streaming = True

    @property
    def supported_languages(self) -> list[str] | Literal["*"]:
        """All."""
        return "*"

    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        async def written() -> AsyncIterator[dict[str, str]]:
            yield {"role": "assistant"}
            for word in user_input.text.split():
                await asyncio.sleep(_WORD_S)
                yield {"content": f"{word} "}

        async for _ in chat_log.async_add_delta_content_stream(self.entity_id, written()):
            pass
        return conversation.async_get_result_from_chat_log(user_input, chat_log)


def _offer_services(hass: HomeAssistant) -> None:
    """`write` speaks a text whose second part is not written before `go_on`; `discover_app` is the Supervisor's word."""
    goes_on = asyncio.Event()

    async def write(call: ServiceCall) -> ServiceResponse:
        goes_on.clear()

        async def text() -> AsyncIterator[str]:
            for word in call.data["first"].split():
                yield f"{word} "
            await goes_on.wait()
            for word in call.data["second"].split():
                yield f"{word} "

        stream = tts.async_create_stream(
            hass,
            call.data["engine"],
            language=call.data["language"],
            options={tts.ATTR_PREFERRED_FORMAT: "wav", tts.ATTR_VOICE: call.data["voice"]},
        )
        stream.async_set_message_stream(text())
        return {"url": stream.url}

    async def go_on(_call: ServiceCall) -> None:
        goes_on.set()

    async def discover_app(call: ServiceCall) -> ServiceResponse:
        service = HassioServiceInfo({"uri": call.data["uri"]}, name="Kokoro", slug="kokoro", uuid=DOMAIN)
        flow = await hass.config_entries.flow.async_init(
            "wyoming", context={"source": "hassio"}, data=service
        )
        return {"flow_id": flow["flow_id"]}

    hass.services.async_register(
        DOMAIN, "discover_app", discover_app, supports_response=SupportsResponse.ONLY
    )
    hass.services.async_register(DOMAIN, "write", write, supports_response=SupportsResponse.ONLY)
    hass.services.async_register(DOMAIN, "go_on", go_on)
