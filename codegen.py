"""Write models, CRDs, reference pages and CSI messages from `schemas/`, or check that they match."""

import argparse
import sys
import tempfile
from pathlib import Path

from fluid.codegen.output import differing, files, write_all
from fluid.codegen.schema import Schemas
from tools.codegen.kubernetes import VERSION, refresh
from tools.codegen.protocols import write_protocols

ROOT = Path(__file__).parent


def generate(schemas: Path, target: Path) -> None:
    """Write everything that follows from a folder of schemas."""
    write_all(Schemas.load(schemas), target)
    write_protocols(schemas / "csi", target / "csi")


def drift(schemas: Path, target: Path) -> list[Path]:
    """Files that are not what the schemas say: changed, missing, or left over."""
    with tempfile.TemporaryDirectory() as scratch:
        generate(schemas, Path(scratch))
        return sorted({*differing(Path(scratch), target), *(files(target) - files(Path(scratch)))})


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 and name the files that differ"
    )
    parser.add_argument("--schemas", type=Path, default=ROOT / "schemas", help="folder to read")
    parser.add_argument("--output", type=Path, default=ROOT / "generated", help="folder to write or to check")
    parser.add_argument(
        "--refresh-kubernetes",
        action="store_true",
        help=f"take Kubernetes' types from {VERSION} first (needs go)",
    )
    options = parser.parse_args()
    if options.refresh_kubernetes:
        refresh(options.schemas / "kubernetes.json")
    if not options.check:
        generate(options.schemas, options.output)
        for path in drift(options.schemas, options.output):
            (options.output / path).unlink()  # of a schema that is no more
        return 0
    found = drift(options.schemas, options.output)
    for path in found:
        sys.stderr.write(f"{options.output / path} is not what the schemas say: run `make generate`\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
