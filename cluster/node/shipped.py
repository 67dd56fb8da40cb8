"""`make demo-images`: the images that `make demo CLUSTER=current` needs, as OCI tars in `dist/demo`."""

import shutil
import sys
from pathlib import Path

from cluster import packages
from cluster.cache import BuildError
from cluster.node import images, storage
from cluster.node.names import Names

_ROOT = Path(__file__).parents[2]
_FOLDER = _ROOT / "dist" / "demo"
_SAYING = """
Load them into the nodes of a cluster, for example

  for tar in {folder}/*.tar; do kind load image-archive $tar; done    # kind
  k3d image import {folder}/*.tar                                     # k3d
  for tar in {folder}/*.tar; do ctr -n k8s.io images import $tar; done    # a node's containerd, on the node

or push them to a registry that the cluster pulls from, and say so by IMAGES=REGISTRY/PREFIX:

  for tar in {folder}/*.tar; do docker load --input $tar; done
  for image in {names}; do
    docker tag $image REGISTRY/PREFIX/${{image##*/}} && docker push REGISTRY/PREFIX/${{image##*/}}
  done

Then: make demo CLUSTER=current [IMAGES=REGISTRY/PREFIX]"""


def ship(folder: Path) -> list[Path]:
    """Write the images into a folder; return the files.

    Raises:
        BuildError: a program, a package or an image cannot be made here.
    """
    try:
        packages.ensure()
    except packages.PackageError as error:
        raise BuildError(str(error)) from error
    sources = {
        "fluid-operator": images.operator(),
        "tools": images.tools(),
        **dict(zip(("s3", "thin-rclone"), storage.images("rclone"), strict=True)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    return [shutil.copyfile(source, folder / f"{name}.tar") for name, source in sources.items()]


def main() -> int:
    """Write them, and say what to do with them."""
    try:
        written = ship(_FOLDER)
    except (BuildError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for file in written:
        print(f"{file.relative_to(_ROOT)} ({file.stat().st_size >> 20} MiB)")
    print(_SAYING.format(folder=_FOLDER.relative_to(_ROOT), names=" ".join(Names().all())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
