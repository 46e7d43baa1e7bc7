"""Whose deal it is where no name stands beside it: lists, "the company", "we", datelines."""

from __future__ import annotations

import pytest

from crawler.classify import Classifier, items, reading
from crawler.types import Document


def companies(title: str, text: str, lang: str) -> list[str]:
    events = Classifier(()).analyze(Document(title=title, text=text, lang=lang)).events
    return [event.company for event in events]


def heads(text: str, lang: str) -> list[str | None]:
    seen = reading.read(Document(title="Weekly", text=text, lang=lang), lang)
    spans = [items.head_of(line, seen) for line in seen.lines[1:]]
    return [seen.text[slice(*span)] if span else None for span in spans]


@pytest.mark.parametrize(
    ("text", "lang", "head"),
    [
        ("• **Torfkraft** (Rostock, Heizungen): 4 Mio. € Series A.", "de", "Torfkraft"),
        ("➡️ **Sabugo** (RJ, logística): seed de R$ 9 mi.", "pt", "Sabugo"),
        ("| Havgull | Bergen | Series C | €48m |", "en", "Havgull"),
        ("3) Quiet Harbour, Osaka. Series B of ¥2bn.", "en", "Quiet Harbour"),
        ("・うみねこ（漁業支援）：シリーズAで2億円。", "ja", "うみねこ"),
        ("▲하늘우산(드론 배송)=시리즈B 200억원", "ko", "하늘우산"),
        ("• 11:30 Havgull sells bonds", "en", None),
        ("• Elsewhere: Havgull sells bonds", "en", None),
        ("• Fuori dai round: a Milano si parla d'altro", "it", None),
        ("Havgull (Bergen) sells bonds", "en", None),
    ],
)
def test_a_mark_shows_the_head_of_an_item(text, lang, head):
    assert heads(text, lang)[0] == head


def test_each_item_of_a_roundup_has_its_own_company():
    text = (
        "1) Quiet Harbour, Osaka. Raised $20m in a Series B led by Kitahama Fund.\n\n"
        "2) Lantern Works, Seoul. Raised $7m in a Series A led by Sumisei Ventures.\n"
    )

    assert companies("Who got paid in Asia", text, "en") == ["Quiet Harbour", "Lantern Works"]


def test_the_company_without_a_name_is_the_one_spoken_of_before():
    text = (
        "Sabugo quer dobrar de tamanho.\n\n"
        "A empresa, fundada por ex-funcionários da Mercantil Oeste, levantou R$ 30 milhões em uma "
        "rodada Série A liderada pela Ipê Capital."
    )

    assert companies("Sabugo levanta R$ 30 milhões", text, "pt") == ["Sabugo"]


def test_we_are_the_firm_whose_founder_speaks():
    text = (
        "Abbiamo raccolto 900 mila euro in un round seed da Mamba Uno.\n\n"
        "È un grande giorno per tutti noi di Lumacone. Lumacone cresce."
    )

    assert companies("Una bella notizia", text, "it") == ["Lumacone"]


def test_a_dateline_names_no_company():
    text = (
        "BOISE, Idaho--(Feather Wire)--TaxLark, a provider of tax software, today announced that "
        "it has raised a $12 million Series A round led by Alder Growth."
    )

    assert companies("TaxLark Raises $12 Million", text, "en") == ["TaxLark"]


def test_a_number_word_said_twice_belongs_to_the_name():
    text = "Two Moons, a start-up, said it raised $12 million. Investors like Two Moons."

    assert companies("Two Moons raises $12 million", text, "en") == ["Two Moons"]


def test_a_wall_of_symbols_takes_no_time_to_refuse():
    seen = reading.read(Document(title="Weekly", text="-=*" * 300 + "!", lang="en"), "en")

    assert [items.head_of(line, seen) for line in seen.lines] == [None] * len(seen.lines)


def test_words_of_the_trade_are_no_company():
    text = "Convertible Senior Notes of $90 million were sold by Havgull on Monday."

    assert companies("Havgull sells notes", text, "en") == ["Havgull"]
