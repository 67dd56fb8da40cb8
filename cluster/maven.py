"""Files of Java programs, fetched by Maven: `pom.xml` pins versions, `jars.sha256` beside it the contents.

`python -m cluster.maven FOLDER` prints the digests of what a folder's `pom.xml` gives, after a change of it.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from cluster import packages
from cluster.cache import BuildError
from cluster.progress import say, spell

_TRIES = 3
_SECONDS = 600
_BUNDLE = "SSL_CERT_FILE"
"""Names the certificates that the machine trusts, where those of Debian do not lead to the network."""
_PASSWORD = "public"
"""Of a file of certificates, which Java does not read without."""


def fetch(project: Path, target: Path, *, usual: float) -> None:
    """Fetch the files of a project into a folder.

    Args:
        project: the folder of `pom.xml` and `jars.sha256`.
        target: the folder, which is made.
        usual: seconds that it took elsewhere, which are told.

    Raises:
        BuildError: Maven is missing or failed, or a file is not the one that was pinned.
    """
    pinned = _pinned(project)
    say(f"fetching {project.name}: {len(pinned)} files; elsewhere that took {spell(usual)}")
    since = time.monotonic()
    _copy(project, target)
    found = digests(target)
    if wrong := sorted(name for name in found.keys() | pinned.keys() if found.get(name) != pinned.get(name)):
        raise BuildError(f"{project.name}: not what {project.name}/jars.sha256 names: {', '.join(wrong[:5])}")
    size = sum(path.stat().st_size for path in target.iterdir()) >> 20
    say(f"fetched {project.name} ({size} MiB) in {time.monotonic() - since:.0f} s")


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def _pinned(project: Path) -> dict[str, str]:
    lines = (project / "jars.sha256").read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def _copy(project: Path, target: Path) -> None:
    """Let Maven copy the files, as the machine's settings lead it; it keeps nothing elsewhere."""
    try:
        packages.ensure(packages.JARS)
    except packages.PackageError as error:
        raise BuildError(str(error)) from error
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        command = [
            *("nice", "-n", "10", "mvn", "--batch-mode", "--quiet", "--file", str(project / "pom.xml")),
            *_trust(Path(work, "trusted.p12")),
            f"-Dmaven.repo.local={work}/repository",
            f"-DoutputDirectory={target}",
            "dependency:copy-dependencies",
        ]
        for left in reversed(range(_TRIES)):  # what was fetched is kept in between
            if not (failure := _run(command)):
                return
            if not left:
                raise BuildError(f"Maven cannot fetch {project.name}: {failure}")


def _trust(target: Path) -> list[str]:
    """Options by which Java trusts what the machine's variable names; it does not read such files itself."""
    bundle = os.environ.get(_BUNDLE)
    if not bundle or not Path(bundle).is_file():
        return []
    with warnings.catch_warnings(action="ignore"):  # of old authorities with odd serial numbers
        found = x509.load_pem_x509_certificates(Path(bundle).read_bytes())
    certificates = [pkcs12.PKCS12Certificate(one, str(n).encode()) for n, one in enumerate(found)]
    encryption = BestAvailableEncryption(_PASSWORD.encode())
    target.write_bytes(pkcs12.serialize_java_truststore(certificates, encryption))
    store = "-Djavax.net.ssl.trustStore"
    return [f"{store}={target}", f"{store}Type=PKCS12", f"{store}Password={_PASSWORD}"]


def _run(command: list[str]) -> str:
    """Run Maven; the first error that it names, empty if there is none."""
    environment = {**os.environ, "PATH": packages.search_path()}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"not done in {_SECONDS} s"
    if done.returncode == 0:
        return ""
    lines = (done.stdout + done.stderr).strip().splitlines()
    first = next((line for line in lines if line.startswith("[ERROR]")), lines[-1] if lines else "")
    return first.removeprefix("[ERROR] ")[:500] or f"exit code {done.returncode}"


def main(folder: str) -> int:
    """Print the digests of what a project gives now."""
    with tempfile.TemporaryDirectory() as work:
        _copy(Path(folder).absolute(), Path(work, "jars"))
        for name, digest in digests(Path(work, "jars")).items():
            sys.stdout.write(f"{digest}  {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
