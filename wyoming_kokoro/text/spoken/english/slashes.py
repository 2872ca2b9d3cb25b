"""English words for a slash between two words: input/output, his/her, parents/guardians. Knows no figures.

It comes when paths, addresses and units are words already. What may be a path all the same, or the name of a branch or a
topic, keeps its "slash", and so does what stands in code. Two words of prose are one or the other, unless everybody knows
better or they say together what something behind them is.
"""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.markup import CODE_END
from wyoming_kokoro.text.spoken.rules import Rule, alternatives, rule

# One thing with two sides: said one after the other.
_SIDES = (
    "input/output", "read/write", "client/server", "love/hate", "price/performance", "cost/benefit", "risk/reward", "work/life", "host/guest",
    "push/pull", "master/slave", "primary/secondary", "publish/subscribe", "request/response", "key/value", "name/value", "signal/noise", "win/loss",
    "day/night", "black/white", "import/export", "upload/download", "hit/miss", "nature/nurture",
    "supply/demand", "source/sink", "sender/receiver", "producer/consumer", "fight/flight", "stimulus/response", "cause/effect", "question/answer", "try/catch", "try/except", "if/else", "get/set", "indoors/outdoors",
    "surf/turf", "singer/songwriter", "actor/director", "writer/director", "producer/director", "owner/operator", "user/password", "username/password", "gender/sex",
)  # fmt: skip
# One of the two.
_ONE_OF = (
    "he/she", "she/he", "him/her", "her/him", "his/her", "her/his", "his/hers", "himself/herself", "herself/himself", "they/them", "she/her", "he/him", "is/are", "was/were", "has/have",
    "a/an", "this/that", "these/those", "when/if", "if/when", "who/whom", "what/which", "can/should", "may/might", "will/would", "could/should", "can/will", "must/should", "left/right", "right/left", "male/female", "female/male",
    "man/woman", "men/women", "boy/girl", "boys/girls", "husband/wife", "mother/father", "mom/dad", "mum/dad", "son/daughter", "brother/sister", "parent/guardian", "parent/carer",
    "yours/mine", "first/last", "before/after", "above/below", "over/under", "more/less", "most/all", "some/all", "any/all", "enable/disable", "enabled/disabled", "enabling/disabling", "yes/no", "true/false",
    "increase/decrease", "raise/lower", "lock/unlock", "locked/unlocked", "home/away", "open/closed", "add/remove", "up/down", "tea/coffee", "coffee/tea", "morning/afternoon",
    "hot/cold", "wet/dry", "light/dark", "good/bad", "indoor/outdoor", "rain/snow", "snow/rain", "sleet/snow", "snow/sleet", "snow/ice", "fog/mist", "sir/madam", "if/then", "doctor/pharmacist", "red/green", "sooner/later", "early/late", "high/low", "fast/slow", "big/small", "hot/warm", "on/under", "in/on", "to/from", "with/without",
)  # fmt: skip
# Both.
_BOTH = (
    "latitude/longitude", "lat/long", "pros/cons", "pro/con", "terms/conditions", "friends/family", "family/friends", "heating/cooling", "heat/hot water", "mac/linux", "arts/crafts", "news/weather", "advantages/disadvantages",
    "strengths/weaknesses", "health/safety", "salt/pepper", "name/address", "research/development", "names/addresses", "repairs/maintenance", "shipping/handling", "pickup/delivery", "food/drink", "food/drinks", "date/time", "time/date", "day/date",
)  # fmt: skip
_JOINTS = {
    **dict.fromkeys(_SIDES, " "),
    **dict.fromkeys(_ONE_OF, " or "),
    **dict.fromkeys(_BOTH, " and "),
    "they/them": " ",
    "she/her": " ",
    "he/him": " ",
    "up/down": " ",
    "high/low": " ",
    "over/under": " ",
    "before/after": " ",
    "home/away": " ",
    "if/then": " ",
    "to/from": " and ",
}
# What two words before it are the sides or the kinds of.
_SIDED = (
    "ratio", "relationship", "model", "balance", "mix", "split", "cycle", "interface", "architecture", "operation", "analysis", "trade-off", "tradeoff", "debate", "distinction", "divide", "combination", "combo", "dichotomy",
    "pair", "team", "department", "system", "controller", "sensor", "switch", "mode", "access", "test", "device", "area", "room", "group", "class", "product", "platform", "company", "firm", "series", "hybrid", "film", "movie", "genre",
    "setup", "application", "app", "software", "hardware", "cable", "adapter", "port", "battery", "printer", "scanner", "function", "option", "button", "feature", "service", "server", "stack", "environment", "process", "policy", "border", "region",
    "conflict", "war", "match", "game", "deal", "merger", "partnership", "alliance", "event", "meeting", "call", "role", "position", "job", "score", "rate", "curve", "chart", "graph", "plot", "matrix", "table", "column", "row", "speed", "latency",
    "agreement", "lease", "contract", "dispute", "law", "communication", "router", "hub", "bridge", "gateway", "stick", "dongle", "radio", "coordinator", "conditions", "storage", "memory", "cache", "store", "shop", "restaurant", "bar", "cafe", "station", "line", "route", "lane", "path", "screen", "display", "monitor", "keyboard", "fight", "response", "approach", "pattern", "style", "design",
    "framework", "library", "engine", "driver", "filter", "valve", "pump", "unit", "kit", "set", "pack", "bundle", "menu", "view", "page", "form", "field", "value", "type", "format", "protocol", "standard", "ban", "act", "exam", "course", "program", "programme",
    "space", "office", "building", "house", "apartment", "flat", "market", "industry", "sector", "business", "agency", "organization", "organisation", "network", "connection", "link", "channel", "stream", "signal", "noise", "quality", "control", "supply", "management",
)  # fmt: skip
# What so many things are there to each of: "2 volunteers/shift".
_EACH = (
    "shift|day|week|month|year|hour|minute|second|person|session|class|team|group|game|room|night|visit|item|page|student|child|user|device|batch|box|pack|serving|household|employee|customer|"
    "capita|season|match|trip|meal|dose|seat|desk|table|unit|order|request|lap|mile|set|side|floor|server|node|core|line|sheet|slide|lesson|course"
)
# What names a place in a tree of files, branches or topics.
_TREE = (
    r"\b(?:branch(?:es)?|repo(?:sitory|s)?|path|director(?:y|ies)|folders?|topics?|package|module|origin|checkout|git|docker|npm|pip|cd|ls|cat|mkdir|rm|cp|mv|push|pull|clone|merge|"
    r"fetch|rebase|image|tag|endpoint|url|route|header|content-type|type|mime|file|files|dash[ ]\w{1,20}|under|subscribe|run|install|sudo|check[ ]out):?[ ](?:to[ ]|called[ ]|named[ ])?[\"“]?"
)
_ROOTS = frozenset(
    ["src", "lib", "docs", "doc", "origin", "upstream", "feature", "fix", "bugfix", "hotfix", "release", "refs", "heads", "text", "application", "multipart", "user", "users", "owner", "org", "etc", "var", "tmp", "usr", "bin",
     "config", "zigbee", "frigate", "homeassistant", "esphome", "api", "github", "node", "dev", "test", "tests", "scripts", "assets", "static", "templates", "blueprints", "packages", "www", "share", "ssl", "backup"]
)  # fmt: skip
_LEAVES = frozenset(["main", "master", "develop", "json", "html", "xml", "css", "plain", "jpeg", "png", "set", "state", "get", "repo", "index", "hosts", "latest", "id"])  # fmt: skip

_NUMBER_WORD = r"(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]{3,5}teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)"
_WORD = r"[A-Za-z]{2,20}"
_COMPOUND = r"[A-Za-z]{2,20}(?:-[A-Za-z]{2,12})?"
# Not before a dot or a slash, nor where code ends.
_NOT_PATH = rf"(?![\w/\\@_{CODE_END}]|[.-]\w)"

_BEFORE_SIDED_RE = re.compile(rf" (?:{alternatives(_SIDED)})s?\b")
_TREE_RE = re.compile(rf"(?:{_TREE})\Z", re.IGNORECASE)


def rules() -> tuple[Rule, ...]:
    """In the order they have to be applied."""
    return (
        rule(rf"(?P<a>{_WORD})/(?P<b>{_WORD}){_NOT_PATH}", lambda m: _joined(m, " to "), needs="/", behind=r"\bratio[ ]of[ ]"),
        rule(rf"(?<![\w/\\@.-])(?P<pair>{alternatives(_JOINTS)}){_NOT_PATH}", _known, needs="/", flags=re.IGNORECASE),
        rule(rf"(?<![\w/\\@.-])(?P<a>[a-z]{{3,20}}s)/(?P<b>{_EACH}){_NOT_PATH}", lambda m: _joined(m, " per "), needs="/"),
        rule(rf"(?<![\w/\\@.-])(?P<a>{_COMPOUND})/(?P<b>{_COMPOUND})(?=[ ](?:[a-z]{{3,12}}[ ])?(?:{alternatives(_SIDED)})s?\b)", lambda m: _joined(m, " "), needs="/"),
        rule(rf"(?<![\w/\\@.-])(?P<a>{_WORD})/(?P<b>{_WORD}){_NOT_PATH}", _alike, needs="/"),
        # names of things that some have: "Windows/Mac users"; letters: "HIV/AIDS", "TCP/UDP"
        rule(rf"(?<=[a-z\d,][ ])(?P<a>[A-Z]{_WORD})/(?P<b>[A-Z]{_WORD})(?=[ ](?:users|devices|accounts|phones|computers|machines|apps|systems|customers|owners|fans|clients|servers|laptops|tablets|models)\b)", lambda m: _joined(m, " and "), needs="/"),
        rule(rf"(?<![\w/\\@.-])(?P<a>[A-Z]{{2,5}})/(?P<b>[A-Z]{{2,5}}){_NOT_PATH}", lambda m: f"{m['a']} {m['b']}", needs="/"),
        # two measures, two times: "9 a.m. ET/6 a.m. PT"
        rule(rf"(?<=[A-Za-z])/(?={_NUMBER_WORD}\b)", lambda _: ", ", needs="/"),
        rule(rf"(?<![\w/\\@.{CODE_END}-])(?!{_NUMBER_WORD}/)(?P<a>{_WORD})/(?P<b>{_WORD}){_NOT_PATH}", lambda m: _joined(m, " " if _ends_alike(m) else " or "), needs="/"),
        rule(rf"(?<![\w/\\@.{CODE_END}-])(?P<a>{_WORD})/(?P<b>{_WORD})/(?P<c>{_WORD}){_NOT_PATH}", _one_of_three, needs="/"),
        rule(rf"/{CODE_END}", lambda _: "slash", needs=CODE_END),
        rule(CODE_END, lambda _: "", needs=CODE_END),
    )  # fmt: skip


def _known(match: re.Match[str]) -> str | None:
    a, b = match["pair"].split("/")
    if _is_in_tree(match):
        return None
    joint = _JOINTS[match["pair"].lower()]
    if joint == " or " and _BEFORE_SIDED_RE.match(match.string[match.end() : match.end() + 16]):
        joint = " "  # "the enable/disable button"
    return f"{a}{joint}{b}"


def _alike(match: re.Match[str]) -> str | None:
    """Two of a form, both things or both doings: "parents/guardians", "walking/running"."""
    a, b = match["a"], match["b"]
    for end in ("ing", "ed", "ly", "s"):
        if (
            a.endswith(end)
            and b.endswith(end)
            and min(len(a), len(b)) >= len(end) + 2
            and not a.endswith("ss")
        ):
            return _joined(match, " or ")
    return None


def _one_of_three(match: re.Match[str]) -> str | None:
    words = _joined(match, ", ")
    return None if words is None else f"{words} or {match['c']}"


def _ends_alike(match: re.Match[str]) -> bool:
    """One thing that does two: "washer/dryer", "actor/comedian"."""
    return all(re.search("(?:er|or|ist|ian|ress)$", match[each]) is not None for each in "ab")


def _joined(match: re.Match[str], joint: str) -> str | None:
    a, b = match["a"], match["b"]
    if a in _ROOTS or b in _LEAVES or _is_in_tree(match):
        return None
    return f"{a}{joint}{b}"


def _is_in_tree(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 40) : match.start()]
    return _TREE_RE.search(before) is not None
