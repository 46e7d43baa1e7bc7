import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.fetch.urls import canonical, host_of, url_key

PAGE = "https://www.example.com/news/a-story"


@pytest.mark.parametrize(
    "same",
    [
        "http://www.example.com/news/a-story",
        "https://example.com/news/a-story/",
        "https://EXAMPLE.com:443/news/a-story#comments",
        "https://m.example.com/news/a-story",
        "https://mobile.example.com/news/a-story",
        "https://amp.example.com/news/a-story",
        "https://www.example.com/news/a-story/amp",
        "https://www.example.com/news/a-story/amp/",
        "https://www.example.com/news/a-story?amp=1",
        "https://www.example.com/news/a-story?utm_source=rss&utm_medium=feed",
        "https://www.example.com/news/a-story?fbclid=1&gclid=2&mc_cid=3",
        "https://www.example.com/news/a-story?ref=rss",
        "https://www.example.com/news/./b/../a-story",
        "https://www.example.com/news/a%2Dstory",
        "https://www.example.com//news/a-story",
        "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/news/a-story",
        "https://www.google.com/amp/s/www.example.com/news/a-story",
        " https://www.example.com/news/a-story ",
        "https://www.example.com/news/a-story/index.html",
    ],
)
def test_addresses_of_one_article_have_one_key(same):
    assert url_key(same) == url_key(PAGE)


@pytest.mark.parametrize(
    "other",
    [
        "https://www.example.com/news/a-story-2",
        "https://www.example.com/News/a-story",
        "https://www.example.com/news/a-story?page=2",
        "https://www.example.com/news/a-story?id=7",
        "https://www.example.com:8080/news/a-story",
        "https://example.org/news/a-story",
        "https://www.example.com/news/a-story?ref=12345",
        "https://www.example.com/news/a-story#!/other",
        "https://www.example.com/champ",
    ],
)
def test_other_articles_have_other_keys(other):
    assert url_key(other) != url_key(PAGE)


def test_the_order_of_parameters_does_not_matter():
    assert url_key("http://a.com/?x=1&y=2") == url_key("http://a.com/?y=2&x=1")


def test_a_name_in_any_script_is_one_name():
    assert host_of("https://Bücher.example/") == "xn--bcher-kva.example"
    assert url_key("https://bücher.example/ä") == url_key("https://xn--bcher-kva.example/%c3%a4")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/?p=12",
        "https://example.com/a?b=%2F",
        "https://example.com/a/",
        "https://example.com:8443/x",
        "http://[2001:db8::1]:8080/x",
        "https://example.com/%E4%B8%AD",
    ],
)
def test_a_canonical_address_stays_as_it_is(url):
    assert canonical(url) == url


@pytest.mark.parametrize("text", ["", "nonsense", "http://[half", "mailto:a@b.c", "http://a:b/"])
def test_what_is_no_address_comes_back(text):
    assert canonical(text) == text
    assert url_key(text) == text


ADDRESSES = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "HTTPS"]),
    st.sampled_from(["example.com", "www.Example.com:80", "m.example.co.uk", "bücher.example"]),
    st.text("/.aB%é 2F~-", max_size=12).map(lambda path: f"/{path}"),
    st.sampled_from(["", "?a=1", "?utm_source=x&b=%7e", "#frag", "?", "?&&c"]),
)


@settings(max_examples=300, deadline=None)
@given(ADDRESSES)
def test_making_canonical_twice_changes_nothing(url):
    once = canonical(url)
    assert canonical(once) == once
    assert url_key(once) == url_key(url)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_no_text_makes_it_raise(text):
    canonical(text)
    url_key(text)
    host_of(text)
