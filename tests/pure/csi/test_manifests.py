"""What an installation says of the node plugin: where kubelets live, what it may read, how it publishes."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from fluid.csi.options import Options

CHECKOUT = Path(__file__).parents[3]
MICROK8S = "/var/snap/microk8s/common/var/lib/kubelet"


def printed(*options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "fluid.cli", "manifests", "--csi", *options]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {one["kind"]: one for one in yaml.safe_load_all(text)}


def container(manifests: dict[str, Any]) -> dict[str, Any]:
    [found] = manifests["DaemonSet"]["spec"]["template"]["spec"]["containers"]
    return found


def test_the_kubelets_directory_is_mounted_where_it_is_and_told_to_the_plugin() -> None:
    manifests = printed("--kubelet-dir", f"{MICROK8S}/", "--publish-method", "symlink")
    assert {"name": "kubelet", "hostPath": {"path": MICROK8S, "type": "Directory"}} in manifests["DaemonSet"][
        "spec"
    ]["template"]["spec"]["volumes"]
    mount = {"name": "kubelet", "mountPath": MICROK8S, "mountPropagation": "Bidirectional"}
    assert mount in container(manifests)["volumeMounts"]
    args = ["csi", "--keep", f"--kubelet-dir={MICROK8S}", "--mount-root=/runtime-mnt"]
    assert container(manifests)["args"] == [*args, "--publish-method=symlink"]


def test_make_deploy_takes_the_kubelets_directory() -> None:
    command = ["make", "--dry-run", "deploy", f"KUBELET_DIR={MICROK8S}", "IMAGE=r/i:1"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=CHECKOUT)
    assert f"fluid manifests --image r/i:1 --kubelet-dir {MICROK8S} |" in done.stdout


def test_without_options_the_plugin_is_started_as_ever() -> None:
    args = ["csi", "--keep", "--kubelet-dir=/var/lib/kubelet", "--mount-root=/runtime-mnt"]
    assert container(printed())["args"] == args


def test_the_longest_directory_leaves_room_for_the_names_of_sockets() -> None:
    longest = "/" + "x" * 62
    options = Options("n", kubelet=Path(longest))
    sockets = (str(options.registration_socket), options.csi_endpoint.removeprefix("unix://"))
    assert max(map(len, sockets)) <= 107
    assert printed("--kubelet-dir", longest)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("var/lib/kubelet", "no absolute path"),
        ("/", "no absolute path"),
        ("", "no absolute path"),
        ("/var/lib/../etc", "no absolute path"),
        ("/var/lib/a b", "no absolute path"),
        ("/var:lib", "no absolute path"),
        ("/x\n- evil", "no absolute path"),
        ("/" + "x" * 63, "more than 63 characters"),
    ],
)
def test_what_is_no_directory_of_a_kubelet_is_refused_with_the_reason(text: str, message: str) -> None:
    command = [sys.executable, "-m", "fluid.cli", "manifests", "--csi", "--kubelet-dir", text]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "root directory of your nodes' kubelets" in " ".join(done.stderr.split())


def reads(manifests: dict[str, Any]) -> list[str]:
    [rule] = [one for one in manifests["ClusterRole"]["rules"] if one["apiGroups"] == ["data.fluid.io"]]
    assert rule["verbs"] == ["get"]
    return rule["resources"]


def test_the_plugin_reads_the_kinds_that_are_served_and_others_on_demand() -> None:
    ours = [
        "datasets",
        "alluxioruntimes",
        "jindoruntimes",
        "juicefsruntimes",
        "thinruntimes",
        "thinruntimeprofiles",
    ]
    assert reads(printed()) == ours
    more = printed("--other-runtimes", "vineyard", "--other-runtimes", "cache")
    assert {*reads(more)} == {*ours, "vineyardruntimes", "cacheruntimes"}
