"""What can go wrong with a command itself. Every message ends with what to do next."""

from __future__ import annotations


class CommandError(Exception):
    """Anything a command says in one line and ends with."""


class SettingsError(CommandError):
    """A setting is missing or cannot be used."""


class WrongCallError(CommandError):
    """The command was called in a way that makes no sense."""


class PrefectServerError(CommandError):
    """The Prefect server does not answer."""


class StoppedError(CommandError):
    """The run was stopped by Ctrl-C or SIGTERM, and nothing is lost."""


class OutputError(CommandError):
    """A file cannot be written; what was there is as it was."""

    def __init__(self, path: object, cause: OSError) -> None:
        """Name the file and say why."""
        super().__init__(
            f"{path} cannot be written ({cause.strerror or cause}); "
            "see to its rights and its disk, then try again"
        )
