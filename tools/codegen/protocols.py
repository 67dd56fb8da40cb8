"""Protocol buffers to Python messages with type stubs, by the compiler that grpcio-tools brings."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = Path("fluid/csi/api")
"""Where the messages are imported from: a link to what is generated."""
HEADER = '"""Messages of CSI and of plugin registration (generated from schemas/csi; do not edit)."""\n'


def write_protocols(source: Path, target: Path) -> None:
    """Write one module for each file of a folder.

    Services get no stubs: their methods are bound by the descriptors, which are in the messages' modules.
    """
    with tempfile.TemporaryDirectory() as scratch:
        # The compiler writes imports as the folders say, so the files stand where their modules will
        folder = Path(scratch) / PACKAGE
        folder.mkdir(parents=True)
        files = [shutil.copy(file, folder) for file in sorted(source.glob("*.proto"))]
        output = Path(scratch, "output")
        output.mkdir()
        options = [f"--proto_path={scratch}", f"--python_out={output}", f"--pyi_out={output}"]
        subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *options, *map(str, files)], check=True)
        target.mkdir(parents=True, exist_ok=True)
        for file in (output / PACKAGE).iterdir():
            (target / file.name).write_text(_typed(file.read_text()))
    (target / "__init__.py").write_text(HEADER)


def _typed(text: str) -> str:
    """A module or its stub, with the one type in full that the compiler leaves open."""
    return text.replace("_Mapping]", "_Mapping[str, object]]")
