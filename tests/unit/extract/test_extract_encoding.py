# ruff: noqa: E501 - sentences and pages are kept whole
"""Bytes become the text they were, whatever is declared."""

import pytest

from crawler.extract.encoding import decode, plausible

ZH = "智谱AI宣布完成新一轮融资，金额超过十亿元人民币，由杭州城投产业基金和上城资本联合领投。公司表示，资金将用于大模型的研发和海外市场的开拓。"
ZH_HANT = "台灣新創公司宣布完成新一輪募資，金額超過十億元，由國家發展基金領投。公司表示，資金將用於研發與海外市場的開拓，並擴大團隊。"
JA = "スタートアップのA社は、シリーズBラウンドで総額30億円の資金調達を実施したと発表した。調達した資金は人材採用や研究開発に充てる予定だという。"
KO = "국내 인공지능 스타트업이 시리즈 B 투자 유치를 완료했다고 밝혔다. 이번 투자에는 여러 기관이 참여했으며 회사는 연구 개발과 해외 시장 진출에 자금을 사용할 계획이다."
RU = "Компания объявила о привлечении инвестиций в размере десяти миллионов долларов. Средства пойдут на разработку новых продуктов и выход на рынки других стран."
PL = "Spółka ogłosiła pozyskanie dziesięciu milionów złotych na rozwój sztucznej inteligencji. Środki zostaną przeznaczone na badania, zatrudnienie i ekspansję zagraniczną w przyszłym roku."
FR = "La société a annoncé une levée de fonds de dix millions d'euros, menée par un fonds français déjà présent à son capital. L'équipe prévoit d'être présente à l'étranger dès l'été."
TR = "Şirket, yeni yatırım turunda on milyon dolar topladığını açıkladı. Girişim, yapay zekâ ürünlerini geliştirmek için çalışanlarının sayısını artıracağını söyledi."
EL = "Η εταιρεία ανακοίνωσε ότι άντλησε δέκα εκατομμύρια ευρώ από επενδυτές για την ανάπτυξη νέων προϊόντων και την είσοδο σε ξένες αγορές."


def page(text: str, declared: str = "", lang: str = "") -> str:
    meta = f'<meta charset="{declared}">' if declared else ""
    return f'<html lang="{lang}"><head>{meta}</head><body><p>{text}</p></body></html>'


RIGHT = [
    (ZH, "gb2312", "gb18030"), (ZH, "GBK", "gb18030"), (ZH_HANT, "big5", "big5"),
    (JA, "Shift_JIS", "cp932"), (JA, "euc-jp", "euc_jp"), (JA, "iso-2022-jp", "iso2022_jp"),
    (KO, "euc-kr", "cp949"), (KO, "ks_c_5601-1987", "cp949"), (RU, "windows-1251", "cp1251"),
    (RU, "koi8-r", "koi8_r"), (PL, "iso-8859-2", "iso8859_2"), (PL, "windows-1250", "cp1250"),
    (FR, "iso-8859-1", "cp1252"), (TR, "iso-8859-9", "cp1254"), (EL, "windows-1253", "cp1253"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "declared", "real"), RIGHT)
def test_a_right_declaration_is_followed(text, declared, real):
    assert text in decode(page(text, declared).encode(real))


@pytest.mark.parametrize(("text", "declared", "real"), RIGHT)
def test_a_header_alone_is_enough(text, declared, real):
    assert text in decode(page(text).encode(real), f"text/html; charset={declared}")


@pytest.mark.parametrize("wrong", ["utf-8", "iso-8859-1", ""])
@pytest.mark.parametrize(
    ("text", "real"),
    [
        (ZH, "gb18030"),
        (ZH_HANT, "big5"),
        (JA, "cp932"),
        (JA, "euc_jp"),
        (KO, "cp949"),
        (RU, "cp1251"),
        (RU, "koi8_r"),
        (EL, "cp1253"),
    ],
)
def test_a_wrong_or_missing_declaration_is_seen_through(text, real, wrong):
    assert text in decode(page(text, wrong).encode(real), "text/html")


@pytest.mark.parametrize(
    ("text", "real", "lang"), [(PL, "cp1250", "pl"), (PL, "iso8859_2", "pl"), (TR, "cp1254", "tr")]
)
def test_the_language_attribute_breaks_ties_between_latin_tables(text, real, lang):
    assert text in decode(page(text, lang=lang).encode(real))


@pytest.mark.parametrize("text", [ZH, JA, KO, RU, FR])
def test_valid_utf8_is_utf8_even_when_declared_otherwise(text):
    assert text in decode(page(text, "gb2312").encode(), "text/html; charset=iso-8859-1")


def test_a_byte_order_mark_beats_every_declaration():
    assert decode(page(ZH, "gbk").encode("utf-16"), "text/html; charset=gbk") == page(ZH, "gbk")


def test_a_cut_utf8_page_stays_utf8():
    text = decode(page(ZH * 3).encode()[:-20][:-1] + "智".encode()[:2])

    assert ZH in text


def test_a_few_stray_bytes_do_not_spoil_a_page():
    body = page(ZH * 4, "gbk").encode("gb18030").replace(b"</p>", b"\xff</p>")

    assert ZH in decode(body)


@pytest.mark.parametrize(
    "body", [b"", b"\x00" * 50, bytes(range(256)) * 20, b"\xff\xfe", b"\x1b$" * 9]
)
def test_no_bytes_raise(body):
    assert isinstance(decode(body, "text/html; charset=\x00nonsense"), str)


def test_writing_scores_above_mojibake():
    for text, real in ((ZH, "gb18030"), (JA, "euc_jp"), (KO, "cp949"), (RU, "cp1251")):
        wrong = text.encode(real).decode("cp1252", "replace")

        assert plausible(text) > 0.5 > plausible(wrong)
