"""Reads files by turns, in a pod: ``reads.py ROUNDS CLAIM FUSE LOCAL``; LOCAL is made, as a copy of CLAIM.

Before each turn the kernel forgets the file's pages, so that all sides begin alike. A line for each round:
MiB/s of each side, sequential and random. CLAIM and FUSE take turns in being the first.
"""

import json
import mmap
import os
import random
import shutil
import sys
import time
from collections.abc import Callable

MIB = 1 << 20
BLOCK = 64 << 10
BLOCKS = 200
"""Reads of a random turn."""


def sequential(file: int, buffer: mmap.mmap, places: list[int]) -> int:
    """Read a file from its beginning to its end; returns its bytes."""
    del places
    done = 0
    while got := os.preadv(file, [buffer], done):
        done += got
    return done


def at_random(file: int, buffer: mmap.mmap, places: list[int]) -> int:
    """Read blocks here and there; returns their bytes."""
    block = memoryview(buffer)[:BLOCK]
    return sum(os.preadv(file, [block], place) for place in places)


def rate(path: str, read: Callable[[int, mmap.mmap, list[int]], int], places: list[int]) -> float:
    """MiB a second of one turn."""
    buffer = mmap.mmap(-1, MIB)
    file = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        began = time.perf_counter()
        done = read(file, buffer, places)
        return done / MIB / (time.perf_counter() - began)
    finally:
        os.close(file)


def main() -> None:
    """All rounds."""
    rounds, sides = int(sys.argv[1]), sys.argv[2:]
    shutil.copyfile(sides[0], sides[-1])  # and the FUSE client has the whole file now
    os.sync()
    blocks, dice = os.stat(sides[-1]).st_size // BLOCK, random.Random(1)  # noqa: PTH116
    for number in range(-1, rounds):
        places = [dice.randrange(blocks) * BLOCK for _ in range(BLOCKS)]
        rates: dict[str, list[float]] = {}
        for kind, read in (("sequential", sequential), ("random", at_random)):
            found = [0.0] * len(sides)
            for side in (number % 2, 1 - number % 2, 2):
                found[side] = rate(sides[side], read, places)
            rates[kind] = found
        if number >= 0:  # the first is to get warm
            sys.stdout.write(json.dumps(rates) + "\n")
            sys.stdout.flush()
    sys.stdout.write("done\n")
    sys.stdout.flush()
    time.sleep(3600)


if __name__ == "__main__":
    main()
