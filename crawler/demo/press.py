"""The demo's press: outlets, their stories, and the feeds and pages they print them in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import yaml
from markupsafe import Markup

# format -> (path of the front door, template, media type)
DOORS = {
    "rss": ("/feed.xml", "rss.xml", "application/rss+xml"),
    "atom": ("/atom.xml", "atom.xml", "application/atom+xml"),
    "rdf": ("/index.rdf", "rdf.xml", "application/rdf+xml"),
    "json": ("/feed.json", "", "application/feed+json"),
    "sitemap": ("/news-sitemap.xml", "sitemap.xml", "application/xml"),
    "listing": ("/latest", "listing.html", "text/html"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A newspaper that does not exist."""

    id: str
    name: str
    lang: str
    country: str
    format: str
    charset: str
    menu: tuple[str, ...]
    related: str
    sidebar: str
    source_class: str = "outlet"

    @property
    def door(self) -> str:
        """Path of its feed, sitemap or listing."""
        return DOORS[self.format][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article as its outlet printed it."""

    id: str
    outlet: str
    title: str
    text: tuple[str, ...]
    published: datetime
    author: str = "Desk"


def _data(name: str) -> Any:  # noqa: ANN401 - our own YAML
    return yaml.safe_load(files("crawler.demo").joinpath(name).read_text(encoding="utf-8"))


def outlets() -> tuple[Outlet, ...]:
    """Return the demo's newspapers."""
    data = _data("outlets.yaml")
    return tuple(
        Outlet(**outlet, **{**data["words"][outlet["lang"]], "menu": menu})
        for outlet in data["outlets"]
        for menu in [tuple(data["words"][outlet["lang"]]["menu"])]
    )


def stories(now: datetime) -> tuple[Story, ...]:
    """Return what they have printed by `now`, each as many hours ago as it says."""
    return tuple(
        Story(
            id=story["id"],
            outlet=story["outlet"],
            title=story["title"],
            text=tuple(story["text"]),
            published=(now - timedelta(hours=story["hours"])).replace(microsecond=0),
            author=story["author"],
        )
        for story in _data("stories.yaml")["stories"]
    )


@cache
def _templates() -> jinja2.Environment:
    loader = jinja2.PackageLoader("crawler.demo", "templates")
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)


@dataclass(frozen=True, slots=True)
class Press:
    """One outlet at its address, and everything it has printed so far."""

    outlet: Outlet
    home: str
    stories: tuple[Story, ...]

    def url(self, story: Story) -> str:
        """Return a story's address."""
        return f"{self.home}/{story.published:%Y/%m}/{story.id}.html"

    def front(self) -> tuple[bytes, str]:
        """Return the feed, sitemap or listing as bytes, and its media type."""
        _, template, media_type = DOORS[self.outlet.format]
        newest = sorted(self.stories, key=lambda story: story.published, reverse=True)
        text = self._json_feed(newest) if not template else self._render(template, newest)
        charset = "utf-8" if self.outlet.format in {"json", "sitemap"} else self.outlet.charset
        return text.encode(charset, "xmlcharrefreplace"), f"{media_type}; charset={charset}"

    def homepage(self) -> tuple[bytes, str]:
        """Return the front page, which announces the feed, as bytes, and its media type."""
        newest = sorted(self.stories, key=lambda story: story.published, reverse=True)
        html = self._render("listing.html", newest)
        charset = self.outlet.charset
        return html.encode(charset, "xmlcharrefreplace"), f"text/html; charset={charset}"

    def page(self, story: Story) -> tuple[bytes, str]:
        """Return a story's page as bytes, and its media type."""
        others = [other for other in self.stories if other.id != story.id][:5]
        template = _templates().get_template("article.html")
        html = template.render(
            outlet=self.outlet, story=story, others=others, url=self.url, json_ld=self._json_ld
        )
        charset = self.outlet.charset
        return html.encode(charset, "xmlcharrefreplace"), f"text/html; charset={charset}"

    def _render(self, template: str, newest: list[Story]) -> str:
        return (
            _templates()
            .get_template(template)
            .render(
                outlet=self.outlet,
                home=self.home,
                stories=newest,
                url=self.url,
                rfc822=format_datetime,
                updated=newest[0].published if newest else None,
                feed_type=DOORS[self.outlet.format][2],
            )
        )

    def _json_feed(self, newest: list[Story]) -> str:
        items = [
            {
                "id": f"{self.outlet.id}:{story.id}",
                "url": self.url(story),
                "title": story.title,
                "summary": story.text[0],
                "date_published": story.published.isoformat(),
                "authors": [{"name": story.author}],
                "language": self.outlet.lang,
            }
            for story in newest
        ]
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.outlet.name,
            "home_page_url": f"{self.home}/",
            "items": items,
        }
        return json.dumps(feed, ensure_ascii=False, indent=1)

    def _json_ld(self, story: Story) -> Markup:
        data = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": story.title,
            "datePublished": story.published.isoformat(),
            "author": {"@type": "Person", "name": story.author},
            "publisher": {"@type": "Organization", "name": self.outlet.name},
        }
        return jinja2.utils.htmlsafe_json_dumps(data)
