"""`demo`: the whole product in a minute, offline."""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from crawler.cli import logs
from crawler.cli.context import current, now, say

if TYPE_CHECKING:
    from crawler.demo.newsroom import Newsroom
    from crawler.demo.sinks import MailSink, SlackSink
    from crawler.desk import Tally
    from crawler.types import Deal

CONFIG = """\
# The demo's config: every outlet of the newsroom, one Slack and one mail channel.
database: sqlite:///{folder}/demo.db
http: {{user_agent: "raisewire-demo (+http://127.0.0.1/)", per_host_delay: 20ms,
       allow_private: [127.0.0.0/8]}}
extract: {{workers: 2, timeout: 10s}}
defaults: {{every: {every}}}
watchlist:
  - {{name: Zhipu AI, aliases: [智谱AI, 智谱]}}
  - {{name: Baidu, aliases: [百度, Baidu Inc.]}}
channels:
  desk: {{type: slack, webhook_url: "{slack}", per_minute: 600}}
  mail: {{type: email, smtp: "{mail}", from: raisewire@example.com, to: [desk@example.com],
         per_minute: 600}}
alerts:
  - {{name: big, when: {{type: [funding, bond], min_usd: 50_000_000}}, to: [desk, mail]}}
"""


def demo(
    ctx: typer.Context,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve", help="Only keep newsroom and sinks up; print a config for the daemon."
        ),
    ] = False,
    every: Annotated[str, typer.Option(help="With --serve: how often to poll.")] = "5s",
) -> None:
    """
    Show the whole product in a minute, offline: crawl thirteen newspapers, find the deals, alert.

    A newsroom with feeds and pages in seven languages, a Slack and a mail server start on
    loopback; the real engine crawls them. Nothing leaves this machine, nothing is kept.
    """
    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    with tempfile.TemporaryDirectory(prefix="raisewire-demo-") as folder:
        asyncio.run(_demo(Path(folder), serve=serve, every=every))


async def _demo(folder: Path, *, serve: bool, every: str) -> None:
    from crawler.config import loads
    from crawler.demo.newsroom import Newsroom
    from crawler.demo.sinks import MailSink, SlackSink

    began = time.monotonic()
    say("starting a newsroom on loopback …")
    with ExitStack() as stack:
        slack, mail = stack.enter_context(SlackSink()), stack.enter_context(MailSink())
        async with Newsroom(now) as room:
            text = CONFIG.format(folder=folder, every=every, slack=slack.url, mail=mail.url)
            file = folder / "config.yaml"
            file.write_text(text + room.config(), encoding="utf-8")
            if serve:
                await _serve(room, slack, mail, file)
                return
            say(f"{len(room.presses)} newspapers are up; crawling them …")
            config = loads(file.read_text(encoding="utf-8"), file, {}).config
            tally, found = await _crawl(config)
            _show(room, tally, found, slack, mail, time.monotonic() - began)


async def _crawl(config: Any) -> tuple[Tally, list[Deal]]:  # noqa: ANN401 - imported late
    from crawler.reading import Reader

    with closing(Reader(config.extract, config.watchlist)) as reader:
        from crawler.app import open_house
        from crawler.desk import Errand
        from crawler.store import deals

        with open_house(config, now) as house:
            watched = {source.id for source in house.watched()}
            errand = Errand(only=watched, force=True, once=True, alert_first=True)
            desk = house.desk(reader, errand)
            with _progress(desk, len(watched)):
                tally = await house.crawl(desk, asyncio.Event())
            await house.courier().flush(asyncio.Event())
            with house.store.read() as conn:
                return tally, list(deals.listing(conn))


def _progress(desk: Any, total: int) -> Any:  # noqa: ANN401 - imported late
    from rich.console import Console

    from crawler.cli.progress import CrawlProgress

    screen = Console(stderr=True)
    return CrawlProgress(screen, desk, total) if screen.is_terminal else nullcontext()


def _show(  # noqa: PLR0913, PLR0917 - everything that happened
    room: Newsroom,
    tally: Tally,
    found: Sequence[Deal],
    slack: SlackSink,
    mail: MailSink,
    seconds: float,
) -> None:
    from crawler.cli.stage import Stage

    stage = Stage()
    papers = f"{len(room.presses)} newspapers in {_languages(room)} languages"
    stage.title(f"{len(found)} deals", f"in {tally.articles} articles of {papers}")
    largest = sorted(found, key=lambda deal: deal.event.amount_usd or 0, reverse=True)
    stage.deals(largest)
    stage.title("The sentence that proves each")
    stage.proofs(largest)
    messages, letters = slack.received, [letter.message for letter in mail.received]
    stage.title("A Slack message as received", f"one of {len(messages)}")
    if messages:
        stage.slack(_first(messages, lambda payload: payload["text"], "Zhipu AI"))
    stage.title("A letter as received", f"one of {len(letters)}")
    if letters:
        stage.letter(_first(letters, lambda letter: str(letter["Subject"]), "Baidu"))
    stage.title("What to do next")
    stage.steps(NEXT)
    stage.out.print()
    say(f"done in {seconds:.1f} s; nothing was kept")


NEXT = (
    ("raisewire analyze FILE", "read your own articles (JSON Lines), without any set-up"),
    ("raisewire config check", "config.yaml works as it is: 79 sources, no alerts yet"),
    ("raisewire crawl", "poll them once; raisewire deals shows what was found"),
    ("raisewire alerts test NAME", "after adding a channel to config.yaml"),
    ("raisewire daemon", "run it for good"),
)
T = TypeVar("T")


def _languages(room: Newsroom) -> int:
    return len({press.outlet.lang for press in room.presses.values()})


def _first(received: Sequence[T], headline: Callable[[T], str], company: str) -> T:
    """Return what is about `company`, or else whatever came first."""
    about = (one for one in received if headline(one).startswith(company))
    return next(about, received[0])


async def _serve(room: Newsroom, slack: SlackSink, mail: MailSink, file: Path) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    say("newsroom, Slack and mail sinks are up. In another terminal:")
    print(f"raisewire daemon --config {file}", flush=True)
    say(
        f'print a story while it runs: curl -d \'{{"outlet": "ledger-lane", "id": "mine", '
        f'"title": …, "text": ["…"]}}\' {room.control}/publish   (Ctrl-C ends)'
    )
    seen = 0
    while not stop.is_set():
        await asyncio.sleep(0.3)
        for payload in slack.received[seen:]:
            say(f"Slack received: {payload.get('text', '')}")
        seen = len(slack.received)
    say(f"received: {len(slack.received)} Slack messages, {len(mail.received)} letters")
