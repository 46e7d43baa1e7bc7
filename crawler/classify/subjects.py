"""
Who is spoken of where no name stands: "the company", "we", and whom an article introduces.

A deal is often told of "the start-up" or by its founders ("we have raised"). Then the subject is
the company the sentences before speak of, or the one the article presents as the speaker's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.classify.names import DETERMINERS, INNER, Mention
from crawler.classify.reading import Line, Reading

_ARTICLES = DETERMINERS - INNER | {"das", "der", "die", "la", "a", "o", "l"}
_OPENING = re.compile(r"[\s\"“«„*•–—-]*([^\W\d_]+)['’ ]")
_EAST = re.compile(
    r"\s*(?:(?:该|本|这家|这个)(?:公司|企业|集团|平台|项目|团队)|公司|该司|同社|当社|弊社|同行"
    r"|회사|이 회사|이 기업|이 스타트업)"
)
_FIRST_PERSON = re.compile(
    r"\b(?:we|we['’](?:ve|re)|our|us|abbiamo|siamo|nostr[aoi]|nous|notre|nos|wir"
    r"|unser(?:e[nrsm]?)?|hemos|nuestr[ao]s?|nosotros|noss[ao]s?|nós|temos)\b"
    r"|我们|咱们|우리|저희|私たち|当社|弊社",
    re.IGNORECASE,
)
_NEAR = 50  # characters in which "the Munich-based software company" is told
_ROLE = (
    r"(?:CEO|CTO|CFO|(?:co-?)?founders?|chief executive|boss"
    r"|(?:co-?)?fondat(?:rice|eur|ore|ori|eurs)|(?:Mit)?[Gg]ründer(?:in)?|Geschäftsführer(?:in)?"
    r"|PDG|amministrat(?:ore|rice) delegat[oa]|(?:co)?fundador(?:a|es)?|consejer[oa] delegad[oa])"
)
_PRESENTS = re.compile(
    r"(?:\b(?:us|we|team|all of us|everyone) at"
    rf"|\b{_ROLE},? (?:and {_ROLE} )?(?:of|at|di|de|du|da|do|dell[ao]|von|der|des)"
    r"|\bnoi d[ia]|\bwir (?:bei|von)|\bnous chez|\bnosotros en|\bnós d[ao]"
    r"|\b(?:is |are )?called|\bsi chiama|\bheißt|\bs['’]appelle|\bse llama|\bchama-se|我们)"
    r"[ :«“\"]{0,2}$",
    re.IGNORECASE,
)
_PRESENTED = re.compile(
    rf"(?:['’]s|,)? (?:{_ROLE})\b|(?:, )?assim se chama"
    r"| [가-힣]{2,4} (?:공동 ?)?대표|(?:创始人|联合创始人|CEO)",
    re.IGNORECASE,
)
_STOP = re.compile(r"[,;:(.]| (?:ha|hat|has|had|is|a|va|vient|é|fechou|anuncia|annonce|said)\b")


def speaks(line: Line) -> bool:
    """Tell whether a sentence speaks in the first person: its firm is the speaker's."""
    return _FIRST_PERSON.search(line.sentence.text) is not None


def unnamed(line: Line, names: Sequence[Mention], reading: Reading) -> bool:
    """Tell whether the subject of a sentence is "the company" without its name."""
    text, base = line.sentence.text, line.sentence.start
    if not reading.spaced:
        return _EAST.match(text) is not None
    word = _OPENING.match(text)
    if word is None or word[1].lower() not in _ARTICLES:
        return False
    kinds = [c.end for c in line.of("descriptor") if c.start - base < _NEAR]
    if not kinds:
        return False
    behind = _STOP.search(text, kinds[0] - base)
    border = base + behind.start() if behind else base + _NEAR + 30
    return not any(m.start < border for m in names)


def introduced(mention: Mention, reading: Reading) -> bool:
    """Tell whether a name is given as the speaker's firm, or as what the firm is called."""
    text = reading.text
    before = text[max(0, mention.start - 40) : mention.start]
    found = _PRESENTS.search(before)
    if found is not None and len(found[0]) > 3:
        return True
    return _PRESENTED.match(text, mention.end) is not None
