"""The control plane itself: what all other tests of this ring rely on."""

import json
import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from lightkube import AsyncClient, KubeConfig

from cluster import ControlPlane, Fault, KubectlError, Sizes, attach, command_line, start
from cluster.processes import Process, Processes

_CONTAINER = {"name": "main", "image": "example.org/none:1"}


def _apply(plane: ControlPlane, namespace: str, *objects: dict[str, object]) -> None:
    plane.kubectl("apply", "-n", namespace, "-f", "-", stdin=yaml.safe_dump_all(objects))


def _wait(plane: ControlPlane, namespace: str, what: str, condition: str) -> None:
    plane.kubectl("wait", "-n", namespace, what, f"--for={condition}", "--timeout=20s")


def _stateful_set(plane: ControlPlane, namespace: str, replicas: int = 1) -> None:
    labels = {"app": "cache"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [_CONTAINER]}}
    spec = {
        "serviceName": "cache",
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": template,
    }
    _apply(
        plane,
        namespace,
        {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "cache"}, "spec": spec},
    )
    plane.kubectl("rollout", "status", "-n", namespace, "statefulset/cache", "--timeout=20s")


def _pod(plane: ControlPlane, namespace: str, annotations: dict[str, str] | None = None) -> None:
    metadata = {"name": "one", "annotations": annotations or {}}
    _apply(
        plane,
        namespace,
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [_CONTAINER]}},
    )


def _exec(plane: ControlPlane, namespace: str, pod: str, *command: str) -> subprocess.CompletedProcess[str]:
    return plane.try_kubectl("exec", "-n", namespace, pod, "--", *command)


def _mounts(plane: ControlPlane, namespace: str, pod: str) -> list[str]:
    listing = _exec(plane, namespace, pod, "jindocache", "-mount").stdout
    return [line.split()[2] for line in listing.splitlines()]


def _job(name: str, **annotations: str) -> dict[str, object]:
    marks = {f"fluid.test/{key.replace('_', '-')}": value for key, value in annotations.items()}
    template = {
        "metadata": {"annotations": marks},
        "spec": {"restartPolicy": "Never", "containers": [_CONTAINER]},
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"backoffLimit": 0, "template": template},
    }


def test_three_nodes_are_ready_and_schedulable(plane: ControlPlane) -> None:
    nodes = json.loads(plane.kubectl("get", "nodes", "-o", "json"))["items"]
    ready = [
        node
        for node in nodes
        for c in node["status"]["conditions"]
        if (c["type"], c["status"]) == ("Ready", "True")
    ]
    assert len(ready) == len(nodes) == 3
    assert not any(node["spec"].get("taints") for node in nodes)


def test_each_pod_of_a_stateful_set_has_a_mount_table_of_its_own(plane: ControlPlane, namespace: str) -> None:
    _stateful_set(plane, namespace, replicas=2)
    assert _exec(plane, namespace, "cache-0", "jindocache", "-mount", "/a", "oss://bucket/a").returncode == 0
    again = _exec(plane, namespace, "cache-0", "jindocache", "-mount", "/a", "oss://bucket/a")
    assert again.returncode == 1
    assert "Mount point already exists" in again.stdout
    assert _mounts(plane, namespace, "cache-0") == ["/a"]
    assert _mounts(plane, namespace, "cache-1") == []


def test_a_pod_that_is_made_again_has_forgotten_its_mounts(plane: ControlPlane, namespace: str) -> None:
    _stateful_set(plane, namespace)
    _exec(plane, namespace, "cache-0", "jindocache", "-mount", "/", "oss://bucket/")
    assert _mounts(plane, namespace, "cache-0") == ["/"]
    plane.kubectl("delete", "pod", "-n", namespace, "cache-0")
    plane.kubectl("rollout", "status", "-n", namespace, "statefulset/cache", "--timeout=20s")
    _wait(plane, namespace, "pod/cache-0", "condition=Ready")
    assert _mounts(plane, namespace, "cache-0") == []


@pytest.mark.anyio
async def test_websocket_exec_brings_back_output_and_exit_code(plane: ControlPlane, namespace: str) -> None:
    _pod(plane, namespace)
    _wait(plane, namespace, "pod/one", "condition=Ready")
    async with AsyncClient(config=KubeConfig.from_file(plane.kubeconfig)) as client:

        async def run(*command: str) -> tuple[str, str, int]:
            answer = await client.exec(
                "one",
                namespace=namespace,
                container="main",
                command=command,
                stdin=None,  # its "close stdin" may come after the end: then the API server drops the answer
                stdout=True,
                stderr=True,
                timeout=10,
            )
            return str(answer.stdout), str(answer.stderr), answer.exit_code

        report, _, code = await run("jindocache", "-report")
        assert code == 0
        assert "Total Disk Capacity: 96.00GB" in report.splitlines()
        assert await run("jindocache", "-unmount", "/no") == ("", "Mount point does not exist: /no\n", 1)
        assert (await run("bash"))[2] == 127
    assert [call.exit for call in plane.exec_log(namespace=namespace)] == [0, 1, 127]


def test_a_fault_makes_a_command_fail_for_the_named_pods_as_often_as_told(
    plane: ControlPlane, namespace: str
) -> None:
    _stateful_set(plane, namespace, replicas=2)
    plane.faults(
        Fault(
            command="jindocache -report",
            namespace=namespace,
            pod="*-0",
            exit=3,
            stderr="no leader\n",
            times=1,
        ),
        Fault(command="jindocache -mount", namespace=namespace, stdout="\x00garbage"),
        Fault(command="jindo fs *", namespace=namespace, hang=True),
    )
    try:
        failed = _exec(plane, namespace, "cache-0", "jindocache", "-report")
        assert (failed.returncode, failed.stderr.splitlines()[0]) == (3, "no leader")
        assert _exec(plane, namespace, "cache-0", "jindocache", "-report").returncode == 0
        assert _exec(plane, namespace, "cache-1", "jindocache", "-report").returncode == 0
        assert _exec(plane, namespace, "cache-1", "jindocache", "-mount").stdout == "\x00garbage"
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run(
                [
                    plane.bin / "kubectl",
                    "exec",
                    "-n",
                    namespace,
                    "cache-0",
                    "--",
                    "jindo",
                    "fs",
                    "-ls",
                    "jindo:///",
                ],
                env=plane.environment,
                capture_output=True,
                timeout=2,
                check=False,
            )
    finally:
        plane.faults()
    assert plane.exec_log(namespace=namespace)[-1].exit == -1


def test_a_late_command_still_does_its_work(plane: ControlPlane, namespace: str) -> None:
    _pod(plane, namespace)
    _wait(plane, namespace, "pod/one", "condition=Ready")
    plane.faults(Fault(command="*-mount / *", namespace=namespace, delay_seconds=0.7, stderr="slow disk\n"))
    started = time.monotonic()
    try:
        mounted = _exec(plane, namespace, "one", "jindocache", "-mount", "/", "oss://bucket/")
    finally:
        plane.faults()
    assert time.monotonic() - started >= 0.7
    assert (mounted.returncode, mounted.stderr) == (0, "slow disk\n")
    assert _mounts(plane, namespace, "one") == ["/"]


def test_sizes_that_a_test_sets_appear_in_report_and_count(plane: ControlPlane, namespace: str) -> None:
    _pod(plane, namespace)
    _wait(plane, namespace, "pod/one", "condition=Ready")
    _exec(plane, namespace, "one", "jindocache", "-mount", "/", "oss://bucket/")
    plane.answers.sizes(Sizes(namespace=namespace, disk_used=5 * 2**30, bytes=77, files=3, directories=2))
    try:
        assert "Used Disk Capacity: 5.00GB" in _exec(plane, namespace, "one", "jindocache", "-report").stdout
        counted = _exec(plane, namespace, "one", "jindo", "fs", "-count", "jindo:///").stdout
    finally:
        plane.answers.sizes()
    assert counted.split() == ["2", "3", "77", "jindo:///"]


def test_jobs_complete_at_once_unless_they_are_told_to_fail_or_to_take_their_time(
    plane: ControlPlane, namespace: str
) -> None:
    _apply(plane, namespace, _job("slow", job_seconds="60"), _job("fails", job_result="fail"), _job("works"))
    _wait(plane, namespace, "job/works", "condition=Complete")
    _wait(plane, namespace, "job/fails", "condition=Failed")
    assert plane.kubectl("get", "-n", namespace, "job/slow", "-o", "jsonpath={.status.active}") == "1"


def test_a_pod_waits_with_a_reason_while_it_is_told_to(plane: ControlPlane, namespace: str) -> None:
    reason = "jsonpath={.status.containerStatuses[0].state.waiting.reason}"
    _pod(plane, namespace, {"fluid.test/pod": "pending", "fluid.test/reason": "CreateContainerConfigError"})
    _wait(plane, namespace, "pod/one", f"{reason}=CreateContainerConfigError")
    plane.kubectl("annotate", "-n", namespace, "pod/one", "fluid.test/pod-")
    _wait(plane, namespace, "pod/one", "condition=Ready")
    plane.kubectl("annotate", "-n", namespace, "pod/one", "fluid.test/pod=pending", "fluid.test/reason-")
    _wait(plane, namespace, "pod/one", f"{reason}=ImagePullBackOff")
    plane.kubectl("annotate", "-n", namespace, "pod/one", "fluid.test/pod-")
    _wait(plane, namespace, "pod/one", "condition=Ready")


def test_a_claim_binds_to_the_volume_that_names_it(plane: ControlPlane, namespace: str) -> None:
    name = f"{namespace}-volume"
    common = {"accessModes": ["ReadOnlyMany"], "storageClassName": "fluid"}
    volume = {
        **common,
        "capacity": {"storage": "100Pi"},
        "claimRef": {"namespace": namespace, "name": "claim"},
        "csi": {"driver": "fuse.csi.fluid.io", "volumeHandle": name},
    }
    claim = {**common, "volumeName": name, "resources": {"requests": {"storage": "100Pi"}}}
    _apply(
        plane,
        namespace,
        {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": volume},
    )
    _wait(plane, namespace, f"pv/{name}", "jsonpath={.status.phase}=Available")
    _apply(
        plane,
        namespace,
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "claim"}, "spec": claim},
    )
    _wait(plane, namespace, "pvc/claim", "jsonpath={.status.phase}=Bound")
    plane.kubectl("delete", "-n", namespace, "pvc/claim", f"pv/{name}", "--timeout=20s")


def test_a_service_account_token_has_its_own_name_and_no_rights(
    plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    since = datetime.now(UTC)
    plane.kubectl("create", "serviceaccount", "-n", namespace, "operator")
    config = plane.service_account_kubeconfig(namespace, "operator", tmp_path / "kubeconfig")
    assert config.stat().st_mode & 0o077 == 0
    denied = plane.try_kubectl("get", "secrets", "-n", namespace, f"--kubeconfig={config}")
    user = f"system:serviceaccount:{namespace}:operator"
    assert f'User "{user}" cannot list resource "secrets"' in denied.stderr
    codes = {event.code for event in plane.audit(since) if event.user == user and event.resource == "secrets"}
    assert codes == {403}


def test_the_audit_log_counts_every_request_once_watches_too(plane: ControlPlane, namespace: str) -> None:
    since = datetime.now(UTC)
    plane.kubectl("get", "--raw", f"/api/v1/namespaces/{namespace}/configmaps?limit=7")
    plane.kubectl("get", "--raw", f"/api/v1/namespaces/{namespace}/configmaps?watch=1&timeoutSeconds=1")
    requests = [e for e in plane.audit(since) if e.namespace == namespace and e.agent.startswith("kubectl")]
    assert [(e.verb, e.resource, e.code) for e in requests] == [
        ("list", "configmaps", 200),
        ("watch", "configmaps", 200),
    ]


def test_a_second_cluster_runs_beside_the_first_and_goes_without_a_trace(
    plane: ControlPlane, tmp_path: Path
) -> None:
    second = start(tmp_path / "second", tethered=True)
    try:
        assert start(second.directory).kubeconfig == second.kubeconfig
        assert second.kubectl("get", "--raw", "/readyz") == "ok"
        servers = Processes(second.directory).recorded()
    finally:
        second.stop()
    assert len(servers) == 6
    assert not any(server.alive() for server in servers)
    assert not second.directory.exists()
    assert attach(second.directory) is None
    assert plane.kubectl("get", "--raw", "/readyz") == "ok"


def test_a_later_process_with_the_same_pid_is_not_taken_for_a_server(tmp_path: Path) -> None:
    ours = Process("test", os.getpid(), 1)
    (tmp_path / "pids.json").write_text(
        json.dumps([{"name": "test", "pid": ours.pid, "started": ours.started}])
    )
    assert not ours.alive()
    assert Processes(tmp_path).stop() == []


def test_tethered_servers_end_when_the_program_that_started_them_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, signal; from cluster.processes import Processes\n"
        f"Processes(pathlib.Path({str(tmp_path)!r})).spawn('sleep', ['sleep', '600'], tethered=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], check=False, timeout=20)
    (server,) = Processes(tmp_path).recorded()
    with suppress(ProcessLookupError):  # it is gone already
        gone = select.poll()
        gone.register(os.pidfd_open(server.pid), select.POLLIN)
        gone.poll(10_000)
    assert not server.alive()


def test_jindocache_is_a_command_for_shell_scripts_too(tmp_path: Path) -> None:
    answers, variables = command_line(tmp_path)
    script = (
        "jindo fs -ls jindo:///a || jindocache -mount /a oss://bucket/a && jindo fs -count 'jindo:///a b'; "
        "jindocache -load -data -s -R -replica 1 jindo:///a"
    )
    environment = {**os.environ, **variables, "PATH": f"{variables['PATH']}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[0].endswith("No such file or directory")
    assert [call.exit for call in answers.log()] == [1, 0, 1, 0]
    assert answers.log()[2].argv == ("jindo", "fs", "-count", "jindo:///a b")


def test_a_failing_kubectl_says_what_kubectl_said(plane: ControlPlane) -> None:
    with pytest.raises(KubectlError, match='namespaces "no-such" not found'):
        plane.kubectl("get", "namespace", "no-such")
