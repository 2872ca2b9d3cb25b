"""Mandarin for figures, units and signs, in Chinese numerals.

num2words does not count in Chinese, and cn2an, which does, comes with the extra for Mandarin alone: what needs nothing
else should not fail for want of it.
"""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.grammar import Grammar
from wyoming_kokoro.text.spoken.rules import DIGITS, Rule, alternatives, rule
from wyoming_kokoro.text.spoken.tables import currencies, nouns

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")

_UNITS = nouns("""
    °C | 摄氏度 | 摄氏度
    ℃ | 摄氏度 | 摄氏度
    °F | 华氏度 | 华氏度
    ° | 度 | 度
    km | 公里 | 公里
    m | 米 | 米
    cm | 厘米 | 厘米
    mm | 毫米 | 毫米
    m/s | 米每秒 | 米每秒
    m² | 平方米 | 平方米
    m³ | 立方米 | 立方米
    km² | 平方公里 | 平方公里
    kg | 公斤 | 公斤
    g | 克 | 克
    mg | 毫克 | 毫克
    t | 吨 | 吨
    l | 升 | 升
    L | 升 | 升
    ml | 毫升 | 毫升
    mL | 毫升 | 毫升
    W | 瓦 | 瓦
    kW | 千瓦 | 千瓦
    Wh | 瓦时 | 瓦时
    kWh | 千瓦时 | 千瓦时
    V | 伏 | 伏
    A | 安 | 安
    Hz | 赫兹 | 赫兹
    GHz | 吉赫兹 | 吉赫兹
    hPa | 百帕 | 百帕
    lx | 勒克斯 | 勒克斯
    lm | 流明 | 流明
    dB | 分贝 | 分贝
    µg/m³ | 微克每立方米 | 微克每立方米
    MB | 兆字节 | 兆字节
    GB | 吉字节 | 吉字节
    TB | 太字节 | 太字节
    Mbps | 兆比特每秒 | 兆比特每秒
    s | 秒 | 秒
    min | 分钟 | 分钟
    h | 小时 | 小时
""")
_CURRENCIES = currencies("""
    ¥ | 元 | 元
    ￥ | 元 | 元
    元 | 元 | 元
    RMB | 元 | 元
    CNY | 元 | 元
    $ | 美元 | 美元
    USD | 美元 | 美元
    美元 | 美元 | 美元
    € | 欧元 | 欧元
    EUR | 欧元 | 欧元
    £ | 英镑 | 英镑
""")


def _count(value: int) -> str:
    """1234 → 一千二百三十四, 10 → 十, 10005 → 一万零五."""
    if value == 0:
        return "零"
    words, group = "", 0
    zero = False  # whether a gap lies between what has been said and what follows to its left
    while value:
        value, part = divmod(value, 10_000)
        said = _group(part)
        if said:
            if zero and words and not words.startswith("零"):
                words = f"零{words}"
            words = said + _GROUPS[group] + words
        zero = part < 1_000
        group += 1
    return words.removeprefix("一") if words.startswith("一十") else words


def _group(value: int) -> str:
    """Up to four figures: 1005 → 一千零五."""
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return words


def _digits(figures: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in figures)


def _time(hour: int, minute: int, half: str) -> str:
    part = {"am": "上午", "pm": "下午"}.get(half, "")
    hours = "两" if hour == 2 else _count(hour)
    if minute == 0:
        return f"{part}{hours}点"
    return f"{part}{hours}点{'零' if minute < 10 else ''}{_count(minute)}分"


def _date(day: int, month: int, year: int | None) -> str:
    return f"{f'{_digits(str(year))}年' if year else ''}{_count(month)}月{_count(day)}日"


def _own_rules(_: Grammar) -> tuple[Rule, ...]:
    def speed(match: re.Match[str]) -> str:
        return f"每小时{match['n']}{f'到{high}' if (high := match['high']) else ''}公里"

    return (
        rule(r"(?P<y>(?:1[0-9]|20)\d\d)(?=[ ]?年)", lambda m: _digits(m["y"]), needs="年"),
        rule(r"(?P<n>\d+(?:\.\d+)?)(?:[ ]?[-–—~～][ ]?(?P<high>\d+(?:\.\d+)?))?[ ]?km/h", speed, needs="/"),
        # 12.50 yuan are 12.5
        rule(
            r"(?P<n>[¥￥][ ]?\d[\d,]*|(?<![\d.,¥￥])\d[\d,]*(?=\.\d0元))\.(?:00|(?P<tenths>[1-9])0)(?!\d)",
            lambda m: m["n"] + (f".{m['tenths']}" if m["tenths"] else ""),
            needs="0",
        ),
        # telephones and rooms, figure by figure
        rule(
            r"(?<![\d.,-])(?P<a>1\d{2}|0\d{2,3})[- ]?(?P<b>\d{4})[- ]?(?P<c>\d{4})(?![\d-]|[.,]\d)",
            lambda m: "，".join(map(_digits, m.groups())),
            needs=DIGITS,
        ),
        rule(
            r"(?<![\d.,-])(?P<n>\d{3,4})(?=号?(?:室|房(?!子|价|租)))", lambda m: _digits(m["n"]), needs="室房"
        ),
        rule(
            rf"每[ ]?(?P<unit>{alternatives(_UNITS)})(?![A-Za-z])",
            lambda m: f"每{_UNITS[m['unit']].one}",
            needs="每",
        ),
        rule(r"(?<=\d)[ ](?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])[ ](?=\d)", lambda _: "", needs=" "),
        rule(
            r"(?<!\d)2(?=(?:个|次|台|盏|扇|只|本|张|位|种|条|天|年(?!级)|小时|点(?!\d)))",
            lambda _: "两",
            needs="2",
        ),
    )


MANDARIN = Grammar(
    count=_count,
    agree=lambda words, _: words,
    time=_time,
    date=_date,
    ordinal=lambda rank, mark: f"{_count(rank)}{mark}",
    fraction=lambda a, b: f"{_count(b)}分之{_count(a)}",
    money=lambda whole, cents: f"{whole}{cents}",
    thousands=r",",
    decimal=r"[.]",
    ordinal_mark=r"号(?=楼)",
    point="点",
    minus="负",
    plus="正",
    to="到",
    space="",
    decimals_counted=False,
    half_day=r"(?P<half>[ap])\.?m(?![A-Za-z])",
    per_hundred=lambda words: f"负百分之{words[1:]}" if words.startswith("负") else f"百分之{words}",
    per=lambda words, noun: f"每{noun}{words}",
    by="乘以",
    ratio="比",
    units=_UNITS,
    currencies=_CURRENCIES,
    digit_words=_digits,
    own_rules=_own_rules,
    signs={
        ".": "点", "&": "和", "@": "艾特", "+": "加", "=": "等于", "×": "乘以", "÷": "除以", "±": "正负", "≈": "约等于", "→": "到", "#": "井号",
        "°": "度", "¥": "元", "$": "美元", "€": "欧元", "%": "百分之", "<": "小于", ">": "大于", "©": "", "®": "", "™": "",
    },
)  # fmt: skip
