"""One WARC archive, record by record: from disk, or over HTTP where it is read as it comes."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any

from crawler.history import wire

MAX_BODY = 8 * 1024**2  # bytes of one page, as on the wire
TRIES = 5  # to go on after the connection was lost
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Record:
    """One answer that a crawler kept: where from, when, and its bytes (decoded, capped)."""

    number: int  # of the record within its archive, from 0
    url: str
    at: datetime
    status: int
    headers: Mapping[str, str]
    body: bytes


def records(place: str, allow: Sequence[str] = ()) -> Iterator[Record]:
    """
    Yield the HTTP responses in an archive; a damaged record is passed over.

    `allow` are the private networks on which an archive may be.

    Raises:
        SourceError: it cannot be opened, or breaks off in the middle.
    """
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    with closing(_opened(place, allow)) as stream:
        try:
            found = ArchiveIterator(
                stream,  # type: ignore[arg-type] # it asks for more than it uses
                record_types=WarcRecordType.response,
                parse_http=True,
                auto_decode="all",
            )
            last = 0
            for number, record in enumerate(found):
                last = record.stream_pos
                if (told := _record(number, record)) is not None:
                    yield told
            _check_end(stream, last)
        except (OSError, HTTPException, ValueError) as error:
            raise wire.failure(place, error) from error


def _check_end(stream: IO[bytes] | _Stream, last: int) -> None:
    """
    Check that a gzipped archive ends with a whole member (RFC 1952); fastwarc does not mind.

    `last` is the offset of its last record. What comes over HTTP is checked by its length.
    """
    if isinstance(stream, _Stream):
        return
    stream.seek(last)
    data = stream.read(2)
    if data != b"\x1f\x8b":
        return
    while data or (data := stream.read(_CHUNK)):
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            if not (data := data or stream.read(_CHUNK)):
                raise OSError("it breaks off in the middle")
            member.decompress(data)
            data = b""
        data = member.unused_data


def _record(number: int, record: Any) -> Record | None:  # noqa: ANN401 - an untyped library's
    http = record.http_headers
    url = record.headers.get("WARC-Target-URI", "").strip("<>")
    at = record.record_date
    if http is None or not url or at is None:
        return None
    try:
        body = record.reader.read(MAX_BODY)
    except (OSError, ValueError):
        return None
    return Record(
        number=number,
        url=url,
        at=at if at.tzinfo else at.replace(tzinfo=UTC),
        status=http.status_code or 0,
        headers={name.lower(): value for name, value in http.items()},
        body=body,
    )


def _opened(place: str, allow: Sequence[str]) -> IO[bytes] | _Stream:
    if place.startswith(("http://", "https://")):
        return _Stream(_Remote(place, allow))
    try:
        return Path(place).open("rb")
    except OSError as error:
        raise wire.failure(place, error.strerror) from error


class _Stream:
    """What can be read once, from its beginning: fastwarc would seek in anything that has it."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._buffer = io.BufferedReader(raw, 1 << 20)
        self.read, self.tell = self._buffer.read, self._buffer.tell
        self.close = self._buffer.close


class _Remote(io.RawIOBase):
    """A file over HTTP that goes on by a range request (RFC 9110 section 14) when cut off."""

    def __init__(self, url: str, allow: Sequence[str]) -> None:
        self._url, self._allow, self._at, self._left = url, allow, 0, TRIES
        self._size: int | None = None
        self._answer = self._ask()

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        while True:
            try:
                count = self._answer.readinto(buffer)
                if count == 0 and self._size is not None and self._at < self._size:
                    raise HTTPException("the connection was cut")  # noqa: TRY301 - as if it said so
            except (OSError, HTTPException):
                if self._left == 0:
                    raise
                self._left -= 1
                self._answer = self._ask()
                continue
            self._at += count
            return int(count)

    def close(self) -> None:
        if not self.closed and hasattr(self, "_answer"):
            self._answer.close()
        super().close()

    def _ask(self) -> Any:  # noqa: ANN401 - http.client.HTTPResponse behind urllib's door
        answer = wire.ask(self._url, self._allow, self._at)
        if self._at and answer.status != 206:
            raise wire.failure(self._url, "the server cannot go on where it was cut off")
        length = answer.headers.get("Content-Length", "")
        self._size = self._at + int(length) if length.isdecimal() else None
        return answer
