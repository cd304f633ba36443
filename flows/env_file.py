"""The settings that people write: environment variables, and `.env`, which comes after them."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from flows.errors import SettingsError
from flows.handwritten import HandwrittenError, hidden_character, read_text, value_of

ENV_FILE = Path(".env")


def written_settings() -> dict[str, str]:
    """Return the value of every variable, by its name in capitals.

    Blanks, quotes and invisible characters around a value are left out, and so is a variable that
    is empty then: it counts as not set.

    Raises:
        SettingsError: `.env` cannot be read.
    """
    return _cleaned(_from_file(ENV_FILE)) | _cleaned(os.environ)


def check_readable(name: str, value: str) -> None:
    """See that no character of a value is one that nobody sees.

    Raises:
        SettingsError: there is one; the value is not shown.
    """
    if hidden := hidden_character(value):
        raise SettingsError(f"{name} holds {hidden}; type it anew, in one line")


def _cleaned(variables: Mapping[str, str | None]) -> dict[str, str]:
    # Where a name stands in capitals and in small letters, the capitals go first.
    ordered = sorted(variables.items(), key=lambda item: item[0].isupper())
    found = {value_of(name).upper(): value_of(value or "") for name, value in ordered}
    return {name: value for name, value in found.items() if value}


def _from_file(file: Path) -> dict[str, str | None]:
    if (file / "pyvenv.cfg").exists():
        return {}  # a virtual environment of this name
    try:
        text = read_text(file)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be read ({error.strerror}); mend it, or remove it"
        ) from error
    except HandwrittenError as error:
        raise SettingsError(f"{file}: {error}") from None
    return _parsed(file, text)


def _parsed(file: Path, text: str) -> dict[str, str | None]:
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            number = binding.original.line + _blank_lines(binding.original.string)
            raise SettingsError(f"{file}: line {number} is not written NAME=value; mend it")
    return dotenv_values(stream=io.StringIO(text))


def _blank_lines(statement: str) -> int:
    return statement[: len(statement) - len(statement.lstrip())].count("\n")
