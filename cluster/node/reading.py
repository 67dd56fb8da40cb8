"""Runs in a pod, `python3 - FOLDER < reading.py`: reads all files of a folder twice, then sums them up.

Prints one JSON object: `files`, `size` in bytes, `seconds` of the first and of the second time, `sums` as
`sha256sum` writes them.
"""

import hashlib
import json
import sys
import time
from pathlib import Path

CHUNK = 1 << 20


def read(files: list[Path]) -> int:
    """Read files from beginning to end; the bytes read."""
    size = 0
    for file in files:
        with file.open("rb", buffering=0) as opened:
            while part := opened.read(CHUNK):
                size += len(part)
    return size


def main() -> None:
    """Measure and print."""
    folder = Path(sys.argv[1])
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    size, seconds = 0, list[float]()
    for _ in range(2):
        started = time.monotonic()
        size = read(files)
        seconds.append(time.monotonic() - started)
    sums = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  ./{file.relative_to(folder)}" for file in files
    ]
    print(json.dumps({"files": len(files), "size": size, "seconds": seconds, "sums": sums}))


if __name__ == "__main__":
    main()
