from email import message_from_bytes, policy

import pytest

from crawler.alert.mail import Letter, compose, domain, message_id, serialise
from crawler.errors import DeliveryError
from tests.fakes.deals import NOON

KEY = "a" * 64


def letter(**fields):
    usual = {
        "sender": "Desk <rw@example.org>",
        "to": ["Anna <a@example.org>", "b@example.org"],
        "subject": "Zhipu AI · funding",
        "text": "text\n",
        "html": "<p>html</p>",
        "key": KEY,
        "channel": "desk",
        "date": NOON,
    }
    return Letter(**usual | fields)


def back(**fields):
    return message_from_bytes(serialise(compose(letter(**fields)), "desk"), policy=policy.default)


INJECTIONS = [
    "Acme\r\nBcc: evil@evil.example",
    "Acme\nBcc: evil@evil.example",
    "Acme\rBcc: evil@evil.example",
    "=?utf-8?q?Acme=0D=0ABcc:_evil=40evil.example?=",
    "=?utf-8?b?QWNtZQ0KQmNjOiBldmlsQGV2aWwuZXhhbXBsZQ==?=",
    "=?UTF-8?Q?=0ABcc:_evil=40evil.example?= =?utf-8?q?=0A?=",
    "=?=?utf-8?q?x?=utf-8?q?=0D=0ABcc:_evil=40evil.example?=",
    "Acme\u2028Bcc: evil@evil.example\x0b\x0c\x85",
    "Acme\x00\x1b]0;owned\x07",
    "x" * 5000,
]


@pytest.mark.parametrize("title", INJECTIONS)
@pytest.mark.parametrize("where", ["subject", "channel"])
def test_a_title_stays_in_its_header(title, where):
    got = back(**{where: title})

    assert sorted(got.keys()) == sorted(back().keys())
    assert got["To"] == "Anna <a@example.org>, b@example.org"
    assert len(got["Subject"]) <= 200


def test_the_headers_of_a_machine_that_writes_to_people():
    got = back()

    assert got["Message-ID"] == f"<{KEY}@example.org>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["List-Id"] == "raisewire desk <desk.raisewire.example.org>"
    assert got["Date"] == "Tue, 24 Nov 2026 12:00:00 +0000"
    assert got.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in got.iter_parts()] == ["text/plain", "text/html"]


def test_long_references_are_not_turned_into_encoded_words():
    ids = [
        message_id(f"{n}" * 64, "rw@mail.very-long-name-of-a-host.example.org") for n in range(9)
    ]
    raw = serialise(compose(letter(references=ids)), "desk")

    assert f"In-Reply-To: {ids[-1]}".encode() in raw
    assert message_from_bytes(raw, policy=policy.default)["References"].split() == ids
    assert max(map(len, raw.split(b"\r\n"))) < 998


def test_a_chart_travels_with_the_html():
    html = back(chart=b"\x89PNG...").get_body(("related",))

    image = next(part for part in html.walk() if part.get_content_type() == "image/png")
    assert image["Content-ID"] == "<chart@raisewire>"


def test_a_letter_that_reads_back_otherwise_is_not_sent():
    mail = compose(letter())
    mail.add_header("X-Note", "fine")
    mail._headers.append(("X-Evil", "a\r\nBcc: evil@evil.example"))

    with pytest.raises((DeliveryError, ValueError)):
        serialise(mail, "desk")


@pytest.mark.parametrize(
    ("sender", "name"),
    [("rw@example.org", "example.org"), ("Desk <rw@x.io>", "x.io"), ("rw", "raisewire.invalid")],
)
def test_the_domain_of_a_sender(sender, name):
    assert domain(sender) == name
