"""A maturity is kept as precisely as it is printed, in every language."""

from __future__ import annotations

import pytest

from crawler.classify import Classifier
from crawler.types import Document

CASES = [
    ("en", "Corvid prices $500 million of notes", "The notes, due June 15, 2031, pay 5%."),
    ("en", "Corvid prices $500 million of notes", "The 5% notes are due 15 June 2031."),
    ("it", "Corvid emette un bond da 500 milioni", "Con scadenza 15 giugno 2031, paga il 5%."),
    ("de", "Corvid AG begibt Anleihe über 500 Mio. Euro", "Sie ist fällig am 15. Juni 2031."),
    ("fr", "Corvid émet 500 millions d'euros d'obligations", "À échéance le 15 juin 2031."),
    ("es", "Corvid coloca 500 millones en bonos", "Con vencimiento el 15 de junio de 2031."),
    ("pt", "Corvid emite 500 milhões em obrigações", "Com vencimento em 15 de junho de 2031."),
    ("zh", "科沃能源发行5亿美元债券", "该债券将于2031年6月15日到期，票面利率5%。"),
    ("ja", "コルビッド、500億円の社債を発行", "償還期限は2031年6月15日、利率は年1.2%。"),
    ("ko", "코르비드, 2억 달러 회사채 발행", "만기는 2031년 6월 15일이며 금리는 연 4%다."),
]


@pytest.fixture(scope="module")
def reader():
    return Classifier()


@pytest.mark.parametrize(("lang", "title", "text"), CASES, ids=[case[0] for case in CASES])
def test_a_day_of_maturity_is_kept(reader, lang, title, text):
    (event,) = reader.analyze(Document(title=title, text=text, lang=lang)).events

    assert [tranche.maturity for tranche in event.tranches] == ["2031-06-15"]


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("June 2031", "2031-06"),
        ("2031", "2031"),
        ("late 2031", "2031"),
        ("June 99, 2031", "2031-06"),
    ],
)
def test_what_is_not_printed_is_not_made_up(reader, printed, kept):
    text = f"The notes, due {printed}, pay 5%."
    title = "Corvid prices $500 million of notes"
    (event,) = reader.analyze(Document(title=title, text=text, lang="en")).events

    assert [tranche.maturity for tranche in event.tranches] == [kept]
