"""Deals as rows of one table: CSV that no spreadsheet runs, and Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from crawler.errors import UsageError
from crawler.safe import cell
from crawler.types import Deal
from crawler.wire import dump_deal

COLUMNS = (
    "id", "revision", "type", "status", "company", "aliases", "amount", "amount_max",
    "qualifier", "currency", "amount_usd", "amount_usd_basis", "round", "lead_investors",
    "investors", "valuation", "valuation_currency", "bond_types", "bookrunners",
    "use_of_proceeds", "confidence", "review", "first_seen", "updated", "outlets", "evidence",
    "url",
)  # fmt: skip
_NUMBERS = frozenset({"amount", "amount_max", "amount_usd", "valuation", "confidence"})


def flat(deal: Deal) -> dict[str, Any]:
    """Return a deal as one row; lists are joined by semicolons."""
    row = dump_deal(deal)
    row["outlets"] = sorted({report.source for report in deal.reports})
    row["url"] = deal.reports[0].url if deal.reports else ""
    named = {name: row[name] for name in COLUMNS}
    return {k: "; ".join(map(str, v)) if isinstance(v, list) else v for k, v in named.items()}


def csv_lines(batches: Iterable[Sequence[Deal]]) -> Iterator[str]:
    """Yield a CSV file, its head first, then a piece for each batch."""
    yield _csv([COLUMNS])
    for batch in batches:
        yield _csv([cell(value) for value in flat(deal).values()] for deal in batch)


def _csv(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def write_parquet(batches: Iterable[Sequence[Deal]], target: Path | IO[bytes]) -> None:
    """
    Write deals as Parquet.

    Raises:
        UsageError: the extra `parquet` is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise UsageError("Parquet needs an extra: pip install 'raisewire[parquet]'") from None
    schema = pa.schema([(name, _kind(pa, name)) for name in COLUMNS])
    with parquet.ParquetWriter(target, schema, compression="zstd") as out:
        for batch in batches:
            out.write_table(pa.Table.from_pylist([_typed(deal) for deal in batch], schema=schema))


def _kind(pa: Any, name: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    if name == "revision":
        return pa.int64()
    return pa.float64() if name in _NUMBERS else pa.string()


def _typed(deal: Deal) -> dict[str, Any]:
    return {k: float(v) if k in _NUMBERS and v is not None else v for k, v in flat(deal).items()}
