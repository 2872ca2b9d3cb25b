"""Turns text into sentences as it arrives. Knows nothing of voices or audio.

`sentence-stream` judges what ends a sentence. But it searches all it holds again with every chunk, so
that a long text in small chunks takes it minutes, and a closing quote that comes a chunk after its
"…" starts the next sentence. So its detector is handed text only when the character that decides is
in, at places that depend on the text alone: any split of a text gives the same sentences. What the
detector would not take for an end (the items of a list, a sentence in bold, two messages joined
without a space) it is told in its own language: by a blank line.

One stretch of text, as `SentenceSplitter` sees it:

    … the light is on     .**⏎⏎        N              ext, the …
    plain                 turn         next           plain
    cannot end anything   stops, line  the character  handed to the detector
                          breaks and   that decides   with the next turn
                          what hugs
                          them

Who has run out of things to say need not wait for a sentence's end: `take_clause` cuts off the front of a
sentence that is still incomplete, where a reader would take a breath. It leaves the sentences' ends where they
are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from sentence_stream import SentenceBoundaryDetector

from wyoming_kokoro.text.fences import FenceFilter

MAX_SENTENCE_CHARS = 1_000  # the model reads 510 phonemes at once, so a longer sentence is cut anyway
SHORT_LINE_CHARS = 40  # prose that was wrapped by hand or by a mail program has longer lines

# A clause has to be so long: "Yes, of course," sounds clipped when it is spoken by itself, and the model's melody
# needs some words to unfold.
MIN_CLAUSE_CHARS = 20
MIN_CLAUSE_WORDS = 4
MIN_UNSPACED_CLAUSE_CHARS = 8  # in a script that puts no spaces between words
_MIN_PART_WORDS = 2  # between two commas; "apples, pears, plums" and "Yes, Mary, ..." are not to be cut
_MIN_UNSPACED_PART_CHARS = 4

_STOPS = ".!?…؟।॥。！？"
_EMPHASIS = "*_`~"
_CLOSERS = "'\")]}’”»」』）》】〕〉" + _EMPHASIS
_OPENERS = "'\"([{‘“«„¿¡「『（《【〔〈" + _EMPHASIS
_ITEM_MARKS = "-*+•‣◦–#>|"  # how a line of a list, a heading, a quotation or a table begins

_RUN = re.escape(_STOPS + _CLOSERS + _OPENERS) + r"\s"
_TURN_RE = re.compile(rf"(?P<run>[{re.escape(_STOPS)}\n][{_RUN}]*)(?P<next>[^{_RUN}])?")
_RUN_PARTS_RE = re.compile(
    rf"(?P<end>[{re.escape(_STOPS)}][{re.escape(_STOPS + _CLOSERS)}]*)(?P<gap>\s*)(?P<rest>.*)", re.DOTALL
)
_MARKED_LINE_RE = re.compile(rf"\s*(?:[{re.escape(_ITEM_MARKS)}]|\d{{1,3}}[.)])")
_LAST_WORD_RE = re.compile(r"[^\W\d_]*$")
_CLAUSE_END_RE = re.compile(r"[,;:—]\s|[，、；：]")
_SPACE_RE = re.compile(r"\s")

# The number of a list item, and words that lead on to the next one: "Prof." "Smith", "7 p.m." "ET".
_ITEM_NUMBER_RE = re.compile(r"\(?\d{1,3}[.)]+")
# In the Romance languages streets and titles too: "av." "Foch", "la Srta." "Gil", "p. ej." "Madrid".
_LEADS_ON_RE = re.compile(
    r"\b(?:e\.g|i\.e|vs|cf|approx|Prof|Capt|Messrs|Avda|avda|Ctra|ctra|Dott|dott|Srta|srta|Profa|profa|Spett|Mons|prof|avv|sigg?|sra?|dra?|arch|geom|"
    r"av|apr|bd|boul|p\.[ ]?ej|p\.[ ]?ex|p\.[ ]?es|p\.zza|ad[ ]es)\.$|\d[ ]?[ap]\.m\.$"
)

# Where a clause may end, when what follows has begun: "10:30" and "1,000" have nothing like it.
_BREATH_RE = re.compile(
    rf"(?:[,;:–—][{re.escape(_CLOSERS)}]*|(?P<bracket>[)\]}}]))(?=\s+\S)"
    rf"|[、，；：][{re.escape(_CLOSERS)}]*(?=\s*\S)"
)
# A stop that the detector takes for a sentence's end if the number after it turns out to be a list item's.
_PERHAPS_ITEM_RE = re.compile(
    rf"[{re.escape(_STOPS)}][{re.escape(_CLOSERS)}]*\s+\d+(?:[.)]{{1,2}}(?:\s|$)|$)"
)
_UNSPACED_RE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")  # kana and Chinese characters

# What closes what opens, for text in which no clause ends.
_CLOSED_BY = {
    **dict(zip("([{\"'“‘«「『（《【〔〈", ")]}\"'”’»」』）》】〕〉", strict=True)),
    "„": "“”",
    "»": "«",
}
_HUGGING = "\"'»*_`"  # what opens only where it hugs a word
_ENCLOSURE_RE = re.compile(rf"\*+|_+|`+|[{re.escape(''.join([*_CLOSED_BY, *_CLOSED_BY.values()]))}]")

# The detector would strip asterisks, and "2*3*4" with them would become "234": markup is
# `normalize`'s business, so asterisks pass the detector as a code point that never stands in text.
_ASTERISK = "\ufdd0"


class SentenceSplitter:
    """Splits one stream of text. Made per stream, fed, flushed and dropped; not thread-safe.

    However a text is cut into chunks, `feed` and `flush` together return the same sentences, and
    together they hold every character of the text but white space and blocks of code, of which a bare fence
    is left. A sentence comes out with the
    character that shows it has ended: the first letter of the next one. Sentences that nothing ends
    are cut at `MAX_SENTENCE_CHARS`, between clauses or words where there are any.

    `take_clause`, whenever it is called, takes from the front of a sentence only, so that clauses and
    sentences in the order they come hold the same characters, and each sentence ends where it did.
    """

    def __init__(self) -> None:
        self._fences = FenceFilter()
        self._detector = SentenceBoundaryDetector()
        self._held = ""  # not yet handed to the detector
        self._settled_chars = 0  # how much of `_held` has no turn in it
        self._before = ""  # the last characters handed over: what a stop stands behind
        self._line = ""  # how the current line begins, one character more than a short line has
        self._lead = ""  # sentence that waits for the next one
        self._is_begun = False  # whether the front of the open sentence has been taken

    def feed(self, text: str) -> list[str]:
        """Takes the next piece of the stream, returns the sentences that are now complete."""
        sentences: list[str] = []
        self._take(self._fences.feed(text), sentences)
        return sentences

    def flush(self) -> list[str]:
        """Ends the stream, returns what was still open: no sentence, one, or a few short ones."""
        sentences: list[str] = []
        self._take(self._fences.flush(), sentences)
        self._hand_over(self._held, sentences)
        self._held = ""
        self._complete(self._detector.finish(), sentences)
        if self._lead:
            sentences.append(self._lead)
            self._lead = ""
        return sentences

    def take_clause(self) -> str | None:
        """Takes what there is of the open sentence, up to the last place where a cut reads well; None: nowhere.

        The rest of the sentence comes out as a sentence, and there is a rest. Where the sentence may have
        ended, which the next character tells, nothing is taken: it is to be spoken whole.
        """
        if self._settled_chars < len(self._held):
            return None
        handed = self._detector.current_sentence + self._detector.remaining_text
        text = handed.replace(_ASTERISK, "*") + self._held
        if (end := _clause_end(text)) is None:
            return None
        self._drop_front(end)
        clause = f"{self._lead} {text[:end].strip()}".lstrip()
        self._lead = ""
        self._is_begun = True
        return clause

    def _take(self, text: str, sentences: list[str]) -> None:
        start = 0
        while start < len(text):
            room_chars = MAX_SENTENCE_CHARS - self._n_open_chars()
            self._held += text[start : start + room_chars]
            start += room_chars
            self._settle(sentences)
            if self._n_open_chars() >= MAX_SENTENCE_CHARS:
                self._cut(sentences)

    def _drop_front(self, n_chars: int) -> None:
        """Forgets so many characters of the open sentence, all of which are settled."""
        current, remaining = self._detector.current_sentence, self._detector.remaining_text
        n_handed = len(current) + len(remaining)
        self._detector.current_sentence = current[n_chars:]
        self._detector.remaining_text = remaining[max(0, n_chars - len(current)) :]
        n_held = max(0, n_chars - n_handed)
        dropped, self._held = self._held[:n_held], self._held[n_held:]
        self._settled_chars = len(self._held)
        self._before = (self._before + dropped)[-4:]
        self._line = (self._line + dropped)[: SHORT_LINE_CHARS + 1]

    def _n_open_chars(self) -> int:
        return len(self._held) + len(self._detector.remaining_text) + len(self._detector.current_sentence)

    def _settle(self, sentences: list[str]) -> None:
        """Hands over everything up to the last turn whose next character is known."""
        while turn := _TURN_RE.search(self._held, self._settled_chars):
            if turn["next"] is None:
                self._settled_chars = turn.start()
                return
            plain = self._held[: turn.start()]
            self._held, self._settled_chars = self._held[turn.end() :], 0
            self._before = (self._before + plain)[-4:]
            self._line = (self._line + plain)[: SHORT_LINE_CHARS + 1]
            run = self._with_breaks(turn["run"], turn["next"])
            self._hand_over(plain + run + turn["next"], sentences)
            self._before = turn["next"]
        self._settled_chars = len(self._held)

    def _with_breaks(self, run: str, next_char: str) -> str:
        """The run of a turn, with a blank line where a sentence ends and the detector would not see it."""
        if "\n" in run:
            line_ends = self._line_ends(run, next_char)
            self._line = run.rpartition("\n")[2].lstrip() + next_char
            return run.replace("\n", "\n\n", 1) if line_ends else run
        self._line = (self._line + run + next_char)[: SHORT_LINE_CHARS + 1]
        parts = _RUN_PARTS_RE.fullmatch(run)
        assert parts is not None, run
        end, gap, rest = parts["end"], parts["gap"], parts["rest"]
        if gap:
            unseen = bool(rest) or any(mark in end for mark in _EMPHASIS)
            ends = unseen and _begins_sentence(next_char) and not self._is_abbreviated(end)
        elif next_char.isupper():
            # Home Assistant joins the messages around a tool call without a space: "…light.Done".
            ends = len(self._before) >= 2 and self._before[-2:].isalpha() and self._before[-2:].islower()
        else:
            ends = end[0] not in ".…" and _begins_sentence(next_char)
        return f"{end}\n\n{rest}" if ends else run

    def _line_ends(self, run: str, next_char: str) -> bool:
        """Whether the line break in a run ends a sentence, or only a line of wrapped prose."""
        if run.count("\n") > 1 or self._line.lstrip().startswith("#"):
            return True
        first = (run.rpartition("\n")[2].lstrip() + next_char)[0]
        if first in _ITEM_MARKS or first.isdigit():
            return True
        if first.islower():
            return False
        return len(self._line) <= SHORT_LINE_CHARS or _MARKED_LINE_RE.match(self._line) is not None

    def _is_abbreviated(self, end: str) -> bool:
        """Whether a stop belongs to a title or an initial, by the detector's rule: "Dr.", "J."."""
        last_word = _LAST_WORD_RE.search(self._before)
        assert last_word is not None
        word = last_word.group()
        return end[0] == "." and 1 <= len(word) <= 3 and word[0].isupper()

    def _hand_over(self, piece: str, sentences: list[str]) -> None:
        for sentence in self._detector.add_chunk(piece.replace("*", _ASTERISK)):
            self._complete(sentence, sentences)

    def _complete(self, sentence: str, sentences: list[str]) -> None:
        """Adds a finished sentence, together with one that waited for it."""
        sentence = sentence.replace(_ASTERISK, "*").strip()
        if not sentence:
            return
        if self._lead:
            sentence, self._lead = f"{self._lead} {sentence}", ""
        is_item_number = _ITEM_NUMBER_RE.fullmatch(sentence) is not None and not self._is_begun
        self._is_begun = False
        if (is_item_number or _LEADS_ON_RE.search(sentence)) and len(sentence) < MAX_SENTENCE_CHARS:
            self._lead = sentence
        else:
            sentences.append(sentence)

    def _cut(self, sentences: list[str]) -> None:
        """Ends a sentence that has grown too long, as late as there is a good place for it."""
        text = self._detector.finish().replace(_ASTERISK, "*") + self._held
        end = len(text)
        for mark_re in (_CLAUSE_END_RE, _SPACE_RE):
            marks = [mark.end() for mark in mark_re.finditer(text, MAX_SENTENCE_CHARS // 2)]
            if marks:
                end = marks[-1]
                break
        self._complete(text[:end], sentences)
        self._held, self._settled_chars = text[end:], 0
        self._before = ""
        self._line = text[: SHORT_LINE_CHARS + 1]
        self._settle(sentences)


def split_sentences(text: str) -> list[str]:
    """The sentences of a whole text, as a stream of it would give them."""
    splitter = SentenceSplitter()
    return [*splitter.feed(text), *splitter.flush()]


def _begins_sentence(char: str) -> bool:
    """Whether a letter can be the first of a sentence: a capital, or of a script without capitals."""
    return char.isalpha() and not char.islower()


def _clause_end(text: str) -> int | None:
    """Where the longest clause at the front of a text ends that can be spoken by itself."""
    if _PERHAPS_ITEM_RE.search(text):
        return None
    enclosed = list(_enclosed_spans(text))
    breaths = [each for each in _BREATH_RE.finditer(text) if _is_between_clauses(text, each, enclosed)]
    ends = [each.end() for each in breaths]
    is_part_long = [
        _is_long(text[start:end], _MIN_PART_WORDS, 0, _MIN_UNSPACED_PART_CHARS)
        for start, end in pairwise([0, *ends])
    ]
    for index, end in reversed(list(enumerate(ends))):
        if all(is_part_long[index : index + 2]) and _is_long(
            text[:end], MIN_CLAUSE_WORDS, MIN_CLAUSE_CHARS, MIN_UNSPACED_CLAUSE_CHARS
        ):
            return end
    return None


def _is_between_clauses(text: str, breath: re.Match[str], enclosed: list[tuple[int, int]]) -> bool:
    """Whether a mark is not within quotes or the like, nor within a number: "1, 2, 3", "10 – 12"."""
    end = breath.end()
    if any(first < end < last for first, last in enclosed):
        return False
    if breath["bracket"]:
        return any(end == last for _, last in enclosed)  # not ":)" or "a)"
    return not (text[: breath.start()].rstrip()[-1:].isdigit() and text[end:].lstrip()[:1].isdigit())


def _is_long(text: str, n_words: int, n_chars: int, n_unspaced_chars: int) -> bool:
    """Whether a text has so many words and characters, or so many of a script without spaces."""
    if len(_UNSPACED_RE.findall(text)) >= n_unspaced_chars:
        return True
    words = [word for word in text.split() if any(char.isalnum() for char in word)]
    return len(words) >= n_words and len(text.strip()) >= n_chars


def _enclosed_spans(text: str) -> Iterator[tuple[int, int]]:
    """From where to where quotes, brackets or emphasis are open: to beyond the end, if nothing closes them.

    What only looks like an opener keeps a clause from being taken, and does no other harm.
    """
    closers: list[tuple[str, ...]] = []  # of each that is open
    start = 0
    for mark in _ENCLOSURE_RE.finditer(text):
        sign, before = mark.group(), text[mark.start() - 1 : mark.start()]
        after = text[mark.end() : mark.end() + 1]
        if closers and sign in closers[-1] and not (sign in "'’" and after.isalnum()):
            closers.pop()
            if not closers:
                yield start, mark.end()
        elif sign in _CLOSED_BY or sign[0] in _EMPHASIS:
            is_bullet = sign[0] in _HUGGING and after.isspace()
            is_apostrophe = sign[0] in "'_»" and before.isalnum()
            if is_bullet or is_apostrophe:
                continue
            start = start if closers else mark.start()
            closers.append(tuple(_CLOSED_BY.get(sign, [sign])))
    if closers:
        yield start, len(text) + 1
