"""A watched company's own sources are visited first."""

from crawler.config import Watch
from scheduler.dispatch import followed


def test_a_source_named_after_a_watched_company_is_followed(nouns):
    sources = [
        nouns.source("a", name="Zhipu AI newsroom"),
        nouns.source("b", name="智谱华章公告"),
        nouns.source("c", name="Harbour Wire"),
    ]
    watch = [Watch(name="Zhipu AI", aliases=("智谱华章",))]
    assert followed(sources, watch) == {"a", "b"}
    assert followed(sources, []) == frozenset()
