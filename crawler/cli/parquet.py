"""Articles as Parquet, with the columns that `import` reads (extra `parquet`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from crawler.errors import UsageError

COLUMNS = ("url", "title", "text", "published", "source", "source_class", "lang", "country")
_BATCH = 1_000  # rows in memory


def write(rows: Iterable[dict[str, Any]], file: Path) -> int:
    """Write articles; return how many. All columns are text, `published` as ISO 8601."""
    pa, parquet = _arrow()
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    count = 0
    with parquet.ParquetWriter(file, schema, compression="zstd") as out:
        for batch in _batches(rows):
            out.write_table(pa.Table.from_pylist(batch, schema=schema))
            count += len(batch)
    return count


def lines(file: str) -> Iterator[str]:
    """
    Yield each row as a line of JSON.

    Raises:
        UsageError: it is no Parquet file.
    """
    pa, parquet = _arrow()
    try:
        source = parquet.ParquetFile(file)
    except (OSError, pa.ArrowInvalid) as error:
        raise UsageError(f"{file}: {error}") from error
    for batch in source.iter_batches(_BATCH):
        for row in batch.to_pylist():
            yield json.dumps(row, default=str)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, _BATCH)):
        yield batch


def _arrow() -> tuple[Any, Any]:
    """
    Return pyarrow and its Parquet module.

    Raises:
        UsageError: the extra is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError("Parquet needs an extra: pip install 'raisewire[parquet]'") from error
    return pa, parquet
