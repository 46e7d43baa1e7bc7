"""
The wire to a language model: the one door of the openai SDK.

It connects only to addresses that the guard allows (a name may be answered anew, so the
address is pinned), follows no redirect, asks no proxy, and reads no more than `_MOST` bytes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import httpx2
import openai

from crawler.config.models import Llm
from crawler.errors import RaisewireError
from crawler.safe import one_line, redact

Guard = Callable[[str], list[str]]
_MOST = 200_000  # bytes of one answer


class WordlessError(RaisewireError):
    """The second reader did not answer; it says why, and holds no secret."""


class _Capped(httpx2.AsyncByteStream):
    """A body that ends with an error when it is longer than any answer."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > _MOST:
                raise httpx2.ReadError("the answer is too long")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Pinned(httpx2.AsyncHTTPTransport):
    """Connects to an address the guard returned, whatever the name would lead to now."""

    def __init__(self, guard: Guard) -> None:
        super().__init__(trust_env=False)
        self._guard = guard

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.host
        addresses = await asyncio.to_thread(self._guard, str(request.url))
        if not addresses:
            raise httpx2.ConnectError("there is no such host")
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=addresses[0])
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            raise httpx2.ReadError("the answer is packed, though we asked for plain text")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Capped(response.stream)
        return response


class Endpoint:
    """Any server that speaks OpenAI's chat completions."""

    def __init__(self, config: Llm, guard: Guard) -> None:
        self._config, self._guard = config, guard
        self._rung = 0  # how much of structured output the server understands

    async def say(self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, object]) -> str:
        """
        Return the answer to a question, within `timeout` as a whole.

        Raises:
            WordlessError: no answer, for a reason that holds no secret.
        """
        seconds = self._config.timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds), self._client() as client:
                return await self._climb(client, messages, schema)
        except TimeoutError as error:
            raise WordlessError(f"no answer within {seconds:g} s") from error
        except openai.APIStatusError as error:
            raise WordlessError(f"it answered {error.status_code}") from None
        except (openai.OpenAIError, httpx2.HTTPError, json.JSONDecodeError) as error:
            cause = error.__cause__ or error
            raise WordlessError(one_line(redact(f"{type(error).__name__}: {cause}"), 200)) from None

    def _client(self) -> openai.AsyncOpenAI:
        key = self._config.api_key
        wire = httpx2.AsyncClient(
            transport=_Pinned(self._guard),
            follow_redirects=False,
            trust_env=False,
            timeout=self._config.timeout.total_seconds(),
            headers={"Accept-Encoding": "identity"},
        )
        return openai.AsyncOpenAI(
            base_url=self._config.base_url,
            api_key=key.get_secret_value() if key else "none",
            max_retries=0,
            http_client=wire,
        )

    async def _climb(
        self,
        client: openai.AsyncOpenAI,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, object],
    ) -> str:
        """Ask for a schema, then for any JSON, then for plain words: what the server takes."""
        strict = {"name": "answer", "strict": True, "schema": schema}
        rungs: list[dict[str, Any]] = [
            {"response_format": {"type": "json_schema", "json_schema": strict}},
            {"response_format": {"type": "json_object"}},
            {},
        ]
        told = [*messages[:-1], _with_schema(messages[-1], schema)]
        while True:
            asked: Any = messages if self._rung == 0 else told
            try:
                done = await client.chat.completions.create(
                    model=self._config.model, messages=asked, **rungs[self._rung]
                )
                break
            except (openai.BadRequestError, openai.UnprocessableEntityError):
                if self._rung == len(rungs) - 1:
                    raise
                self._rung += 1
        return _words(done)


def _words(done: Any) -> str:  # noqa: ANN401 - the SDK checks nothing of what it was sent
    try:
        words = done.choices[0].message.content
    except (AttributeError, IndexError, TypeError, KeyError):
        words = None
    if not isinstance(words, str):
        raise WordlessError("its answer holds no words")
    return words


def _with_schema(message: Mapping[str, str], schema: Mapping[str, object]) -> dict[str, str]:
    wanted = f"{message['content']}\n\nJSON schema of the answer: {json.dumps(schema)}"
    return {**message, "content": wanted}
