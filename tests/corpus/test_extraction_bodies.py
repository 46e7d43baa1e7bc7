"""On real pages, our bodies are no worse than the library we build on, and none is lost."""

import importlib.util
import logging
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITES = ROOT.parent / "shared" / "suites" / "suites.tar.gz"
FOLDER = "article-extraction"


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location(
        "bench_extraction", ROOT / "bench" / "extraction.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def samples(bench, tmp_path_factory):
    if not SUITES.exists():
        pytest.skip("needs the 181 real pages, which are not ours to publish")
    place = tmp_path_factory.mktemp("suites")
    with tarfile.open(SUITES) as archive:
        wanted = [m for m in archive.getmembers() if FOLDER in m.name]
        archive.extractall(place, members=wanted, filter="data")
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return bench.load(next(place.rglob("ground-truth.json")).parent)


@pytest.mark.slow
def test_bodies_are_no_worse_than_trafilatura_and_no_page_is_lost(bench, samples):
    articles = [bench.ours(sample) for sample in samples]
    mine = [bench.match(s.gold, a.text) for s, a in zip(samples, articles, strict=True)]
    peer = [bench.match(s.gold, bench.peer_default(s)) for s in samples]

    assert len(articles) == len(samples) == 181
    assert all(article.title and article.text for article in articles)
    assert bench.score(mine)[0] >= bench.score(peer)[0]
    assert sum(m.f1 < 0.5 for m in mine) <= sum(m.f1 < 0.5 for m in peer)


def test_the_metric_counts_shingles_as_a_multiset(bench):
    found = bench.match("a b c d e", "a b c d e a b c d")

    assert (found.both, found.extra, found.missing) == (2, 4, 0)
    assert bench.match("two words", "two words").f1 == 1
    assert bench.score([bench.match("a b c d", "a b c d"), bench.match("a b c d", "")]) == (
        pytest.approx(2 / 3),
        1,
        0.5,
    )
