"""Deals as a file: CSV for spreadsheets, JSON Lines, Parquet."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from crawler.app import House
from crawler.flat import csv_lines, write_parquet
from crawler.store.deals import Filter
from crawler.types import Deal
from crawler.web.api.answers import House_
from crawler.web.api.asking import Narrow
from crawler.web.api.deals import every
from crawler.wire import dump_deal

router = APIRouter(tags=["export"])
_CHUNK = 64 * 1024
_SPILL = 8_000_000  # bytes of Parquet that are kept in memory


def _file(media: str) -> dict[int | str, dict[str, object]]:
    schema = {"type": "string", "format": "binary"}
    return {200: {"description": "The file.", "content": {media: {"schema": schema}}}}


@router.get("/export.csv", responses=_file("text/csv"), response_class=Response)
def as_csv(house: House_, asked: Narrow) -> Response:
    """Return deals as CSV, oldest first; no cell is taken for a formula."""
    return _sent(csv_lines(batches(house, asked.filter)), "text/csv", "csv")


@router.get("/export.jsonl", responses=_file("application/x-ndjson"), response_class=Response)
def as_json_lines(house: House_, asked: Narrow) -> Response:
    """Return deals as JSON Lines, oldest first, as `raisewire deals --json` prints them."""
    pieces = (
        "".join(json.dumps(dump_deal(deal), ensure_ascii=False) + "\n" for deal in batch)
        for batch in batches(house, asked.filter)
    )
    return _sent(pieces, "application/x-ndjson", "jsonl")


@router.get(
    "/export.parquet", responses=_file("application/vnd.apache.parquet"), response_class=Response
)
def as_parquet(house: House_, asked: Narrow) -> Response:
    """Return deals as Parquet, oldest first (extra `parquet`)."""
    file = tempfile.SpooledTemporaryFile(max_size=_SPILL)  # noqa: SIM115 - closed once sent
    write_parquet(batches(house, asked.filter), file)
    file.seek(0)

    def pieces() -> Iterator[bytes]:
        with file:
            while piece := file.read(_CHUNK):
                yield piece

    return _sent(pieces(), "application/vnd.apache.parquet", "parquet")


def batches(house: House, wanted: Filter) -> Iterator[Sequence[Deal]]:
    """Yield deals some at a time, each time from a transaction of its own."""
    cursor = ""
    while True:
        with house.store.read() as conn:
            found, cursor = every(conn, wanted, cursor)
        if found:
            yield found
        if not cursor:
            return


def _sent(pieces: Iterator[str] | Iterator[bytes], media: str, ending: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="deals.{ending}"'}
    return StreamingResponse(pieces, media_type=media, headers=headers)
