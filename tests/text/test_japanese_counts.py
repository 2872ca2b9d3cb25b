"""Japanese numbers before what they count, by what a Japanese reader says for them."""

from __future__ import annotations

import itertools

import pytest

from wyoming_kokoro.text.japanese_counts import counted, readings
from wyoming_kokoro.text.normalize import normalize
from wyoming_kokoro.text.phonemize import Phonemizers

READ = {
    "四時": "よじ", "七時": "しちじ", "九時": "くじ", "十七時": "じゅーしちじ", "零時": "れーじ", "四時間": "よじかん", "七時間": "ななじかん",
    "一分": "いっぷん", "三分": "さんぷん", "四分": "よんぷん", "六分": "ろっぷん", "十五分": "じゅーごふん", "三十分": "さんじゅっぷん",
    "八分間": "はっぷんかん", "四月": "しがつ", "九月": "くがつ", "十二月": "じゅーにがつ", "四日": "よっか", "二十日": "はつか", "二十四日": "にじゅーよっか",
    "十九日": "じゅーくにち", "一日": "いちにち", "四人": "よにん", "一人": "ひとり", "二千二十四年": "にせんにじゅーよねん", "三本": "さんぼん",
    "六杯": "ろっぱい", "八匹": "はっぴき", "一回": "いっかい", "三階": "さんがい", "十個": "じゅっこ", "二十歳": "はたち", "八歳": "はっさい", "百件": "ひゃっけん",
    "三か月": "さんかげつ", "四円": "よえん", "十四円": "じゅーよえん", "七円": "ななえん", "四度": "よんど", "九番線": "きゅーばんせん", "三冊": "さんさつ",
    "八冊": "はっさつ", "六羽": "ろくわ", "三軒": "さんげん", "三票": "さんぴょー", "六敗": "ろっぱい", "一位": "いちい", "二粒": "ふたつぶ", "六つ": "むっつ",
    "八つ": "やっつ", "一人前": "いちにんまえ", "四人前": "よにんまえ", "一週間": "いっしゅーかん", "八丁目": "はっちょーめ", "二十一世紀": "にじゅーいっせーき",
    "百十番": "ひゃくとおばん", "一〇分": "じゅっぷん", "一斤": "いっきん", "一箱": "ひとはこ", "三十七分着": "さんじゅーななふんちゃく",
}  # fmt: skip


@pytest.mark.parametrize(("written", "kana"), READ.items())
def test_a_number_and_what_it_counts_have_one_reading(written: str, kana: str) -> None:
    text = f"あと{written}です"
    [reading] = counted(text)
    assert (text[reading.start : reading.end], reading.kana) == (written, kana)


def test_the_first_of_a_month_has_a_name_of_its_own() -> None:
    assert [reading.kana for reading in counted("一月一日")] == ["いちがつ", "ついたち"]


def test_a_tenth_of_a_share_is_no_minute() -> None:
    assert [reading.kana for reading in counted("三割一分です")] == ["さんわり", "いちぶ"]


def test_words_that_the_dictionary_cuts_elsewhere() -> None:
    japanese = Phonemizers().for_language("ja-JP")
    assert japanese.phonemize("薄力粉") == "hakɯɾʲikʲiko"
    assert japanese.phonemize("七試合") == "nana ɕiai"


@pytest.mark.parametrize(
    ("text", "kana"),
    [
        ("窓が開いています", "あい"),
        ("米五キログラム", "こめ"),
        ("九枚中三枚", "ちゅー"),
        ("下四桁", "しも"),
        ("強い寒気の影響", "かんき"),
        ("新千歳空港", "しんちとせ"),
        ("三日月", "みかづき"),
    ],
)
def test_words_that_are_read_by_what_stands_around_them(text: str, kana: str) -> None:
    assert kana in [reading.kana for reading in readings(text)]


@pytest.mark.parametrize("text", ["会議を開いた", "米国の", "午前中に", "千歳市"])
def test_the_same_words_elsewhere_are_the_dictionarys(text: str) -> None:
    assert readings(text) == []


def test_readings_never_overlap() -> None:
    for text in ("新千歳空港", "九枚中三枚", "下四桁六二一七"):
        found = readings(text)
        assert all(first.end <= second.start for first, second in itertools.pairwise(found))


def test_minutes_are_told_from_fractions() -> None:
    assert [reading.kana for reading in counted("六時五十分のアラーム")] == ["ろくじ", "ごじゅっぷん"]
    assert not list(counted("五十分の一"))


def test_a_day_before_the_name_of_its_day() -> None:
    assert [reading.kana for reading in counted("一月四日月曜日")] == ["いちがつ", "よっか"]


def test_ten_minutes_are_told_from_enough() -> None:
    assert [reading.kana for reading in counted("七時十分")] == ["しちじ", "じゅっぷん"]
    assert [reading.kana for reading in counted("十分後に")] == ["じゅっぷん"]
    assert not list(counted("十分です"))


@pytest.mark.parametrize(
    "text",
    [
        "三分の一",
        "六本木",
        "三日月",
        "二〇二五年",
        "十三月",
        "四十日",
        "一二三年",
        "零点五分",
        "東京",
        "",
        "百千年",
        "三点一四",
        "八戸市",
        "十勝で",
        "一期一会",
        "七面鳥",
        "四つ角",
        "三社員",
    ],
)
def test_what_is_no_such_number_is_left_to_the_dictionary(text: str) -> None:
    assert not list(counted(text))


@pytest.mark.parametrize(
    ("written", "phonemes"),
    [
        ("七時に起きて、四時に三十分休みます。", "ɕiʨiʥi ɲi okʲite, joʥi ɲi saɲʥɨʔpɯɴ jasɨmʲi masɨ."),
        ("4月4日の9:00です。", "ɕiɡaʦɨ joʔka no kɯʥi desɨ."),
        ("三分の一は", "saɴ bɯɴ no iʨi βa"),
        ("一万三本", "iʨimaɴ samboɴ"),
    ],
)
def test_phonemes(written: str, phonemes: str) -> None:
    assert Phonemizers().for_language("ja-JP").phonemize(normalize(written, "ja-JP")) == phonemes


def test_a_long_text_takes_no_longer_than_in_proportion() -> None:
    for part in ("十", "千百十", "三分", "一月一日"):
        list(counted(part * (100_000 // len(part))))
