import pytest

from crawler.errors import SourceError
from crawler.fetch import guard
from crawler.types import Outcome

PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "::ffff:0:7f00:1",  # translated (SIIT)
    "::ffff:0:127.0.0.1",
    "64:ff9b:2::1",
    "1::1",
    "4000::1",
    "8000::1",
    "e000::1",
    "fe00::1",
    "3ffe::1",
    "2620:4f:8000::1",
    "192.31.196.1",
    "192.52.193.1",
    "192.175.48.1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
    "2001:4860:4860::8888",
    "2400:cb00::1",
    "3000::1",
    "100.63.255.255",
    "100.128.0.1",
]


@pytest.mark.parametrize("ip", PRIVATE)
def test_what_is_not_the_open_internet_is_refused(ip):
    with pytest.raises(SourceError, match="not a public address") as caught:
        guard.check_address(ip)
    assert caught.value.outcome is Outcome.REFUSED


@pytest.mark.parametrize("ip", PUBLIC)
def test_the_open_internet_is_not(ip):
    guard.check_address(ip, port=443)


def test_what_is_no_address_is_refused():
    with pytest.raises(SourceError):
        guard.check_address("localhost")


@pytest.mark.parametrize(
    ("allow", "ip", "port"),
    [
        ("127.0.0.0/8", "127.0.0.5", 4321),
        ("127.0.0.1:8080", "127.0.0.1", 8080),
        ("127.0.0.1", "::ffff:127.0.0.1", 80),
        ("::1", "::1", 9),
        ("[fd00::/8]:8443", "fd00::7", 8443),
        ("10.0.0.0/8", "10.9.9.9", 80),
    ],
)
def test_a_network_named_in_the_config_is_allowed(allow, ip, port):
    guard.check_address(ip, (allow,), port=port)


@pytest.mark.parametrize(
    ("allow", "ip", "port"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8081),
        ("127.0.0.1:8080", "127.0.0.2", 8080),
        ("10.0.0.0/8", "11.0.0.1", 22),
    ],
)
def test_and_nothing_else(allow, ip, port):
    with pytest.raises(SourceError):
        guard.check_address(ip, (allow,), port=port)


def test_an_unusual_port_needs_the_sources_own_address_to_name_it():
    with pytest.raises(SourceError, match="port 6379"):
        guard.check_address("8.8.8.8", port=6379)
    guard.check_address("8.8.8.8", port=8443, ports=(8443,))


@pytest.mark.parametrize("text", ["", "ten", "127.0.0.1:x", "300.1.1.1"])
def test_a_network_that_is_none_is_an_error(text):
    with pytest.raises(ValueError, match=r".+"):
        guard.allowed(text)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)", "data:,x", "//a.com",
        "http://", "http:///x", "http://user@example.com/", "http://user:pw@example.com/",
        "http://example.com\\@127.0.0.1/", "http://exa\tmple.com/", "http://exa\nmple.com/",
        "http://exa mple.com/", "http://example.com/\x00", "http://127.0.0.1%00.example.com/",
        "http://[fe80::1%25lo]/", "http://example.com:0/", "http://example.com:99999/",
        "http://[::1/", "http://example.com/" + "a" * 5_000, "", "example.com",
    ],
)  # fmt: skip
def test_an_address_nobody_means_is_refused(url):
    with pytest.raises(SourceError, match="refused") as caught:
        guard.check_url(url)
    assert caught.value.outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    "url", ["http://example.com", "HTTPS://Example.com:8443/ä?b=c#d", "http://[2606:4700::1]/"]
)
def test_a_plain_address_is_not(url):
    guard.check_url(url)


def test_others_may_be_handed_the_check():
    check = guard.checker(("127.0.0.0/8",))
    check("127.0.0.1", 9999)
    check("8.8.8.8", 8443)
    with pytest.raises(SourceError):
        check("10.0.0.1", 443)
