"""
No text can keep the reader busy.

Every pattern of the reader is tried on repeats made to make it backtrack, and the reader as a
whole on texts of one piece said ten thousand times. Times are CPU seconds, judged as ratios.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass

import pytest

import crawler.classify
from crawler.classify import Classifier, cues, moneywords, numerals
from crawler.types import Document

LANGUAGES = ("en", "it", "de", "fr", "es", "pt", "zh", "ja", "ko", "tr")
PIECES = (
    *(
        " ",
        "\n",
        "a",
        "A ",
        "1",
        "1,",
        "1 ",
        "a-",
        "A. ",
        "(",
        "'",
        "一",
        "亿",
        "가",
        "ア",
        "5m ",
        "%",
    ),
    *("of the ", "de la ", "1 to ", "one ", "zwei", "raised $5 million ", "Foo Bar and "),
    *("led by Foo, ", "甲公司获1亿元融资，", "1억원 투자 유치 "),
)
LONG = ("a", "A. ", "raised $5 million ", "甲公司获1亿元融资，")


def found_in(thing: object) -> Iterator[re.Pattern[str]]:
    if isinstance(thing, re.Pattern):
        yield thing
    elif is_dataclass(thing) and not isinstance(thing, type):
        for field in fields(thing):
            yield from found_in(getattr(thing, field.name))
    elif isinstance(thing, dict):
        yield from found_in(list(thing.values()))
    elif isinstance(thing, list | tuple | set | frozenset):
        for part in thing:
            yield from found_in(part)


def made_by(maker: Callable[..., object]) -> Iterator[re.Pattern[str]]:
    """Yield what a cached function compiles: of no argument, or of a language."""
    wanted = list(inspect.signature(maker).parameters)
    if not wanted:
        yield from found_in(maker())
    elif wanted == ["lang"]:
        for lang in LANGUAGES:
            yield from found_in(maker(lang))


def patterns() -> list[re.Pattern[str]]:
    found: dict[tuple[str, int], re.Pattern[str]] = {}
    for info in pkgutil.iter_modules(crawler.classify.__path__):
        module = importlib.import_module(f"crawler.classify.{info.name}")
        for thing in vars(module).values():
            made = made_by(thing) if hasattr(thing, "cache_info") else found_in(thing)
            found |= {(one.pattern, one.flags): one for one in made}
    for lang in LANGUAGES:
        one = numerals._starts(moneywords.load(lang), True)
        found[one.pattern, one.flags] = one
    return list(found.values())


PATTERNS = patterns()


def cpu(act: Callable[[], object]) -> float:
    """Return the least of three times, in CPU seconds."""
    times = []
    for _ in range(3):
        start = time.process_time()
        act()
        times.append(time.process_time() - start)
    return min(times)


def literals(pattern: re.Pattern[str]) -> list[str]:
    """Return words of a pattern itself: they lead furthest into it."""
    plain = re.findall(r"[^\W_]{2,12}", re.sub(r"\\.|\[[^\]]*\]|\?P<\w+>", " ", pattern.pattern))
    return [f"{word} " for word in dict.fromkeys(plain)][:5]


def scan(pattern: re.Pattern[str], text: str) -> Callable[[], object]:
    return lambda: sum(1 for _ in pattern.finditer(text))


def test_the_patterns_are_found():
    assert len(PATTERNS) > 200


def growth(pattern: re.Pattern[str], pieces: Iterable[str]) -> Iterator[tuple[float, str]]:
    """Yield by how much longer a text four times as long takes, where that can be measured."""
    for piece in pieces:
        small, large = ((piece * (size // len(piece) + 1))[:size] + "!" for size in (50, 200))
        start = time.process_time()
        scan(pattern, large)()
        if time.process_time() - start > 0.005:  # else too short to be of harm or to be measured
            yield cpu(scan(pattern, large)) / cpu(scan(pattern, small)), piece


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda one: one.pattern[:30].encode().hex()[:20])
def test_no_pattern_explodes(pattern):
    # A pattern that ends in `$` looks from every place to the end: 16 times as long for a text
    # four times as long, on slices of 50 characters. Nested repeats would be 64 and more.
    worst = max(growth(pattern, (*PIECES[::2], *literals(pattern)[:3])), default=(0.0, ""))

    assert worst[0] < 40, f"{worst} of {pattern.pattern[:200]}"


CLASSIFIER = Classifier(())


def read(title: str, text: str) -> Callable[[], object]:
    return lambda: CLASSIFIER.analyze(Document(title=title, text=text, lang="en"))


@pytest.mark.parametrize("piece", LONG)
def test_time_grows_with_the_text_and_no_faster(piece):
    small = read("Acme raises $5 million", piece * (3_000 // len(piece)))
    large = read("Acme raises $5 million", piece * (12_000 // len(piece)))

    assert cpu(large) < 12 * max(cpu(small), 0.001)


@pytest.mark.parametrize("piece", LONG)
def test_a_megabyte_costs_what_the_longest_article_costs(piece):
    longest, huge = (piece * (n // len(piece)) for n in (60_000, 1_000_000))
    of_longest = max(cpu(read(longest, longest)), 0.01)

    assert cpu(read(huge, huge)) < 2.5 * of_longest


def test_a_word_list_is_one_automaton():
    assert not any(found_in(vars(cues.lexicon("en"))))
