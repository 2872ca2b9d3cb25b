"""How Japanese numbers sound before what they count: 四時 is よじ, 四月 しがつ, 三十分 さんじゅっぷん, 二十日 はつか.

The dictionary has the words one by one, and these have a reading only together. Pure; knows no phonemes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_NUMBER = "零一二三四五六七八九十百千"
# With the dictionary's mark of a long vowel, which it says for ゆう and えい.
_UNITS = ("", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅー")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
_HUNDREDS = {1: "ひゃく", 3: "さんびゃく", 6: "ろっぴゃく", 8: "はっぴゃく"}
_THOUSANDS = {1: "せん", 3: "さんぜん", 8: "はっせん"}

_NUMBER_RE = re.compile(
    r"(?:(?P<thousands>[二三四五六七八九])?(?P<is_thousand>千))?(?:(?P<hundreds>[二三四五六七八九])?(?P<is_hundred>百))?"
    r"(?:(?P<tens>[二三四五六七八九])?(?P<is_ten>十))?(?P<unit>[一二三四五六七八九])?"
)

# A number whose end is doubled before k, s, t and h: いっかい, ろっぽん, じゅっさい, ひゃっぷん.
_DOUBLED = {"いち": "いっ", "ろく": "ろっ", "はち": "はっ", "じゅー": "じゅっ", "ひゃく": "ひゃっ"}
_DAYS = {
    2: "ふつか", 3: "みっか", 4: "よっか", 5: "いつか", 6: "むいか", 7: "なのか", 8: "ようか", 9: "ここのか", 10: "とおか",
    14: "じゅーよっか", 20: "はつか", 24: "にじゅーよっか",
}  # fmt: skip
_THINGS = {
    1: "ひとつ", 2: "ふたつ", 3: "みっつ", 4: "よっつ", 5: "いつつ", 6: "むっつ", 7: "ななつ", 8: "やっつ", 9: "ここのつ",
}  # fmt: skip


class Reading(NamedTuple):
    """A number with what it counts, where it stands in the text and how it is read."""

    start: int
    end: int
    kana: str


def _changed(
    hard: str, plain: str, *, doubles: tuple[str, ...], after_n: str = ""
) -> Callable[[int, str], str]:
    """A counter that changes a number's end, or is changed by it.

    hard: behind a doubled end. doubles: which ends are. after_n: behind さん.
    """

    def read(_: int, number: str) -> str:
        for end in doubles:
            if number.endswith(end):
                return number.removesuffix(end) + _DOUBLED[end] + hard
        return number + (after_n if after_n and number.endswith("さん") else plain)

    return read


def _with(counter: str, **ends: str) -> Callable[[int, str], str]:
    """A counter before which the numbers four, seven and nine have other names."""
    others = {4: ends.get("four"), 7: ends.get("seven"), 9: ends.get("nine")}

    def read(value: int, number: str) -> str:
        other = others.get(value % 10)
        return (number.removesuffix(_UNITS[value % 10]) + other if other else number) + counter

    return read


def _day(value: int, number: str) -> str:
    return _DAYS.get(value) or _with("にち", seven="しち", nine="く")(value, number)


def _minutes(value: int, number: str) -> str:
    return f"{number}ぷん" if value % 10 == 4 else _H("ぷん", "ふん", after_n="ぷん")(value, number)


def _people(value: int, number: str) -> str:
    return {1: "ひとり", 2: "ふたり"}.get(value) or _with("にん", four="よ")(value, number)


def _age(value: int, number: str) -> str:
    return (
        "はたち"
        if value == 20
        else _changed("さい", "さい", doubles=("いち", "はち", "じゅー"))(value, number)
    )


def _H(hard: str, plain: str, after_n: str) -> Callable[[int, str], str]:  # noqa: N802 - a letter of the alphabet
    return _changed(hard, plain, doubles=("いち", "ろく", "はち", "じゅー", "ひゃく"), after_n=after_n)


def _K(counter: str, after_n: str = "") -> Callable[[int, str], str]:  # noqa: N802 - a letter of the alphabet
    return _changed(counter, counter, doubles=("いち", "ろく", "はち", "じゅー", "ひゃく"), after_n=after_n)


def _S(counter: str) -> Callable[[int, str], str]:  # noqa: N802 - a letter of the alphabet, as T
    return _changed(counter, counter, doubles=("いち", "はち", "じゅー"))


def _kun(counter: str) -> Callable[[int, str], str]:
    """A counter of Japanese origin, before which one and two are so as well."""
    return lambda value, number: {1: "ひと", 2: "ふた"}.get(value, number) + counter


def _pairs(table: str) -> Iterator[tuple[str, str]]:
    """A counter and its reading by turns. えい and おう are long vowels, as the dictionary has them."""
    words = iter(table.split())
    return ((written, _long(kana)) for written, kana in zip(words, words, strict=True))


def _long(kana: str) -> str:
    return re.sub(
        r"(?<=[えけせてねへめれげぜでべぺ])い|(?<=[うくすつぬふむゆるぐずぶぷゅおこそとのほもよろごぞどぼぽょ])う",
        "ー",
        kana,
    )


def _things(value: int, number: str) -> str:
    return _THINGS.get(value) or f"{number}つ"


def _portions(value: int, number: str) -> str:
    return _with("にんまえ", four="よ")(value, number)


_COUNTERS: dict[str, Callable[[int, str], str]] = {
    "時間": _with("じかん", four="よ", nine="く"),
    "時": _with("じ", four="よ", seven="しち", nine="く"),
    "分間": lambda value, number: f"{_minutes(value, number)}かん",
    "分": _minutes,
    "時着": lambda value, number: f"{_with('じ', four='よ', seven='しち', nine='く')(value, number)}ちゃく",
    "分着": lambda value, number: f"{_minutes(value, number)}ちゃく",
    "月": _with("がつ", four="し", seven="しち", nine="く"),
    "日間": lambda value, number: f"{_day(value, number)}かん",
    "日": _day,
    "年間": _with("ねんかん", four="よ"),
    "年": _with("ねん", four="よ"),
    "人": _people,
    "歳": _age,
    "本": _H("ぽん", "ほん", after_n="ぼん"),
    "杯": _H("ぱい", "はい", after_n="ばい"),
    "匹": _H("ぴき", "ひき", after_n="びき"),
    "泊": _H("ぱく", "はく", after_n="ぱく"),
    "回": _K("かい"),
    "階": _K("かい", after_n="がい"),
    "個": _K("こ"),
    "件": _K("けん"),
    **{
        written: _S(kana)
        for written, kana in _pairs("""
        冊 さつ 周 しゅう 週 しゅう 世紀 せいき 周年 しゅうねん 週間 しゅうかん 章 しょう 席 せき 社 しゃ 種類 しゅるい 足 そく 勝 しょう
        頭 とう 着 ちゃく 丁目 ちょうめ 丁 ちょう 通 つう 点 てん 等 とう 滴 てき 店舗 てんぽ
    """)
    },
    **{
        written: _K(kana)
        for written, kana in _pairs("""
        曲 きょく 期 き 級 きゅう 斤 きん か国 かこく カ国 かこく ヶ国 かこく か所 かしょ カ所 かしょ ヶ所 かしょ 箇所 かしょ 戸 こ 缶 かん 脚 きゃく
    """)
    },
    "軒": _K("けん", after_n="げん"),
    "票": _H("ぴょー", "ひょー", after_n="ぴょー"),
    "品": _H("ぴん", "ひん", after_n="ぴん"),
    "発": _H("ぱつ", "はつ", after_n="ぱつ"),
    "敗": _H("ぱい", "はい", after_n="ぱい"),
    "片": _H("ぺん", "へん", after_n="ぺん"),
    **{
        written: _with(kana)
        for written, kana in _pairs("""
        枚 まい 台 だい 倍 ばい 秒間 びょうかん 秒 びょう 錠 じょう 畳 じょう 号車 ごうしゃ 号線 ごうせん 号室 ごうしつ 号 ごう 段 だん 度 ど
        番線 ばんせん 番目 ばんめ 番 ばん 便 びん 名 めい 面 めん 問 もん 列 れつ 割 わり 羽 わ 両 りょう 話 わ 膳 ぜん 位 い 代 だい 打席 だせき 対 たい 男 なん 女 じょ
    """)
    },
    "円": _with("えん", four="よ"),
    **{
        written: _kun(kana)
        for written, kana in _pairs(
            "粒 つぶ 箱 はこ 坪 つぼ 切れ きれ 束 たば 袋 ふくろ 皿 さら 株 かぶ 房 ふさ 部屋 へや"
        )
    },
    "つ": _things,
    "人前": _portions,
    "か月": _K("かげつ"),
    "ヶ月": _K("かげつ"),
    "カ月": _K("かげつ"),
}

# What is another word: 六本木, 三日月, 三分の一.
_COUNTED_RE = re.compile(
    r"(?<![零一二三四五六七八九十百千点])(?P<number>一〇(?=分)|[零一二三四五六七八九十百千]{1,8})"
    r"(?P<counter>[かヶカ][月国所]|箇所|[時分日年]間|[時分]着|秒間|週間|世紀|周年|種類|丁目|店舗|打席|番[線目]|号[車線室]|人前|切れ|部屋"
    r"|時(?!計)|分(?!の[零一二三四五六七八九十百千]|散|野|類|割)|月(?!曜)|日(?!本|月(?!曜)|曜|記|常)|年|人(?![々間気称見])|歳|本(?![木人気部当来社州日])|杯|匹|泊|回|階|個|件"
    r"|冊|周(?![期囲辺知忌])|週(?!末)|章(?!魚)|席|社(?![会員長])|足(?![先早飛跡])|勝(?![手浦負])|頭(?![身痛])|着(?![物実陸])|丁|対(?=[零一二三四五六七八九十百])|通(?!り)|点(?![零〇一二三四五六七八九十百千])|等(?!辺|級)|滴"
    r"|斤|曲|期(?!一会)|級|戸(?!惑)|缶|脚|軒|票|品|発(?![生見表売言明展])|敗|片|枚(?!挙)|台(?![湾風所本無])|倍|秒|錠|畳|号|段(?!階|取)|度(?![合胸外])|番(?![組号犬人])|便|名(?![前刺古])"
    r"|面(?![楚鳥倒白会積])|問(?![題答])|列(?![車島])|割|男(?![性子女児])|女(?![性子優王児神])|羽|両(?![手方親者側国])|話|膳|位(?!置)|代(?!わ)|円(?![形周卓柱滑])|粒|箱(?![根庭入])|坪(?!庭)|束(?!縛)|袋|皿|株(?!式)|房|つ(?![角葉子星巴]))"
)
# Two that are told by number and counter together: names of places, and "centipede".
_NAMES = frozenset(
    [
        "八戸",
        "三戸",
        "千歳",
        "十勝",
        "八代",
        "百足",
        "八頭",
        "三束",
        "八束",
        "十束",
        "一房",
        "四丁",
        "七つ道具",
    ]
)
# Words that the dictionary cuts elsewhere, or reads as it would elsewhere: flour is hakuriki-kona, the Yamanote line jamate,
# a door that is open hiraite. By what stands around them, where that tells.
_MISREAD = {
    "薄力粉": "はくりきこ", "強力粉": "きょーりきこ", "中力粉": "ちゅーりきこ", "山手線": "やまのてせん", "一昨日": "おととい", "大谷翔平": "おーたにしょーへー",
    "大谷選手": "おーたにせんしゅ", "羽生選手": "はにゅーせんしゅ", "羽田空港": "はねだくーこー", "新千歳": "しんちとせ", "三日月(?!曜)": "みかづき", "歌合戦": "うたがっせん", "一辺": "いっぺん",
    "北北西": "ほくほくせー", "北北東": "ほくほくとー", "南南西": "なんなんせー", "南南東": "なんなんとー",
    "東北東": "とーほくとー", "東南東": "とーなんとー", "西北西": "せーほくせー", "西南西": "せーなんせー",
    "寒気(?=[のはを団])": "かんき",
    "(?<=[がはも])開い(?=[てた])": "あい",
    f"(?<![\u4e00-\u9fff])米(?=[{_NUMBER}をと])": "こめ",
    f"(?<=[枚人個件問台回本部室軒])中(?=[{_NUMBER}])": "ちゅー",
    f"下(?=[{_NUMBER}]桁)": "しも",
}  # fmt: skip
_MISREAD_RE = re.compile("|".join(f"({word})" for word in _MISREAD))
_MISREAD_KANA = tuple(_MISREAD.values())
# 十分 alone is "enough".
_TEN_MINUTES_RE = re.compile(r"[後前間以待経ほくだ]")


def readings(text: str) -> list[Reading]:
    """What of a text has another reading than the dictionary's, in its order: numbers before counters, and some words."""
    words = (
        Reading(*word.span(), _MISREAD_KANA[(word.lastindex or 1) - 1]) for word in _MISREAD_RE.finditer(text)
    )
    found: list[Reading] = []
    for reading in sorted((*words, *counted(text)), key=lambda reading: (reading.start, -reading.end)):
        if not found or reading.start >= found[-1].end:
            found.append(reading)
    return found


def counted(text: str) -> Iterator[Reading]:
    """The numbers before counters in a text, and how they are read; those that the dictionary reads well are left out."""
    for match in _COUNTED_RE.finditer(text):
        number, counter = match["number"], match["counter"]
        value = 10 if number == "一〇" and counter == "分" else _value(number)
        before, after = text[max(0, match.start() - 1) : match.start()], text[match.end() : match.end() + 1]
        if (
            value is None
            or (counter == "月" and not 1 <= value <= 12)
            or (counter[0] == "日" and not 1 <= value <= 31)
            or (counter == "つ" and not 1 <= value <= 9)
            or match.group() in _NAMES
            or (counter in ("箱", "坪") and text.endswith("分の", 0, match.start()))
        ):
            continue
        if number == "十" and counter == "分" and before != "時" and not _TEN_MINUTES_RE.match(after):
            continue
        kana = _COUNTERS[counter](value, _kana(value))
        if (
            counter == "日"
            and value == 1
            and (before == "月" or text[match.end() + 1 : match.end() + 2] == "曜")
        ):
            kana = "ついたち"
        if counter == "分" and before == "割":
            kana = f"{_kana(value)}ぶ"  # 三割一分, a share
        if match.group() == "百十番":
            kana = "ひゃくとおばん"  # the police
        yield Reading(match.start(), match.end(), kana)


def _value(number: str) -> int | None:
    """The value of a number in its usual form, up to 9999; None for any other, as 二〇二五 and 一二."""
    if number == "零":
        return 0
    match = _NUMBER_RE.fullmatch(number)
    if match is None:
        return None
    value = 0
    for place, size in (("thousand", 1000), ("hundred", 100), ("ten", 10)):
        if match[f"is_{place}"]:
            value += size * _DIGITS[match[f"{place}s"] or "一"]
    return value + (_DIGITS[match["unit"]] if match["unit"] else 0)


def _kana(value: int) -> str:
    if value == 0:
        return "れー"
    thousands, hundreds, tens = value // 1000, value // 100 % 10, value // 10 % 10
    words = (_THOUSANDS.get(thousands) or f"{_UNITS[thousands]}せん") if thousands else ""
    words += (_HUNDREDS.get(hundreds) or f"{_UNITS[hundreds]}ひゃく") if hundreds else ""
    words += f"{_UNITS[tens] if tens > 1 else ''}じゅー" if tens else ""
    return words + _UNITS[value % 10]
