"""How one article is taken apart: sentences, binding, names, parts, status, merging."""

from decimal import Decimal

import pytest

from crawler.classify import Classifier, binding, language, names, reading, roles, sentences
from crawler.types import BondType, DealType, Document, Round, Status


def seen(text, lang="en", title=""):
    return reading.read(Document(title=title, text=text), lang)


def fates(text, lang="en"):
    article = seen(text, lang)
    return {f.sum.text: f for line in article.lines for f in binding.bind(line, article)}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Acme Inc. raised money. It is based in St. Gallen.", 2),
        ("S.p.A. is a form. Mr. Roe said so.", 2),
        ("It closed its Series D. Nordwind led.", 2),
        ("完成融资。由甲领投！金额未披露", 3),
        ("one line\nand another", 2),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text, count):
    assert len(list(sentences.split(f"\n{text}"))) == count


def test_a_sentence_is_its_own_piece_of_the_text():
    text = sentences.passage("Title", "First one. Second one.\nThird")
    for part in sentences.split(text):
        assert text[part.start : part.end] == part.text


def test_each_sum_has_one_head():
    found = fates(
        "Lumenic raised $85 million at a valuation of $620 million; annual revenue is $45 million."
    )

    assert [found[s].kind for s in ("$85 million", "$620 million")] == ["raise", "valuation"]
    assert found["$45 million"].reason == "revenue"


def test_a_sum_behind_a_word_for_the_past_is_history():
    found = fates("The round comes months after the company took in $3 million.")

    assert found["$3 million"].prior


def test_a_year_to_come_is_no_history():
    document = Document(title="", text="It raised $3 million in 2027.", lang="en")
    past = Document(title="", text="It raised $3 million in 2019.", lang="en")
    years = [
        reading._is_past(c, reading_date)
        for doc in (document, past)
        for reading_date in [dated(doc)]
        for line in reading.read(doc, "en").lines
        for c in line.of("prior")
    ]

    assert years == [False, True]


def dated(document):
    from dataclasses import replace
    from datetime import UTC, datetime

    return replace(document, published=datetime(2025, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Boston-based Lumenic has raised $5m.", "Lumenic"),
        ("Kestrel & Partners led the round.", "Kestrel & Partners"),
        ("It was bought by Bank of China.", "Bank of China"),
        ("said Ines Prado of Minerva Grid", "Minerva Grid"),
        ("GridForge, Inc. sold notes.", "GridForge, Inc."),
    ],
)
def test_names_end_where_they_end(text, expected):
    assert expected in {m.text for m in names.latin(seen(text))}


@pytest.mark.parametrize(
    "text", ["BERLIN — A start-up", "(ASX: IBN)", "rated A3/BBB-", "its $95M PIPE"]
)
def test_datelines_tickers_and_ratings_are_no_names(text):
    assert names.latin(seen(f"Something is here. {text} was there.")) == [] or "BERLIN" not in {
        m.text for m in names.latin(seen(text))
    }


def test_a_shorter_spelling_is_the_same_name():
    text = "Zhipu AI raised $5m. Later Zhipu said more about Zhipu AI."
    (zhipu,) = names.grouped(names.latin(seen(text)))

    assert zhipu.text == "Zhipu AI"
    assert zhipu.spellings == {"Zhipu AI", "Zhipu"}


def test_those_who_led_and_those_who_joined():
    article = seen("The round was led by Foo Capital, with participation from Bar Fund and Baz VC.")
    mentions = names.latin(article)
    parts = [
        (p.role, p.mention.text)
        for ln in article.lines
        for p in roles.parts_of(ln, mentions, article)
    ]

    assert ("lead", "Foo Capital") in parts
    assert {name for role, name in parts if role == "investor"} == {"Bar Fund", "Baz VC"}


READER = Classifier()
CASES = [
    (
        "Acme AI is in talks to raise a $5 million Series A round, people familiar said.",
        Status.RUMOURED,
    ),
    ("Acme AI plans to raise $5 million in a Series A round this spring.", Status.PLANNED),
    ("Acme AI has raised $5 million in a Series A round led by Foo Capital.", Status.ANNOUNCED),
    ("Acme AI has scrapped its $5 million Series A round led by Foo Capital.", Status.WITHDRAWN),
]


@pytest.mark.parametrize(("text", "status"), CASES)
def test_tense_and_hedging_give_the_status(text, status):
    (event,) = READER.analyze(Document(title=text, text=text, lang="en")).events
    told = Status.ANNOUNCED if event.status is Status.COMPLETED else event.status

    assert (event.company, event.round, told) == ("Acme AI", Round.SERIES_A, status)


def test_tranches_add_up_and_keep_their_terms():
    text = (
        "Yunhai Holdings has priced 5 billion yuan of dim sum bonds, split between 3 billion yuan "
        "of five-year notes at 2.3% and 2 billion yuan of 10-year notes at 2.75%. HSBC and "
        "Citi were joint bookrunners."
    )
    (event,) = READER.analyze(Document(title="Yunhai prices dim sum bonds", text=text)).events

    assert event.type is DealType.BOND
    assert event.amount == Decimal(5 * 10**9)
    assert [(t.tenor_years, t.coupon_pct) for t in event.tranches] == [
        (5.0, Decimal("2.3")),
        (10.0, Decimal("2.75")),
    ]
    assert {BondType.DIM_SUM, BondType.OFFSHORE} <= set(event.bond_types)
    assert set(event.bookrunners) == {"HSBC", "Citi"}


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        (
            "Şirket geçen yıl 5 milyon lira yatırım aldı ve bu yıl için bir fabrika kuruyor olacak",
            "tr",
        ),
        ("Компания привлекла 5 млн долларов в раунде А", "und"),
        ("智谱AI完成融资", "zh"),
        ("株式会社アクメは5億円を調達した", "ja"),
        ("아크메가 50억원 투자를 유치했다", "ko"),
        (
            "La società ha raccolto 5 milioni in un round guidato da Foo con la sua Bar e di Baz",
            "it",
        ),
    ],
)
def test_the_script_and_the_small_words_tell_the_language(text, lang):
    assert language.detect(Document(title=text, text="", lang="en")) == lang


def test_a_language_without_words_gives_no_event():
    text = "Şirket Series A turunda 5 milyon dolar yatırım aldı ve bu tur Foo Capital ile oldu"
    found = READER.analyze(Document(title=text, text=text, lang="tr"))

    assert found.events == ()


HOSTILE = {
    "one letter": "a" * 1_000_000,
    "sums": "$5 million " * 90_000,
    "deals": "Acme raised $5 million in a Series A led by Foo Capital, and " * 17_000,
    "chinese": "智谱AI完成3亿元A轮融资，" * 70_000,
    "brackets": "(" * 1_000_000,
    "capitals": "Foo Bar " * 125_000,
    "lines": "\n" * 1_000_000,
    "digits": "1," * 500_000,
    "controls": "\x00\u202e\ud800 Acme raised $5m" * 1000,
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("lang", ["en", "zh", "de"])
def test_a_hostile_megabyte_is_read_in_a_bounded_time(kind, lang):
    import time

    start = time.process_time()
    READER.analyze(Document(title="Acme raises $5m", text=HOSTILE[kind], lang=lang))

    assert time.process_time() - start < 2.0
