"""Names in Korean text: words less their particles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.classify.reading import Line, Reading
from crawler.classify.runs import (
    Run,
    banks,
    clashes,
    is_noise,
    latin,
    taken,
)

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


_PRODUCT = re.compile("['’”\"」』](?:을|를) (?:운영|개발|서비스|제공|만드|만든|선보)")


def runs_of(line: Line, reading: Reading) -> Iterator[Run]:
    """Yield the words of a line that may be names."""
    text, base = reading.text, line.sentence.start
    spans = taken(line)
    quoted = [*banks(line, text), *latin(line)]
    yield from (Run(start, end, sure=True) for start, end in quoted)
    for match in _KO_QUOTE.finditer(line.sentence.text):
        start, end = base + match.start(1), base + match.end(1)
        named = _ko_named(match[1]) and not is_noise(start, end, line)
        if named and not any(start < b and a < end for a, b in quoted):
            quoted.append((start, end))
            product = _PRODUCT.match(text, end) is not None
            named = _ko_described(start - 1, line) and not product
            yield Run(start, end, named, not product, product, product)
    for match in _KO_WORD.finditer(line.sentence.text):
        run = _ko_run(line, text, base + match.start(), base + match.end())
        if run is None or clashes(run, spans) or clashes(run, quoted):
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
    if is_noise(start, end, line):
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


_BARE = re.compile(r"[은는이가을를,'’]|\s")


def _occurs_bare(stem: str, text: str) -> bool:
    at = text.find(stem)
    while at >= 0:
        if _BARE.match(text, at + len(stem)):
            return True
        at = text.find(stem, at + 1)
    return False


def _ko_described(start: int, line: Line) -> bool:
    """Tell whether a word like 기업 or 스타트업 stands right before."""
    return any(0 <= start - cue.end <= 2 for cue in line.of("descriptor"))
