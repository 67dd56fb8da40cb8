"""Opens and reads a file again and again, in a pod: ``reader.py FILE``.

Writes a line when that begins to fail or to succeed: the moments at which the attempt began and ended, how
many mounts are stacked at the volume, and ``ok`` or ``errno N``.
"""

import sys
import time

PAUSE = 0.02


def attempt(path: str) -> str:
    """Open it anew and read from it."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - nothing but the two system calls
            return "ok" if file.read(4096) else "errno 0"
    except OSError as error:
        return f"errno {error.errno}"


def depth(point: str) -> int:
    """How many mounts are at a path."""
    with open("/proc/self/mountinfo") as table:  # noqa: PTH123
        return sum(line.split()[4] == point for line in table)


def main() -> None:
    """Until killed."""
    path, before = sys.argv[1], ""
    point = "/" + path.split("/")[1]
    while True:
        began = time.monotonic()
        result = attempt(path)
        ended = time.monotonic()
        if result != before:
            sys.stdout.write(f"{began:.4f} {ended:.4f} {depth(point)} {result}\n")
            sys.stdout.flush()
        before = result
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
