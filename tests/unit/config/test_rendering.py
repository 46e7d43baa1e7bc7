"""How a source's pages are to be rendered is a word we know."""

import pytest
from pydantic import ValidationError

from crawler.config.models import SourceEntry


def entry(render):
    return SourceEntry(name="a", kind="feed", url="https://a.example", options={"render": render})


@pytest.mark.parametrize("render", ["shell", "always", "never"])
def test_a_word_we_know(render):
    assert entry(render).options["render"] == render


def test_another_word_is_an_error():
    with pytest.raises(ValidationError, match="shell, always or never"):
        entry("sometimes")
