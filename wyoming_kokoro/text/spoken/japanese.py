"""Japanese for figures, units and signs, in kanji numerals: what is counted has its reading from the dictionary then."""

from __future__ import annotations

from wyoming_kokoro.text.spoken.grammar import Grammar
from wyoming_kokoro.text.spoken.rules import DIGITS, Rule, rule
from wyoming_kokoro.text.spoken.tables import counted, currencies, nouns

_UNITS = nouns("""
    °C | 度 | 度
    ℃ | 度 | 度
    °F | 華氏度 | 華氏度
    ° | 度 | 度
    km | キロメートル | キロメートル
    m | メートル | メートル
    cm | センチメートル | センチメートル
    mm | ミリメートル | ミリメートル
    km/h | キロメートル毎時 | キロメートル毎時
    m/s | メートル毎秒 | メートル毎秒
    m² | 平方メートル | 平方メートル
    m³ | 立方メートル | 立方メートル
    kg | キログラム | キログラム
    g | グラム | グラム
    mg | ミリグラム | ミリグラム
    t | トン | トン
    l | リットル | リットル
    L | リットル | リットル
    ml | ミリリットル | ミリリットル
    mL | ミリリットル | ミリリットル
    W | ワット | ワット
    kW | キロワット | キロワット
    Wh | ワット時 | ワット時
    kWh | キロワット時 | キロワット時
    V | ボルト | ボルト
    A | アンペア | アンペア
    Hz | ヘルツ | ヘルツ
    GHz | ギガヘルツ | ギガヘルツ
    hPa | ヘクトパスカル | ヘクトパスカル
    lx | ルクス | ルクス
    lm | ルーメン | ルーメン
    dB | デシベル | デシベル
    ppm | ピーピーエム | ピーピーエム
    µg/m³ | マイクログラム毎立方メートル | マイクログラム毎立方メートル
    MB | メガバイト | メガバイト
    GB | ギガバイト | ギガバイト
    TB | テラバイト | テラバイト
    Mbps | メガビット毎秒 | メガビット毎秒
    s | 秒 | 秒
    min | 分 | 分
    h | 時間 | 時間
""")
_CURRENCIES = currencies("""
    ¥ | 円 | 円
    ￥ | 円 | 円
    円 | 円 | 円
    JPY | 円 | 円
    $ | ドル | ドル | セント | セント
    USD | ドル | ドル | セント | セント
    ドル | ドル | ドル | セント | セント
    € | ユーロ | ユーロ | セント | セント
    EUR | ユーロ | ユーロ | セント | セント
    £ | ポンド | ポンド | ペンス | ペンス
    元 | 元 | 元
""")
_DIGITS = "零一二三四五六七八九"


def _count(value: int) -> str:
    return counted("ja", value) if value else "零"


def _time(hour: int, minute: int, half: str) -> str:
    part = {"am": "午前", "pm": "午後"}.get(half, "")
    return f"{part}{_count(hour)}時{f'{_count(minute)}分' if minute else ''}"


def _date(day: int, month: int, year: int | None) -> str:
    return f"{f'{_count(year)}年' if year else ''}{_count(month)}月{_count(day)}日"


def _own_rules(_: Grammar) -> tuple[Rule, ...]:
    return (
        # the score of a match
        rule(r"(?<![\d.,/:-])(?P<a>\d{1,3})[-–](?P<b>\d{1,3})(?=で(?:勝|負|敗|引|リード|終|逆転))", lambda m: f"{m['a']}対{m['b']}", needs=DIGITS),
    )  # fmt: skip


JAPANESE = Grammar(
    count=_count,
    agree=lambda words, _: words,
    time=_time,
    date=_date,
    ordinal=lambda rank, mark: f"{_count(rank)}{mark}",
    fraction=lambda a, b: f"{_count(b)}分の{_count(a)}",
    money=lambda whole, cents: f"{whole}{cents}",
    thousands=r",",
    decimal=r"[.]",
    ordinal_mark=r"番目",
    point="点",
    minus="マイナス",
    plus="プラス",
    to="から",
    space="",
    decimals_counted=False,
    half_day=r"(?P<half>[ap])\.?m(?![A-Za-z])",
    per_hundred=lambda words: f"{words}パーセント",
    own_rules=_own_rules,
    per=lambda words, noun: f"{noun}あたり{words}",
    by="かける",
    ratio="対",
    units=_UNITS,
    currencies=_CURRENCIES,
    digit_words=lambda figures: "".join(_DIGITS[int(digit)] for digit in figures),
    signs={
        ".": "点", "&": "アンド", "@": "アットマーク", "+": "プラス", "=": "イコール", "×": "かける", "÷": "割る", "±": "プラスマイナス", "≈": "約",
        "→": "から", "#": "ナンバー", "°": "度", "¥": "円", "$": "ドル", "€": "ユーロ", "%": "パーセント", "<": "小なり", ">": "大なり", "©": "", "®": "", "™": "",
    },
)  # fmt: skip
