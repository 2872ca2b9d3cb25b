"""The protocol without sockets: tables of events in, actions out; then what an answer is made of."""

from __future__ import annotations

import pytest
from fakes import FakeSynthesizer
from wyoming.event import Event

from wyoming_kokoro.errors import BlendError, SynthesisError, UnknownVoiceError
from wyoming_kokoro.server.info import describe
from wyoming_kokoro.server.session import (
    Action,
    Answer,
    Begin,
    Cancel,
    End,
    Refuse,
    Reply,
    Speak,
    SpeechSession,
)
from wyoming_kokoro.settings import Limits
from wyoming_kokoro.speech import Utterance

INFO = describe(FakeSynthesizer(), streaming=True)


def session(**options: object) -> SpeechSession:
    return SpeechSession(FakeSynthesizer(), lambda: INFO, **options)  # type: ignore[arg-type]


def start(**data: object) -> Event:
    return Event("synthesize-start", dict(data))


def chunk(text: object) -> Event:
    return Event("synthesize-chunk", {"text": text})


def synthesize(text: object, **data: object) -> Event:
    return Event("synthesize", {"text": text, **data})


STOP = Event("synthesize-stop")


def shown(action: Action) -> str:
    """An action in a word or two, for tables."""
    if isinstance(action, Begin):
        return "begin stream" if action.streamed else "begin"
    if isinstance(action, Speak):
        return " | ".join(f"say {utterance.voice}: {utterance.text}" for utterance in action.utterances)
    if isinstance(action, Refuse):
        return f"refuse {action.error.code}"
    if isinstance(action, Reply):
        return f"reply {action.event.type} {action.event.data.get('code', '')}".strip()
    return {End: "end", Cancel: "cancel"}[type(action)]


def run(*events: Event, **options: object) -> list[str]:
    made = session(**options)
    return [shown(action) for event in events for action in made.receive(event)]


def test_a_plain_request_is_spoken_sentence_by_sentence() -> None:
    assert run(synthesize("One is here. Two is there.")) == [
        "begin",
        "say af_heart: One is here. | say af_heart: Two is there.",
        "end",
    ]


def test_a_stream_is_spoken_as_sentences_become_complete() -> None:
    assert run(start(), chunk("One is "), chunk("here. Two"), chunk(" is there"), STOP) == [
        "begin stream",
        "say af_heart: One is here.",
        "say af_heart: Two is there",
        "end",
    ]


def test_the_whole_text_inside_a_stream_is_ignored() -> None:
    # kokoro-pi speaks twice here.
    events = (start(), chunk("Hello there."), synthesize("Hello there."), STOP)
    assert run(*events) == ["begin stream", "say af_heart: Hello there.", "end"]


def test_a_plain_request_after_a_stream_is_spoken() -> None:
    # wyoming-piper keeps its stream flag and stays silent here.
    assert run(start(), chunk("One."), STOP, synthesize("Two."))[-3:] == [
        "begin",
        "say af_heart: Two.",
        "end",
    ]


def test_two_streams_in_a_row() -> None:
    once = ["begin stream", "say af_heart: One.", "end"]
    assert run(start(), chunk("One."), STOP, start(), chunk("One."), STOP) == once * 2


def test_a_new_start_inside_a_stream_cancels_it() -> None:
    assert run(start(), chunk("Long ago"), start(), chunk("Stop!"), STOP) == [
        "begin stream",
        "cancel",
        "begin stream",
        "say af_heart: Stop!",
        "end",
    ]


@pytest.mark.parametrize("event", [chunk("Hello."), STOP])
def test_chunk_and_stop_without_start_are_errors_and_change_nothing(event: Event) -> None:
    assert run(event, synthesize("Hello.")) == [
        "reply error protocol",
        "begin",
        "say af_heart: Hello.",
        "end",
    ]


def test_an_unknown_voice_is_refused_at_once_and_the_stream_ends_at_its_stop() -> None:
    wrong = {"voice": {"name": "af_hart"}}
    assert run(synthesize("Hello.", **wrong)) == ["begin", "refuse unknown-voice", "end"]
    assert run(start(**wrong), chunk("Hello."), synthesize("Hello."), STOP, synthesize("Hello.")) == [
        "begin stream",
        "refuse unknown-voice",
        "end",
        "begin",
        "say af_heart: Hello.",
        "end",
    ]


def test_sentences_and_clauses_bring_the_pause_of_their_voice() -> None:
    voice = FakeSynthesizer()
    voice.pauses_s["am_adam"] = 0.4
    made = SpeechSession(voice, lambda: INFO)

    def pauses_s(*actions: Action) -> list[float | None]:
        return [each.pause_s for action in actions if isinstance(action, Speak) for each in action.utterances]

    calm: dict[str, object] = {"voice": {"name": "am_adam"}}
    assert pauses_s(*made.receive(synthesize("One is here. Two is there.", **calm))) == [0.4, 0.4]
    assert pauses_s(*made.receive(synthesize("One."))) == [None]
    made.receive(start(**calm))
    made.receive(chunk("It is rather late in the evening, and the lights"))
    assert pauses_s(*made.starving()) == [0.4]


@pytest.mark.parametrize(
    ("voice", "resolved"),
    [
        (None, "af_heart"),
        ({}, "af_heart"),
        ({"name": "am_adam"}, "am_adam"),
        ({"name": None, "language": "fr-FR"}, "ff_siwis"),
        ({"name": "am_adam", "speaker": "whoever"}, "am_adam"),
        ({"speaker": "am_adam"}, "am_adam"),
    ],
)
def test_which_voice_speaks(voice: object, resolved: str) -> None:
    assert run(synthesize("Hello.", voice=voice))[1] == f"say {resolved}: Hello."
    assert run(start(voice=voice), chunk("Hello."), STOP)[1] == f"say {resolved}: Hello."


@pytest.mark.parametrize("voice", ["af_heart", 3, ["af_heart"], {"name": 3}, {"language": ["en"]}])
def test_a_voice_that_is_none_is_refused(voice: object) -> None:
    assert run(synthesize("Hello.", voice=voice)) == ["begin", "refuse protocol", "end"]
    assert run(start(voice=voice), chunk("Hello."), STOP) == ["begin stream", "refuse protocol", "end"]


@pytest.mark.parametrize("text", [None, 3, ["Hello."]])
def test_a_text_that_is_none_is_an_error(text: object) -> None:
    assert run(synthesize(text)) == ["begin", "refuse protocol", "end"]
    assert run(start(), chunk(text), chunk("Hello."), STOP) == [
        "begin stream",
        "reply error protocol",
        "say af_heart: Hello.",
        "end",
    ]


def test_empty_texts_are_answers_without_speech() -> None:
    assert run(synthesize("")) == ["begin", "end"]
    assert run(start(), STOP) == ["begin stream", "end"]
    assert run(start(), chunk(""), chunk(" "), STOP) == ["begin stream", "end"]


def test_streaming_switched_off_speaks_the_plain_request_inside() -> None:
    events = (start(), chunk("Hello."), synthesize("Hello."), STOP)
    assert run(*events, streaming=False) == ["begin stream", "say af_heart: Hello.", "end"]
    assert run(start(), STOP, synthesize("Hello."), streaming=False) == [
        "begin stream",
        "end",
        "begin",
        "say af_heart: Hello.",
        "end",
    ]


def test_describe_ping_and_select_program_are_answered_in_every_state() -> None:
    questions = (
        Event("describe"),
        Event("ping", {"text": "abc"}),
        Event("ping"),
        Event("select-program", {"name": "kokoro"}),
    )
    answers = ["reply info", "reply pong", "reply pong"]
    assert run(*questions) == answers
    assert run(start(), *questions)[1:] == answers
    (reply,) = session().receive(questions[1])
    assert isinstance(reply, Reply)
    assert reply.event.data == {"text": "abc"}
    assert run(Event("select-program", {"name": "piper"})) == ["reply error protocol"]


def test_unknown_events_are_ignored() -> None:
    assert run(Event("transcribe"), Event("audio-chunk", {"rate": 1}), Event("")) == []


def test_speed_is_the_servers() -> None:
    (_, speak, _) = session(speed=1.5).receive(synthesize("Hello."))
    assert isinstance(speak, Speak)
    assert speak.utterances[0].speed == 1.5


def test_end_of_input_ends_an_open_stream() -> None:
    made = session()
    made.receive(start())
    made.receive(chunk("Hello"))
    assert [shown(action) for action in made.end_of_input()] == ["say af_heart: Hello", "end"]
    assert made.end_of_input() == []


def test_a_stream_that_runs_dry_goes_on_with_a_clause() -> None:
    made = session(speed=1.5)
    made.receive(start(voice={"name": "am_adam"}))
    made.receive(chunk("When the sun is down,"))
    assert made.starving() == []
    made.receive(chunk(" the"))
    (speak,) = made.starving()
    clause = Utterance("When the sun is down,", "am_adam", 1.5, is_clause=True)
    assert speak == Speak((clause,))
    assert made.starving() == []
    (speak,) = made.receive(chunk(" shutters close. Then"))
    assert speak == Speak((Utterance("the shutters close.", "am_adam", 1.5),))
    assert [shown(action) for action in made.receive(STOP)] == ["say am_adam: Then", "end"]


def test_nothing_but_a_stream_goes_on_with_a_clause() -> None:
    text = chunk("When the sun is down, the")
    idle, refused, unstreamed, ended, anew = (
        session(),
        session(),
        session(streaming=False),
        session(),
        session(),
    )
    refused.receive(start(voice={"name": "af_hart"}))
    unstreamed.receive(start())
    for made in (refused, unstreamed):
        made.receive(text)
    for event in (start(), text, STOP):
        ended.receive(event)
    for event in (start(), text, start()):
        anew.receive(event)
    for made in (idle, refused, unstreamed, ended, anew):
        assert made.starving() == []


# Answers ---------------------------------------------------------------------------------------------


def answer(*, streamed: bool = False, samples_per_chunk: int = 4) -> Answer:
    return Answer(streamed=streamed, samples_per_chunk=samples_per_chunk)


def types(events: object) -> list[str]:
    return [event.type for event in events]  # type: ignore[attr-defined]


def test_audio_starts_once_and_stops_once() -> None:
    made = answer()
    events = [*made.speak(bytes(10)), *made.speak(bytes(2)), *made.finish()]
    assert types(events) == ["audio-start", "audio-chunk", "audio-chunk", "audio-chunk", "audio-stop"]
    assert [len(event.payload or b"") for event in events[1:4]] == [8, 2, 2]
    wire_format = {"rate": 24_000, "width": 2, "channels": 1}
    assert all(wire_format.items() <= event.data.items() for event in events[:4])


def test_a_stream_ends_with_synthesize_stopped() -> None:
    made = answer(streamed=True)
    assert types([*made.speak(bytes(2)), *made.finish()])[-2:] == ["audio-stop", "synthesize-stopped"]
    assert not made.closes_connection


@pytest.mark.parametrize("streamed", [False, True])
def test_an_answer_without_speech_has_one_empty_chunk(streamed: bool) -> None:
    # wyoming-piper sends a lone audio-stop here, which Home Assistant cannot make a file of.
    events = list(answer(streamed=streamed).finish())
    assert types(events)[:3] == ["audio-start", "audio-chunk", "audio-stop"]
    assert not events[1].payload
    assert types(events)[3:] == ["synthesize-stopped"] * streamed


@pytest.mark.parametrize("has_spoken", [False, True])
def test_a_plain_answer_that_fails_has_an_error_and_no_stop_and_closes(has_spoken: bool) -> None:
    made = answer()
    spoken = types(made.speak(bytes(2))) if has_spoken else []
    assert types(made.fail(SynthesisError("no"))) == ["error"]
    assert types(made.finish()) == []
    assert made.closes_connection
    assert spoken == ["audio-start", "audio-chunk"] * has_spoken


def test_a_stream_that_fails_says_so_at_once_and_ends_when_its_text_has_ended() -> None:
    made = answer(streamed=True)
    list(made.speak(bytes(2)))
    assert types(made.fail(SynthesisError("no"))) == ["error", "audio-stop"]
    assert types(made.finish()) == ["synthesize-stopped"]
    assert made.closes_connection


def test_a_stream_for_a_blend_that_is_none_leaves_the_connection_open() -> None:
    made = answer(streamed=True)
    (error,) = made.fail(BlendError("af_heart(", "a weight is a number up to 1000", 10))
    assert error.data["code"] == "bad-blend"
    assert "'af_heart(' cannot be read at character 10" in error.data["text"]
    assert not made.closes_connection


def test_a_stream_for_an_unknown_voice_leaves_the_connection_open() -> None:
    made = answer(streamed=True)
    (error,) = made.fail(UnknownVoiceError("af_hart", ("af_heart",)))
    assert "af_hart" in error.data["text"]
    assert "af_heart" in error.data["text"]
    assert error.data["code"] == "unknown-voice"
    assert types(made.finish()) == ["synthesize-stopped"]
    assert not made.closes_connection


def test_an_abandoned_answer_stops_its_audio_only() -> None:
    made = answer(streamed=True)
    assert types(made.abandon()) == []
    list(made.speak(bytes(2)))
    assert types(made.abandon()) == ["audio-stop"]


# SSML ------------------------------------------------------------------------------------------------------

DOCUMENT = '<speak>Hi. <break time="1s"/><voice name="am_adam">I am <prosody rate="fast">Adam</prosody>.</voice></speak>'
SAID = (
    Utterance("Hi.", "af_heart"),
    Utterance("I am", "am_adam", is_clause=True, pause_before_s=1.0),
    Utterance("Adam", "am_adam", 1.25, is_clause=True),
    Utterance(".", "am_adam"),
)


def said(actions: list[Action]) -> tuple[Utterance, ...]:
    return tuple(each for action in actions if isinstance(action, Speak) for each in action.utterances)


def test_a_document_is_spoken_piece_by_piece() -> None:
    assert said(session().receive(synthesize(DOCUMENT))) == SAID
    body = DOCUMENT.removeprefix("<speak>").removesuffix("</speak>")
    assert said(session().receive(synthesize(body, text_format="ssml"))) == SAID
    as_text = said(session().receive(synthesize(body, text_format="text")))
    assert "".join(each.text for each in as_text) == body


def test_a_streamed_document_is_held_to_its_end_however_it_is_cut() -> None:
    for cut in range(len(DOCUMENT)):
        made = session()
        actions = made.receive(start())
        for text in (DOCUMENT[:cut], DOCUMENT[cut:]):
            actions += made.receive(chunk(text))
            assert made.starving() == []
        assert actions == [Begin(streamed=True)]
        assert said(made.receive(STOP)) == SAID


def test_a_text_that_only_begins_like_a_document_is_spoken_as_it_comes() -> None:
    made = session()
    made.receive(start())
    assert made.receive(chunk(" ")) == made.receive(chunk("<spea")) == []
    assert [each.text for each in said(made.receive(chunk("king> is hard. I")))] == ["<speaking> is hard."]
    assert [each.text for each in said(made.receive(STOP))] == ["I"]
    made.receive(start())
    made.receive(chunk("<spea"))
    assert [each.text for each in said(made.receive(STOP))] == ["<spea"]


def test_broken_ssml_is_read_as_text_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    text = "<speak>Salt < pepper"
    assert [each.text for each in said(session().receive(synthesize(text)))] == [text]
    assert "read as text: not well-formed" in caplog.text
    assert "Salt" not in caplog.text


def test_a_voice_of_a_document_that_nobody_has_is_refused() -> None:
    document = '<speak><voice name="af_hart">Hi.</voice></speak>'
    assert run(synthesize(document)) == ["begin", "refuse unknown-voice", "end"]
    assert run(start(), chunk(document), STOP) == ["begin stream", "refuse unknown-voice", "end"]


def test_a_streamed_document_is_no_longer_than_a_text_may_be() -> None:
    limits = Limits(max_text_chars=100)
    long = "<speak>" + "a" * 60
    assert run(start(), chunk(long), chunk(long), chunk("x"), STOP, limits=limits) == [
        "begin stream",
        "refuse limit",
        "end",
    ]


def test_languages_of_a_document_are_its_voices_own_or_told() -> None:
    document = '<speak xml:lang="en-GB">Say <lang xml:lang="fr">bonjour</lang> to <voice xml:lang="fr">moi</voice></speak>'
    assert [(each.voice, each.language) for each in said(session().receive(synthesize(document)))] == [
        ("af_heart", ""),
        ("af_heart", "fr-FR"),
        ("af_heart", ""),
        ("ff_siwis", "en-GB"),
    ]


def test_pace_and_loudness_of_a_document_come_on_top_of_the_servers() -> None:
    document = (
        '<speak><prosody rate="120%" volume="-6dB">a</prosody><prosody volume="silent">b</prosody></speak>'
    )
    soft, silent = said(session(speed=1.5).receive(synthesize(document)))
    assert soft.speed == pytest.approx(1.8)
    assert soft.gain_db == pytest.approx(-6)
    assert silent.gain_db < -96
