"""A catalogue whose last commits are in its log only, as a killed writer leaves it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def log_left(catalog: Path) -> Iterator[None]:
    """Leave what is committed inside in the catalogue's log, as a kill does."""
    script = (
        "import sqlite3, sys\n"
        "catalog = sqlite3.connect(sys.argv[1])\n"
        "catalog.execute('BEGIN')\n"
        "catalog.execute('SELECT * FROM ducklake_snapshot').fetchall()\n"
        "print('reading', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(catalog)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"reading\n"
        yield
        reader.kill()
    assert catalog.with_name("catalog.sqlite-wal").stat().st_size > 0
