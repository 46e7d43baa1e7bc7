"""
Names in Chinese text: what is left of a clause when all other words are taken away.

"大模型公司智谱AI宣布完成新一轮融资" without the words of the trade, the sums, and the words
that stand before a name leaves "智谱AI". A piece is kept if something speaks for it: quotes, a
word such as 公司 before it, a verb behind it, a form like 资本, or that it comes again.
Both scripts are read: the text is folded first, character for character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from crawler.classify.han import FOLD
from crawler.classify.names import Mention
from crawler.classify.reading import Line, Reading

_CUTS = frozenset(
    (
        "raise",
        "invest",
        "issue",
        "status",
        "use",
        "prior",
        "total",
        "refuse",
        "valuation",
        "round",
        "bond",
        "loan",
        "ipo",
        "fund_close",
        "lead",
        "investor",
        "bookrunner",
        "reporter",
        "person",
        "bond_type",
        "acquisition",
        "funding",
        "teaser",
        "barrier",
        "genre",
        "not_name",
    )
)
# These occur inside names (全国社保基金, 成长资本 …): they end none.
_AT_HOME = frozenset(
    (
        "投资",
        "资产",
        "融资",
        "控股",
        "全国",
        "成长",
        "科创",
        "创业",
        "财务",
        "信用",
        "中国",
        "全球",
        "基金",
        "租赁",
        "汽车",
        "发展",
        "国际",
        "母基金",
        "主权",
        "引导基金",
    )
)
_VERBS = frozenset(
    ("raise", "issue", "status", "invest", "round", "ipo", "acquisition", "refuse", "prior")
)
_MARKS = re.compile(
    r"[，,。；;：:、（）()「」『』“”\"《》【】!！?？…—|/•<>〈〉・﹐＂｜丨〔〕［］\[\]\n☆★▲■◆·*→]+"
    r"|(?<![A-Za-z0-9.&])\s+|\s+(?![A-Za-z0-9&])|(?<=[^A-Za-z0-9])[-–~](?=[^A-Za-z0-9])"
)
_NUMBERS = re.compile(
    r"(?<![A-Za-z])\d[\d,.]*\s?(?:%|[年月日号时分点个家名位轮期次天倍人万亿元股只条项页厘千台户份部家城座度]{1,2})?"
)
_WORDS = re.compile(
    r"周[一二三四五六日](?:晚间|盘后)?|成立于?|专注于?|创办的?|两位|多位|发(?=行?(?:转债|可转债|债|美元债|公司债))|拿(?=投资|融资|到)"
    r"|收购|并购|(?<![股权业险设有金])投资(?=[，。的了]|$)|新进了?|购买了?|谈(?=.{3})|(?:一|二|三|四|上|下)季度|[上下]半年"
)
_DESCRIBES = re.compile(
    "(?:公司|企业|平台|厂商|开发商|服务商|提供商|供应商|制造商|运营商|研发商|软件商|软体商|创企|独角兽|新秀|新创|初创|子公司|附属公司|工具|品牌"
    "|项目|巨头|龙头|应用|团队|先行者|新锐|新势力|发行人|创办的|创立的|器厂|片厂|料厂|主权基金|投资机构|创投机构|商社|业者|财团|日商|法商|德商|美商|港商|陆企|新贵|黑马|玩家|业者|(?<=[一-龥]{3})[商厂])"
)
_STAYS = re.compile(
    "^(?:有限|股份|集团|控股)"
)  # "某某公司" goes on: no descriptor but a legal name
_HEAD = re.compile(
    "^(?:[由与和向对在从据而并且以被让把该其这那此各等及之为是的了也又再则就将拟已因至给跟称说即如有但使]|国内)+(?=.{2})"
)
_TAIL = re.compile(
    "(?:[的了是为在于将拟已由被把对从则也还又再而等均都昨刚正曾及与和并称说获以]|方面|等机构|旗下|之前|以来|股票|控股权)+$"
)
_LEGAL = re.compile(
    "(?:股份|集团|控股|有限责任|股份有限|集团有限|集团股份|控股有限|控股集团有限|集团股份有限|有限)公司(?:[(（][一-龥]{2,4}[)）])?"
)
_STOP = re.compile(
    r"[，,。；;：:、（(）)「」『』“”\"《》【】!！?？—|/\s]|收购|购买|持有|联合|子公司|股东|下属|旗下|关联方|主体|签署|转让|关于|使|但|即|了|现有|公司(?=.{4})|[和与及向对由的为称将是有在]"
)
_FORMS = (
    "(?:有限公司|集团|科技|资讯|资本|创投|基金|银行|证券|机器人|半导体|智能|网络|电子|生物|医疗|能源|汽车|数据|控股|产投|投资|软件|信息|航天|国际|光电|光子|通信|物流"
    "|保险|金融|药业|制药|智驾|云服|云|股份|国投|科创|孵化器|母基金|重工|租赁|数科|传媒|实业|机械|芯|电源|自动驾驶|智造|风投|交投|财险|人寿|信托|資本)"
)
_ORG = re.compile(_FORMS + "$")
_ANY_ORG = re.compile("(?:主权|产业|政府|国有|地方|知名|头部|国际|人民币|美元|并购|成长)*" + _FORMS)
_GENERIC = re.compile("(?:[一两二三四五六七多数几某另][家间位名支只]|某)$")
_GOES_BEFORE = re.compile("(?:公司|企业|平台|厂商|服务商|开发商)[一-龥A-Z]{2}")
_BY = re.compile("由[^，。、]{0,4}$")  # "由X领投": who acts here is not whose deal it is
_GENERIC_HEAD = re.compile("[一两二三四五六七多数几某另][家间位名支]")
_CODE = re.compile(r"[a-z0-9x.]+|\d{2}.*\d")
_BANK = re.compile("(?:银行|证券|国际|信托|香港|亚洲)*(?:(?:台北|香港|上海|新加坡)?分行)?")
_PRODUCT = re.compile("(?:旗下|自研|自主研发|推出|发布|其|上线|产品|专项计划)[^，。；公企]{0,10}$")
_TELLS = re.compile("援引|引述|报道|获悉|消息")
_QUOTE = re.compile(r"[「『“【〖]([^」』”。，,；：:！？!?]{2,14})[」』”】〗]")
_LATIN = re.compile(r"[A-ZÀ-Þ][A-Za-zÀ-ÿ0-9.&'+-]*(?: (?:[A-ZÀ-Þ][A-Za-zÀ-ÿ0-9.&'+-]*|of|de|&))*")
_ACRONYM = re.compile(
    r"^(?:[ABC]{1,3}a{0,2}\d?[+-]?|[A-Z]{1,3}\d?|[A-Z]\+?轮?|Pre|Pre-[A-F]\+?|[A-K][-+]?\d?|SAFE|SPAC|GDR|ECB|AIGC|GPU|SaaS|CEO|CFO|CTO|COO|ARR|IPO|LLM|HR|SEC|EBITDA|API|Token|DJ)$"
)
_LONGEST = 16


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    described: bool = False
    quoted: bool = False
    sure: bool = False
    weak: bool = False  # a product: "旗下助手应用“月见”"


def names_of(reading: Reading) -> list[Mention]:
    """Return the names of a Chinese article, from left to right."""
    flat = reading.text.translate(FOLD)
    found = [(line, piece) for line in reading.lines for piece in _pieces(line, flat)]
    sure = {flat[p.start : p.end] for _, p in found if p.quoted or p.described or p.sure}
    sure |= {
        name
        for line, p in found
        if _again(name := flat[p.start : p.end], flat, titled=line.sentence.title)
    }
    sure -= (people := _people(found, flat))
    kept = []
    for line, piece in found:
        cut = _within(piece, flat, sure)
        name = flat[cut.start : cut.end]
        if name in people:
            continue
        if len(name) <= _LONGEST + 10 * name.isascii() and _kept(cut, name, sure, line, flat):
            kept.append(_mention(cut, line, reading))
    return sorted(kept, key=lambda mention: mention.start)


_SPEAKS = re.compile(
    "(?:博士|先生|女士|教授|表示|说|称|笑|告诉|认为|指出|坦言|介绍|没有|向记者|摆摆手|确认)"
)


def _people(found: list[tuple[Line, _Piece]], flat: str) -> set[str]:
    """Return pieces of two or three characters that stand by a title or speak."""
    people = set()
    for line, piece in found:
        name = flat[piece.start : piece.end]
        titled = any(c.end == piece.start for c in line.of("person") if len(c.text) > 1)
        if len(name) in {2, 3} and not piece.quoted and (titled or _SPEAKS.match(flat, piece.end)):
            people.add(name)
    return people


_OPENING = re.compile(
    r"\s*(?:[【\[〔（(][^】\]〕）)]{0,14}[】\]〕）)])?[\s・■●▽▷◇◆○•=\-–\d.、)）一二三四五六七八九十“「『《'‘\"]*[米英仏独中韓印]?"
)


def opens(line: Line, start: int, text: str) -> bool:
    """Tell whether a place opens its sentence, but for "【11:40】", bullets and quotes."""
    return start - line.sentence.start < 24 and bool(
        _OPENING.fullmatch(text, line.sentence.start, start)
    )


def _again(name: str, flat: str, *, titled: bool) -> bool:
    """Tell whether a piece comes often enough to be a name: short ones more often, or titled."""
    return _count(name, flat) >= (2 if len(name) > 2 or titled else 5)


@lru_cache(maxsize=256)  # a piece that comes again is asked for again
def _count(name: str, flat: str) -> int:
    return flat.count(name)


def _mention(piece: _Piece, line: Line, reading: Reading) -> Mention:
    return Mention(
        reading.text[piece.start : piece.end],
        piece.start,
        piece.end,
        line.sentence.index,
        described=piece.described,
        after_the=piece.weak or _BY.search(reading.text[piece.start - 5 : piece.start]) is not None,
        first=opens(line, piece.start, reading.text),
        quoted=piece.quoted,
    )


# --- cutting ------------------------------------------------------------------------------------


def _pieces(line: Line, flat: str) -> Iterator[_Piece]:
    fixed = list(_fixed(line, flat))
    yield from fixed
    taken = [(p.start, p.end) for p in fixed]
    for start, end in (part for gap in _gaps(line, flat, taken) for part in _listed(*gap, flat)):
        piece = _trimmed(start, end, line, flat)
        if piece is not None:
            yield piece


_AND = re.compile("以及|[和与及]")
_GOES_ON = re.compile(f"^(.{{2,}}?{_FORMS})[因在对向将已为等与则也均]")


def _listed(start: int, end: int, flat: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of "浙商证券和财通证券"; cut "恒岳资本因自身" behind the form."""
    for match in _AND.finditer(flat, start + 2, end - 1):
        left, right = flat[start : match.start()], flat[match.end() : end]
        if min(len(left), len(right)) >= 2 and (
            _ORG.search(left) or _ORG.search(right) or min(len(left), len(right)) > 3
        ):
            yield start, match.start()
            start = match.end()
    if over := _GOES_ON.match(flat[start:end]):
        end = start + len(over[1])
    yield start, end


def _fixed(line: Line, flat: str) -> Iterator[_Piece]:
    """Yield what needs no cutting: banks, legal and quoted names, names in Latin letters."""
    taken: list[tuple[int, int]] = [(m.start, m.end) for m in line.sums]
    for kind in (_banks, _legal, _quoted, _latin):
        for piece in kind(line, flat):
            if any(a < piece.end and piece.start < b for a, b in taken):
                continue
            taken.append((piece.start, piece.end))
            yield piece


def _banks(line: Line, flat: str) -> Iterator[_Piece]:
    for cue in line.of("bank"):
        more = _BANK.match(flat, cue.end)
        home = 2 if flat[cue.start - 2 : cue.start] in {"法国", "德国", "瑞士", "日本"} else 0
        yield _Piece(cue.start - home, more.end() if more else cue.end, sure=True)


def _legal(line: Line, flat: str) -> Iterator[_Piece]:
    base = line.sentence.start
    for match in _LEGAL.finditer(flat, base, line.sentence.end):
        least = max(base, match.start() - 24)
        stops = [m.end() for m in _STOP.finditer(flat, least, match.start())]
        left = max(stops, default=least)
        if match.start() - left >= 2:
            yield _Piece(left, match.end(), described=True, sure=True)


def _quoted(line: Line, flat: str) -> Iterator[_Piece]:
    base = line.sentence.start
    for match in _QUOTE.finditer(flat, base, line.sentence.end):
        start, end = match.span(1)
        heading = flat[match.start()] in "【〖"
        if heading and flat.count(match[1]) < 2:
            continue  # "【速报】" is a heading, "【长庚租赁】" a name met again
        if not _is_name(match[1]) or _CODE.fullmatch(match[1]) or _covered(start, end, line):
            continue
        ahead = flat[max(base, start - 13) : start - 1]
        product = _PRODUCT.search(ahead) is not None
        described = not product and _DESCRIBES.search(ahead[-4:]) is not None
        yield _Piece(start, end, described, quoted=not product, sure=product, weak=product)


def _latin(line: Line, flat: str) -> Iterator[_Piece]:
    base = line.sentence.start
    for match in _LATIN.finditer(flat, base, line.sentence.end):
        start, end = match.span()
        worded = any(c.start <= start and end <= c.end for c in line.cues if c.kind in _CUTS)
        if end - start > 2 and not worded and not _ACRONYM.match(match[0]):
            ahead = flat[max(base, start - 4) : start]
            yield _Piece(start, end, _DESCRIBES.search(ahead) is not None, sure=True)


def _is_name(words: str) -> bool:
    """Tell whether quoted words may be a name rather than a phrase."""
    return (
        re.search("[了的是在把被无未不，。？！ ]", words) is None
        and re.search("[万亿]", words) is None
    )


def _gaps(line: Line, flat: str, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the stretches between everything that is no name."""
    base, end = line.sentence.start, line.sentence.end
    cuts = [m.span() for p in (_MARKS, _NUMBERS, _WORDS) for m in p.finditer(flat, base, end)]
    cuts += taken
    cuts += [(m.start, m.end) for m in line.sums]
    cuts += [(m.other.start, m.other.end) for m in line.sums if m.other]
    cuts += [
        (c.start, c.end)
        for c in line.cues
        if c.kind in _CUTS and _ends_names(c.kind, c.start, c.end, flat)
    ]
    place = base
    for start, stop in sorted(cuts):
        if start - place >= 2:
            yield place, start
        place = max(place, stop)
    if end - place >= 2:
        yield place, end


def _ends_names(kind: str, start: int, end: int, flat: str) -> bool:
    size = end - start
    if size == 1:
        return flat[start] in "获拟籌募" and kind in {"raise", "issue", "status"}
    return flat[start:end] not in _AT_HOME


def _trimmed(start: int, end: int, line: Line, flat: str) -> _Piece | None:
    """Take words that describe a name, and small words, off a stretch; None if none is left."""
    start, described = _undescribed(start, end, flat)
    tail = flat.rfind("的", start, end)
    start = tail + 1 if tail >= 0 and end - tail > 2 else start
    if head := _HEAD.match(flat[start:end]):
        start += head.end()
    if rest := _TAIL.search(flat[start:end]):
        end = start + rest.start()
    if sum(map(str.isalnum, flat[start:end])) < 2 or _covered(start, end, line):
        return None
    org = _ORG.search(flat[start:end]) is not None
    if (
        (_is_kind(start, end, flat) and not org)
        or _GOES_BEFORE.match(flat, end)
        or _ANY_ORG.fullmatch(flat[start:end])
    ):
        return None
    if _GENERIC_HEAD.match(flat, start, end):
        return None
    if _GENERIC.search(flat[max(0, start - 3) : start]) or _CODE.fullmatch(flat[start:end]):
        return None  # "一家中东主权基金", "25穿梭MTN001"
    return _Piece(start, end, described, sure=org and end - start > 3)


def _undescribed(start: int, end: int, flat: str) -> tuple[int, bool]:
    """Return where a name begins behind words such as 公司, and whether there are any."""
    described = False
    for match in _DESCRIBES.finditer(flat, start, end):
        if len(match[0]) == 1 and match.start() - start < 3:
            continue  # 浙商, 广厂: part of a name
        if end - match.end() >= 2 and not _STAYS.match(flat[match.end() : end]):
            start, described = match.end(), True
    return start, described


def _is_kind(start: int, end: int, flat: str) -> bool:
    """Tell whether a stretch says what kind of company, not which: "企业搜索公司Tallyroot"."""
    inside = _DESCRIBES.search(flat[start:end])
    ends = inside is not None and inside.end() == end - start
    return ends or _DESCRIBES.match(flat, end) is not None


def _covered(start: int, end: int, line: Line) -> bool:
    """Tell whether words of the lexicon make up all of a stretch."""
    free = set(range(start, end))
    for cue in line.cues:
        if (
            cue.kind not in {"investor_name", "legal_form", "bank"}
            and cue.start >= start
            and cue.end <= end
        ):
            free -= set(range(cue.start, cue.end))
    return not free


# --- keeping ------------------------------------------------------------------------------------


def _within(piece: _Piece, flat: str, sure: set[str]) -> _Piece:
    """Return the name a longer stretch ends or begins with, if that is met by itself."""
    text = flat[piece.start : piece.end]
    if text in sure and len(text) < 9:
        return piece
    for size in range(len(text) - 1, 1, -1):
        if text[-size:] in sure:
            return _Piece(piece.end - size, piece.end, True, piece.quoted)
        if text[:size] in sure:
            return _Piece(piece.start, piece.start + size, piece.described, piece.quoted)
    return piece


_VERBAL = re.compile(
    "[到掉着过吗呢吧这那些每很太最更不没会能要想说看做去来给把被让个条件再又也都才就还其他第某]"
)
UNLIKELY = re.compile(
    "[到掉着吗呢吧这那些很最更不没说做把被让又也就还]|其他|其它|怎么|什么|为何|如何"
)


def _kept(piece: _Piece, name: str, sure: set[str], line: Line, flat: str) -> bool:
    if piece.sure or piece.quoted:
        return True
    if (piece.described or name in sure) and not UNLIKELY.search(name):
        return True
    if _VERBAL.search(name) or _TELLS.match(flat, piece.end):
        return False
    before, behind = flat[piece.start - 1 : piece.start], flat[piece.end : piece.end + 1]
    if before == "、" or behind in {"、", "（", "("}:
        return True
    near = [c for c in line.cues if 0 <= c.start - piece.end <= 6 or 0 <= piece.start - c.end <= 3]
    if any(c.kind in {"lead", "investor", "bookrunner"} for c in near):
        return True
    acts = any(c.kind in _VERBS and 0 <= c.start - piece.end <= 4 for c in line.cues)
    taken = any(
        c.kind in {"invest", "acquisition"} and 0 <= piece.start - c.end <= 1 for c in line.cues
    )
    return acts or taken
