"""Structured logs on standard error: JSON for machines, aligned text for people."""

import logging
import sys

import structlog

FORMATS = ("json", "console")
LEVELS = ("debug", "info", "warning", "error")


def set_up_logs(form: str, level: str) -> None:
    """Configure all logging of the process.

    Args:
        form: one of `FORMATS`.
        level: one of `LEVELS`; nothing below it is written.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    last = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(stream=sys.stderr, level=max(number, logging.WARNING))
