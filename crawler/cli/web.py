"""`web`: the dashboard and its API, for people and programs."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated

import typer

from crawler.cli import logs
from crawler.cli.context import current, now, say


def web(
    ctx: typer.Context,
    host: Annotated[
        str | None, typer.Option(help="Where to listen; default: web.host, 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Default: web.port, 8000.")
    ] = None,
    new_token: Annotated[
        bool, typer.Option("--new-token", help="Print a new token for the config, and end.")
    ] = False,
) -> None:
    """
    Serve the dashboard and its API until SIGTERM or Ctrl-C.

    On 127.0.0.1 without tokens it is open to this machine; a wider host needs `web.tokens`.
    """
    from crawler.web import access

    if new_token:
        print(access.new_token())
        return
    context = current(ctx)
    config = context.loaded.config
    host, port = host or config.web.host, config.web.port if port is None else port
    access.check_bind(config, host)
    logs.set_up(verbose=context.verbose, log_format=context.log_format, level=logging.INFO)
    from crawler.app import open_house
    from crawler.web.app import make_app
    from crawler.web.serve import listen, server

    with listen(host, port) as door, open_house(config, now) as house:
        shown = f"[{host}]" if ":" in host else host
        say(f"dashboard on http://{shown}:{door.getsockname()[1]}/")
        asyncio.run(server(make_app(house, host)).serve([door]))
