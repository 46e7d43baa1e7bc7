"""
Names in Chinese, Japanese and Korean text: scripts in which no capital marks them.

Japanese: runs of kanji, katakana and Latin letters between hiragana, with what stands before
a name ("米", "株式会社の"-like modifiers) and behind it ("社", dates) taken off. Korean: words
less their particles. Chinese has its own module. Words of the lexicon are no names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crawler.classify import hannames, roles
from crawler.classify.cues import Cue
from crawler.classify.names import Mention
from crawler.classify.reading import Line, Reading
from crawler.classify.roles import Part

_NOISE = (
    frozenset(
        (
            "raise",
            "invest",
            "issue",
            "status",
            "use",
            "total",
            "refuse",
            "valuation",
            "round",
            "bond",
        )
    )
    | frozenset(
        ("loan", "ipo", "fund_close", "reporter", "not_name", "bond_type", "acquisition", "person")
    )
    | frozenset(
        (
            "funding",
            "barrier",
            "teaser",
            "genre",
            "descriptor",
            "place",
            "lead",
            "investor",
            "bookrunner",
        )
    )
)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that may be a name, with what is seen beside it."""

    start: int
    end: int
    described: bool = False
    quoted: bool = False
    weak: bool = False  # a modifier: something else is said of what follows it
    sure: bool = False  # a bank, a fund, a legal form: no other evidence is needed


def names_of(reading: Reading) -> list[Mention]:
    """Return the names of an article in an unspaced script, from left to right."""
    if reading.lang == "zh":
        return hannames.names_of(reading)
    runs: Callable[[Line, Reading], Iterator[Run]] = {"ja": _ja, "ko": _ko}[reading.lang]
    found = [(line, run) for line in reading.lines for run in runs(line, reading)]
    return _agreed(found, reading)


def _agreed(found: list[tuple[Line, Run]], reading: Reading) -> list[Mention]:
    """Cut a run down to a name met elsewhere by itself; drop what nothing speaks for."""
    text = reading.text
    names = {text[run.start : run.end] for _, run in found}
    known = {name: text.count(name) for name in names if len(name) > 2}
    sure = {text[r.start : r.end] for _, r in found if r.quoted or (r.described and not r.weak)}
    sure |= {name for name, times in known.items() if times > 1}
    kept = []
    for line, run in found:
        cut = _within(run, text, sure)
        name = text[cut.start : cut.end]
        if cut.sure or name in sure or _speaks_for(cut, line, reading):
            kept.append(_mention(line, cut, reading))
    return sorted(kept, key=lambda mention: mention.start)


_ROLES = frozenset({"lead", "investor", "bookrunner"})
_SUBJECT = re.compile(r"(?:[（(][^）)]{1,24}[）)])?(?:は|が|も|、|社[はが、]|은|는|이 |가 |,)")


_KANJI_ONLY = re.compile(r"[一-龯]+")


def _speaks_for(run: Run, line: Line, reading: Reading) -> bool:
    """Tell whether a run stands where names stand: as a subject, in a list, by a role word."""
    if run.weak:
        return False
    behind = reading.text[run.end : run.end + 28]
    plain = _KANJI_ONLY.fullmatch(reading.text[run.start : run.end]) is not None
    near = run.start <= line.sentence.start + 24 and not plain
    if _SUBJECT.match(behind) and (line.sentence.title or near):
        return True
    if (
        re.match(r"[、,・/]\s?[^\s、,]", behind)
        or reading.text[run.start - 1 : run.start] in "、,・/=："
    ):
        return True
    return any(
        abs(cue.end - run.start) <= 3 or abs(run.end - cue.start) <= 3
        for cue in line.cues
        if cue.kind in _ROLES
    )


def _within(run: Run, text: str, sure: set[str]) -> Run:
    name = text[run.start : run.end]
    if name in sure:
        return run
    for size in range(len(name) - 1, 2, -1):
        if name[-size:] in sure and not _joined(name, len(name) - size):
            return Run(run.end - size, run.end, True, run.quoted, run.weak, run.sure)
    return run


def _joined(name: str, place: int) -> bool:
    """Tell whether a cut would go through a Latin or katakana word."""
    left, right = name[place - 1], name[place]
    return (left.isascii() and right.isascii()) or (_kana(left) and _kana(right))


def _kana(char: str) -> bool:
    return "ァ" <= char <= "ー"


def _mention(line: Line, run: Run, reading: Reading) -> Mention:
    return Mention(
        reading.text[run.start : run.end],
        run.start,
        run.end,
        line.sentence.index,
        described=run.described,
        after_the=run.weak,
        first=hannames.opens(line, run.start, reading.text),
        quoted=run.quoted,
    )


def _taken(line: Line) -> list[tuple[int, int]]:
    """Return the spans of sums, which are never names."""
    spans = [(one.start, one.end) for one in line.sums]
    return spans + [(one.other.start, one.other.end) for one in line.sums if one.other]


_BRANCH = re.compile("(?:証券|銀行|信託銀行|증권|은행|글로벌마켓증권)?")


def _banks(line: Line, text: str) -> list[tuple[int, int]]:
    """Return where banks are named; "シティグループ" may go on with "証券"."""
    ends = [(cue.start, _BRANCH.match(text, cue.end)) for cue in line.of("bank")]
    return [(start, more.end()) for start, more in ends if more is not None]


def _is_noise(start: int, end: int, line: Line) -> bool:
    """Tell whether words of the lexicon cover (nearly) all of a run."""
    covered = [False] * (end - start)
    for cue in line.cues:
        if cue.kind in _NOISE and cue.start < end and start < cue.end:
            for place in range(max(cue.start, start), min(cue.end, end)):
                covered[place - start] = True
    return sum(covered) >= (end - start) - 1 if end - start > 3 else all(covered)


# --- who invests, in whom ---------------------------------------------------------------------

_GIVES = {
    "ja": (
        re.compile(r"(?:[（(][^）)]{1,24}[）)])?(?:は|が|も|、)"),
        re.compile(r"社?(?:[（(][^）)]{1,24}[）)])?[にへ]"),
    ),
    "ko": (re.compile(r"(?:\([^)]{1,24}\))?(?:은|는|이|가|,)"), re.compile(r"['’]?에(?: |게)")),
    "zh": (re.compile(r""), re.compile(r"(?!)")),
}


_ZH_GETS = re.compile(
    "[^，。；：]{0,10}?(?:投资|加持|入股|注资|领投|押注|战略投资|增资|认购|了|给|于)"
)


def parts_of(line: Line, names: Sequence[Mention], reading: Reading) -> list[Part]:
    """Return the parts names play, also that of the subject of "invested in"."""
    found = [p for p in roles.parts_of(line, names, reading) if not _takes(p, line, reading)]
    for cue in line.of("invest"):
        giver = _giver(cue, names, reading)
        part = Part("investor", giver, cue) if giver is not None else None
        if part is None or _takes(part, line, reading) or any(p.mention is giver for p in found):
            continue
        found = [p for p in found if p.cue.end <= cue.start or p.role != "investor"]
        found.append(part)
    return found


_BULLET = re.compile(r"\s*[・●•◦*※\-－]")


def bulleted(reading: Reading, names: Mapping[int, Sequence[Mention]]) -> list[Part]:
    """Return the investors listed one a line under a heading such as "■引受先"."""
    found: list[Part] = []
    heading: Cue | None = None
    for line in reading.lines:
        text = line.sentence.text
        if _BULLET.match(text) and heading is not None and len(text) < 60:
            first = next(iter(names.get(line.sentence.index, ())), None)
            if first is not None:
                role = "lead" if line.has("lead") else heading.kind
                found.append(Part(role, first, heading))
            continue
        after = [c for c in line.of("lead", "investor") if line.sentence.end - c.end <= 2]
        heading = after[-1] if after and len(text) < 30 else None
    return found


def _takes(part: Part, line: Line, reading: Reading) -> bool:
    """Tell whether a name before "投资" gets the money: "X获数千万元战略投资"."""
    left, right = part.mention.end, part.cue.start
    if right < left or part.role == "bookrunner":
        return False
    topical = reading.text[left : left + 1] in {"은", "는", "は"} and right - left > 2
    if topical and reading.lang != "zh" and part.role == "investor":
        return True  # "'달빛'은 선배들에게 받았다": who is spoken of gets, the others give
    raised = any(c.kind == "raise" and left <= c.start and c.end <= right for c in line.cues)
    paid = reading.lang == "zh" and any(left <= m.start and m.end <= right for m in line.sums)
    return raised or paid


def _giver(cue: Cue, names: Sequence[Mention], reading: Reading) -> Mention | None:
    """Return who gives the money, if the sentence also says who gets it."""
    text = reading.text
    gives, gets = _GIVES[reading.lang]
    before = [name for name in names if name.end <= cue.start]
    if reading.lang == "zh":
        gets_it = _ZH_GETS.match(text, cue.end)
        taker = any(name.start == (gets_it.end() if gets_it else cue.end) for name in names) or any(
            text[name.start - 1] in "向给对" for name in before
        )
    else:
        taker = any(gets.match(text, name.end) for name in before)
    givers = [name for name in before if gives.match(text, name.end)]
    return givers[0] if taker and givers else None


# --- Japanese ---------------------------------------------------------------------------------

_JA_CORE = r"一-龯々〆ァ-ヺーA-Za-z0-9Ａ-Ｚａ-ｚ０-９&＆・"
_JA_RUN = re.compile(rf"[{_JA_CORE}][{_JA_CORE}.\-']*")
_JA_QUOTE = re.compile(r"[「『“]([^」』”。、]{2,20})[」』”]")
_JA_VERBAL = re.compile(r"[をがはにへ]|[いたるうくすむ]$|です|ます")
_JA_SOFT = re.compile(r"[ぁ-ん]{2,5}$")
_JA_HEAD = re.compile(
    r"^(?:[0-9]+[月日年時号]?|株式会社(?=.{2})|[米英仏独中韓印加伊豪](?=[ァ-ヺA-Z])|(?:米国|英国|韓国|中国|台湾|日本|東京|大阪|関西)"
    r"(?=[ァ-ヺA-Z]{3})|同(?=[社行])|元(?=[ァ-ヺ])|独自|新興|大手|開発|運営|各社|[AＡ][IＩ](?=新興|開発)|傘下)+"
)
_JA_TAIL = re.compile(
    r"(?:第[0-9]+[回期号]?|社長|会長|社|側|氏|様|各社|など|傘下|向け|系|ら|担当者|広報|代表|取締役会|[0-9]+[月日年]?|グループ各社|・)+$"
)
_JA_FUNCTION = frozenset(
    [
        "による",
        "として",
        "について",
        "において",
        "における",
        "という",
        "ための",
        "などの",
        "なども",
        "まで",
        "から",
        "より",
        "だけ",
        "ほか",
        "これ",
        "それ",
        "この",
        "その",
        "ここ",
        "また",
        "さらに",
        "ただし",
        "なお",
        "うち",
        "いずれも",
        "まず",
        "として",
        "これら",
        "それぞれ",
        "すでに",
        "さらに",
        "として",
        "くらい",
        "ほど",
    ]
)
_JA_STAYS = frozenset({"descriptor", "place", "funding", "person", "not_name"})


def _ja(line: Line, reading: Reading) -> Iterator[Run]:
    text, base = reading.text, line.sentence.start
    taken = _taken(line)
    quoted = _banks(line, text)
    yield from (Run(start, end, sure=True) for start, end in quoted)
    for match in _JA_QUOTE.finditer(line.sentence.text):
        start, end = base + match.start(1), base + match.end(1)
        named = not _JA_VERBAL.search(match[1]) and not _is_noise(start, end, line)
        if named and not any(start < b and a < end for a, b in quoted):
            quoted.append((start, end))
            yield Run(start, end, text[start - 2 : start - 1] in "るたのう", True)
    for match in _JA_RUN.finditer(line.sentence.text):
        run = _ja_run(line, text, base + match.start(), base + match.end())
        if run is None or _clashes(run, taken) or _clashes(run, quoted):
            continue
        yield run


def _clashes(run: Run, spans: list[tuple[int, int]]) -> bool:
    return any(start < run.end and run.start < end for start, end in spans)


_JA_LEGAL = re.compile(r"(?:株式会社|㈱|合同会社|有限会社|\(株\)|（株）)$")
_JA_WEAK = re.compile(r"の(?=[^\s、。])|を|で|に(?=[^、])|から(?=[^、])|と(?=[^、])")
_JA_ORG = re.compile(
    r"(?:キャピタル|ベンチャーズ|パートナーズ|ファンド|インベストメント|VC|商事|証券|銀行|生命|組合|公庫|HD|ホールディングス|電機|電子|工業"
    r"|製薬|通信|物産|ロボティクス|テクノロジーズ|ラボ|グループ|ロジスティクス|機構|年金基金)$"
)


_RATING = re.compile(r"[ABC]{1,3}[a]{0,2}\d?")


def _ja_run(line: Line, text: str, start: int, end: int) -> Run | None:
    legal = text.startswith("株式会社", start) or _JA_LEGAL.search(text[max(0, start - 5) : start])
    start, end = _ja_trim(line, text, start, end)
    start -= _ja_soft(text, start, line)
    name = text[start:end]
    if (
        len(name) < 2
        or name.isdigit()
        or _RATING.fullmatch(name)
        or (_is_noise(start, end, line) and not legal)
    ):
        return None
    before = text[max(line.sentence.start, start - 1) : start]
    described = bool(legal) or before in {"る", "た", "の"} or _after_descriptor(start, line)
    sure = bool(legal) or _JA_ORG.search(name) is not None
    return Run(start, end, described, weak=_JA_WEAK.match(text, end) is not None, sure=sure)


def _after_descriptor(start: int, line: Line) -> bool:
    return any(cue.end == start for cue in line.of("descriptor"))


def _ja_trim(line: Line, text: str, start: int, end: int) -> tuple[int, int]:
    """Take modifiers off the front and titles off the back, also words of the lexicon."""
    for _ in range(4):
        before = (start, end)
        if head := _JA_HEAD.match(text[start:end]):
            start += head.end()
        if tail := _JA_TAIL.search(text[start:end]):
            end = start + tail.start()
        start, end = _ja_unworded(line, text, start, end)
        piece = text[start:end]
        start += len(piece) - len(piece.lstrip("・-.'ー&0123456789"))
        end -= len(piece) - len(piece.rstrip("・-.'"))
        if (start, end) == before:
            break
    return start, max(start, end)


def _ja_unworded(line: Line, text: str, start: int, end: int) -> tuple[int, int]:
    """Take words of the lexicon off both ends; "AI" at the end belongs to the name."""
    for cue in line.cues:
        if cue.kind not in _NOISE or cue.end - cue.start < 2:
            continue
        if cue.start == start and cue.end < end and cue.kind != "place":
            start = start if _joined(text, cue.end) else cue.end
        elif cue.end == end and cue.start > start + 1 and cue.kind not in _JA_STAYS:
            keeps = text[cue.start : cue.end] == "AI" or _joined(text, cue.start)
            end = end if keeps else cue.start
    return start, end


def _ja_soft(text: str, start: int, line: Line) -> int:
    """Return how many hiragana in front belong to a name: つばめキャピタル, みなとベンチャーズ."""
    match = _JA_SOFT.search(text[max(line.sentence.start, start - 5) : start])
    if match is None or not _kana(text[start : start + 1] or " "):
        return 0
    run = match[0]
    opens = (
        start - len(run) <= line.sentence.start
        or text[start - len(run) - 1] in "、。「・（(\n ／/■◆●▽"
    )
    if not opens:
        run = run[1:] if run[0] in "のはがをにへともで" else ""
    if len(run) < 2 or run in _JA_FUNCTION or run[-1] in "るたはがをにでもへ":
        return 0
    if run[-1] == "の" and not opens:
        return 0
    return len(run)


# --- Korean -----------------------------------------------------------------------------------

_KO_WORD = re.compile(r"[가-힣A-Za-z0-9][가-힣A-Za-z0-9&.\-·+]*")
_KO_QUOTE = re.compile(r"['‘“\"「]([^'’”\"」\n]{2,18})['’”\"」]")
_KO_JOSA = re.compile(
    r"(?:등으로부터|으로부터|로부터|이에요|예요|입니다|이다|에게서|에서는|에서도|에서|에게|에는|에도|이라고|라고|으로는|으로|까지|부터|이며|이고|이나|에|측은|측|등이|등은|등도|등"
    r"|은|는|이|가|을|를|와|과|의|도|만|로|인)$"
)
_KO_VERBAL = re.compile(
    r"(?:다|다고|다며|했|하고|하며|한|하는|하기로|된|되는|됐|면서|해|해서|어|어요|아요|네요|요|죠|니다|고|며|지만|려고|기로|위한|위해|따르면|대한|통해|있는|없는|같은|까지|째|들|적|적인|받은|받고|맡은|만든|만드는|이끄는|밝힌|열고|열린)$"
)
_KO_TAIL = re.compile(r"(?:㈜|\(주\)|주식회사)$")


def _ko(line: Line, reading: Reading) -> Iterator[Run]:
    text, base = reading.text, line.sentence.start
    taken = _taken(line)
    quoted = _banks(line, text)
    yield from (Run(start, end, sure=True) for start, end in quoted)
    for match in _KO_QUOTE.finditer(line.sentence.text):
        start, end = base + match.start(1), base + match.end(1)
        named = _ko_named(match[1]) and not _is_noise(start, end, line)
        if named and not any(start < b and a < end for a, b in quoted):
            quoted.append((start, end))
            yield Run(start, end, _ko_described(start - 1, line), True)
    for match in _KO_WORD.finditer(line.sentence.text):
        run = _ko_run(line, text, base + match.start(), base + match.end())
        if run is None or _clashes(run, taken) or _clashes(run, quoted):
            continue
        yield run


def _ko_named(words: str) -> bool:
    """Tell whether quoted words may be a name rather than something said."""
    return (
        words.count(" ") <= 2 and not _KO_VERBAL.search(words) and not re.search(r"[.?!…]", words)
    )


def _ko_run(line: Line, text: str, start: int, end: int) -> Run | None:
    word = text[start:end]
    if not re.search(r"[가-힣A-Za-z]", word) or re.match(r"\d+[가-힣]", word):
        return None
    stem = _ko_stem(word, text)
    if len(stem) < 2 or (_KO_VERBAL.search(stem) and text.count(stem) < 3):
        return None
    end = start + len(stem)
    if _is_noise(start, end, line):
        return None
    sure = _KO_ORG.search(stem) is not None
    weak = text[end : end + 1] in {" ", "의", "을", "를"} and not sure
    return Run(start, end, _ko_described(start, line), weak=weak, sure=sure)


_KO_ORG = re.compile(
    r"(?:벤처스|인베스트먼트|파트너스|캐피탈|캐피털|창업투자|자산운용|벤처투자|펀드|증권|은행|기술투자|그로스|에쿼티|공제회|조합|생명|보험"
    r"|홀딩스|투자파트너스|물산|전자|바이오|로보틱스|모터스|테크|소프트|클라우드)$"
)


def _ko_stem(word: str, text: str) -> str:
    """Take the particle off a word; where the bare form never occurs, a long word keeps it."""
    word = _KO_TAIL.sub("", word.rstrip(".-·"))
    match = _KO_JOSA.search(word)
    if match is None or match.start() < 2:
        return word
    stem = word[: match.start()]
    if len(match[0]) == 1 and match[0] in "이가도만로인의에과와" and len(stem) == 2:
        return stem if _occurs_bare(stem, text) else word
    return stem


def _occurs_bare(stem: str, text: str) -> bool:
    return re.search(rf"{re.escape(stem)}(?:[은는이가을를,'’]|\s)", text) is not None


def _ko_described(start: int, line: Line) -> bool:
    """Tell whether a word like 기업 or 스타트업 stands right before."""
    return any(0 <= start - cue.end <= 2 for cue in line.of("descriptor"))
