"""What is fetched by Maven is what was pinned, and a failure is told in Maven's words."""

from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from cluster import BuildError, maven, packages
from cluster.maven import fetch

_MVN = """#!/bin/sh
echo try >> {log}
for argument; do case "$argument" in -DoutputDirectory=*) target=${{argument#*=}} ;; esac; done
{does}
"""
_GIVES = 'mkdir -p "$target"; echo one > "$target/one.jar"'
_ONE = "2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806  one.jar\n"


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A project with one file."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "jars.sha256").write_text(_ONE)
    monkeypatch.setattr(packages, "JARS", ())
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    return folder


def _mvn(monkeypatch: pytest.MonkeyPatch, folder: Path, does: str) -> Path:
    program = folder / "bin" / "mvn"
    program.parent.mkdir()
    program.write_text(_MVN.format(log=folder / "log", does=does))
    program.chmod(0o755)
    monkeypatch.setattr(packages, "search_path", lambda: f"{program.parent}:/usr/bin:/bin")
    return folder / "log"


def test_files_come_into_the_folder(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _mvn(monkeypatch, tmp_path, _GIVES)
    fetch(project, tmp_path / "lib", usual=1)
    assert (tmp_path / "lib" / "one.jar").read_text() == "one\n"
    assert {path.name for path in tmp_path.iterdir()} == {"project", "bin", "log", "lib"}


@pytest.mark.parametrize(
    ("does", "named"),
    [
        (_GIVES.replace("echo one", "echo another"), "one.jar"),
        (f'{_GIVES}; touch "$target/more.jar"', "more.jar"),
        ('mkdir -p "$target"', "one.jar"),
    ],
)
def test_a_file_that_was_not_pinned_so_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, does: str, named: str
) -> None:
    _mvn(monkeypatch, tmp_path, does)
    with pytest.raises(BuildError, match=rf"project/jars\.sha256 names: {named}$"):
        fetch(project, tmp_path / "lib", usual=1)


def test_maven_is_asked_three_times_and_its_first_error_is_the_reason(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = _mvn(
        monkeypatch, tmp_path, "echo '[WARNING] old'; echo '[ERROR] no way'; echo '[ERROR] to'; exit 1"
    )
    with pytest.raises(BuildError, match=r"Maven cannot fetch project: no way$"):
        fetch(project, tmp_path / "lib", usual=1)
    assert log.read_text().split() == ["try"] * 3


def test_a_failure_that_passes_is_none(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _mvn(monkeypatch, tmp_path, f'[ "$(wc -l < {tmp_path}/log)" -gt 1 ] || exit 1; {_GIVES}')
    fetch(project, tmp_path / "lib", usual=1)
    assert maven.digests(tmp_path / "lib") == {"one.jar": _ONE.split()[0]}


def test_java_trusts_the_certificates_that_the_machine_trusts(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "bundle.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "bundle.pem"))
    store = "-Djavax.net.ssl.trustStore="
    keep = f'for one; do case "$one" in {store}*) cp "${{one#*=}}" {tmp_path}/kept ;; esac; done'
    _mvn(monkeypatch, tmp_path, f"{keep}; {_GIVES}")
    fetch(project, tmp_path / "lib", usual=1)
    (kept,) = pkcs12.load_pkcs12((tmp_path / "kept").read_bytes(), b"public").additional_certs
    assert kept.certificate.public_bytes(Encoding.PEM) == authority.cert_pem.bytes()
