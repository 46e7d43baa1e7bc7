import pytest

from crawler.alert.digest import bundle, digest_message
from crawler.alert.message import message
from crawler.alert.render import Templates
from crawler.alert.words import languages
from crawler.errors import DeliveryError, Scope
from tests.fakes.deals import NOON, QUOTE, alert, bond, deal, event, report, update

NASTY = '"><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} {% raw %}'


def test_the_text_says_it_all():
    text = Templates("mail").render("deal.txt", message(alert(), dashboard="https://d.example"))

    for part in (
        "Zhipu AI · over CNY 1 billion", f"> {QUOTE}", "Lead: Hangzhou City Investment",
        "https://milano.example/zhipu", "24 Nov 2026, 12:00 UTC", "Confidence 97",
        "Open the deal: https://d.example/deals/deal-1",
    ):  # fmt: skip
        assert part in text


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("kind", ["txt", "html"])
def test_every_language_fills_every_template(lang, kind):
    full = update(alert(deal(bond()), earlier=(deal(),)), status=('"planned"', '"priced"'))
    templates = Templates("mail")

    assert templates.render(f"deal.{kind}", message(full, lang, "https://d.example"))
    several = digest_message(bundle("mail", [full, alert()], NOON), lang)
    assert templates.render(f"digest.{kind}", several)


def test_html_shows_hostile_words_as_words():
    told = event(company=NASTY, evidence=NASTY, lead_investors=(NASTY,), use_of_proceeds=NASTY)
    about = deal(told, reports=(report(told, title=NASTY, source=NASTY, url="javascript:x"),))
    said = message(alert(about, rule=NASTY))

    for html in (
        Templates("mail").render("deal.html", said),
        Templates("mail").render("digest.html", digest_message(bundle("m", [alert(about)], NOON))),
    ):
        assert "<script" not in html
        assert "<img src=x" not in html
        assert "javascript:" not in html
        assert "{{ 7*7 }}" in html


def test_html_holds_in_old_mail_programs():
    html = Templates("mail").render("deal.html", message(alert()))

    assert 'role="presentation"' in html
    assert "<!--[if mso]>" in html
    assert "prefers-color-scheme: dark" in html
    assert "<script" not in html
    assert "flex" not in html
    assert len(html) < 100_000  # longer ones are cut by some


def test_a_person_s_own_template_replaces_ours(tmp_path):
    (tmp_path / "deal.txt").write_text("{{ m.company }}: {{ m.figure }} {{ m.quote | upper }}")

    mine = Templates("mail", tmp_path)

    assert mine.render("deal.txt", message(alert())).startswith("Zhipu AI: over CNY 1 billion")
    assert "<table" in mine.render("deal.html", message(alert()))


def test_a_slack_template_is_asked_for_by_being_there(tmp_path):
    assert not Templates("desk", tmp_path).has("deal.slack")
    (tmp_path / "deal.slack").write_text("*{{ m.headline | slack }}*")
    assert Templates("desk", tmp_path).has("deal.slack")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{{ m.nothing }}", "nothing"),
        ("line\n{% if %}", "deal.txt:2"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ m.words.clear() }}", "unsafe"),
        ("{{ range(10**9) | list }}", "too big"),
        ("{{ 1 / 0 }}", "zero"),
    ],
)
def test_a_wrong_template_holds_the_channel_and_says_where(source, says, tmp_path):
    (tmp_path / "deal.txt").write_text(source)

    with pytest.raises(DeliveryError) as e:
        Templates("mail", tmp_path).render("deal.txt", message(alert()))

    assert says in str(e.value)
    assert (e.value.retry, e.value.scope) == (False, Scope.CHANNEL)
