"""What search promises on every database."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.store import articles, deals
from crawler.store.search import cut, places, search, terms


@pytest.fixture
def shelf(store, nouns, now):
    """Store articles with these texts, and a deal."""

    def act(*texts):
        with store.write() as conn:
            for n, text in enumerate(texts):
                page = nouns.article(f"https://wire.example/{n}", text=text, title=f"Story {n}")
                articles.save(conn, page, [], now)

    return act


@pytest.fixture
def find(store):
    def act(query, **more):
        with store.read() as conn:
            return [hit.title for hit in search(conn, query, **more)]

    return act


def test_every_term_must_be_there_in_any_order_and_case(shelf, find):
    shelf("Acme raises forty million", "Acme pays a dividend", "Others raise money")

    assert find("acme") == ["Story 1", "Story 0"]
    assert find("RAISES acme") == ["Story 0"]
    assert find("acme nothing") == []


def test_a_quoted_phrase_is_one_term(shelf, find):
    shelf("series B of Acme", "B series of Acme")

    assert find('"series B"') == ["Story 0"]


@pytest.mark.parametrize("query", ["智谱", "债券", "融资", "智", "ソフト", "채권"])
def test_short_words_without_spaces_are_found(shelf, find, query):
    shelf("智谱AI完成新一轮融资并发行债券", "ソフトバンクの社債", "두산이 채권을 발행")

    assert len(find(query)) == 1


def test_a_short_word_is_found_at_the_start_and_at_the_very_end(shelf, find):
    shelf("智谱 is first", "last is 智谱", "neither", "AI", "ai")

    assert find("智谱") == ["Story 1", "Story 0"]
    assert find("Ai") == ["Story 4", "Story 3"]
    assert find("智x") == []


def test_a_short_word_may_stand_beside_a_long_one(shelf, find):
    shelf("智谱 raises", "智谱 rests", "others raise")

    assert find("智谱 raises") == ["Story 0"]


def test_deals_are_found_by_company_investor_and_proof(store, find, nouns):
    with store.write() as conn:
        deals.save(conn, [nouns.deal(event=nouns.event(aliases=("艾克米",)))], {})

    assert find("northwind") == find("艾克") == find("led by") == ["Acme AI"]
    assert find("northwind", kinds=("article",)) == []


def test_a_changed_text_is_found_by_its_new_words_only(store, find, nouns, now):
    with store.write() as conn:
        saved = articles.save(conn, nouns.article(text="formerly"), [], now)
        articles.save(conn, nouns.article(text="presently", content_hash="x"), [], now)
    assert find("formerly") == []
    assert find("presently") == ["Acme AI raises $40m"]

    with store.write() as conn:
        articles.drop_body(conn, saved.id, now)
    assert find("presently") == []


def test_the_newest_come_first_and_no_more_than_asked(shelf, find):
    shelf(*("Acme again" for _ in range(5)))

    assert find("again", limit=2) == ["Story 4", "Story 3"]


@pytest.mark.parametrize(
    "query",
    ['"', '""', "*", "a*", "NEAR(a b)", "title:x", "a OR b", "-a", "%", "_", "\\", "'", "\x00"],
)
def test_what_is_syntax_elsewhere_is_a_word_here(shelf, find, query):
    shelf("nothing of the kind")

    assert find(query) == []


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(query=st.text(max_size=40))
def test_no_query_is_an_error(store, query):
    with store.read() as conn:
        search(conn, query)


def test_terms_are_words_and_phrases():
    assert terms('a  "b  c" d"') == ("a", "b c", "d")
    assert terms(" \n") == ()


def test_a_snippet_shows_the_term_with_its_place():
    words = "x " * 200 + "the Acme round" + " y" * 200
    snippet = cut(words, ("acme",))
    ((start, end),) = places(snippet, ("acme",))

    assert snippet[start:end] == "Acme"
    assert snippet.startswith("…")
    assert snippet.endswith("…")


def test_places_do_not_overlap():
    assert places("aaaa", ("aa", "aaa")) == ((0, 3),)
    assert places("İ acme", ("acme",)) == ()
