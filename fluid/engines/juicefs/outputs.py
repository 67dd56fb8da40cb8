"""What JuiceFS prints, read within limits: None for what makes no sense."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from fluid.engines import api
from fluid.types.untrusted import COMMAND_OUTPUT, read_json, whole_number

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"[A-Za-z0-9][-A-Za-z0-9_.]{0,127}")
_FIGURE = re.compile(r"([0-9]{1,18})(\.[0-9]{1,9})?")
_NAMES = ("bytes", "hits", "miss", "hit_bytes", "miss_bytes")
_OF_METRICS = {f"juicefs_blockcache_{name}": name for name in _NAMES}
_OF_STATS = {
    "blockcache.bytes": "bytes",
    "blockcache.hits": "hits",
    "blockcache.miss": "miss",
    "blockcache.hitBytes": "hit_bytes",
    "blockcache.missBytes": "miss_bytes",
}
METRICS = tuple(_OF_METRICS)
"""Names of the metrics that are read."""


class Figures(NamedTuple):
    """What one client says of its cache: bytes that it holds, and how often it had what was read."""

    held: int
    hits: int
    misses: int
    hit_bytes: int
    missed_bytes: int


def read_metrics(text: str) -> Figures | None:
    """The figures of a client of the community edition, in Prometheus' text format."""
    samples = api.read_samples(text, METRICS)
    found = [samples.whole(name) if samples else None for name in METRICS]
    return _figures(found)


def read_stats(text: str) -> Figures | None:
    """The figures of a client of the enterprise edition: lines ``name: number``."""
    found: dict[str, int | None] = {}
    for line in api.lines_of(text):
        name, _, value = line.partition(":")
        if (known := _OF_STATS.get(name.strip())) is not None:
            number = _FIGURE.fullmatch(value.strip())
            found[known] = int(number[1]) if number else None
    return _figures([found.get(name) for name in _NAMES])


def _figures(found: Sequence[int | None]) -> Figures | None:
    """A client counts nothing before the first read, but always says what it holds."""
    return None if found[0] is None else Figures(*(number or 0 for number in found))


def read_summary(text: str) -> tuple[int, int] | None:
    """(files, bytes) of the first line below ``PATH,SIZE,DIRS,FILES``; a path may have commas."""
    lines = api.lines_of(text)
    for title, line in pairwise(lines):
        if title.strip() == "PATH,SIZE,DIRS,FILES":
            numbers = [whole_number(one.strip()) for one in line.rsplit(",", 3)[1:]]
            size, files = (numbers[0], numbers[2]) if len(numbers) == 3 else (None, None)
            return None if size is None or files is None else (files, size)
    return None


def read_status(text: str) -> str | None:
    """The id of the file system, from JSON with ``Setting.UUID``."""
    status = read_json(text, COMMAND_OUTPUT)
    setting = status.get("Setting") if isinstance(status, dict) else None
    found = setting.get("UUID") if isinstance(setting, dict) else None
    return found if isinstance(found, str) and _UUID.fullmatch(found) else None


def read_name(values: str) -> str | None:
    """The name of the file system, from the line ``configs: {...}`` of the values that were applied last."""
    line = next((one for one in api.lines_of(values) if one.startswith("configs: ")), "")
    configs = read_json(line.removeprefix("configs: "), COMMAND_OUTPUT)
    name = configs.get("name") if isinstance(configs, dict) else None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None


def share(hits: int, misses: int) -> str:
    """The share of hits, such as ``83.3%``."""
    return f"{100.0 * hits / (hits + misses):.1f}%" if hits + misses else "0.0%"
