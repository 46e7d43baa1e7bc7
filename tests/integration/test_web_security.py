"""The gate: who comes in, what is refused, and with which headers every answer leaves."""

from __future__ import annotations

import base64
import contextlib
import socket
import time

import pytest
from starlette.routing import Mount, Route

from crawler.config import Config
from crawler.errors import UsageError
from crawler.web import access
from tests.fakes.web import BEARER, TOKENS, LiveWeb

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.fixture
def web(sqlite_store, now):
    with LiveWeb(str(sqlite_store.url), lambda: now, web={"tokens": TOKENS}) as live:
        yield live


@pytest.fixture
def home(sqlite_store, now):
    """The same without tokens: open, to this machine."""
    with LiveWeb(str(sqlite_store.url), lambda: now) as live:
        yield live


def routes(app, what: str = "1") -> list[tuple[str, str]]:
    """Return every method and path, with `what` in place of each parameter."""
    told = [
        (method.upper(), _filled(path, what))
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    ]
    return told + [pair for route in app.routes for pair in _walked(route, what)]


def _walked(route, what: str) -> list[tuple[str, str]]:
    if isinstance(route, Mount):
        return [("GET", f"{route.path}/")]
    if isinstance(route, Route):
        return [(method, _filled(route.path, what)) for method in sorted(route.methods or ())]
    return [pair for inner in route.original_router.routes for pair in _walked(inner, what)]


def _filled(path: str, what: str) -> str:
    return "/".join(what if "{" in part else part for part in path.split("/"))


def test_every_route_is_closed_to_a_stranger_but_the_few(web):
    walked = routes(web.app)
    assert {("POST", "/api/v1/deals/1/confirm"), ("GET", "/settings")} <= set(walked)
    for method, path in walked:
        got = web._ask(method, path, headers={"Accept": "text/html"}, stream=True)
        got.close()
        if path in access.OPEN or path.startswith("/static"):
            continue
        let_in = got.status_code < 300 or got.status_code in {404, 405, 500}
        assert not let_in, (method, path, got.status_code)


def test_a_page_sends_a_stranger_to_the_login_and_the_api_says_what_it_wants(web):
    page = web.get("/deals?type=bond")
    api = web.get("/api/v1/deals")

    assert (page.status_code, page.headers["Location"]) == (
        303,
        "/login?then=%2Fdeals%3Ftype%3Dbond",
    )
    assert (api.status_code, api.headers["WWW-Authenticate"]) == (401, 'Bearer realm="raisewire"')
    assert api.headers["Content-Type"] == "application/problem+json"
    assert api.json()["detail"] == "a token is needed"


def test_a_scope_reaches_as_far_as_it_says(web):
    confirm, pause = "/api/v1/deals/nothing/confirm", "/api/v1/sources/nothing/pause"

    assert web.get("/api/v1/deals", headers=BEARER["rita"]).status_code == 200
    assert web.post(confirm, headers=BEARER["rita"]).status_code == 403
    assert web.post(confirm, headers=BEARER["vera"]).status_code == 400
    assert web.post(pause, headers=BEARER["vera"]).status_code == 403
    assert web.post(pause, headers=BEARER["ada"]).status_code == 404


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic !!!", "Digest x", "Bearer é"])
def test_no_other_words_open_the_door(web, header):
    got = web.get("/api/v1/deals", headers={"Authorization": header.encode()})

    assert got.status_code == 401


def test_a_feed_reader_gives_the_token_as_a_password_and_changes_nothing_with_it(web):
    secret = f"anybody:{TOKENS['ada']['token']}".encode()
    basic = {"Authorization": "Basic " + base64.b64encode(secret).decode()}

    assert web.get("/api/v1/deals", headers=basic).status_code == 200
    assert web.post("/api/v1/silences", headers=basic, json={"hours": 1}).status_code == 403


def test_a_login_gives_a_cookie_that_scripts_and_other_sites_do_not_get(web):
    csrf = web.csrf()
    wrong = web.post("/login", data={"token": "guess", "csrf": csrf})
    form = {"token": TOKENS["ada"]["token"], "csrf": csrf, "then": "//evil.example"}
    right = web.post("/login", data=form)

    assert wrong.status_code == 403
    assert (right.status_code, right.headers["Location"]) == (303, "/")
    cookie = right.headers["Set-Cookie"]
    assert cookie.startswith("raisewire=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert web.get("/api/v1/deals").status_code == 200
    web.session.cookies.clear()
    assert web.get("/api/v1/deals").status_code == 401


def test_whoever_logged_in_finds_the_way_out_on_every_page(web, home):
    web.post("/login", data={"token": TOKENS["rita"]["token"], "csrf": web.csrf()})
    page = web.get("/deals").text
    form = page.split('action="/logout"', 1)[1].split("</form>", 1)[0]
    csrf = form.split('value="', 1)[1].split('"', 1)[0]

    left = web.post("/logout", data={"csrf": csrf})

    assert (left.status_code, left.headers["Location"]) == (303, "/login")
    assert web.get("/deals").status_code == 303
    assert "/logout" not in home.get("/deals").text


def test_behind_https_the_cookie_is_bound_to_the_host():
    config = Config(dashboard_url="https://desk.example", web={"tokens": TOKENS})
    door = access.Door.of(config, "127.0.0.1")

    assert (door.cookie, door.secure) == ("__Host-raisewire", True)
    assert door.admits("desk.example")


def test_a_cookie_that_was_forged_or_is_old_opens_nothing(now):
    door = access.Door.of(Config(web={"tokens": TOKENS}), "127.0.0.1")
    good = door.pass_for("ada", now)

    assert door.by_pass(good, now).scope == "admin"
    assert door.by_pass(good, now.replace(year=2027)) is None
    assert door.by_pass(good.replace("ada", "vera"), now) is None
    assert door.by_pass("", now) is None
    other = access.Door.of(Config(web={"tokens": {"ada": TOKENS["rita"]}}), "127.0.0.1")
    assert other.by_pass(good, now) is None, "a new token ends the old logins"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "@", "[::1"])
def test_a_host_that_is_not_ours_is_refused(home, host):
    assert home.get("/api/v1/deals", headers={"Host": host}).status_code in {400, 421}


def test_what_another_site_sends_is_refused(home):
    form = {"csrf": home.csrf(), "token": "x"}

    def status(**headers: str) -> int:
        return home.post("/login", data=form, headers=headers).status_code

    assert status() == 403  # the token is wrong, the form is ours
    assert (
        "another site"
        in home.post("/login", data=form, headers={"Origin": "https://evil.example"}).text
    )
    assert "another site" in home.post("/login", data=form, headers={"Origin": "null"}).text
    ours = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}  # a form of ours in Chromium
    assert "That is no token" in home.post("/login", data=form, headers=ours).text
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert "another site" in home.post("/login", data=form, headers=cross).text
    assert status(Origin=home.url) == 403
    assert "That is no token" in home.post("/login", data=form, headers={"Origin": home.url}).text


@pytest.mark.parametrize("path", ["/logout", "/alerts/release", "/deals/x/confirm", "/sources"])
def test_a_form_without_our_token_does_nothing(home, path):
    for form in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
        got = home.post(path, data=form)
        assert (got.status_code, "earlier session" in got.text) == (403, True)
    assert home.post(path, files={"csrf": (None, "0" * 64)}).status_code == 403
    assert home.post(path, data="{}", headers={"Content-Type": "text/plain"}).status_code == 403


def test_the_api_of_an_open_house_takes_json_alone(home):
    path = "/api/v1/silences"

    assert home.post(path, json={"hours": 1}).status_code == 201
    assert (
        home.post(path, data='{"hours": 1}', headers={"Content-Type": "text/plain"}).status_code
        == 403
    )
    assert (
        home.post(path, json={"hours": 1}, headers={"Origin": "https://evil.example"}).status_code
        == 403
    )


def test_reading_changes_nothing(home):
    """Every GET there is, with parameters: the database is the same before and after."""

    def state() -> bytes:
        with home.house.store.read() as conn:
            rows = conn.connection.driver_connection.iterdump()
            return "\n".join(rows).encode()

    before = state()
    for method, path in routes(home.app):
        if method == "GET" and path != "/events":
            home.get(path + "?q=acme&then=/&since=7d")
    assert state() == before


NASTY = ("%00", "9" * 25, "%ED%A0%80", "%27%22%3C%3E%5C", "a" * 3000)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_no_page_breaks_whatever_its_address_says(kind, request, now):
    store = request.getfixturevalue(f"{kind}_store")
    url = store.url.render_as_string(hide_password=False)
    with LiveWeb(url, lambda: now, web={"requests_per_minute": 10**6}) as web:
        paths = {path for method, path in routes(web.app, "{}") if method == "GET"}
        for path in sorted(paths - {"/events"}):
            for nasty in NASTY:
                query = "&".join(f"{name}={nasty}" for name in ("q", "company", "cursor", "since"))
                address = f"{path.replace('{}', nasty)}?{query}"
                got = web.get(address, headers={"Accept": "text/html"})
                assert got.status_code < 500, (address[:200], got.text[:300])


def test_every_answer_leaves_with_the_headers(web):
    for path in ("/login", "/api/v1/deals", "/deals", "/nothing", "/static/nothing.css"):
        got = web.get(path, headers={} if path != "/nothing" else BEARER["rita"])
        assert got.headers["Content-Security-Policy"] == CSP, path
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Referrer-Policy"] == "no-referrer"
        assert got.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert got.headers["Cache-Control"]
        assert len(got.headers["X-Request-ID"]) == 12
        assert "Server" not in got.headers


def test_a_large_body_is_not_taken(home):
    large = b"a" * 2_100_000

    assert home.post("/api/v1/silences", data=large).status_code == 413

    def chunks():
        for _ in range(40):
            yield b"a" * 65_536

    assert home.post("/api/v1/silences", data=chunks()).status_code == 413


def test_whoever_dawdles_over_a_request_is_hung_up_on(home, monkeypatch):
    monkeypatch.setattr("crawler.web.serve.HEAD", 0.5)
    with socket.create_connection(("127.0.0.1", home.port), timeout=10) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        with contextlib.suppress(OSError):
            for _ in range(50):
                time.sleep(0.1)
                slow.sendall(b"X-A: b\r\n")
            pytest.fail("five seconds of dawdling were borne")


def test_a_body_that_trickles_is_given_up(home, monkeypatch):
    monkeypatch.setattr("crawler.web.security.SLOW", 0.3)
    with socket.create_connection(("127.0.0.1", home.port), timeout=10) as slow:
        head = f"POST /login HTTP/1.1\r\nHost: localhost:{home.port}\r\nContent-Length: 50\r\n\r\n"
        slow.sendall(head.encode())
        assert b"408" in slow.recv(200)


def test_a_visitor_who_asks_too_often_is_told_when_to_come_back(sqlite_store, now):
    few = {"tokens": TOKENS, "requests_per_minute": 5}
    with LiveWeb(str(sqlite_store.url), lambda: now, web=few) as web:
        said = [web.get("/api/v1/deals", headers=BEARER["rita"]) for _ in range(8)]
        assert [got.status_code for got in said] == [200] * 5 + [429] * 3
        assert int(said[-1].headers["Retry-After"]) >= 1
        assert web.get("/api/v1/deals", headers=BEARER["ada"]).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "desk.example"])
def test_a_wider_bind_without_a_token_does_not_start(host):
    with pytest.raises(UsageError, match=r"web\.tokens"):
        access.check_bind(Config(), host)
    access.check_bind(Config(web={"tokens": TOKENS}), host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9"])
def test_loopback_needs_none(host):
    access.check_bind(Config(), host)
