"""The log: one stream of events on standard output, for a person on a terminal and as JSON lines otherwise.

Everything goes one way, ours (structlog) and that of libraries (logging), so that all lines have the same fields and no
secret gets past the same filter.
"""

import logging
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from connections.session import whom_it_concerns
from settings import LogFormat, LogLevel, mask_url

MASK = "********"

_SECRET_WORDS = frozenset(
    {
        "password",
        "passwords",
        "passwd",
        "secret",
        "secrets",
        "token",
        "tokens",
        "authorization",
        "cookie",
        "cookies",
        "pin",
    }
)
_WORDS = re.compile(r"[a-z]+")
_DEEPEST = 6


def set_up_logs(level: LogLevel, form: LogFormat, *more: Processor) -> None:
    """Sets up both kinds of loggers, for the whole process. May be called again. `more`: adds to each line."""
    for_person = form == "console" or (form == "auto" and sys.stdout.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        add_whom_it_concerns,
        *more,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="%H:%M:%S.%f" if for_person else "iso", utc=not for_person, key="ts"),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(_for_person() if for_person else _for_machine()),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(True)
    for name in ("uvicorn", "uvicorn.error", "alembic", "sqlalchemy", "asyncio", "httpx2", "httpcore2"):
        # What they tell at level "info" is said by our own events, once and in our words.
        logging.getLogger(name).setLevel(
            level.upper() if level == "debug" else max(logging.WARNING, logging.root.level)
        )


def add_whom_it_concerns(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """What the event says itself counts more."""
    return {**whom_it_concerns(), **event}


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Masks what a log must not hold: values under telling names at any depth, and passwords inside addresses."""
    return {
        name: MASK if is_secret_name(name) and value else _redacted(value, _DEEPEST) for name, value in event.items()
    }


def is_secret_name(name: object) -> bool:
    """Whether a field of this name holds a secret. Looks at whole words: `pin` does, `ping` does not."""
    return isinstance(name, str) and not _SECRET_WORDS.isdisjoint(_WORDS.findall(name.lower()))


def _redacted(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return mask_url(value) if "://" in value else value
    if depth == 0 or not isinstance(value, Mapping | Sequence) or isinstance(value, bytes | bytearray):
        return value
    if isinstance(value, Mapping):
        return {
            name: MASK if is_secret_name(name) and inner else _redacted(inner, depth - 1)
            for name, inner in value.items()
        }
    return [_redacted(inner, depth - 1) for inner in value]


def _for_person() -> list[Processor]:
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return [redact, structlog.dev.ConsoleRenderer(colors=colours, timestamp_key="ts")]


def _for_machine() -> list[Processor]:
    return [structlog.processors.format_exc_info, redact, structlog.processors.JSONRenderer(_as_json)]


def _as_json(event: EventDict, **_options: Any) -> str:
    first = {name: event[name] for name in ("ts", "level", "event", "logger") if name in event}
    return msgspec.json.encode({**first, **event}, enc_hook=repr).decode()
