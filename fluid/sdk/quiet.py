"""What the library logs, inside of somebody else's program."""

import structlog


def log_as_a_library() -> None:
    """Hand log lines to `logging`, where the program that uses us decides, unless it has set structlog up.

    Left alone, structlog prints every line to standard output, which belongs to the program.
    """
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
