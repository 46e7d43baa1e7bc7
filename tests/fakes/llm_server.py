"""
A language model on loopback that answers as it is told: well, badly, late or with malice.

    with LlmServer() as llm:
        llm.moods += [said(verdict="confirm"), Say(500), Hang()]
"""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.hook_server import HookServer, Say

JSON = {"Content-Type": "application/json"}


def words(content: object) -> Say:
    """Answer with a completion that says these words."""
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": content},
    }
    done = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
    }
    return Say(200, json.dumps(done), JSON)


def said(**answer: Any) -> Say:
    """Answer as the schema wants; what is not given is null."""
    slots = ("company", "amount", "round", "status", "lead_investors", "investors")
    return words(json.dumps({"reason": "", **dict.fromkeys(slots), **answer}))


class LlmServer(HookServer):
    """Refuses everything, unless `moods` says otherwise."""

    usual = said(verdict="refuse", reason="not news")

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"
