"""RFC 9309, table by table."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.fetch import rules

AGENT = "raisewire/0.1 (+https://example.com)"


def allows(text, path, agent=AGENT):
    return rules.parse(text.encode(), agent).allows(f"https://example.com{path}")


ONLY = "User-agent: *\nDisallow: /\nAllow: {}"


@pytest.mark.parametrize(
    ("text", "path", "wanted"),
    [
        ("", "/x", True),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: *\nDisallow: /", "/x", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("disallow: /x\nUser-agent: other\nDisallow: /", "/x", True),
        ("User-agent: raisewire\nDisallow: /x\n\nUser-agent: *\nDisallow: /", "/y", True),
        ("User-agent: RaiseWire/9 nonsense\nDisallow: /", "/y", False),
        ("User-agent: raise\nDisallow: /", "/y", True),
        ("User-agent: raisewire-news\nDisallow: /", "/y", True),
        ("User-agent: * everyone\nDisallow: /", "/y", False),
        ("User-agent: *wire\nDisallow: /", "/y", True),
        ("User-agent: a\nUser-agent: raisewire\nDisallow: /", "/y", False),
        ("User-agent: raisewire\nDisallow: /a\nUser-agent: b\nDisallow: /b", "/b", True),
        ("User-agent: raisewire\nDisallow: /a\nUser-agent: raisewire\nDisallow: /b", "/b", False),
        ("User-agent: raisewire\nSitemap: https://x/s\nUser-agent: b\nDisallow: /", "/b", False),
        ("User-agent: raisewire\nUnknown: 1\nUser-agent: b\nDisallow: /", "/b", False),
        ("USER-AGENT: *\nDISALLOW: /", "/x", False),
        ("user-agent *\ndisallow /", "/x", False),
        ("  User-agent :  *  \r  Disallow :/x # why\r", "/x", False),
        ("User-agent: *\nDisallow: /X", "/x", True),
        ("User-agent: *\nDisalow: /x", "/x", False),
        ("\ufeffUser-agent: *\nDisallow: /x", "/x", False),
        ("<html>\nUser-agent: *\nDisallow: /x", "/x", False),
        (ONLY.format("/p"), "/page", True),
        ("User-agent: *\nAllow: /page\nDisallow: /page", "/page", True),
        ("User-agent: *\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif",
         "/example/page/disallowed.gif", False),
        (ONLY.format("/*.php$"), "/a.php", True),
        (ONLY.format("/*.php$"), "/a.php?x=1", False),
        (ONLY.format("/*.php"), "/a.php?x=1", True),
        (ONLY.format("/a*z"), "/abcz/more", True),
        (ONLY.format("/a*z$"), "/abzcz", True),
        (ONLY.format("/$"), "/", True),
        (ONLY.format("/$"), "/x", False),
        (ONLY.format("/foo/bar?baz=http://foo.bar"), "/foo/bar?baz=http://foo.bar", True),
        (ONLY.format("/foo/bar/ツ"), "/foo/bar/%E3%83%84", True),
        (ONLY.format("/foo/bar/%E3%83%84"), "/foo/bar/ツ", True),
        (ONLY.format("/foo/bar/%62%61%7A"), "/foo/bar/baz", True),
        (ONLY.format("/foo/bar/%e3%83%84"), "/foo/bar/%E3%83%84", True),
        (ONLY.format("/foo%2Fbar"), "/foo/bar", False),
    ],
)  # fmt: skip
def test_a_rule_reads_as_rfc_9309_says(text, path, wanted):
    assert allows(text, path) is wanted


ALL = "User-agent: *\n"


@pytest.mark.parametrize(
    ("text", "path", "wanted"),
    [
        (ALL + "Disallow: /a%24", "/a$", False),
        (ALL + "Disallow: /a%24", "/ab", True),
        (ALL + "Disallow: /a$b", "/a$b/c", False),
        (ALL + "Disallow: /a%2A", "/a*", False),
        (ALL + "Disallow: /a%2A", "/axx", True),
        (ALL + "Disallow: /a%2ab$", "/a*b", False),
        (ALL + "Disallow: /*.pdf$\nAllow: /public/", "/public/a.pdf", True),
        (ALL + "Disallow: /*.pdf$\nAllow: /p/", "/p/a.pdf", False),
        (ALL + "Disallow: /*.pdf$", "/a.pdf?x=1", True),
        (ALL + "Disallow: /*?", "/a?b", False),
        (ALL + "Disallow: /?", "/", True),
        (ALL + "Disallow: /x**y***", "/xabyz", False),
        (ALL + "Disallow: *.gif", "/x/y.gif", False),
        (ALL + "Disallow: x", "/x", False),
        (ALL + "Disallow: /a%3cd", "/a<d", False),
        (ALL + "Disallow: /a b", "/a%20b", False),
        (ALL + "Disallow: /a+b", "/a%20b", True),
        (ALL + "Disallow: /%7Ejoe", "/~joe", False),
        (ALL + "Disallow: /%zz", "/%zz", False),
        (ALL + "Disallow: /x;a=b", "/x;a=b?c", False),
        (ALL + "Disallow: /x//y", "/x//y", False),
        (ALL + "Disallow: https://example.com/x", "/x", True),
        (ALL + "Disallow: /x\x00y", "/x", True),
        ("User-agent: *\rDisallow: /x\rAllow: /x/y", "/x/z", False),
        ("User-agent: *\u2028Disallow: /x", "/x", True),
        ("User-agent:\nDisallow: /", "/x", True),
        ("Disallow: /x\n" + ALL + "Disallow: /y", "/x", True),
        ("User-agent: Mozilla/5.0 (compatible; raisewire)\nDisallow: /", "/x", True),
        (ALL + "User-agent: raisewire\nAllow: /x\n" + ALL + "Disallow: /", "/y", True),
        (ALL + "Disallow: /early\n" + "#" * 600_000 + "\nDisallow: /late", "/early", False),
        (ALL + "Disallow: /early\n" + "#" * 600_000 + "\nDisallow: /late", "/late", True),
        ("<html><body>User-agent: *<br>Disallow: /</body></html>", "/x", True),
    ],
)  # fmt: skip
def test_what_others_ask_of_a_reader_of_rules(text, path, wanted):
    assert allows(text, path) is wanted


def test_rules_saved_as_utf_16_are_meant_all_the_same():
    body = "User-agent: *\nDisallow: /x".encode("utf-16")
    assert not rules.parse(body, AGENT).allows("https://example.com/x")


def test_the_first_crawl_delay_of_our_group_counts():
    others = b"User-agent: *\nCrawl-delay: 9\nDisallow:\nUser-agent: x\nDisallow:\n"
    text = others + b"User-agent: raisewire\nCrawl-delay: 2.5\nCrawl-delay: 7"
    assert rules.parse(text, AGENT).crawl_delay == 2.5


@pytest.mark.parametrize("value", ["-1", "0", "soon", "", "nan"])
def test_a_senseless_crawl_delay_is_none(value):
    read = rules.parse(f"User-agent: *\nCrawl-delay: {value}".encode(), AGENT)
    assert not read.crawl_delay


def test_a_crawl_delay_of_a_day_is_capped():
    assert rules.parse(b"User-agent: *\nCrawl-delay: 86400", AGENT).crawl_delay == rules.MAX_DELAY


def test_sitemaps_are_found_wherever_they_stand():
    read = rules.parse(b"Sitemap: https://a/1\nUser-agent: x\nSitemap: https://a/2", AGENT)
    assert read.sitemaps == ["https://a/1", "https://a/2"]


def test_what_lies_beyond_500_kib_is_not_read():
    text = b"#" * rules.MAX_BYTES + b"\nUser-agent: *\nDisallow: /"
    assert rules.parse(text, AGENT).allows("https://example.com/x")


def test_a_pattern_made_to_hang_a_matcher_does_not():
    text = f"User-agent: *\nDisallow: /{'*a' * 5_000}b".encode()
    assert rules.parse(text, AGENT).allows("https://example.com/" + "a" * 2_000)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.text(max_size=40))
def test_no_bytes_make_the_parser_raise(body, path):
    rules.parse(body, AGENT).allows(f"https://example.com/{path}")


def test_matching_agrees_with_a_plain_regular_expression():
    import re

    rng = random.Random(7)
    for _ in range(2_000):
        pattern = "/" + "".join(rng.choice("ab*$") for _ in range(rng.randrange(6)))
        path = "/" + "".join(rng.choice("ab") for _ in range(rng.randrange(6)))
        anchored = pattern.endswith("$")
        body = pattern[:-1] if anchored else pattern
        regex = re.escape(body).replace(r"\*", ".*") + ("$" if anchored else "")
        assert rules.Rule(allow=True, path=pattern).matches(path) is bool(re.match(regex, path))
