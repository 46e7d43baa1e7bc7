"""In a language it does not read, the reader may miss a deal; it may not make one up."""

from pathlib import Path

import pytest

from crawler.classify import Classifier, evaluation

ARTICLES = evaluation.load([Path(__file__).parent / "unread" / "articles.jsonl"])


@pytest.mark.parametrize("gold", ARTICLES, ids=lambda gold: gold.id)
def test_nothing_is_said_that_the_article_does_not_report(gold):
    said = {(e.type, e.company) for e in Classifier().analyze(gold.document).events}

    assert said <= {(e.type, e.company) for e in gold.events}
