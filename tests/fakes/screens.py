"""
Pages made by scripts, rendered by a real Chromium: `python -m tests.fakes.screens MODE`.

Prints as JSON how each ended, what of it was read, and who was asked for what.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import warnings
from typing import Any

from crawler.types import Entry
from tests.fakes.desk import FakeDesk, source
from tests.fakes.names import NameServer, resolving
from tests.fakes.origin import Origin, answer
from tests.fakes.scenes import go

WORDS = "Acme AI raised 40 million dollars from Northwind. " * 20


def app(script: str, *more: str) -> bytes:
    body = f'<html><title>App</title><div id="root"></div>{"".join(more)}<script>{script}</script>'
    return answer(body)


def fetched(url: str) -> str:
    """Return a script that shows what it gets from `url`, or why it gets nothing."""
    show = "document.getElementById('root').textContent"
    return f"fetch('{url}').then(r=>r.text()).then(t=>{show}=t).catch(e=>{show}='no: '+e)"


async def scene(twisted: bool) -> dict[str, Any]:
    """Render pages good and hostile beside a canary on another address of this machine."""
    async with (
        Origin(host="127.0.0.77") as origin,
        Origin(host="127.0.0.1") as canary,
        NameServer(lambda _: "127.0.0.1") as names,
    ):
        bad = f"http://127.0.0.1:{canary.port}"
        named = f"http://canary.test:{canary.port}"
        origin.on("/words", answer(WORDS, access_control_allow_origin="*"))
        origin.on("/pixel.png", answer("x", content_type="image/png"))
        origin.on("/lead", answer("", "302 Found", location=f"{bad}/redirect"))
        canary.on("/", answer("secret", access_control_allow_origin="*"))
        frame = f"<iframe src='{bad}/frame'></iframe><img src='{bad}/i'><img src='/pixel.png'>"
        style = f"<link rel=stylesheet href='{bad}/css'><script src='{bad}/js'></script>"
        pages = {
            "shell": app(fetched("/words")),
            "late": app(f"setTimeout(()=>{{{fetched('/words')}}}, 400)"),
            "plain": answer(f"<html><p>{WORDS}</p><script>document.title='run'</script>"),
            "agent": app("document.getElementById('root').textContent=navigator.userAgent"),
            "reads-canary": app(fetched(bad)),
            "reads-name": app(fetched(named)),
            "reads-redirect": app(fetched("/lead")),
            "loads-canary": app(fetched("/words"), frame, style),
            "leaves": app(f"location='{bad}/away'"),
            "opens": app(f"open('{bad}/popup');new WebSocket('ws://127.0.0.1:{canary.port}/ws')"),
            "endless": app("for(;;);"),
            "huge": app("document.getElementById('root').textContent='x'.repeat(9e6)"),
            "cookie": app("document.cookie='seen=1';root.textContent='c:'+document.cookie"),
            "cookie2": app("root.textContent='c:'+document.cookie"),
            "never": app(fetched("/words")),
            "always": answer(f"<html><p id=root>{WORDS}</p><script>document.title='run'</script>"),
        }  # fmt: skip
        desk = FakeDesk()
        for name, page in pages.items():
            origin.on(f"/{name}", page)
            options = {"render": name} if name in {"never", "always"} else {}
            desk.queue(
                source(name, origin.url("/"), options=options), [Entry(url=origin.url(f"/{name}"))]
            )
        with resolving(names.port):
            await go(
                desk, twisted, allow_private=("127.0.0.77/32",), browser=shutil.which("chromium"),
                timeout="8s", max_body="4MB",
            )  # fmt: skip
        read = {page.fetch.source.id: page.body.decode() for page in desk.pages}
        return {
            "read": {name: body[:3_000] for name, body in read.items()},
            "failed": {f.fetch.source.id: [f.outcome.value, f.message] for f in desk.failures},
            "canary": canary.connections,
            "asked": origin.paths(),
            "busiest": origin.busiest,
            "outstanding": desk.outstanding,
        }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(asyncio.run(scene(sys.argv[1] == "twisted"))))
