"""What the store promises of articles on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.store import articles, upkeep
from crawler.store.articles import Novelty
from crawler.types import Quality


@pytest.fixture
def save(store, now):
    def act(article, events=(), at=now, **more):
        with store.write() as conn:
            return articles.save(conn, article, list(events), at, **more)

    return act


@pytest.fixture
def read(store):
    def act(ident):
        with store.read() as conn:
            return articles.get(conn, ident)

    return act


def test_an_article_comes_back_as_it_went_in(save, read, nouns):
    article = nouns.article(
        canonical_url="https://wire.example/canonical",
        lang="zh",
        title="智谱AI完成融资",
        quality=Quality.SHORT,
        country="CN",
        restrictions=frozenset({"noarchive", "tdm"}),
    )
    saved = save(article, [{"company": "智谱AI"}])

    stored = read(saved.id)
    assert stored.article == article
    assert stored.events == [{"company": "智谱AI"}]
    assert saved.novelty is Novelty.NEW


def test_the_same_address_with_the_same_words_is_nothing_new(save, nouns):
    first = save(nouns.article())
    assert save(nouns.article()) == replace(first, novelty=Novelty.SAME, before=[])


def test_an_article_is_known_by_each_of_its_addresses(save, read, nouns):
    saved = save(nouns.article(canonical_url="https://wire.example/c"), keys=("key of a",))

    for address in ("https://wire.example/a", "https://wire.example/c", "key of a"):
        assert read(address).id == saved.id
    assert save(nouns.article("https://wire.example/c")).id == saved.id


def test_a_front_page_named_as_canonical_does_not_swallow_a_sites_articles(save, nouns):
    front = "https://wire.example/"
    first = save(nouns.article(title="One", canonical_url=front))
    second = save(nouns.article("https://wire.example/b", title="Two", canonical_url=front))

    assert second.id != first.id


def test_a_mobile_copy_with_the_same_title_is_the_same_article(save, nouns):
    first = save(nouns.article(canonical_url="https://wire.example/a"))
    mobile = nouns.article(
        "https://m.wire.example/a", canonical_url="https://wire.example/a", content_hash="other"
    )
    assert save(mobile).id == first.id


def test_a_page_that_changed_is_a_new_revision_and_keeps_the_old_words(store, save, read, nouns):
    first = save(nouns.article())
    changed = nouns.article(text="Acme AI raised $45m.", content_hash="other", published=None)
    second = save(changed, at=nouns.later(hours=1))

    assert (second.id, second.novelty) == (first.id, Novelty.REVISED)
    stored = read(first.id)
    assert stored.revision == 2
    assert stored.article.text == "Acme AI raised $45m."
    assert stored.article.published == nouns.now  # a date once known is not unlearned
    from crawler.store.tables import article_revision

    with store.read() as conn:
        (old,) = conn.execute(article_revision.select()).all()
    assert old.text == "Acme AI raised $40m, led by Northwind."


def test_a_churned_address_of_the_same_source_is_the_same_article(save, nouns):
    first = save(nouns.article(content_hash="h"))
    again = save(nouns.article("https://wire.example/a?v=2", content_hash="h"))

    assert (again.id, again.novelty) == (first.id, Novelty.SAME)


def test_the_same_words_in_another_outlet_are_another_witness(save, nouns):
    first = save(nouns.article(content_hash="h"))
    copy = nouns.article("https://paper.example/a", content_hash="h", source="paper")

    assert save(copy).id != first.id


def test_known_hashes_are_found_in_one_question(store, save, nouns):
    save(nouns.article(content_hash="h"))
    with store.read() as conn:
        assert articles.known(conn, ["h", "other", *map(str, range(1200))]) == {"h"}


def test_nul_and_lone_surrogates_are_replaced_not_refused(save, read, nouns):
    saved = save(nouns.article(title="a\x00b", text="c\ud800d"), [{"evidence": "\x00 \ud800"}])

    stored = read(saved.id)
    assert stored.article.title == "a\ufffdb"
    assert stored.article.text == "c?d"


def test_a_long_list_is_read_in_steps_and_can_be_continued(store, save, nouns):
    for n in range(7):
        save(nouns.article(f"https://wire.example/{n}", seen_at=nouns.later(minutes=n)))

    with store.read() as conn:
        newest = list(articles.listing(conn, limit=3))
        place = (newest[-1].article.seen_at, newest[-1].id)
        rest = list(articles.listing(conn, after=place))
        forward = list(articles.listing(conn, oldest_first=True, since=nouns.later(minutes=5)))
    assert [stored.article.url[-1] for stored in newest] == ["6", "5", "4"]
    assert [stored.article.url[-1] for stored in rest] == ["3", "2", "1", "0"]
    assert [stored.article.url[-1] for stored in forward] == ["5", "6"]


def test_a_purged_body_is_gone_and_the_fact_stays(store, save, read, nouns):
    old = save(nouns.article(), [{"company": "Acme AI"}])
    new = save(nouns.article("https://wire.example/new", seen_at=nouns.later(days=100)))
    with store.write() as conn:
        gone = upkeep.purge(conn, nouns.later(days=10), nouns.later(days=100))
        again = upkeep.purge(conn, nouns.later(days=10), nouns.later(days=100))

    assert (gone["articles"], again["articles"]) == (1, 0)
    assert read(old.id).article.text == ""
    assert read(old.id).article.title == "Acme AI raises $40m"
    assert read(old.id).events == [{"company": "Acme AI"}]
    assert read(old.id).purged_at == nouns.later(days=100)
    assert read(new.id).article.text != ""


def test_a_dropped_body_leaves_title_and_events(store, save, read, nouns, now):
    saved = save(nouns.article(), [{"company": "Acme AI"}])
    with store.write() as conn:
        articles.drop_body(conn, saved.id, now)

    assert read(saved.id).article.text == ""
    assert read(saved.id).events == [{"company": "Acme AI"}]
