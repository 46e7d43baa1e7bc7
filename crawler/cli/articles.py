"""`articles` and `search`: what was read, and where a word stands in it."""

from __future__ import annotations

from typing import Annotated

import typer

from crawler.cli import show
from crawler.cli.context import current, now, span


def articles(  # noqa: PLR0913, PLR0917 - the options of the command
    ctx: typer.Context,
    since: Annotated[str | None, typer.Option(help="Seen since then: 7d, 12h.")] = None,
    source: Annotated[str | None, typer.Option(help="Of this source.")] = None,
    lang: Annotated[str | None, typer.Option(help="In this language.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List stored articles, newest first."""
    from crawler.store import articles as stored
    from crawler.wire import plain

    with current(ctx).store() as store, store.read() as conn:
        found = stored.listing(
            conn,
            since=now() - span(since) if since else None,
            source=source,
            lang=lang,
            limit=limit,
        )
        if as_json:
            show.json_lines(
                {"id": row.id, **plain(row.article), "events": row.events} for row in found
            )
            return
        show.table(
            "Articles",
            ("published", "lang", "source", "quality", "title", "url"),
            (
                (
                    f"{row.article.published or row.article.seen_at:%Y-%m-%d %H:%M}",
                    row.article.lang,
                    row.article.source,
                    row.article.quality.value,
                    row.article.title,
                    row.article.url,
                )
                for row in found
            ),
        )


def search(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="Words; all of them must occur.")],
    limit: Annotated[int, typer.Option(help="At most so many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Search articles and deals, Chinese, Japanese and Korean too."""
    from crawler.store import search as index
    from crawler.wire import plain

    with current(ctx).store() as store, store.read() as conn:
        hits = index.search(conn, query, limit)
    if as_json:
        show.json_lines(plain(hit) for hit in hits)
        return
    rows = ((hit.kind, f"{hit.at:%Y-%m-%d}", hit.title, hit.snippet, hit.url) for hit in hits)
    show.table(f"Found for {query}", ("kind", "date", "title", "where", "url"), rows)
