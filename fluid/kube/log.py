"""Log lines of the typed client: an event and its fields.

They go to structlog in a program that has configured it, such as the operator, and to `logging` in any other.
The SDK runs in users' programs: it loads no structlog there, and writes nothing to standard output.
"""

import logging
import sys
from typing import Literal


class Log:
    """Writes lines under one name.

    Args:
        name: Of the logger, in `logging`.
        fields: What each line tells.
    """

    def __init__(self, name: str, **fields: object) -> None:
        self._name = name
        self._fields = fields

    def bind(self, **fields: object) -> "Log":
        """A log with additional fields on each line."""
        return Log(self._name, **self._fields | fields)

    def info(self, event: str, **fields: object) -> None:
        """Writes a line at level info."""
        self._write("info", event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Writes a line at level warning, for a problem that needs attention."""
        self._write("warning", event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Writes a line at level error, for a failure."""
        self._write("error", event, fields)

    def _write(
        self, method: Literal["info", "warning", "error"], event: str, fields: dict[str, object]
    ) -> None:
        told = self._fields | fields
        structlog = sys.modules.get("structlog")
        if structlog is not None and structlog.is_configured():
            getattr(structlog.get_logger(self._name), method)(event, **told)
            return
        words = " ".join(f"{name}={value!r}" for name, value in {"event": event, **told}.items())
        getattr(logging.getLogger(self._name), method)("%s", words, stacklevel=3)
