"""The command line: argv to settings, log set-up and exit codes live here and nowhere else.

wyoming-kokoro [options]                   serve
wyoming-kokoro say [options] TEXT          say one thing without a server
wyoming-kokoro voices [options] [NAME…]    list the voices, or write a sample of each
wyoming-kokoro doctor [options]            check whether a server would work here
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from wyoming_kokoro import __version__, logs, settings, threads
from wyoming_kokoro.errors import KokoroError, SettingsError
from wyoming_kokoro.phrase_cache import PhraseCache
from wyoming_kokoro.settings import DoctorSettings, EngineSettings, SaySettings, Settings, VoicesSettings
from wyoming_kokoro.text.lexicon import Lexicon, LexiconFile
from wyoming_kokoro.unloading import UnloadingSynthesizer
from wyoming_kokoro.wav import write_wav

if TYPE_CHECKING:  # torch takes a second to import, which --help need not wait for
    from wyoming_kokoro.engine import KokoroEngine

_LOGGER = logging.getLogger("wyoming_kokoro")  # __name__ is "__main__" here, which nobody configures

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

_COMPUTING_THREADS = {threads.LOADING_THREAD_NAME, threads.SPEECH_THREAD_NAME}


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0, 1 for what went wrong, 2 for options that cannot be used."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments)
    except SettingsError as error:
        print(f"{settings.PROGRAM}: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KokoroError as error:
        print(f"{settings.PROGRAM}: {error}", file=sys.stderr)
        return EXIT_FAILED
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # or Python complains once more at exit
        return EXIT_FAILED
    except KeyboardInterrupt:
        _leave_if_computing(EXIT_INTERRUPTED)
        return EXIT_INTERRUPTED


def _run(arguments: list[str]) -> int:
    if arguments[:1] == ["say"]:
        return _say(settings.parse_say(arguments[1:], os.environ))
    if arguments[:1] == ["voices"]:
        return _voices(settings.parse_voices(arguments[1:], os.environ))
    if arguments[:1] == ["doctor"]:
        return _examine(settings.parse_doctor(arguments[1:], os.environ))
    return _serve(settings.parse(arguments, os.environ))


def _serve(chosen: Settings) -> int:
    from wyoming_kokoro.server.serve import serve

    _set_up_logging(chosen, logging.INFO)
    _LOGGER.info("wyoming-kokoro %s", __version__)
    for warning in settings.unknown_variables(os.environ):
        _LOGGER.warning("%s", warning)
    cache = PhraseCache(chosen.cache_size_bytes, chosen.cache_dir)
    lexicon = _open_lexicon(chosen)
    synthesizer = UnloadingSynthesizer(
        lambda: _load_engine(chosen, lexicon, cache),
        lambda: _load_engine(replace(chosen, device="cpu"), lexicon, cache),
    )
    asyncio.run(serve(chosen, synthesizer, phrases=cache))
    _leave_if_computing(EXIT_OK)
    return EXIT_OK


def _leave_if_computing(exit_code: int) -> None:
    """Ends the process where a thread is still inside torch: the interpreter cannot end it, it would abort."""
    if any(thread.name in _COMPUTING_THREADS for thread in threading.enumerate()):
        logging.shutdown()
        os._exit(exit_code)


def _say(chosen: SaySettings) -> int:
    from wyoming_kokoro.reading import utterances

    _set_up_logging(chosen, logging.WARNING)
    if chosen.output is None and sys.stdout.isatty():
        raise SettingsError(
            "WAV is nothing for a terminal to show: give --output FILE, or send it on with | or >"
        )
    if chosen.output is not None and not chosen.output.parent.is_dir():
        raise SettingsError(f"Cannot write {chosen.output}: there is no folder {chosen.output.parent}")
    text = sys.stdin.read() if chosen.text is None else chosen.text
    engine = _load_engine(chosen, _open_lexicon(chosen))
    voice = engine.resolve_voice(chosen.voice)
    spoken = utterances(text, voice, chosen.speed, engine)
    for utterance in spoken if chosen.show_text or chosen.show_phonemes else ():
        form = engine.spoken_form(utterance)
        shown = [form.text] * chosen.show_text + [*form.phonemes] * chosen.show_phonemes
        print("\n".join(line for line in shown if line), file=sys.stderr)
    speech = b"".join(piece for utterance in spoken for piece in engine.stream(utterance))
    write_wav(speech, chosen.output)
    return EXIT_OK


def _examine(chosen: DoctorSettings) -> int:
    from wyoming_kokoro.doctor.examination import as_json, as_lines, examine
    from wyoming_kokoro.doctor.findings import Finding, Level

    _set_up_logging(chosen, logging.ERROR)  # what else there is to say, the findings say
    n_broken = 0

    def findings() -> Iterator[tuple[str, Finding]]:
        nonlocal n_broken
        for name, finding in examine(chosen, lambda each: _load_engine(each, _open_lexicon(each))):
            n_broken += finding.level is Level.BROKEN
            yield name, finding

    if chosen.as_json:
        print(as_json(findings()))
    else:
        for line in as_lines(findings()):
            print(line, flush=True)
    return EXIT_FAILED if n_broken else EXIT_OK


def _voices(chosen: VoicesSettings) -> int:
    from wyoming_kokoro.voice_list import as_json, as_table, entries, find_store

    _set_up_logging(chosen, logging.WARNING)
    if chosen.sample_dir is not None:
        from wyoming_kokoro.voice_samples import PAGE_NAME, write_samples

        faults = write_samples(_load_engine(chosen, _open_lexicon(chosen)), chosen.names, chosen.sample_dir)
        print(chosen.sample_dir / PAGE_NAME)
    else:
        store = find_store(chosen.data_dirs, chosen.download_dir, chosen.voice)
        found = entries(store, chosen.names)
        print(as_json(found) if chosen.as_json else as_table(found))
        faults = [each.fault for each in found if each.fault is not None]
    for fault in faults:
        print(f"{settings.PROGRAM}: {fault}", file=sys.stderr)
    return EXIT_FAILED if faults else EXIT_OK


def _open_lexicon(chosen: EngineSettings) -> LexiconFile | None:
    """The user's lexicon, which outlives an engine that is unloaded. Raises `SettingsError`."""
    return None if chosen.lexicon is None else LexiconFile(chosen.lexicon)


def _load_engine(
    chosen: EngineSettings, lexicon: LexiconFile | None, cache: PhraseCache | None = None
) -> KokoroEngine:
    start = time.monotonic()
    threads.share_openmp()
    from wyoming_kokoro.loading import load_engine
    from wyoming_kokoro.text.normalize import Normalizer

    words = Lexicon if lexicon is None else lexicon.current
    normalizer = Normalizer(in_words=chosen.normalize, say_emoji=chosen.emoji, lexicon=words)
    engine = threads.apart(
        lambda: load_engine(
            data_dirs=chosen.data_dirs,
            download_dir=chosen.download_dir,
            local_files_only=chosen.local_files_only,
            voice=chosen.voice,
            volume_db=chosen.volume_db,
            espeak=chosen.espeak,
            device=chosen.device,
            precision=chosen.precision,
            cpu_threads=chosen.cpu_threads,
            exact=chosen.exact,
            cache=cache,
            normalizer=normalizer,
        )
    )
    if lexicon is not None:
        lexicon.check(engine.symbols)
    _LOGGER.info("Loaded the model in %.1f s", time.monotonic() - start)
    return engine


def _set_up_logging(chosen: EngineSettings, level: int) -> None:
    """Logs go to standard error: standard output may carry audio or events.

    Libraries are heard from WARNING on; at INFO the hub's HTTP client prints every address it asks.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logs.formatter(chosen.log_format))
    handler.addFilter(logs.MarkUtterances())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("wyoming_kokoro").setLevel(logging.DEBUG if chosen.debug else level)


if __name__ == "__main__":
    sys.exit(main())
