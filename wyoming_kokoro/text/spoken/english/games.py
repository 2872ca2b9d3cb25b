"""English words for sport and games: scores, sets, records, formations, odds, moves in chess.

A hyphen between figures is "to" nearly everywhere else; what stands around it tells here. Knows no dates or times.
"""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.english.numbers import Numbers
from wyoming_kokoro.text.spoken.rules import Rule, rule

# How a score is told. What is won by "2-0" is said in both Englishes by "two nil", from ten on by "to nothing".
_RESULT = (
    r"won|wins?|winning|beat|beats|beating|beaten|defeat(?:s|ed|ing)?|lost|lose|loses|losing|loss|victory|victories|leads?|led|leading|"
    r"trail(?:s|ed|ing)?|draws?|drew|drawn|ties?|tied|level|swept|thrash(?:ed|es)|cruised|eliminated"
)
_TELLS_SCORE = r"score|scoreline|final|full[ -]time|half[ -]?time|FT|HT|result|ended|finished|went|stands|stood|made[ ]it|it[ ]was|it's|up|down|ahead"
_BEHIND_SCORE = (
    r"(?:home[ ]|away[ ]|aggregate[ ]|series[ ]|comeback[ ]|come-from-behind[ ])?(?:win|victory|defeat|loss|lead|draw|tie|stalemate|thrashing|shutout|sweep|rout|triumph|scoreline|"
    r"up\b(?!-)|down|ahead|behind|on[ ]aggregate|at[ ](?:half|full|the[ ]break|the[ ]interval)|after[ ]extra|in[ ]the[ ](?:\d|first|second|third|fourth|final|series))"
)
_FEW_WORDS = r"[^.!?\d]{0,40}?"
_FREE = r"(?<![\w.,/$€£–-])"
_PAIR = r"(?P<a>\d{1,3})[-–](?P<b>\d{1,3})(?![\w/%°]|[-–]\d|[.,:]\d)"
_SET = r"\d{1,2}[-–]\d{1,2}(?:[ ]?\(\d{1,2}(?:[-–]\d{1,2})?\))?"
_SET_RE = re.compile(r"(\d{1,2})[-–](\d{1,2})")
_TIE_BREAK_RE = re.compile(r"[ ]?\((\d{1,2})\)")

_PIECES = {"K": "king", "Q": "queen", "R": "rook", "B": "bishop", "N": "knight"}
_MOVE = r"(?:(?P<piece>[KQRBN])(?P<from>[a-h]?[1-8]?)(?P<takes>x?)|(?P<pawn>[a-h])x)(?P<file>[a-h])(?P<rank>[1-8])(?P<end>(?:=[QRBN])?[+\#]?)"
# Ions of these elements look like a check: "Ba2+".
_ION_RE = re.compile(r"(?:Ba|Be|Na|Nb|Ra|Rb)\d\+")


class Games:
    """Reads scores and moves, with numbers as one of the two Englishes says them."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def rules(self) -> tuple[Rule, ...]:
        """In the order they have to be applied, before all that reads a "+", a "#" or a range."""
        count = self._numbers.cardinal
        return (
            # chess
            rule(rf"(?<![\w/=-])(?P<n>\d{{1,3}}\.{{1,3}}[ ]?)?{_MOVE}(?![\w/-])", self._move, needs="12345678"),
            rule(r"(?<![\w/-])(?P<n>\d{1,3}\.{1,3}[ ]?)?O-O(?P<long>-O)?(?![\w-])", lambda m: f"{m['n'].rstrip('. ') + '. ' if m['n'] else ''}castles{' long' if m['long'] else ''}", needs=("O-O",)),
            # sets and scores
            rule(r"(?<=[a-z])[ ]d\.[ ](?=[A-Z][a-z]+[ ]\d{1,2}[-–]\d)", lambda _: " defeated ", needs=(" d. ",)),
            rule(rf"(?<![\w.,/$€£–-])(?P<sets>{_SET}(?:,?[ ]{_SET}){{1,4}})(?![\w/%°]|[-–]\d|[.,:]\d)", self._sets, needs="-–"),
            rule(rf"{_FREE}{_PAIR}", self._record, needs="-–", behind=r"\b(?:(?:improved|fell|dropped|moved)[ ]to|record(?:[ ](?:of|is|to|stands[ ]at)|:)?)[ ]"),
            rule(rf"(?<=\(){_PAIR}(?=\)|,[ ]\d)", lambda m: self._record(m) if int(m["a"]) > int(m["b"]) or re.search(r"\b(?:visit|host|face|play|beat|vs|at home)\w*\b[^.]{0,40}\Z", m.string[max(0, m.start() - 60) : m.start()]) else None, needs="-–", behind=r"(?-i:\b[A-Z]\w+)[ ]\("),
            rule(r"(?<![\w./])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?=,?[ ](?:for[ ])?\d{1,3}[ ](?:yds?|yards)\b|[ ](?:passing|shooting|FG|3PT|from[ ](?:three|deep|the[ ]field|the[ ]line)))", lambda m: f"{count(m['a'])} of {count(m['b'])}", needs=(" yd", " yards", " passing", " shooting", " FG", "3PT", " from ")),
            rule(rf"{_FREE}{_PAIR}(?=[ ]count\b)", lambda m: f"{count(m['a'])} {count(m['b'])}", needs=(" count",)),
            rule(rf"{_FREE}{_PAIR}(?=,|[ ](?:in|on|against|at)\b)", self._record, needs=(" now ",), behind=r"\b(?:they|we|who|he|she|it|[A-Z][a-z]+s)(?:'re|'s|[ ]are|[ ]is)[ ]now[ ]"),
            rule(rf"{_FREE}{_PAIR}(?=[ ](?:vs\b|versus\b|against\b|all-time\b|lifetime\b|at[ ]home\b|on[ ]the[ ]road\b|when\b|since\b|to[ ]start\b))", self._record, needs=("'s ", "'re ", "’s ", "’re ", " is ", " are ", " was ", " were "), behind=r"\b(?:they|we|who|he|she|(?-i:[A-Z][a-z]+))(?:['’]re|['’]s|[ ]are|[ ]is|[ ]was|[ ]were)[ ]"),
            rule(rf"{_FREE}{_PAIR}(?=[ ](?:this[ ]season|on[ ]the[ ]season|this[ ]year|record|start)\b)", self._record, needs="-–"),
            rule(rf"{_FREE}{_PAIR}", self._score, needs="-–", behind=rf"\b(?:{_RESULT})\b{_FEW_WORDS}[ ]\(?"),
            rule(rf"{_FREE}(?!0){_PAIR}", self._score, needs="-–", behind=rf"\b(?:{_TELLS_SCORE})\b{_FEW_WORDS}[ ]\(?"),  # "a score of 0-10" may be a range
            rule(rf"{_FREE}{_PAIR}(?=[ -]{_BEHIND_SCORE})", self._score, needs="-–"),
            rule(rf"(?<=[a-z][ ]){_PAIR}(?=[ ][A-Z][a-z]+)", self._score, needs="-–", behind=r"(?-i:\b[A-Z][a-z]+)[ ]"),
            # runs for wickets
            rule(rf"{_FREE}(?P<a>\d{{2,3}})[-–](?P<b>\d)(?![\w/%°]|[-–]\d|[.,:]\d)(?=[ ](?:\([^()]{{2,60}}\)[ ])?(?:at[ ](?:tea|lunch|stumps|the[ ]close)|declared|off[ ]\d|after[ ]\d{{1,2}}(?:\.\d)?[ ]overs))", lambda m: f"{count(m['a'])} for {count(m['b'])}", needs=(" at ", " declared", " off ", " overs")),
            # formations and the like: 4-3-3, 4-7-8
            rule(r"(?<![\w.,/$€£–-])(?P<all>\d{1,2}(?:-\d{1,2}){2,4})(?![\w/%°]|-\w|[.,:]\d)", lambda m: (" " if m["all"].count("-") < 4 else ", ").join(count(str(int(part))) for part in m["all"].split("-")), needs="-"),
            # 3×8-12: so many sets of so many
            rule(r"(?<![\w.,/])(?P<sets>\d)[ ]?[x×][ ]?(?P<a>\d{1,2})[-–](?P<b>\d{1,2})(?![\w/%°]|[-–.,:]\d|[ ]?(?:mm|cm|m|kg|g|ml|in|ft)\b)", lambda m: f"{count(m['sets'])} set{'' if m['sets'] == '1' else 's'} of {count(m['a'])} to {count(m['b'])}", needs="x×"),
            # odds
            rule(r"(?<![\w/.])(?P<a>\d{1,3})/(?P<b>\d{1,2})(?![\w/%])", lambda m: f"{count(m['a'])} to {count(m['b'])}", needs="/", behind=rf"\b(?:odds|priced|bets?|favou?rites?|backed|starting[ ]price|outsiders?)\b{_FEW_WORDS}"),
            rule(r"(?<![\w/.])(?P<a>\d{1,3})/(?P<b>\d{1,2})(?=[ ](?:(?:joint|clear|red-hot)[ ])?(?:shot|favou?rite|outsider|odds)\b)", lambda m: f"{count(m['a'])} to {count(m['b'])}", needs="/"),
            # shares of a whole: an 80/20 mix
            rule(r"(?<![\w.,/$€£–-])(?P<a>\d0|\d5)(?:/|[-–](?=\d\d[ ](?:split|vote|mix|rule|chance|share|ratio|blend|margin)))(?P<b>\d0|\d5)(?![\w/%°]|[-–]\d|[.,:]\d)", lambda m: f"{count(m['a'])} {count(m['b'])}" if int(m["a"]) + int(m["b"]) == 100 and m["a"] != m["b"] else None, needs="/-–"),
            rule(r"(?<![\w.,/-])(?P<a>[5-9]\d)/(?P<b>[1-4]?\d)(?![\w/%°-]|[.,:]\d)", lambda m: f"{count(m['a'])} {count(m['b'])}" if int(m["a"]) + int(m["b"]) == 100 else None, needs="/"),
            rule(r"(?<![\w.,/-])(?P<a>\d\d)/(?P<b>\d{1,2})(?=[ ](?:[Pp]omodoro|rule|diet|fasting|fast|cycle|intervals?|schedule)\b)", lambda m: f"{count(m['a'])} {count(m['b'])}", needs="/"),
            rule(r"(?<![\w.,/-])20[-/]20(?=[ ]vision|[.,!?]|$)", lambda _: "twenty-twenty", needs=("20/20", "20-20")),
            rule(r"(?<![\w.,/-])10-4(?=[,.!?]|$)", lambda _: "ten four", needs=("10-4",)),
        )  # fmt: skip

    def _move(self, match: re.Match[str]) -> str | None:
        if _ION_RE.fullmatch(match.group()):
            return None
        words = [f"{match['n'].rstrip('. ')}."] if match["n"] else []
        words.append(_PIECES[match["piece"]] if match["piece"] else match["pawn"].upper())
        words += [char.upper() for char in match["from"] or ""]
        if match["takes"] or match["pawn"]:
            words.append("takes")
        words += [match["file"].upper(), match["rank"]]
        end = match["end"]
        said = " ".join(words)
        if "=" in end:
            said += f" promotes to {_PIECES[end[1]]}"
        return said + {"+": ", check", "#": ", checkmate"}.get(end[-1:], "")

    def _sets(self, match: re.Match[str]) -> str | None:
        """6-4, 3-6, 7-6 (7-5): sets, but only where no row of pages or ages can be meant."""
        sets = [(int(a), int(b)) for a, b in _SET_RE.findall(match["sets"])]
        if not any(a > b for a, b in sets):
            return None
        spoken = _TIE_BREAK_RE.sub(lambda tie: f" ({self._numbers.cardinal(tie[1])})", match["sets"])
        return _SET_RE.sub(lambda pair: f"{self._of_set(pair[1])} {self._of_set(pair[2])}", spoken)

    def _of_set(self, games: str) -> str:
        return "love" if games == "0" else self._numbers.cardinal(games)

    def _record(self, match: re.Match[str]) -> str:
        """12-5 this season: so many won and so many lost."""
        a, b = (self._numbers.cardinal(match[each]) for each in "ab")
        return f"{a} and {'oh' if b == 'zero' else b}"

    def _score(self, match: re.Match[str]) -> str | None:
        a, b = match["a"], match["b"]
        if a == b:
            return "nil nil" if a == "0" else f"{self._numbers.cardinal(a)} all"
        if "0" not in (a, b):
            return None
        first, second = ("nil" if each == "0" else self._numbers.cardinal(each) for each in (a, b))
        is_large = max(len(a), len(b)) > 1
        return f"{first} to nothing" if is_large and b == "0" else f"{first} {second}"
