from __future__ import annotations

import time
from email import message_from_bytes, policy

import pytest

from crawler.alert.channels import channel
from crawler.alert.smtp import relay
from crawler.config import models
from crawler.demo.sinks import MailSink
from crawler.errors import DeliveryError, Scope
from tests.fakes.certificates import papers
from tests.fakes.deals import alert, deal, event, update
from tests.fakes.smtp_server import DROP, HANG, SmtpServer, password_of

ALL = ["a@example.org", "b@example.org", "c@example.org"]


def mail(url, to=("a@example.org",), **fields):
    cfg = {"smtp": url, "sender": "Desk <rw@example.org>", "to": list(to), "timeout": "2s"}
    return channel("mail", models.EmailChannel(type="email", **cfg | fields))


def refused(made, previous=None, about=None):
    with pytest.raises(DeliveryError) as e:
        made.send(about or alert(), previous)
    return e.value


def test_a_real_mail_server_takes_the_letter():
    with MailSink() as sink:
        receipt = mail(sink.url, ALL).send(alert())

    (got,) = sink.received
    assert got.to == tuple(ALL)
    assert got.message["Message-ID"] == receipt["message_id"]
    assert got.message["Auto-Submitted"] == "auto-generated"
    assert "<mail.raisewire.example.org>" in got.message["List-Id"]
    assert "Zhipu AI" in got.message["Subject"]
    assert event().evidence in got.message.get_body(("plain",)).get_content().replace("\n", " ")
    assert "<table" in got.message.get_body(("html",)).get_content()


def test_lines_on_the_wire_are_short_and_end_as_smtp_wants():
    long = event(evidence="字" * 2000, company="ü" * 300)
    with SmtpServer() as smtp:
        mail(smtp.url()).send(alert(deal(long)))

    lines = smtp.letters[0].raw.split(b"\r\n")
    assert not [line for line in lines if b"\n" in line or b"\r" in line]
    assert max(map(len, lines)) < 998
    body = smtp.letters[0].raw.partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert max(map(len, body)) <= 78


def test_a_lone_dot_does_not_end_the_letter():
    with SmtpServer() as smtp:
        made = mail(smtp.url())
        made.send(alert(deal(event(use_of_proceeds=".\r\n."))))

    assert smtp.letters[0].raw.endswith(b"\r\n")
    assert smtp.heard[-1] == "quit"


def test_an_update_answers_the_letters_before_it():
    with SmtpServer() as smtp:
        made = mail(smtp.url())
        first = made.send(alert())
        second = made.send(update(alert(), amount=("1", "2")), first)
        third = update(update(alert()), status=('"planned"', '"priced"'))
        made.send(third, second)

    last = message_from_bytes(smtp.letters[2].raw, policy=policy.default)
    assert last["In-Reply-To"] == second["message_id"]
    assert last["References"].split() == [first["message_id"], second["message_id"]]
    assert last["Subject"].startswith("Update: ")


def test_mixed_recipients_are_judged_one_by_one():
    script = {"RCPT": ["250 ok", "450 greylisted", "550 no such user", "250 ok"]}
    with SmtpServer(script) as smtp:
        made = mail(smtp.url(), ALL)
        error = refused(made)

        assert smtp.letters[0].to == ("a@example.org",)
        assert error.retry
        assert error.retry_after.total_seconds() == 300
        assert error.receipt["recipients"] == {
            "a@example.org": "ok",
            "b@example.org": "later 450 greylisted",
            "c@example.org": "dead 550 no such user",
        }

        receipt = made.send(alert(), error.receipt)

    assert [letter.to for letter in smtp.letters] == [("a@example.org",), ("b@example.org",)]
    assert receipt["recipients"]["b@example.org"] == "ok"
    ids = [message_from_bytes(x.raw)["Message-ID"] for x in smtp.letters]
    assert len(set(ids)) == 1


def test_a_dead_recipient_does_not_stop_the_others_and_is_remembered():
    with SmtpServer({"RCPT": ["550 gone", "250 ok"]}) as smtp:
        receipt = mail(smtp.url(), ALL[:2]).send(alert())

    assert receipt["recipients"] == {"a@example.org": "dead 550 gone", "b@example.org": "ok"}


def test_a_letter_that_everybody_has_is_not_written_again():
    with SmtpServer() as smtp:
        made = mail(smtp.url(), ALL)
        receipt = made.send(alert())
        assert made.send(alert(), receipt) == receipt

    assert len(smtp.letters) == 1


def test_when_nobody_can_have_it_the_letter_is_dead():
    with SmtpServer({"RCPT": ["550 gone"]}) as smtp:
        error = refused(mail(smtp.url(), ALL))

    assert not error.retry
    assert error.scope is Scope.MESSAGE
    assert not smtp.letters


def test_a_lost_answer_after_the_dot_is_unknown_and_tried_again_under_the_same_id():
    with SmtpServer({"DOT": [DROP, "250 taken"]}) as smtp:
        made = mail(smtp.url())
        error = refused(made)
        receipt = made.send(alert(), error.receipt)

    assert error.retry
    assert error.unknown
    again = message_from_bytes(smtp.letters[0].raw)
    assert again["Message-ID"] == receipt["message_id"] == error.receipt["message_id"]


SCRIPTS = [
    # what the server says, try again?, about the message or the channel
    ({"GREETING": ["421 busy"]}, True, Scope.CHANNEL),
    ({"GREETING": ["554 go away"]}, False, Scope.CHANNEL),
    ({"GREETING": [DROP]}, True, Scope.CHANNEL),
    ({"MAIL": ["451 later"]}, True, Scope.CHANNEL),
    ({"MAIL": ["530 authentication required"]}, False, Scope.CHANNEL),
    ({"MAIL": ["550 sender unknown"]}, False, Scope.CHANNEL),
    ({"MAIL": [DROP]}, True, Scope.CHANNEL),
    ({"RCPT": ["421 closing"]}, True, Scope.CHANNEL),
    ({"RCPT": ["451 greylisted"]}, True, Scope.MESSAGE),
    ({"RCPT": ["452 too many"]}, True, Scope.MESSAGE),
    ({"RCPT": ["552 mailbox full"]}, False, Scope.MESSAGE),
    ({"DATA": ["451 later"]}, True, Scope.MESSAGE),
    ({"DATA": ["554 no valid recipients"]}, False, Scope.MESSAGE),
    ({"DATA": [DROP]}, True, Scope.CHANNEL),
    ({"DOT": ["451 try later"]}, True, Scope.MESSAGE),
    ({"DOT": ["554 spam"]}, False, Scope.MESSAGE),
    ({"DOT": ["552 too big"]}, False, Scope.MESSAGE),
]


@pytest.mark.parametrize(("script", "again", "scope"), SCRIPTS, ids=str)
def test_every_answer_has_its_meaning(script, again, scope):
    with SmtpServer(script) as smtp:
        error = refused(mail(smtp.url()))

    assert (error.retry, error.scope) == (again, scope)
    assert not smtp.letters


def test_a_server_that_says_nothing_costs_no_more_than_the_time_out():
    with SmtpServer({"DATA": [HANG]}) as smtp:
        begun = time.monotonic()
        error = refused(mail(smtp.url(), timeout="400ms"))

    assert error.retry
    assert not error.unknown
    assert time.monotonic() - begun < 5


def test_a_server_that_is_not_there_is_tried_again():
    with SmtpServer() as smtp:
        url = smtp.url()

    error = refused(mail(url))

    assert error.retry
    assert error.scope is Scope.CHANNEL
    assert not error.unknown


def test_login():
    with SmtpServer(extensions=["AUTH PLAIN"]) as smtp:
        mail(smtp.url(user="me:p%40ss%2Fword")).send(alert())

    assert password_of(next(x for x in smtp.heard if x.startswith("AUTH"))) == "p@ss/word"


@pytest.mark.parametrize("reply", ["535 wrong password", "534 weak", "530 no"])
def test_a_wrong_password_holds_the_channel(reply):
    with SmtpServer({"AUTH": [reply]}, extensions=["AUTH PLAIN"]) as smtp:
        error = refused(mail(smtp.url(user="me:secret")))

    assert (error.retry, error.scope) == (False, Scope.CHANNEL)
    assert "secret" not in str(error)


def test_a_login_that_fails_for_now_is_tried_again():
    with SmtpServer({"AUTH": ["454 later"]}, extensions=["AUTH PLAIN"]) as smtp:
        assert refused(mail(smtp.url(user="me:secret"))).retry


def test_no_starttls_holds_the_channel_and_sends_no_password():
    with SmtpServer(extensions=["AUTH PLAIN"]) as smtp:
        error = refused(mail(smtp.url("smtp+starttls", "me:secret")))

    assert (error.retry, error.scope) == (False, Scope.CHANNEL)
    assert "no STARTTLS" in str(error)
    assert not [line for line in smtp.heard if line.startswith("AUTH")]


def test_starttls_with_an_authority_that_the_config_names(tmp_path):
    mine = papers(tmp_path)
    with SmtpServer(extensions=["STARTTLS", "AUTH PLAIN"], tls=mine.server) as smtp:
        mail(smtp.url("smtp+starttls", "me:secret"), ca=mine.ca).send(alert())

    heard = [line.split()[0] for line in smtp.heard]
    assert heard.index("STARTTLS") < heard.index("AUTH")


def test_smtps(tmp_path):
    mine = papers(tmp_path)
    with SmtpServer(tls=mine.server, implicit_tls=True) as smtp:
        mail(smtp.url("smtps"), ca=mine.ca).send(alert())

    assert smtp.letters


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_certificate_that_nobody_vouches_for_holds_the_channel(scheme, tmp_path):
    tls = papers(tmp_path).server
    implicit = scheme == "smtps"
    with SmtpServer(extensions=["STARTTLS"], tls=tls, implicit_tls=implicit) as smtp:
        error = refused(mail(smtp.url(scheme, "me:secret")))

    assert (error.retry, error.scope) == (False, Scope.CHANNEL)
    assert "certificate" in str(error)


def test_a_title_cannot_add_recipients():
    company = "Acme =?utf-8?q?=0D=0ABcc:_evil=40evil.example?=\r\nBcc: evil@evil.example"
    with SmtpServer() as smtp:
        mail(smtp.url()).send(alert(deal(event(company=company))))

    got = message_from_bytes(smtp.letters[0].raw, policy=policy.default)
    assert got["Bcc"] is None
    assert [line for line in smtp.heard if "evil" in line] == []
    assert "evil" not in got["To"]


@pytest.mark.parametrize(
    ("url", "port"),
    [("smtp://h", 25), ("smtp+starttls://u:p@h", 587), ("smtps://h", 465), ("smtp://h:2525", 2525)],
)
def test_each_scheme_has_its_port(url, port):
    assert relay(url).port == port


def test_an_address_that_is_none_says_what_to_write():
    with pytest.raises(ValueError, match="write smtp://"):
        relay("mail.example.org:25")
