"""The formats that `feedlake export` writes."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from flows.errors import WrongCallError


class ExportFormat(StrEnum):
    """What is written."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    MERCHANT = "merchant"


def format_for(file: Path, wanted: ExportFormat | None) -> ExportFormat:
    """Return the format asked for, else the one that the file's name says.

    Raises:
        WrongCallError: neither says.
    """
    if wanted:
        return wanted
    by_name = {
        ".csv": ExportFormat.CSV,
        ".json": ExportFormat.JSON,
        ".parquet": ExportFormat.PARQUET,
        ".xml": ExportFormat.MERCHANT,
        ".tsv": ExportFormat.MERCHANT,
    }
    try:
        return by_name[file.suffix.lower()]
    except KeyError:
        raise WrongCallError(
            f"{file.name} does not say its format; give --format csv, json, parquet or merchant"
        ) from None
