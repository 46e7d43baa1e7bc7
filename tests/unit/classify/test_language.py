"""The language of an unlabelled article; and one we have no words of gives no deal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.classify import Classifier
from crawler.classify.language import detect
from crawler.types import Document

CORPUS = Path(__file__).parents[2] / "corpus"
LANGUAGES = ("de", "en", "es", "fr", "it", "ja", "ko", "pt", "zh")
ROWS = [
    json.loads(line)
    for lang in LANGUAGES
    for line in (CORPUS / f"{lang}.jsonl").read_text("utf-8").splitlines()
]
FOREIGN = {
    "nl": "De startup Acme heeft 5 miljoen euro opgehaald in een ronde geleid door Foo Capital.",
    "sv": "Bolaget Acme tar in 50 miljoner kronor i en ny runda som leds av Foo Capital och andra.",
    "pl": "Startup Acme pozyskał 5 mln euro w rundzie Series A prowadzonej przez Foo Capital.",
    "tr": "Yapay zeka girişimi Acme, Foo Capital liderliğindeki turda 5 milyon dolar yatırım aldı.",
    "id": "Startup Acme meraih pendanaan Seri A senilai US$5 juta yang dipimpin oleh Foo Capital.",
    "ru": "Стартап Acme привлек 5 млн долларов в раунде Series A под руководством Foo Capital.",
    "ar": "أعلنت شركة أكمي عن جمع 5 ملايين دولار في جولة Series A بقيادة Foo Capital",
}


def share(*, title_only: bool) -> float:
    right = 0
    for row in ROWS:
        text = "" if title_only else row["text"]
        right += detect(Document(title=row["title"], text=text)) == row["lang"]
    return right / len(ROWS)


def test_an_unlabelled_article_is_known_by_its_words():
    assert share(title_only=False) > 0.995


def test_an_unlabelled_headline_is_mostly_known_too():
    assert share(title_only=True) > 0.85


@pytest.mark.parametrize("lang", FOREIGN)
@pytest.mark.parametrize("labelled", [True, False])
def test_a_language_we_have_no_words_of_gives_no_deal(lang, labelled):
    document = Document(title="Acme", text=FOREIGN[lang], lang=lang if labelled else None)

    assert Classifier(()).analyze(document).events == ()
