"""Japanese for figures, units and signs, in kanji numerals: what is counted has its reading from the dictionary then."""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.addresses import AddressWords, address_rules
from wyoming_kokoro.text.spoken.grammar import VULGAR, Grammar, durations, month_and_day, roman, span_of_days
from wyoming_kokoro.text.spoken.rules import Rule, alternatives, rule
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
    µm | マイクロメートル | マイクロメートル
    nm | ナノメートル | ナノメートル
    ℉ | 華氏度 | 華氏度
    mph | マイル毎時 | マイル毎時
    m² | 平方メートル | 平方メートル
    km/s | キロメートル毎秒 | キロメートル毎秒
    m/s² | メートル毎秒毎秒 | メートル毎秒毎秒
    m³ | 立方メートル | 立方メートル
    km² | 平方キロメートル | 平方キロメートル
    cm² | 平方センチメートル | 平方センチメートル
    cm³ | 立方センチメートル | 立方センチメートル
    ha | ヘクタール | ヘクタール
    cc | シーシー | シーシー
    kg | キログラム | キログラム
    g | グラム | グラム
    mg | ミリグラム | ミリグラム
    µg | マイクログラム | マイクログラム
    mg/dL | ミリグラムパーデシリットル | ミリグラムパーデシリットル
    mg/L | ミリグラムパーリットル | ミリグラムパーリットル
    kcal | キロカロリー | キロカロリー
    cal | カロリー | カロリー
    kJ | キロジュール | キロジュール
    mmHg | ミリメートルエイチジー | ミリメートルエイチジー
    dL | デシリットル | デシリットル
    dl | デシリットル | デシリットル
    t | トン | トン
    l | リットル | リットル
    L | リットル | リットル
    ml | ミリリットル | ミリリットル
    mL | ミリリットル | ミリリットル
    W | ワット | ワット
    kW | キロワット | キロワット
    Wh | ワット時 | ワット時
    kWh | キロワット時 | キロワット時
    MW | メガワット | メガワット
    MWh | メガワット時 | メガワット時
    GWh | ギガワット時 | ギガワット時
    mA | ミリアンペア | ミリアンペア
    mAh | ミリアンペアアワー | ミリアンペアアワー
    mV | ミリボルト | ミリボルト
    kV | キロボルト | キロボルト
    V | ボルト | ボルト
    A | アンペア | アンペア
    Hz | ヘルツ | ヘルツ
    kHz | キロヘルツ | キロヘルツ
    MHz | メガヘルツ | メガヘルツ
    GHz | ギガヘルツ | ギガヘルツ
    Pa | パスカル | パスカル
    kPa | キロパスカル | キロパスカル
    MPa | メガパスカル | メガパスカル
    hPa | ヘクトパスカル | ヘクトパスカル
    lx | ルクス | ルクス
    lm | ルーメン | ルーメン
    dB | デシベル | デシベル
    dBm | ディービーエム | ディービーエム
    bpm | ビーピーエム | ビーピーエム
    px | ピクセル | ピクセル
    dpi | ディーピーアイ | ディーピーアイ
    L/min | リットル毎分 | リットル毎分
    L/h | リットル毎時 | リットル毎時
    m³/h | 立方メートル毎時 | 立方メートル毎時
    kg/m² | キログラム毎平方メートル | キログラム毎平方メートル
    g/cm³ | グラム毎立方センチメートル | グラム毎立方センチメートル
    Ah | アンペアアワー | アンペアアワー
    GW | ギガワット | ギガワット
    rpm | 回転毎分 | 回転毎分
    mm/h | ミリメートル毎時 | ミリメートル毎時
    ppm | ピーピーエム | ピーピーエム
    µg/m³ | マイクログラム毎立方メートル | マイクログラム毎立方メートル
    KB | キロバイト | キロバイト
    kB | キロバイト | キロバイト
    MB | メガバイト | メガバイト
    GB | ギガバイト | ギガバイト
    TB | テラバイト | テラバイト
    MB/s | メガバイト毎秒 | メガバイト毎秒
    Mbps | メガビーピーエス | メガビーピーエス
    Gbps | ギガビーピーエス | ギガビーピーエス
    fps | エフピーエス | エフピーエス
    ms | ミリ秒 | ミリ秒
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
    US$ | ドル | ドル | セント | セント
    ドル | ドル | ドル | セント | セント
    € | ユーロ | ユーロ | セント | セント
    EUR | ユーロ | ユーロ | セント | セント
    ₩ | ウォン | ウォン
    ₹ | ルピー | ルピー
    ₽ | ルーブル | ルーブル
    ฿ | バーツ | バーツ
    NT$ | 台湾ドル | 台湾ドル
    A$ | オーストラリアドル | オーストラリアドル
    C$ | カナダドル | カナダドル
    £ | ポンド | ポンド | ペンス | ペンス
    CNY | 人民元 | 人民元
    GBP | ポンド | ポンド | ペンス | ペンス
    元 | 元 | 元
""")
_DIGITS = "零一二三四五六七八九"
_RATES = {
    "日": "一日", "月": "一か月", "年": "一年", "人": "一人", "名": "一名", "回": "一回", "泊": "一泊", "個": "一個", "枚": "一枚", "本": "一本",
    "件": "一件", "台": "一台", "杯": "一杯", "週": "一週間", "時間": "一時間", "時": "一時間", "分": "一分", "秒": "一秒", "h": "一時間", "食": "一食",
    "錠": "一錠", "包": "一包", "袋": "一袋", "箱": "一箱", "粒": "一粒", "坪": "一坪", "室": "一室", "戸": "一戸", "問": "一問", "晩": "一晩", "m²": "一平方メートル",
}  # fmt: skip
# Letters with a figure that have an English name.
_NAMES = {
    "F1": "エフワン", "G7": "ジーセブン", "G20": "ジートゥエンティ", "J1": "ジェイワン", "J2": "ジェイツー", "5G": "ファイブジー", "4G": "フォージー",
    "Windows 11": "ウィンドウズイレブン", "Windows 10": "ウィンドウズテン",
}  # fmt: skip
_ERAS = {"R": "令和", "H": "平成", "S": "昭和"}
_RANGE_SIGN = "[-~～〜–—]"
_WON = "で(?:[^\\d。、]{0,4}(?:勝|負|敗|リード|終|逆転|下し|破|制し|先制|折り返)|引き?分|引分)|の(?:[^\\d。、]{0,4}(?:勝|敗|完封|逆転|引き分け|同点|接戦|スコア))"
# What makes a fraction of 1/16.
_PART_RE = re.compile(r"[ ]?(?:[=×÷+*]|カップ|杯|さじ|量|の確率|以下|以上|程度|スケール|倍|秒|インチ|s\b)")


_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def _spelled(figures: str) -> str:
    """Figure by figure, the nought as on telephones."""
    return "".join("ゼロ" if digit == "0" else _DIGITS[int(digit)] for digit in figures)


def _phone(match: re.Match[str]) -> str:
    return "の".join(_spelled(group) for group in match.groups() if group)


def _count(value: int) -> str:
    return counted("ja", value) if value else "零"


def _time(hour: int, minute: int, half: str) -> str:
    part = {"am": "午前", "pm": "午後"}.get(half, "")
    return f"{part}{_count(hour)}時{f'{_count(minute)}分' if minute else ''}"


def _date(day: int, month: int, year: int | None) -> str:
    return f"{f'{_count(year)}年' if year else ''}{_count(month)}月{_count(day)}日"


_ADDRESSES = AddressWords(
    digits=_spelled,
    number=lambda figures: _count(int(figures)) if figures[0] != "0" else _spelled(figures),
    dot="ドット", slash="スラッシュ", at="アットマーク", dash="ハイフン", colon="コロン", equals="イコール", question="はてな", port="ポート", point="点",
    space="", version_words="バージョン|[Vv]er\\.?|ファームウェア|への?アップデート|にアップデート|へ更新|に更新|がリリース|が利用",
)  # fmt: skip


def _own_rules(grammar: Grammar) -> tuple[Rule, ...]:
    def speed(match: re.Match[str]) -> str:
        """時速 before the figures, unless what stands there says so already."""
        lead = "時速" if match["unit"] == "km/h" else "秒速"
        before = match.string[max(0, match.start() - 4) : match.start()]
        unit = "キロメートル" if match["unit"] == "km/h" else "メートル"
        return f"{'' if '速' in before or '毎' in before else lead}{match['n']}{unit}"

    def average(match: re.Match[str]) -> str:
        """.310 → 三割一分."""
        parts = zip(match["n"], "割分厘", strict=True)
        return match["lead"] + "".join(
            f"{_DIGITS[int(digit)]}{place}" for digit, place in parts if digit != "0"
        )

    def score(match: re.Match[str]) -> str:
        return f"{match['lead'] or ''}{match['a']}対{match['b']}"

    def rating(match: re.Match[str]) -> str | None:
        if not match["lead"] and "." not in match["a"]:
            return None
        return f"{match['lead'] or ''}{match['b']}点満点中{match['a']}点"

    def mixed(match: re.Match[str]) -> str:
        a, b = VULGAR[match["sign"]] if match["sign"] else (int(match["a"]), int(match["b"]))
        return f"{match['n']}と{_count(b)}分の{_count(a)}"

    number = r"\d+(?:\.\d+)?"
    return (
        *address_rules(_ADDRESSES),
        rule(r"(?<=\d)：(?=\d{1,2}(?:$|[\s、。，,!?！？)）~～〜–のにでかまよはがを頃ご発着開-]))", lambda _: ":", needs="："),
        rule(r"[₀₁₂₃₄₅₆₇₈₉]{1,3}", lambda m: _spelled(m.group().translate(_SUBSCRIPTS)), needs="₀₁₂₃₄₅₆₇₈₉"),
        roman("[型期級類世章部]"),
        rule(r"(?:^|(?<=[\s（(，,。：:、]))[~～〜][ ]?(?=\d)", lambda _: "約", needs="~～〜"),
        # several scores in a row
        rule(r"(?<![\d.,/:-])\d{1,3}[-–]\d{1,3}(?:[ ]?[、，,と][ ]?\d{1,3}[-–]\d{1,3}){1,8}(?![\d.%/-]|[ ]?[°℃])", lambda m: re.sub("[-–]", "対", m.group()), needs="-–"),
        rule(r"(?<=\d[VAW])/(?=\d)", lambda _: "、", needs="/"),
        rule(r"(?<![A-Za-z])(?P<half>[AaPp])\.?[Mm]\.?[ ]?(?=\d{1,2}(?::\d\d|[点時]))", lambda m: "午前" if m["half"] in "Aa" else "午後", needs="Mm"),
        rule(r"(?<![\d:.,/-])0(?=[1-9][時月日分秒])", lambda _: "", needs="0"),
        rule(r"(?<![\d:.,/])(?P<m>\d{1,2}):(?P<s>[0-5]\d)(?=の(?:タイマー|カウントダウン|動画|音声|録音|曲))", lambda m: grammar.lasting(None, m["m"], m["s"]), needs=("の",)),
        *durations(grammar, "残り|あと|所要時間は?|タイムは?|記録は?|経過時間は?|残り時間は?"),
        rule(r"(?<=\d)[ ](?=[\u3040-\u30ff\u4e00-\u9fff])|(?<=[\u3040-\u30ff\u4e00-\u9fff])[ ](?=[-−+]?\d)", lambda _: "", needs=" "),
        rule(r"\#(?=[をキのがは]|$|[\s、。」])", lambda _: "シャープ", needs="#"),
        rule(r"(?<![A-Za-z])M(?=\d\.\d(?!\d))", lambda _: "マグニチュード", needs="M"),
        # telephones, codes and rooms, figure by figure
        rule(r"(?<![\d.,-])(?:\+(81)[- ]?)?(0?\d{1,4})[- ](\d{1,4})[- ](\d{3,4})(?![\d-]|[.,]\d)", lambda m: _phone(m) if m[1] or m[2][0] == "0" else None, needs="- "),
        rule(r"(?<![\d.,-])(0[5789]0)(\d{4})(\d{4})(?!\d)", _phone, needs="0"),
        rule(r"〒?[ ]?(?<![\d.,-])(?<=[〒号は：: ])(\d{3})-(\d{4})(?![\d-])", lambda m: ("郵便番号" if m[0].startswith("〒") else "") + _phone(m), needs="〒号"),
        rule(r"(?P<lead>(?:認証コード|確認コード|パスコード|番号|ポート|下[0-9]桁|末尾|ID)(?:[はが：:「]|[ ]){0,3})(?P<a>[A-Z]{0,3})(?P<n>\d{3,20})(?![\d.])", lambda m: m["lead"] + " ".join(m["a"]) + _spelled(m["n"]), needs="ド号ト桁尾I"),
        rule(r"(?<![\d.,-])(?P<n>\d{3,4})(?=号室|会議室|教室|病室)", lambda m: m["n"].translate(_ROOM), needs="室"),
        rule(r"(?<![A-Za-z])(?P<a>[A-Z]{2})[ -]?(?=\d{1,4}便)", lambda m: " ".join(m["a"]), needs="便"),
        rule(rf"(?<![\d./])(?P<n>\d{{1,3}})(?:[ ](?P<a>\d{{1,2}})/(?P<b>\d{{1,2}})(?![\d/])|[ ]?(?P<sign>[{''.join(VULGAR)}]))", mixed, needs=f"/{''.join(VULGAR)}"),
        rule(r"(?P<lead>(?:座席|席|シート|ゲート)(?:番号)?(?:[はがを:：]|[ ]){0,2})(?P<n>\d{1,3})(?P<a>[A-K])(?![A-Za-z])", lambda m: f"{m['lead']}{_count(int(m['n']))}の{m['a']}", needs="席ト"),
        rule(r"(?<![A-Za-z\d])(?P<under>B)?(?P<n>\d{1,2})F(?![A-Za-z\d])", lambda m: f"{'地下' if m['under'] else ''}{m['n']}階", needs="F"),
        rule(r"(?P<n>\d+(?:\.\d+)?)[ ]?(?P<unit>L|kWh)/100[ ]?km(?![A-Za-z])", lambda m: f"100キロメートルあたり{m['n']}{_UNITS[m['unit']].one}", needs="/"),
        rule(r"W杯", lambda _: "ワールドカップ", needs="W"),
        rule(r"[（(]株[）)]", lambda _: "株式会社", needs="株"),
        rule(r"▲[ ]?(?=\d)", lambda _: "マイナス", needs="▲"),
        # what is taken from what, in a sum that says what it makes
        rule(r"(?<=[\dA-Za-z)²³⁴])[ ]?[-−–][ ]?(?=[\dA-Za-z(][^。、,=]{0,40}=)", lambda _: "引く", needs="-−–"),
        rule(r"(?:(?<=\d[A-Za-z²³)])|(?<=[²³)]))[ ]?[-−–][ ]?(?=[\dA-Za-z(])|(?P<lead>=[ ]?[\dA-Za-z.]{1,8})[ ]?[-−–][ ]?(?=[\dA-Za-z(])", lambda m: f"{m['lead'] or ''}引く", needs="-−–"),
        rule(rf"(?P<n>(?:\d+(?:\.\d+)?[-~～〜–—])?\d[\d,]*(?:\.\d+)?(?:[万億]?円|回|件|個|人|杯|錠|本|枚|台|語|文字|ページ|グラム|mg|g|ml|mL))[ ]?/[ ]?(?P<per>{alternatives(_RATES)})(?![A-Za-z])", lambda m: f"{_RATES[m['per']]}あたり{m['n']}", needs="/"),
        rule(r"(?P<lead>(?:評価|評点|スコア|点数|レビュー|満足度)[^\d、。]{0,3})?(?<![\d.,/])(?P<a>\d{1,3}(?:\.\d)?)[ ]?/[ ]?(?P<b>5|10|100)(?![\d/%]|\.\d|点)", rating, needs="/"),
        rule(r"(?<=秒)\d{2,3}(?!\d)", lambda m: "".join(_DIGITS[int(digit)] for digit in m.group()), needs="秒"),
        rule(r"(?<![A-Za-z\d])(?P<n>[1-4])Q(?![A-Za-z\d])|(?<![A-Za-z\d])Q(?P<m>[1-4])(?![A-Za-z\d])", lambda m: f"第{m['n'] or m['m']}四半期", needs="Q"),
        rule(r"(?P<n>\d{1,2})['′](?P<s>\d{2})(?:[\"″”]|'')(?P<per>[ ]?/[ ]?km(?![A-Za-z]))?", lambda m: f"{'一キロメートルあたり' if m['per'] else ''}{m['n']}分{m['s'].lstrip('0') or '0'}秒", needs="'′"),
        rule(r"(?<=[A-Za-z]\d)-(?=\d)", lambda _: " ", needs="-"),
        # no minus: GPT-4
        rule(r"(?<=[A-Za-z])-(?=\d)", lambda _: " ", needs="-"),
        rule(r"(?<=\d)[ ]?\*[ ]?(?=\d)", lambda _: "かける", needs="*"),
        rule(r"(?<![\d./])(?P<a>\d+)/(?P<b>\d+)(?=[ ]?=)", lambda m: f"{m['a']}割る{m['b']}" if int(m["a"]) >= int(m["b"]) else None, needs="/"),
        rule(r"‰", lambda _: "パーミル", needs="‰"),
        rule(r"(?P<d>\d{1,3})°[ ]?(?P<m>\d{1,2})′(?:[ ]?(?P<s>\d{1,2})″)?", lambda m: f"{m['d']}度{m['m']}分" + (f"{m['s']}秒" if m["s"] else ""), needs="°"),
        rule(r"(?<![\d-])(0\d{1,4})[(（](\d{1,4})[)）](\d{4})(?!\d)", _phone, needs="(（"),
        rule(r"(?<![A-Za-z])(?P<era>[RHS])(?P<y>\d{1,2})\.(?P<mon>\d{1,2})\.(?P<d>\d{1,2})(?![\d.])", lambda m: f"{_ERAS[m['era']]}{m['y']}年{m['mon'].lstrip('0')}月{m['d'].lstrip('0')}日", needs="RHS"),
        # addresses
        rule(r"(?<![\d.,A-Za-z-])(\d{1,3})[-−–](\d{1,3})[-−–](\d{1,4})(?:[-−–](\d{1,4}))?(?![\d-])", lambda m: "の".join(group for group in m.groups() if group), needs="-−–"),
        rule(r"(?<=[町村区条目])(\d{1,3})[-−–](\d{1,3})(?![\d-])", lambda m: f"{m[1]}の{m[2]}", needs="-−–"),
        rule(r"(?P<a>\d+(?:\.\d+)?)[ ]?/[ ]?(?P<b>\d+(?:\.\d+)?)[ ]?(?P<unit>[KMGT]B|L|mL|ml|kWh)(?![A-Za-z/])", lambda m: f"{m['b']}{m['unit']}中{m['a']}{m['unit']}", needs="/"),
        # days
        rule(r"(?<![\d/.-])(?P<y>20\d\d)/(?P<mon>0[1-9]|1[0-2])(?![\d/])", lambda m: f"{m['y']}年{m['mon'].lstrip('0')}月", needs="/"),
        rule(r"(?<![\d/.-])(?P<y>[23]\d)/(?P<mon>0?[1-9]|1[0-2])/(?P<d>0?[1-9]|[12]\d|3[01])(?![\d/])", lambda m: f"20{m['y']}年{m['mon'].lstrip('0')}月{m['d'].lstrip('0')}日", needs="/"),
        rule(r"(?<![\d-])(?P<mon>0[1-9]|1[0-2])-(?P<d>0[1-9]|[12]\d|3[01])(?=[ ]?\d{1,2}:\d\d)", lambda m: f"{m['mon'].lstrip('0')}月{m['d'].lstrip('0')}日", needs="-"),
        span_of_days(grammar),
        rule(r"(?<![\d./-])(?P<mon>1[0-2]|0?[1-9])/(?P<d>3[01]|[12]\d|0?[1-9])(?![\d/]|\.\d)(?P<tail>(?=[ ]?(?:の?(?:午前|午後|朝|夜|夕方|昼|正午)|[（(][月火水木金土日][）)・]|の?[ ]?\d{1,2}[:：時]|から|まで|締切|[-~～〜–—][ ]?\d{1,2}/\d)))?", month_and_day(grammar, _PART_RE), needs="/"),
        rule(r"(?<=[日\d])[ ]?[（(](?P<day>[月火水木金土日])(?:曜日?)?(?P<off>・?[祝休])?[）)]", lambda m: f"{m['day']}曜日{'祝日' if m['off'] else ''}", needs="（("),
        rule(rf"(?<=[日月年時分円歳人階度])[ ]?{_RANGE_SIGN}[ ]?(?=\d)", lambda _: "から", needs="-~～〜–—"),
        # Months have names, and no numbers alone: 三月から五月.
        rule(rf"(?<![\d.,/月-])(?P<n>1[0-2]|[1-9])[ ]?{_RANGE_SIGN}[ ]?(?=(?:1[0-2]|[1-9])月)", lambda m: f"{m['n']}月から", needs="-~～〜–—"),
        rule(rf"(?<![A-Za-z\d])(?:{alternatives(_NAMES)})(?![A-Za-z\d.])", lambda m: _NAMES[m.group()], needs=tuple(_NAMES)),
        rule(rf"(?<![\d\u4e00-\u9fff])(?P<a>[月火水木金土日])[ ]?(?:{_RANGE_SIGN}|から)[ ]?(?P<b>[月火水木金土日])(?![曜本\u4e00-\u9fff])", lambda m: f"{m['a']}曜から{m['b']}曜", needs="-~～〜–—か"),
        rule(r"(?<![\d\u4e00-\u9fff・])[月火水木金土日](?:[・･][月火水木金土日]){1,6}(?![曜\u4e00-\u9fff])", lambda m: "、".join(f"{day}曜" for day in m.group()[::2]), needs="・･"),
        rule(r"(?<=[\d円])[ ]?[~～〜](?=[\s、。）)]|$)", lambda _: "から", needs="~～〜"),
        # 十分 is "enough" as well, and 一〇分 ten minutes alone
        rule(rf"(?<![\d.,:時])(?P<low>\d{{1,2}}[ ]?{_RANGE_SIGN}[ ]?)?10(?=分(?!の\d))", lambda m: f"{m['low'].rstrip(_RANGE_SIGN + ' ')}から一〇" if m["low"] else "一〇", needs="分"),
        rule(rf"(?P<n>\d[\d,]*(?:[ ]?{_RANGE_SIGN}[ ]?\d[\d,]*)?)[ ]?rpm(?![A-Za-z])", lambda m: f"毎分{m['n']}回転", needs=("rpm",)),
        rule(rf"(?P<n>{number}(?:[ ]?{_RANGE_SIGN}[ ]?{number})?)[ ]?(?P<unit>km/h|m/s)(?![A-Za-z²0-9])", speed, needs="/"),
        rule(r"(?P<n>[-−]?\d+(?:\.\d+)?)[ ]?(?:°F|℉)(?![A-Za-z])", lambda m: f"華氏{m['n']}度", needs="°℉"),
        # the score of a match, batting averages, blood pressure
        rule(rf"(?P<lead>スコア(?:は|が|、|：|:)?[ ]?)?(?<![\d.,/:-])(?P<a>\d{{1,3}})[-–](?P<b>\d{{1,3}})(?(lead)|(?=(?:{_WON})))(?!\d)", score, needs="-–"),
        rule(r"(?P<lead>打率(?:は|が|を)?[ ]?)0?\.(?P<n>\d{3})(?!\d)", average, needs="."),
        rule(r"(?<![\d.,/])(?P<a>[7-9]\d|1\d\d|2[0-4]\d)/(?P<b>[4-9]\d|1[0-4]\d)(?=[ ]?mmHg)", lambda m: f"{m['a']}の{m['b']}", needs="/"),
        rule(r"(?<![A-Za-z])[Nn]o\.[ ]?(?P<n>1(?![\d.]))?(?=\d|(?<=1))", lambda m: "ナンバーワン" if m["n"] else "ナンバー", needs="."),
        rule(r"(?<![A-Za-z\d.,])\.(?=\d)", lambda _: "0.", needs="."),
    )  # fmt: skip


_ROOM = str.maketrans("0123456789", "〇一二三四五六七八九")


def _last_rules() -> tuple[Rule, ...]:
    numerals = "零一二三四五六七八九十"
    return (
        rule(rf"(?<=[日月年時分円])[ ]?[~～〜][ ]?(?=[{numerals}])", lambda _: "から", needs="~～〜"),
        rule(r"(?<=[A-Za-z])[～〜](?=[A-Za-z])", lambda _: "から", needs="～〜"),
        rule(r"(?<=[\u4e00-\u9fffァ-ヺー])[～〜](?=[\u4e00-\u9fffァ-ヺ])", lambda _: "から", needs="～〜"),
    )


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
    last_rules=_last_rules,
    per=lambda words, noun: f"{noun}あたり{words}",
    by="かける",
    ratio="対",
    score="対",
    after_span=frozenset("時月日年"),
    magnitudes="[百千]?万|億|兆|百万",
    rates=_RATES,
    before_unit="(?<=[数十百千万億余])",
    power=lambda exponent: f"の{'マイナス' if exponent < 0 else ''}{_count(abs(exponent))}乗",
    root="ルート",
    units=_UNITS,
    currencies=_CURRENCIES,
    digit_words=lambda figures: "".join(_DIGITS[int(digit)] for digit in figures),
    signs={
        ".": "点", "&": "アンド", "@": "アットマーク", "+": "プラス", "=": "イコール", "×": "かける", "÷": "割る", "±": "プラスマイナス", "≈": "約",
        "→": "から", "#": "ナンバー", "°": "度", "¥": "円", "$": "ドル", "€": "ユーロ", "%": "パーセント", "≥": "大なりイコール", "≤": "小なりイコール", "≠": "ノットイコール", "∞": "無限大", "Ω": "オーム", "<": "小なり", ">": "大なり", "©": "", "®": "", "™": "",
    },
)  # fmt: skip
