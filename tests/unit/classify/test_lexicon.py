"""Every line of every lexicon shows where it speaks and where it is silent."""

import pytest

from crawler.classify import cues
from crawler.errors import RaisewireError
from crawler.types import BondType, Round, Status

KNOWN = {
    "round": {*Round},
    "bond_type": {*BondType},
    "status": {*Status, "denied"},
    "raise": {"", *Status},
    "invest": {"", *Status},
    "issue": {"", *Status},
    "valuation": {"", "pre", "post", "unspecified"},
    "lead": {"before", "after", "either", "weak"},
    "investor": {"before", "after", "either", "weak", "near"},
    "bookrunner": {"before", "after", "either", "weak"},
}
LINES = [
    pytest.param(lang, entry, id=f"{lang}-{entry.kind}-{entry.say[0]}"[:60])
    for lang in cues.languages()
    for entry in cues.entries(lang)
]


def alone(entry: cues.Entry) -> cues.Lexicon:
    return cues.Lexicon([entry])


@pytest.mark.parametrize(("lang", "entry"), LINES)
def test_a_line_speaks_in_its_example(lang, entry):
    assert entry.hit, lang
    assert alone(entry).find(entry.hit)


@pytest.mark.parametrize(("lang", "entry"), LINES)
def test_a_line_is_silent_in_its_counter_example(lang, entry):
    found = cues.lexicon(lang).find(entry.miss)

    assert entry.miss
    assert not [c for c in found if (c.kind, c.means) == (entry.kind, entry.means)]


@pytest.mark.parametrize("lang", cues.languages())
def test_what_a_line_means_is_known(lang):
    odd = [e for e in cues.entries(lang) if e.means not in KNOWN.get(e.kind, {e.means})]

    assert odd == []


def test_every_string_of_a_pattern_is_found():
    assert cues.expand("rais(e|es|ed|ing)") == ["raise", "raises", "raised", "raising"]
    assert cues.expand("(a|b(c|d))x(|y)") == ["ax", "axy", "bcx", "bcxy", "bdx", "bdxy"]


@pytest.mark.parametrize("pattern", ["rais(e", "raise)", "(a|b" + "(a|b|c|d|e|f|g|h)" * 9])
def test_a_bad_pattern_is_refused(pattern):
    with pytest.raises(RaisewireError):
        cues.expand(pattern)


def test_the_longest_words_win():
    funding = cues.Entry("funding", "", ("融资",), "", "")
    trap = cues.Entry("refuse", "margin trading", ("融资融券",), "", "")
    found = cues.Lexicon([funding, trap]).find("两融：融资融券余额；完成融资")

    assert [(c.kind, c.text) for c in found] == [("refuse", "融资融券"), ("funding", "融资")]


def test_offsets_hold_where_lower_case_is_longer():
    entry = cues.Entry("raise", "", ("raised",), "", "")
    text = "İSTANBUL's İş raised ten"
    (cue,) = cues.Lexicon([entry]).find(text)

    assert text[cue.start : cue.end] == "raised"
