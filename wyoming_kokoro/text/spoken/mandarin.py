"""Mandarin for figures, units and signs, in Chinese numerals.

num2words does not count in Chinese, and cn2an, which does, comes with the extra for Mandarin alone: what needs nothing
else should not fail for want of it.
"""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.addresses import AddressWords, address_rules
from wyoming_kokoro.text.spoken.grammar import (
    VULGAR,
    Grammar,
    Noun,
    durations,
    month_and_day,
    roman,
    span_of_days,
)
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
    µm | 微米 | 微米
    nm | 纳米 | 纳米
    ℃/min | 摄氏度每分钟 | 摄氏度每分钟
    ℉ | 华氏度 | 华氏度
    m/s | 米每秒 | 米每秒
    m² | 平方米 | 平方米
    km/s | 公里每秒 | 公里每秒
    m/s² | 米每二次方秒 | 米每二次方秒
    m³ | 立方米 | 立方米
    km² | 平方公里 | 平方公里
    cm² | 平方厘米 | 平方厘米
    cm³ | 立方厘米 | 立方厘米
    ha | 公顷 | 公顷
    mph | 英里每小时 | 英里每小时
    kg | 公斤 | 公斤
    g | 克 | 克
    mg | 毫克 | 毫克
    µg | 微克 | 微克
    mg/m³ | 毫克每立方米 | 毫克每立方米
    mg/L | 毫克每升 | 毫克每升
    mg/dL | 毫克每分升 | 毫克每分升
    mmol/L | 毫摩尔每升 | 毫摩尔每升
    kcal | 千卡 | 千卡
    cal | 卡 | 卡
    kJ | 千焦 | 千焦
    mmHg | 毫米汞柱 | 毫米汞柱
    L/min | 升每分钟 | 升每分钟
    t | 吨 | 吨
    l | 升 | 升
    L | 升 | 升
    ml | 毫升 | 毫升
    mL | 毫升 | 毫升
    W | 瓦 | 瓦
    kW | 千瓦 | 千瓦
    Wh | 瓦时 | 瓦时
    kWh | 千瓦时 | 千瓦时
    MW | 兆瓦 | 兆瓦
    MWh | 兆瓦时 | 兆瓦时
    mA | 毫安 | 毫安
    mAh | 毫安时 | 毫安时
    mV | 毫伏 | 毫伏
    kV | 千伏 | 千伏
    V | 伏 | 伏
    A | 安 | 安
    Hz | 赫兹 | 赫兹
    kHz | 千赫 | 千赫
    MHz | 兆赫 | 兆赫
    GHz | 吉赫兹 | 吉赫兹
    Pa | 帕 | 帕
    hPa | 百帕 | 百帕
    kPa | 千帕 | 千帕
    MPa | 兆帕 | 兆帕
    lx | 勒克斯 | 勒克斯
    lm | 流明 | 流明
    dB | 分贝 | 分贝
    dBm | 分贝毫瓦 | 分贝毫瓦
    fps | 帧每秒 | 帧每秒
    IU | 国际单位 | 国际单位
    bpm | 次每分钟 | 次每分钟
    px | 像素 | 像素
    nit | 尼特 | 尼特
    nits | 尼特 | 尼特
    L/h | 升每小时 | 升每小时
    m³/h | 立方米每小时 | 立方米每小时
    kg/m³ | 千克每立方米 | 千克每立方米
    kg/m² | 千克每平方米 | 千克每平方米
    g/cm³ | 克每立方厘米 | 克每立方厘米
    cm/s | 厘米每秒 | 厘米每秒
    Ah | 安时 | 安时
    kΩ | 千欧 | 千欧
    GW | 吉瓦 | 吉瓦
    rpm | 转每分钟 | 转每分钟
    mm/h | 毫米每小时 | 毫米每小时
    L/100km | 升每百公里 | 升每百公里
    kWh/100km | 千瓦时每百公里 | 千瓦时每百公里
    µg/m³ | 微克每立方米 | 微克每立方米
    KB | KB | KB
    kB | KB | KB
    MB | 兆 | 兆
    GB | G | G
    TB | T | T
    MB/s | 兆每秒 | 兆每秒
    Mbps | 兆每秒 | 兆每秒
    Gbps | G每秒 | G每秒
    ms | 毫秒 | 毫秒
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
    ₩ | 韩元 | 韩元
    ₹ | 卢比 | 卢比
    ₽ | 卢布 | 卢布
    ฿ | 泰铢 | 泰铢
    NT$ | 新台币 | 新台币
    A$ | 澳元 | 澳元
    C$ | 加元 | 加元
    £ | 英镑 | 英镑
    HK$ | 港元 | 港元
    US$ | 美元 | 美元
    GBP | 英镑 | 英镑
    JPY | 日元 | 日元
""")
_RATES = {
    "天": "天", "日": "日", "次": "次", "人": "人", "月": "月", "年": "年", "小时": "小时", "分钟": "分钟", "周": "周", "晚": "晚", "餐": "餐", "个": "个",
    "片": "片", "粒": "粒", "袋": "袋", "瓶": "瓶", "包": "包", "支": "支", "杯": "杯", "份": "份", "台": "台", "套": "套", "间": "间", "户": "户", "盒": "盒", "米": "米",
    "公里": "公里", "千米": "千米", "里": "里", "趟": "趟", "站": "站", "层": "层", "车": "车", "辆": "辆", "箱": "箱", "册": "册", "本": "本", "页": "页", "字": "字", "千克": "千克", "克": "克", "百克": "百克", "毫升": "毫升", "点": "点", "门": "门", "位": "位", "名": "名", "组": "组", "场": "场", "局": "局", "季度": "季度", "学期": "学期", "节": "节",
    "件": "件", "斤": "斤", "张": "张", "平": "平", "分": "分钟", "秒": "秒", "度": "度", "平方米": "平方米", "立方米": "立方米", "千瓦时": "千瓦时", "亩": "亩", "桶": "桶", "盎司": "盎司", "条": "条", "吨": "吨", "升": "升", "公斤": "公斤", "股": "股",
}  # fmt: skip
# Before these 2 is 两; not before what has a number as its name: 二楼, 二月, 二级.
_COUNTED_BY_TWO = (
    "[个次台盏扇只本张位种条天周晚人名片粒颗袋包瓶杯碗勺盒箱把件双对套辆架艘座栋间块根支枚部份项门首篇段句股组队步圈场局轮届口头匹棵朵顶家所处页道滴封声倍成代斤克吨米升秒岁元角万亿千大棒碟盘罐桶板盆串束节趟遍回顿群排列行幅面罐撮毛亩寸尺平户桌票注码]"
    "|小时|公斤|千克|公里|千米|厘米|毫米|毫升|分钟|刻钟|美元|欧元|日元|英镑|季度|平方米|汤匙|茶匙"
)
_NO_TWO = frozenset(["摄氏度", "华氏度", "度"])
_DEGREES = "°C|℃|°F|℉|摄氏度|华氏度|度"
_RANGE_SIGN = "[-~～〜–—]"
_FIGURES = "零一二三四五六七八九十两"
_NAMED = "[日号月年点分时秒岁楼层级元名位页天]"  # what is behind the figures of either end of a range
_WON = "战胜|击败|大胜|大败|横扫|力克|完胜|险胜|取胜|获胜|胜|负|不敌|逆转|领先|落后|战平|打平|握手言和|输|赢|淘汰|告负|绝杀|惜败|击溃|轻取"


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
    words = words.removeprefix("一") if words.startswith("一十") else words
    return f"两{words[1:]}" if words.startswith(("二千", "二万", "二亿")) else words


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


_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def _digits_in(text: str) -> str:
    """A text with its figures one by one."""
    return re.sub(r"\d+", lambda figures: _digits(figures.group()), text)


def _phone(figures: str) -> str:
    """As on a telephone, where 一 is 幺."""
    return _digits(figures).replace("一", "幺")


def _phones(match: re.Match[str]) -> str:
    return "，".join(_phone(group) for group in match.groups() if group)


def _agree(words: str, noun: Noun) -> str:
    return "两" if words == "二" and noun.one not in _NO_TWO else words


def _power(exponent: int) -> str:
    return "的平方" if exponent == 2 else f"的{'负' if exponent < 0 else ''}{_count(abs(exponent))}次方"


_ADDRESSES = AddressWords(
    digits=_phone,
    number=lambda figures: _digits(figures) if len(figures) == 4 or figures[0] == "0" else _count(int(figures)),
    dot="点", slash="斜杠", at="艾特", dash="杠", colon="冒号", equals="等于", question="问号", port="端口", point="点", space="",
    version_words="版本|更新|升级|固件|已发布|发布",
)  # fmt: skip


def _time(hour: int, minute: int, half: str) -> str:
    part = {"am": "上午", "pm": "下午"}.get(half, "")
    hours = "两" if hour == 2 else _count(hour)
    if minute == 0:
        return f"{part}{hours}点"
    return f"{part}{hours}点{'零' if minute < 10 else ''}{_count(minute)}分"


def _date(day: int, month: int, year: int | None) -> str:
    return f"{f'{_digits(str(year))}年' if year else ''}{_count(month)}月{_count(day)}日"


def _own_rules(grammar: Grammar) -> tuple[Rule, ...]:
    def speed(match: re.Match[str]) -> str:
        lead = (
            ""
            if re.search("时速|小时", match.string[max(0, match.start() - 4) : match.start()])
            else "每小时"
        )
        return f"{lead}{match['n']}{f'到{high}' if (high := match['high']) else ''}公里"

    def mixed(match: re.Match[str]) -> str:
        a, b = VULGAR[match["sign"]] if match["sign"] else (int(match["a"]), int(match["b"]))
        return f"{_count(int(match['n']))}又{_count(b)}分之{_count(a)}"

    def per(match: re.Match[str]) -> str:
        each = match["each"] or (match["size"] or "").rstrip()
        return f"每{each}{_RATES[match['per']] if match['per'] else _UNITS[match['unit']].one}{match['n']}"

    def rating(match: re.Match[str]) -> str | None:
        if not match["lead"] and "." not in match["a"]:
            return None
        return f"{match['lead'] or ''}{match['a']}分，满分{match['b']}分"

    def scores(match: re.Match[str]) -> str:
        return match["lead"] + re.sub(r"(?<=\d)[-–:](?=\d)", "比", match["scores"])

    return (
        *address_rules(_ADDRESSES),
        rule(r"(?<=\d)：(?=\d{1,2}(?:$|[\s，。、；,!?！？)）~～–至到前后出开发准结的领胜平战险获击-]))", lambda _: ":", needs="："),
        rule(r"[₀₁₂₃₄₅₆₇₈₉]{1,3}", lambda m: _digits(m.group().translate(_SUBSCRIPTS)), needs="₀₁₂₃₄₅₆₇₈₉"),
        rule(r"(?<![\d.])(?P<y>20\d\d|19\d\d)\.(?P<mon>\d{1,2})\.(?P<d>\d{1,2})[ ]?(?:[-~～–—]|至|到)[ ]?(?=\d)", lambda m: f"{m['y']}年{m['mon'].lstrip('0')}月{m['d'].lstrip('0')}日到", needs="."),
        roman("[型期级类世章卷]"),
        rule(r"(?:^|(?<=[\s（(，,。：:、]))[~～〜][ ]?(?=\d)", lambda _: "约", needs="~～〜"),
        # several scores in a row
        rule(r"(?<![\d.,/:-])\d{1,3}[-–]\d{1,3}(?:[ ]?(?:[、，,和与及]|以及)[ ]?\d{1,3}[-–]\d{1,3}){1,8}(?![\d.%/-]|[ ]?[°℃])", lambda m: re.sub("[-–]", "比", m.group()), needs="-–"),
        rule(r"(?<=\d[VAW])/(?=\d)", lambda _: "，", needs="/"),
        rule(r"(?<![A-Za-z])(?P<half>[AaPp])\.?[Mm]\.?[ ]?(?=\d{1,2}(?::\d\d|[点時]))", lambda m: "上午" if m["half"] in "Aa" else "下午", needs="Mm"),
        rule(r"(?<![\d:.,/-])0(?=[1-9][点时月日号])", lambda _: "", needs="0"),
        rule(r"(?<![\d:.,/])(?P<m>\d{1,2}):(?P<s>[0-5]\d)(?=的?(?:计时|倒计时|定时|语音|视频|录音|音频))", lambda m: grammar.lasting(None, m["m"], m["s"]), needs=("时", "音", "视")),
        *durations(grammar, "用时|计时|计时器|定时|剩余|还剩|剩|时长|成绩|耗时|倒计时|历时"),
        rule(r"(?<=\d)[ ](?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])[ ](?=\d)", lambda _: "", needs=" "),
        rule(r"(?<!\d)(?P<y>(?:1[0-9]|20)\d\d)(?=[ ]?(?:[-~～–—至到][ ]?(?:1[0-9]|20)\d\d[ ]?)?年)", lambda m: _digits(m["y"]), needs="年"),
        rule(r"(?P<n>\d+(?:\.\d+)?)(?:[ ]?[-–—~～][ ]?(?P<high>\d+(?:\.\d+)?))?[ ]?km/h", speed, needs="/"),
        rule(rf"(?P<n>\d[\d,]*(?:[ ]?{_RANGE_SIGN}[ ]?\d[\d,]*)?)[ ]?rpm(?![A-Za-z])", lambda m: f"每分钟{m['n']}转", needs=("rpm",)),
        # 12.50 yuan are 12.5
        rule(
            r"(?P<n>[¥￥$€£][ ]?\d[\d,]*|(?<![\d.,¥￥$€£])\d[\d,]*(?=\.\d0元))\.(?:00|(?P<tenths>[1-9])0)(?!\d)",
            lambda m: m["n"] + (f".{m['tenths']}" if m["tenths"] else ""),
            needs="0",
        ),
        rule(r"(?<![\d-])(?P<mon>0[1-9]|1[0-2])-(?P<d>0[1-9]|[12]\d|3[01])(?=[ ]?\d{1,2}:\d\d)", lambda m: f"{m['mon'].lstrip('0')}月{m['d'].lstrip('0')}日", needs="-"),
        rule(r"(?<![\d/.-])(?P<y>[23]\d)/(?P<mon>0?[1-9]|1[0-2])/(?P<d>0?[1-9]|[12]\d|3[01])(?![\d/])", lambda m: f"{_digits(m['y'])}年{m['mon'].lstrip('0')}月{m['d'].lstrip('0')}日", needs="/"),
        rule(r"(?<![\d/.-])(?P<y>20\d\d)/(?P<mon>0[1-9]|1[0-2])(?![\d/])", lambda m: f"{_digits(m['y'])}年{m['mon'].lstrip('0')}月", needs="/"),
        # 1½
        rule(rf"(?<![\d./])(?P<n>\d{{1,3}})(?:[ ](?P<a>\d{{1,2}})/(?P<b>\d{{1,2}})(?![\d/])|[ ]?(?P<sign>[{''.join(VULGAR)}]))", mixed, needs=f"/{''.join(VULGAR)}"),
        # years by figures where no 年 stands, and who was born in them
        rule(r"(?<=公元前)\d{1,4}(?=年)|(?<=公元)\d{1,4}(?=年)|(?<=于)\d{3}(?=年(?![之以前后来间内]))|(?<!\d)\d0(?=后(?![面来续天]))|(?<!\d)20\d\d[-/]\d\d(?=赛季|学年|财年|年度)|(?<!\d)20\d\d(?=赛季|财年|学年|新?款|版(?![权面块])|奥运|亚运|世界杯)", lambda m: re.sub("[-/]", "到", _digits_in(m.group())), needs=DIGITS),
        rule(r"(?<![\d*])(1\d{2})\*{4}(\d{4})(?!\d)", lambda m: f"{_phone(m[1])}，星号，{_phone(m[2])}", needs="*"),
        rule(r"(?<![\d.])\d{1,2}[·•]\d{1,2}(?!\d)", lambda m: _phone(re.sub("[·•]", "", m.group())), needs="·•"),
        rule(rf"(?<=[（(])(?P<a>\d{{3,4}})[ ]?{_RANGE_SIGN}[ ]?(?P<b>\d{{3,4}})(?=年|[）)，])", lambda m: f"{_digits(m['a'])}到{_digits(m['b'])}" if m.string[m.end()] == "年" or 1000 < int(m["a"]) < int(m["b"]) < 2100 else None, needs="（("),
        # telephones, codes, flights and rooms, figure by figure
        rule(r"(?<![\d.,-])(?:(?:\+|00)(86)[- ]?)?(1\d{2}|0\d{2,3})[- ]?(\d{4})[- ]?(\d{4})(?![\d-]|[.,]\d)", _phones, needs=DIGITS),
        rule(r"(?<![\d.,-])(0\d{2,3})-(\d{3})(\d{4})(?![\d-]|[.,]\d)", _phones, needs="-"),
        rule(r"(?<![\d.,-])([48]00)[- ](\d{3,4})[- ]?(\d{3,4})(?![\d-]|[.,]\d)", _phones, needs="- "),
        rule(r"(?<=[打电话线服救警助询])(?P<lead>[^\d，。；、]{0,3})(?P<n>1[12]\d|[19]\d{4})(?![\d.%折/:-]|[ ]?[A-Za-z个元次分秒米度年块张人公斤小千万亿多])", lambda m: m["lead"] + _phone(m["n"]), needs=DIGITS),
        rule(r"(?P<lead>(?:验证码|密码|取件码|编号|单号|尾号|卡号|端口|邮编|工号|学号|账号|房号|批号|型号|车牌|序列号|QQ|ID)(?:[是为：:]|[ ]){0,3})(?P<a>[A-Z]{0,3})(?P<n>\d[\d-]{2,20})(?![\d.])", lambda m: m["lead"] + " ".join(m["a"]) + _digits_in(m["n"]).replace("一", "幺").replace("-", "杠"), needs="码号口编牌QI"),
        rule(r"\#(?P<n>\d{3,12})(?P<star>\*)?(?!\d)", lambda m: f"井号{_phone(m['n'])}{'星号' if m['star'] else ''}", needs="#"),
        rule(r"(?<![\d.,])(?P<n>\d{3,4})(?=[BDEHIJNOQRSXYZ](?![A-Za-z]))", lambda m: _phone(m["n"]), needs="BDEHIJNOQRSXYZ"),
        rule(r"(?P<a>\d+(?:\.\d+)?)[ ]?/[ ]?(?P<b>\d+(?:\.\d+)?)[ ]?(?P<unit>[KMGT]B|L|mL|ml|kWh)(?![A-Za-z/])", lambda m: f"{m['a']}{m['unit']}，共{m['b']}{m['unit']}", needs="/"),
        rule(r"(?<=转)[ ]?(?P<n>\d{3,5})(?=[。，；！）)]|\s|$)", lambda m: _phone(m["n"]), needs="转"),
        rule(r"(?<!\d)(?:1\d{4}|9\d{4})(?=客服|热线|网站)", lambda m: _phone(m.group()), needs="19"),
        rule(r"(?<!\d)(?P<n>\d{3,4})(?=[pP](?![A-Za-z]))", lambda m: _phone(m["n"]), needs="pP"),
        rule(r"(?P<lead>(?:座位|座号|座|登机口|席位)(?:[号是为改：:]|[ ]){0,3})(?P<n>\d{1,3})(?P<a>[A-K])(?![A-Za-z])", lambda m: f"{m['lead']}{_count(int(m['n']))}{m['a']}", needs="座口位"),
        rule(r"(?<![A-Za-z\d])(?!(?:CNY|RMB|USD|EUR|JPY|GBP)\d)(?P<a>[A-Z]{1,4})(?:(?P<n>\d{3,20})(?:-(?P<tail>\d{2,4}))?(?![\dA-Za-z.,%°℃])|[ -]?(?P<far>\d{2,4})(?=次|航班|号?列车))", lambda m: " ".join(m["a"]) + _phone(m["n"] or m["far"]) + (f" {_phone(m['tail'])}" if m["tail"] else ""), needs=DIGITS),
        rule(r"(?<![\d.,-])(?P<n>\d{3,4})(?=号?(?:会议室|教室|病房|室|房(?!子|价|租)))", lambda m: _digits(m["n"]), needs="室房"),
        rule(
            rf"每[ ]?(?P<unit>{alternatives(_UNITS)})(?![A-Za-z])",
            lambda m: f"每{_UNITS[m['unit']].one}",
            needs="每",
        ),
        span_of_days(grammar),
        rule(r"(?<![\d./-])(?P<mon>1[0-2]|0?[1-9])/(?P<d>3[01]|[12]\d|0?[1-9])(?![\d/]|\.\d)(?P<tail>(?=[ ]?(?:上午|下午|早|晚|中午|凌晨|[（(]?(?:周|星期)|前|后|起|止|截|当天|出发|入住|退房|到期|\d{1,2}[:：点时]|[-~～–—至到][ ]?\d{1,2}/\d)))?", month_and_day(grammar, _PART_RE), needs="/"),
        rule(r"(?P<lead>(?:评分|得分|打分|评价|满意度|分数)[^\d，。；]{0,4})?(?<![\d.,/])(?P<a>\d{1,3}(?:\.\d)?)[ ]?/[ ]?(?P<b>5|10|100)(?![\d/%]|\.\d|分)", rating, needs="/"),
        rule(r"(?<=秒)\d{2,3}(?!\d)", lambda m: _digits(m.group()), needs="秒"),
        # scores, and blood pressure
        rule(r"(?P<lead>比分[^\d，。；,;]{0,8})(?P<scores>\d{1,3}[-–]\d{1,3}(?:(?:[、，,和及与 ]|以及){1,4}\d{1,3}[-–]\d{1,3}){0,8})(?![\d.%℃°])", scores, needs="比"),
        rule(rf"(?P<lead>)(?<![\d.,/-])(?P<scores>\d{{1,3}}[-–]\d{{1,3}})(?=[ ]?(?:的比分|(?:的比分)?[^\d，。；,;]{{0,8}}?(?:{_WON})))(?![ ]?(?:个|天|小时|分|岁|年|月|日|人|名|元|万|场|点|号))", scores, needs="-–"),
        rule(r"(?<![\d.,/])(?P<a>[7-9]\d|1\d\d|2[0-4]\d)/(?P<b>[4-9]\d|1[0-4]\d)(?=[ ]?mmHg|[ ]?毫米汞柱)", lambda m: f"{m['a']}到{m['b']}" if int(m["a"]) < int(m["b"]) else f"高压{m['a']}低压{m['b']}", needs="/"),
        rule(rf"(?<![\dA-Za-z.)℃°%])[-−](?=\d{{1,3}}(?:\.\d{{1,3}})?[ ]?(?:(?:°C|℃)?[ ]?(?:{_RANGE_SIGN}|到|至)[ ]?[-−]?\d{{1,3}}(?:\.\d{{1,3}})?[ ]?)?(?:{_DEGREES}))", lambda _: "零下", needs="-−"),
        # from below zero to above it
        rule(rf"(?P<low>零下\d{{1,2}}(?:\.\d)?[ ]?(?:°C|℃|摄氏度|度)?)[ ]?(?:{_RANGE_SIGN}|到|至)[ ]?(?=\d{{1,2}}(?:\.\d)?[ ]?(?:{_DEGREES}))", lambda m: f"{m['low']}到零上", needs=("零下",)),
        # ranges whose ends are not figures alone
        rule(rf"(?:(?<=[\d℃度])|(?<=°C))[ ]?{_RANGE_SIGN}[ ]?(?=零下)|(?<=[\d零一二三四五六七八九十半]{_NAMED})(?:[ ]{_RANGE_SIGN}[ ]|{_RANGE_SIGN})(?=[\d{_FIGURES}])|(?<=[{_FIGURES}]){_RANGE_SIGN}(?=[{_FIGURES}]{{4}}年)|(?<=[周期][一二三四五六日天])[ ]?{_RANGE_SIGN}[ ]?(?=周|星期)", lambda _: "到", needs="-~～〜–—"),
        rule(r"(?<![A-Za-z\d])Q(?P<n>[1-4])(?![A-Za-z\d])", lambda m: f"第{m['n']}季度", needs="Q"),
        rule(r"(?<![\d./])(?P<a>\d{1,3})/(?P<b>10{3,4})(?!\d)", lambda m: f"{'千' if m['b'] == '1000' else '万'}分之{m['a']}", needs="/"),
        rule(r"(?P<n>\d{1,2})['′](?P<s>\d{2})(?:[\"″”]|'')(?P<per>[ ]?/[ ]?km(?![A-Za-z]))?", lambda m: f"{'每公里' if m['per'] else ''}{m['n']}分{m['s'].lstrip('0') or '0'}秒", needs="'′"),
        rule(r"(?P<n>\d)A(?=[级景类大])", lambda m: f"{_count(int(m['n']))}A", needs="A"),
        rule(r"(?P<lead>[RG]TX|RX)[ ]?(?P<n>\d{3,4})(?!\d)", lambda m: f"{m['lead']} {_digits(m['n'])}", needs="X"),
        rule(r"(?<=[歼运轰直舟娥征风旗苏图格冠])-(?=\d)|(?<=[A-Za-z]\d)-(?=\d)", lambda _: " ", needs="-"),
        rule(r"(?<=[A-Za-z])\+(?=\d)", lambda _: "加", needs="+"),
        # no minus: GPT-4
        rule(r"(?<=[A-Za-z])-(?=\d)", lambda _: " ", needs="-"),
        rule(r"(?<=\d)[ ]?\*[ ]?(?=\d)", lambda _: "乘以", needs="*"),
        rule(r"(?<![\d./])(?P<a>\d+)/(?P<b>\d+)(?=[ ]?=)", lambda m: f"{m['a']}除以{m['b']}" if int(m["a"]) >= int(m["b"]) else None, needs="/"),
        rule(r"(?P<n>\d+(?:\.\d+)?)‰", lambda m: f"千分之{m['n']}", needs="‰"),
        rule(r"(?P<d>\d{1,3})°[ ]?(?P<m>\d{1,2})′(?:[ ]?(?P<s>\d{1,2})″)?", lambda m: f"{m['d']}度{m['m']}分" + (f"{m['s']}秒" if m["s"] else ""), needs="°"),
        rule(r"第(?P<a>\d{1,3})/(?P<b>\d{1,3})页", lambda m: f"第{m['a']}页，共{m['b']}页", needs="/"),
        rule(r"(?<![A-Za-z])[Nn]o\.[ ]?(?=\d)", lambda _: "第", needs="."),
        rule(r"(?<=\d)w(?![A-Za-z])", lambda _: "万", needs="w"),
        rule(r"(?<=[\u4e00-\u9fff])[ ]?[vV][sS]\.?[ ]?(?=[\u4e00-\u9fff])", lambda _: "对", needs=("vs", "VS", "Vs")),
        rule(r"(?<![\d:.])1:(?P<n>\d{5,9})(?!\d)", lambda m: f"1比{m['n']}", needs=":"),
        rule(r"(?<=[座栋幢])(?P<n>\d{3,4})(?![\d.]|[ ]?[层户万个米])|(?:(?<=\d[层楼])|(?<=单元))(?P<room>\d{3,4})(?![\d.]|[ ]?[户万个米平人元])", lambda m: _digits(m.group()), needs="座栋幢层楼元"),
        rule(r"(?<![\d.,A-Za-z])(?:10086|10010|10000号|12306|12315|12345|95\d{3})(?![\d.,%]|[ ]?[元个人次张件万米度户块])", lambda m: _phone(m.group()), needs="19"),
        rule(rf"(?P<n>(?:\d+(?:\.\d+)?[-~～–—])?\d[\d,]*(?:\.\d+)?(?:[万亿](?:元|人|吨)?|毫克|毫升|公斤|[个次片粒颗袋包杯步圈页件张人本克升勺元块]))[ ]?/[ ]?(?:(?P<each>\d{{1,3}})?(?P<per>{alternatives(_RATES)})|(?P<size>\d{{1,4}}[ ]?)?(?P<unit>{alternatives(_UNITS)})(?![A-Za-z0-9]))", per, needs="/"),
        rule(r"(?<=\d)[ ]?[-~～–—][ ]?(?=[早晚上下中凌次第翌])", lambda _: "到", needs="-~～–—"),
        # what is taken from what, in a sum that says what it makes
        rule(r"(?<=[\dA-Za-z)²³⁴])[ ]?[-−–][ ]?(?=[\dA-Za-z(][^。，,=；]{0,40}=)", lambda _: "减", needs="-−–"),
        rule(r"(?:(?<=\d[A-Za-z²³)])|(?<=[²³)]))[ ]?[-−–][ ]?(?=[\dA-Za-z(])|(?P<lead>=[ ]?[\dA-Za-z.]{1,8})[ ]?[-−–][ ]?(?=[\dA-Za-z(])", lambda m: f"{m['lead'] or ''}减", needs="-−–"),
        rule(rf"(?<![\d第./])2(?:(?:{_RANGE_SIGN}|[到至])(?=\d{{1,2}}(?:{_COUNTED_BY_TWO}))|(?P<or>、)(?=3(?:{_COUNTED_BY_TWO})))", lambda m: "两" if m["or"] else "两到", needs="2"),
        rule(
            rf"(?<![\d第./])(?<!第\d、)2(?=(?:{_COUNTED_BY_TWO}|年(?![级代])|层(?=[楼的])|室(?=\d?[厅一两])|点(?!\d(?!\d?分))))",
            lambda _: "两",
            needs="2",
        ),
        rule(r"(?<![\d第.点:/])(?:(?<=小时)|(?<!时))2(?=分(?![之米校部]))", lambda _: "两", needs="2"),
        rule(r"(?<![A-Za-z\d.,])\.(?=\d)", lambda _: "0.", needs="."),
    )  # fmt: skip


# What makes a fraction of 1/16.
_PART_RE = re.compile(r"[ ]?(?:[=×÷+*]|杯|勺|茶匙|汤匙|量|的概率|概率|比例|以下|以上|倍|秒|英寸|s\b)")


def _last_rules() -> tuple[Rule, ...]:
    return (
        rule(rf"(?<=[\u4e00-\u9fff])[ ]?[~～〜][ ]?(?=[每负{_FIGURES}百千])", lambda _: "到", needs="~～〜"),
    )


MANDARIN = Grammar(
    count=_count,
    agree=_agree,
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
    per_hundred=lambda words: f"{words[0]}百分之{words[1:]}" if words[0] in "负正" else f"百分之{words}",
    per=lambda words, noun: f"每{noun}{words}",
    by="乘以",
    ratio="比",
    score="比",
    after_span=frozenset("点时月日号年"),
    magnitudes="万亿|[百千]万|[万亿]",
    rates=_RATES,
    before_unit="(?<=[几数多余十百千万亿每])",
    power=_power,
    root="根号",
    units=_UNITS,
    currencies=_CURRENCIES,
    digit_words=_digits,
    own_rules=_own_rules,
    last_rules=_last_rules,
    signs={
        ".": "点", "&": "和", "@": "艾特", "+": "加", "=": "等于", "×": "乘以", "÷": "除以", "±": "正负", "≈": "约等于", "→": "到", "#": "井号",
        "°": "度", "¥": "元", "$": "美元", "€": "欧元", "%": "百分之", "≥": "大于等于", "≤": "小于等于", "≠": "不等于", "∞": "无穷大", "Ω": "欧姆", "<": "小于", ">": "大于", "©": "", "®": "", "™": "",
    },
)  # fmt: skip
