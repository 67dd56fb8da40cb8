"""What tests of the data path run in pods: an S3 server, and the FUSE clients of the examples."""

import shutil
from pathlib import Path

from cluster import image
from cluster.build import module
from cluster.cache import artifact
from cluster.compiling import Recipe, compile_all
from cluster.oci import pack, write

S3 = "fluid.local/s3:1"
"""versitygw over a folder: each directory in /data is a bucket."""
CLIENTS = {"rclone": "fluid.local/thin-rclone:1", "s3fs": "fluid.local/thin-s3fs:1"}
"""By example: rclone, s3fs and the Python that the supervisor needs; one content, a name for each."""
PORT = 7070
_PACKAGES = ("base-files", "ca-certificates", "dash", "fuse3", "grep", "python3", "rclone", "s3fs")


def server() -> Recipe:
    """The program of the S3 server."""
    return module("versitygw", {"versitygw": "github.com/versity/versitygw/cmd/versitygw"})


def images(*examples: str) -> list[Path]:
    """The image files of the S3 server and of the clients of some examples, built once.

    Raises:
        BuildError: a program cannot be built here.
        ImageError: the packages cannot be unpacked here.
    """
    return [_server(), *(_client(CLIENTS[example]) for example in examples)]


def _server() -> Path:
    (programs,) = compile_all([server()])

    def make(folder: Path) -> None:
        root = folder / "root"
        (root / "data").mkdir(parents=True)
        (root / "tmp").mkdir()
        shutil.copy2(programs / "versitygw", root / "versitygw")
        config = {"Entrypoint": ["/versitygw", "--port", f":{PORT}", "posix", "/data"]}
        write(folder / "image.tar", S3, [pack(root)], config, compress=False)
        shutil.rmtree(root)

    return artifact(f"image-s3-{programs.name}", make) / "image.tar"


def _client(name: str) -> Path:
    def unpack(folder: Path) -> None:
        image.debian(folder / "layer.tar", *_PACKAGES)

    def make(folder: Path) -> None:
        write(folder / "image.tar", name, [layer.read_bytes()], {}, compress=False)

    layer = artifact(f"debian-{image.SUITE}-fuse-clients", unpack) / "layer.tar"
    return artifact(f"image-{name.split('/')[1].replace(':', '-')}", make) / "image.tar"
