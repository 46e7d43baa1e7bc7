"""tdmrep.json, as the TDM Reservation Protocol describes it, and as sites write it."""

from __future__ import annotations

import json

import pytest

from crawler.fetch.rights import parse, reserved


def rights(*rules: object):
    return parse(json.dumps(rules).encode())


@pytest.mark.parametrize(
    ("location", "path", "says"),
    [
        ("/", "/news/a.html", True),
        ("/news/*", "/news/a.html", True),
        ("/news/*", "/blog/a.html", False),
        ("/*.html$", "/news/a.html", True),
        ("/*.html$", "/news/a.htm", False),
        ("news/", "/news/a.html", True),
        ("*", "/news/a.html", True),
    ],
)
def test_a_location_reserves_the_paths_it_fits(location, path, says):
    found = rights({"location": location, "tdm-reservation": 1})

    assert reserved(found, f"https://site.example{path}") is says


def test_the_first_rule_that_fits_decides():
    found = rights(
        {"location": "/free/*", "tdm-reservation": 0}, {"location": "/*", "tdm-reservation": 1}
    )

    assert not reserved(found, "https://site.example/free/a")
    assert reserved(found, "https://site.example/paid/a")


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"null", b"[1, 2]", b'[{"location": 7}]', b"[" * 5000, b"\xff\xfe", b'"x"'],
)
def test_what_is_no_tdmrep_reserves_nothing(body):
    assert not reserved(parse(body), "https://site.example/a")
