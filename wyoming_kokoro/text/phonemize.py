"""One phonemizer a language, loaded when first used. Knows which library reads what, not how.

The libraries take seconds to import, so they are imported by the modules of the languages, and those
by `Phonemizers` when somebody asks.
"""

from __future__ import annotations

import contextlib
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from wyoming_kokoro.errors import TextError
from wyoming_kokoro.text.ipa import MARK_RE, STRESS_MARK_RE, emphasized, has_stress, phonemes_of, weakened

if TYPE_CHECKING:
    from wyoming_kokoro.text.english import Tagger

# espeak's voices for the languages that the model learned from espeak.
_ESPEAK_VOICES = {"es-ES": "es", "fr-FR": "fr-fr", "hi-IN": "hi", "it-IT": "it", "pt-BR": "pt-br"}
_ENGLISH = ("en-US", "en-GB")
LANGUAGES = (*_ENGLISH, *_ESPEAK_VOICES, "ja-JP", "zh-CN")
# What the model was never taught; other checkpoints were, mostly with espeak's phonemes. Its voices are called by
# the first part of the tag.
FURTHER_LANGUAGES = (
    "ca-ES", "cs-CZ", "da-DK", "de-DE", "el-GR", "fi-FI", "hu-HU", "nb-NO", "nl-NL",
    "pl-PL", "pt-PT", "ro-RO", "ru-RU", "sv-SE", "tr-TR", "uk-UA",
)  # fmt: skip
_EXTRAS = {"ja-JP": "[ja]", "zh-CN": "[zh]"}

# From the first letter or figure to the last one and the punctuation behind it.
_WORDS_RE = re.compile(r"\w.*\S|\w", re.DOTALL)
# Words as they stand between spaces; what is in a mark is one.
_WRITTEN_RE = re.compile(r"(?:\[[^\[\]\n]{1,200}\]\([^()\n]{1,404}\)|\S)+")
_UNSPACED = ("ja", "zh")  # whose words stand apart as phonemes only
# Which are not words, unlike SIM and LAN; espeak reads LED, EV and WHO as words as well.
_ACRONYM_RE = re.compile(
    "(?!(?:SIM|RAM|ROM|LAN|WAN|NAS|PIN|VIP|JAL|ZIP|GIF|SOS|ON|OFF|NO|GO|UP|IN|OUT|NEW|TOP|MAX|MIN|AND|OR|NOT|ALL|END|SET|RUN|MY|BE|ME|WE|US|IS|DO|SO|TO|OF|THE)$)(?=[A-Z]*[AEIOU])[A-Z]{2,3}|OLED|PHEV|NEDC"
)
# What the model knows of punctuation, for where no phonemizer is asked.
_PUNCTUATION = str.maketrans(
    {"。": ". ", "、": ", ", "，": ", ", "！": "! ", "？": "? ", "：": ": ", "；": "; ", "-": " "}
)

# What the libraries are known to warn about while they load; none of it is for the user to act on.
_LOADING_NOISE: tuple[tuple[str, type[Warning]], ...] = (
    ("open_text is deprecated", DeprecationWarning),  # misaki, on Python 3.11 and 3.12
    ("`torch.jit.script` is deprecated", DeprecationWarning),  # a spaCy plugin, where it is installed
    (r"Dictionary\.create\(\) is deprecated", DeprecationWarning),  # spaCy, beside a newer sudachipy
    ("pkg_resources is deprecated", UserWarning),  # jieba, with an older setuptools
    ("pkg_resources is deprecated", DeprecationWarning),
    ("Deprecated call to `pkg_resources", DeprecationWarning),
    ("invalid escape sequence", SyntaxWarning),  # jieba, when compiled by Python 3.12
    ("invalid escape sequence", DeprecationWarning),
    (r"\[W095\]", UserWarning),  # spaCy: the model comes from another minor version
)


class Phonemizer(Protocol):
    """Reads one language. Safe to use from any thread."""

    def phonemize(self, text: str) -> str:
        """The phonemes of a text that `normalize` has been through, in the model's alphabet."""
        ...


class WithMarks:
    """A phonemizer, and the phonemes that a text gives itself, `[word](/ipa/)`, which misaki's English reads by itself."""

    def __init__(self, phonemizer: Phonemizer, language: str) -> None:
        self._phonemizer = phonemizer
        self._language = language
        self._gap = " " if language[:2] in _UNSPACED else ""

    def phonemize(self, text: str) -> str:
        """The phonemes of a normalised text."""
        if "](/" not in text:
            return self._phonemizer.phonemize(text)
        phonemes, end = [], 0
        for mark in MARK_RE.finditer(text):
            phonemes += [self._read(text[end : mark.start()]), self._gap, phonemes_of(mark, self._language)]
            end = mark.end()
        phonemes.append(self._read(text[end:]))
        return " ".join("".join(phonemes).split())

    def _read(self, text: str) -> str:
        """The phonemes of what stands between two marks, with the punctuation and the spaces around it."""
        words = _WORDS_RE.search(text)
        if words is None:
            return text.translate(_PUNCTUATION)
        before = text[: words.start()].translate(_PUNCTUATION) or self._gap
        gap = " " if text[words.end() :] else ""
        return before + self._phonemizer.phonemize(text[words.start() :]) + gap


class WithStress:
    """A phonemizer, and what a text says of stress, `[word](+1)`, which misaki's English reads by itself.

    More is a word's main stress marked twice, with +2 also every other word's as a minor one; less is a minor one.
    """

    def __init__(self, phonemizer: Phonemizer, language: str) -> None:
        self._phonemizer = phonemizer
        self._language = language

    def phonemize(self, text: str) -> str:
        """The phonemes of a normalised text."""
        levels: dict[int, float] = {}  # of characters in the text without marks
        plain, end, n_plain = [], 0, 0
        for mark in STRESS_MARK_RE.finditer(text):
            plain += [text[end : mark.start()], mark["word"]]
            n_plain += mark.start() - end + len(mark["word"])
            levels.update(dict.fromkeys(range(n_plain - len(mark["word"]), n_plain), float(mark["level"])))
            end = mark.end()
        if not levels:
            return self._phonemizer.phonemize(text)
        written = list(_WRITTEN_RE.finditer("".join([*plain, text[end:]])))
        words = self._words([word.group() for word in written])
        is_strong = max(levels.values()) > 1
        return " ".join(
            self._said(
                phonemes, next((levels[at] for at in range(*word.span()) if at in levels), None), is_strong
            )
            for phonemes, word in zip(words, written, strict=True)
        )

    def _words(self, written: Sequence[str]) -> Sequence[str]:
        """The phonemes of each word."""
        words = self._phonemizer.phonemize(" ".join(written)).split()
        # espeak runs some together, as in "que el": then each is read by itself, without what its neighbours do to it.
        return words if len(words) == len(written) else [self._phonemizer.phonemize(word) for word in written]

    def _said(self, phonemes: str, level: float | None, is_strong: bool) -> str:
        if level is not None and level > 0:
            return emphasized(phonemes, self._language)
        return weakened(phonemes) if level is not None or is_strong else phonemes


class Phonemizers:
    """The phonemizers of all languages. Safe to use from any thread; loading one makes others wait."""

    def __init__(self, use_espeak: bool = True) -> None:
        """use_espeak: False spells the English words that no lexicon has, and rules out five languages."""
        self._use_espeak = use_espeak
        self.key = "espeak" if use_espeak else "lexicons alone"
        """Tells these from others that would read a text otherwise."""
        self._loaded: dict[str, Phonemizer] = {}
        self._tagger: Tagger | None = None  # shared by both Englishes
        self._lock = threading.Lock()

    def for_language(self, language: str) -> Phonemizer:
        """The phonemizer for a BCP-47 tag of `LANGUAGES` or `FURTHER_LANGUAGES`, loaded on the first call.

        Raises `TextError` for another language, or when something it needs is not installed.
        """
        with self._lock:
            if language not in self._loaded:
                self._loaded[language] = self._load(language)
            return self._loaded[language]

    def _load(self, language: str) -> Phonemizer:
        if language not in LANGUAGES + FURTHER_LANGUAGES:
            known = ", ".join(LANGUAGES + FURTHER_LANGUAGES)
            raise TextError(f"No phonemizer reads {language!r}; there are {known}.")
        if (language in _ESPEAK_VOICES or language in FURTHER_LANGUAGES) and not self._use_espeak:
            raise TextError(f"{language} is read by espeak-ng, which --no-espeak rules out.")
        try:
            with _quiet_loading():
                if language in _ENGLISH:
                    return self._load_english(language)
                phonemizer = WithMarks(self._load_other(language), language)
                return WithStress(phonemizer, language) if has_stress(language) else phonemizer
        except (ImportError, OSError, RuntimeError) as error:
            remedy = f'pip install "wyoming_kokoro{_EXTRAS.get(language, "")}" brings what it needs'
            if self._use_espeak and language not in _ESPEAK_VOICES:
                remedy += "; --no-espeak does without espeak-ng"
            raise TextError(f"{language} cannot be read: {error}. {remedy}.") from error

    def _load_english(self, language: str) -> Phonemizer:
        from wyoming_kokoro.text import english  # takes half a second, and brings torch where there is one

        if self._tagger is None:
            self._tagger = english.Tagger()
        return english.EnglishPhonemizer(
            language, self._tagger, self._word_reader(british=language == "en-GB")
        )

    def _load_other(self, language: str) -> Phonemizer:
        if language == "ja-JP":
            from wyoming_kokoro.text.japanese import JapanesePhonemizer

            return JapanesePhonemizer(_spelling(self._word_reader()))
        if language == "zh-CN":
            from wyoming_kokoro.text.mandarin import MandarinPhonemizer

            return MandarinPhonemizer(_spelling(self._word_reader()))
        from wyoming_kokoro.text.espeak import EspeakPhonemizer

        return EspeakPhonemizer(language, _ESPEAK_VOICES.get(language, language.partition("-")[0]))

    def _word_reader(self, *, british: bool = False) -> Callable[[str], str] | None:
        """Reads words that a language's own phonemizer does not know; None where espeak is ruled out."""
        if not self._use_espeak:
            return None
        from wyoming_kokoro.text.espeak import word_reader

        return word_reader(british=british).read


def _spelling(read_word: Callable[[str], str] | None) -> Callable[[str], str] | None:
    """A reader of words that says acronyms by their letters, as Japanese and Mandarin do."""
    if read_word is None:
        return None

    def read(word: str) -> str:
        return " ".join(map(read_word, word)) if _ACRONYM_RE.fullmatch(word) else read_word(word)

    return read


@contextlib.contextmanager
def _quiet_loading() -> Iterator[None]:
    """Ignores `_LOADING_NOISE` while libraries load.

    The filters are the process's, so another thread may miss one of just these warnings meanwhile.
    """
    with warnings.catch_warnings():
        for message, category in _LOADING_NOISE:
            warnings.filterwarnings("ignore", message, category)
        yield
