import pytest

import tests.fakes.mine
from crawler.errors import SourceError
from crawler.types import Outcome
from spiders import feed, kinds


@pytest.mark.parametrize("name", ["feed", "rss", "atom"])
def test_rss_and_atom_are_one_kind(name):
    assert kinds.kind(name) is feed


@pytest.mark.parametrize("name", kinds.names())
def test_every_named_kind_can_be_loaded(name):
    assert kinds.kind(name)


def test_a_dotted_path_is_a_kind():
    assert kinds.kind("tests.fakes.mine") is tests.fakes.mine


@pytest.mark.parametrize("name", ["", "no.such.module", "json", "spiders.feed:nothing", ".x"])
def test_what_is_none_is_told(name):
    with pytest.raises(SourceError) as caught:
        kinds.kind(name)
    assert caught.value.outcome is Outcome.ERROR
