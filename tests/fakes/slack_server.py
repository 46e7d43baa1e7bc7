"""Slack on loopback: checks payloads as Slack does, and has moods like any server."""

from __future__ import annotations

from typing import Any

from crawler.demo.sinks import Workspace
from tests.fakes.hook_server import Got, HookServer, Mood, Say


class SlackServer(HookServer):
    """A `Workspace` that may first do what `moods` say."""

    token = "xoxb-CANARY-TOKEN"

    def __init__(self) -> None:
        super().__init__()
        self.workspace = Workspace(self.token)

    @property
    def received(self) -> list[dict[str, Any]]:
        return self.workspace.received

    @property
    def refused(self) -> list[str]:
        return self.workspace.refused

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/services/T000/B000/CANARY-HOOK"

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    def mood(self, got: Got) -> Mood:
        self.requests.append(got)
        if self.moods:
            return self.moods.pop(0)
        answer = self.workspace.answer(got.path, got.headers, got.body)
        return Say(answer.status, answer.body, answer.headers)
