"""What commands of a cache print, which is hostile: within limits, and None for what makes no sense."""

from collections.abc import Mapping

from fluid.engines.core.statistics import parse_human_size
from fluid.types.untrusted import COMMAND_OUTPUT, whole_number


def lines_of(text: str) -> list[str]:
    """The lines of an answer, none of one that is longer than any cache writes."""
    return text.splitlines() if len(text) <= COMMAND_OUTPUT else []


def labelled_sizes(text: str, labels: Mapping[str, str]) -> dict[str, int] | None:
    """Sizes in bytes from lines such as `Total Capacity: 96.00GB`; of several lines the last counts.

    Args:
        text: What was printed.
        labels: The beginning of the line of each size, up to the number.

    Returns:
        The size of each label; None when a line is missing or has no size.
    """
    found: dict[str, int] = {}
    for line in map(str.strip, lines_of(text)):
        for name, label in labels.items():
            size = parse_human_size(line.removeprefix(label)) if line.startswith(label) else None
            if size is not None:
                found[name] = size
    return found if len(found) == len(labels) else None


def leading_numbers(text: str, count: int) -> list[int] | None:
    """The numbers that the first line with so many whole numbers begins with; None without such a line."""
    for line in lines_of(text):
        numbers = [whole_number(field) for field in line.split(maxsplit=count)[:count]]
        found = [number for number in numbers if number is not None]
        if len(found) == count:
            return found
    return None
