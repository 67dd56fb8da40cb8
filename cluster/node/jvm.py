"""Images of Alluxio and HDFS, for tests of AlluxioRuntime: Java of Debian, and the files of `cluster/jvm`.

`python -m cluster.node.jvm` makes them, where nothing else needs them yet.
"""

import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cluster import image
from cluster.cache import BuildError, artifact, digest
from cluster.maven import fetch
from cluster.oci import pack, write
from cluster.progress import say

ALLUXIO = "fluid.local/alluxio:2.9.3"
"""The servers behind `/entrypoint.sh`, as Fluid's charts call it, and `alluxio` for commands."""
HDFS = "fluid.local/hdfs:3.3.6"
"""`hdfs namenode`, `hdfs datanode` and `hdfs dfs`, at the address in the variable ADDRESS.

Their files are in /data."""
NAMES = (ALLUXIO, HDFS)
_JVM = Path(__file__).parents[1] / "jvm"
_PACKAGES = ("base-files", "bash", "coreutils", "fuse3", "grep", "libc-bin", "openjdk-17-jre-headless", "sed")
_HOOKS = (  # Java needs neither Perl, which other packages bring, nor what describes fonts and licenses
    "cd $1/usr/share && rm -rf bash-completion doc fontconfig fonts gdb info perl perl5",
    "rm -rf $1/usr/lib/*/perl $1/usr/lib/*/perl-base $1/usr/lib/jvm/*/lib/ct.sym $1/usr/lib/jvm/*/man",
    "cd $1/usr/bin && ln -s ../lib/jvm/java-17-openjdk-*/bin/java java && chroot $1 java -version",
)
_SECONDS = {"alluxio": 50.0, "hdfs": 20.0}
"""That Maven took on two cores."""
_FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/fuse.conf": "user_allow_other\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
}
_ENVIRONMENT = (
    "PATH=/opt/alluxio/bin:/opt/hdfs/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "AWS_EC2_METADATA_DISABLED=true",  # each client of S3 would look for it for seconds
)


def images(*names: str) -> list[Path]:
    """The files of images, by default of all, built once; what they are made of is fetched at the same time.

    Raises:
        BuildError: a file or package cannot be fetched here.
    """
    made = [_Image.of(name) for name in names or NAMES]
    with ThreadPoolExecutor() as pool:
        java = pool.submit(_java)
        jars = [pool.submit(one.jars) for one in made]
        return [one.file(java.result(), files.result()) for one, files in zip(made, jars, strict=True)]


@dataclass(frozen=True)
class _Image:
    name: str
    project: Path
    put: Callable[[Path], None]
    """Puts what is not fetched into the image's files."""

    @staticmethod
    def of(name: str) -> "_Image":
        project, put = {ALLUXIO: ("alluxio", _alluxio), HDFS: ("hdfs", _hdfs)}[name]
        return _Image(name, _JVM / project, put)

    def jars(self) -> Path:
        pinned = digest([self.project / "pom.xml", self.project / "jars.sha256"])

        def make(folder: Path) -> None:
            fetch(self.project, folder / "lib", usual=_SECONDS[self.project.name])

        return artifact(f"jars-{self.project.name}-{pinned}", make) / "lib"

    def file(self, java: Path, jars: Path) -> Path:
        sources = sorted(path for path in self.project.iterdir() if path.is_file())
        named = f"image-{self.project.name}-{digest([*sources, Path(__file__)])}"

        def make(folder: Path) -> None:
            root = folder / "root"
            shutil.copytree(jars, root / "opt" / self.project.name / "lib")
            self.put(root)
            _common(root)
            config = {"Env": [*_ENVIRONMENT], "WorkingDir": "/"}
            write(folder / "image.tar", self.name, [java.read_bytes(), pack(root)], config, compress=False)
            shutil.rmtree(root)

        return artifact(named, make) / "image.tar"


def _java() -> Path:
    def make(folder: Path) -> None:
        since = time.monotonic()
        say("unpacking Java of Debian; elsewhere that took 15 s")
        image.debian(folder / "layer.tar", *_PACKAGES, hooks=_HOOKS)
        say(f"unpacked Java in {time.monotonic() - since:.0f} s")

    return artifact(f"debian-{image.SUITE}-java-{digest([Path(__file__)])}", make) / "layer.tar"


def _alluxio(root: Path) -> None:
    home, own = root / "opt" / "alluxio", _JVM / "alluxio"
    places = {
        "alluxio": "bin/alluxio",
        "alluxio-fuse": "integration/fuse/bin/alluxio-fuse",
        "launch.sh": "libexec/launch.sh",
        "log4j.properties": "conf/log4j.properties",
        "init-users": "libexec/init-users",
        "entrypoint.sh": "../../entrypoint.sh",
    }
    for name, place in places.items():
        _copy(own / name, home / place)
    for folder in (home / "logs", home / "metastore", root / "journal", root / "underFSStorage"):
        folder.mkdir()
        folder.chmod(0o777)  # for any user


def _hdfs(root: Path) -> None:
    conf, own = root / "opt" / "hdfs" / "conf", _JVM / "hdfs"
    _copy(own / "hdfs", root / "opt" / "hdfs" / "bin" / "hdfs")
    for name in ("core-site.xml", "hdfs-site.xml", "log4j.properties"):
        _copy(own / name, conf / name)
    for name in ("hdfs", "datanode"):  # the servers look for pages that they could show
        page = conf / "webapps" / name / "WEB-INF" / "web.xml"
        page.parent.mkdir(parents=True)
        page.write_text("<web-app/>\n")
    (root / "data").mkdir()


def _common(root: Path) -> None:
    for name, text in _FILES.items():
        file = root / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    (root / "etc" / "passwd").chmod(0o666)  # where a user without a name gets one


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def main() -> int:
    """Make the images, and say where they are."""
    try:
        for path in images():
            say(f"{path} ({path.stat().st_size >> 20} MiB)")
    except (BuildError, OSError) as error:
        say(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
