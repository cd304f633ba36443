"""What is wrong with rules as far as a lake can tell."""

from __future__ import annotations

from pathlib import Path

from flows.alerts.rule_file import RuleFile
from storage.errors import CategoryMissingError
from storage.lake import LakeFolder, open_for_reading
from storage.snapshots import require_category


def category_faults(folder: LakeFolder, path: Path, file: RuleFile) -> list[str]:
    """Return a line for each category that a rule names and the lake has not; no lake, none.

    Raises:
        LakeError: the lake cannot be read.
    """
    if not folder.exists():
        return []
    faults: list[str] = []
    with open_for_reading(folder) as connection:
        for rule in file.rules:
            for category in rule.categories:
                try:
                    require_category(connection, category)
                except CategoryMissingError as error:
                    faults.append(f"{path}: rule {rule.name!r}: categories: {error}")
    return faults
