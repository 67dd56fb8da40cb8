"""The SDK against the real API server, with the operator at work."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cluster import ControlPlane
from fluid import (
    AsyncClient,
    AuthoringError,
    Client,
    Conflict,
    DataLoad,
    Dataset,
    DatasetNotBound,
    Invalid,
    JindoRuntime,
    NotDeleted,
    NotFound,
    s3,
    tier,
)
from fluid.models import Mount, PersistentVolumeClaim, Pod
from tests.harness.documents import examples

pytestmark = pytest.mark.plane
SOURCE = s3("bucket", secret="s", endpoint="s3.example.com")


@pytest.fixture
def kubeconfig(plane: ControlPlane, namespace: str, tmp_path: Path) -> Path:
    """The administrator's kubeconfig, whose context has the namespace of the test."""
    config = yaml.safe_load(plane.kubeconfig.read_text())
    for one in config["contexts"]:
        one["context"]["namespace"] = namespace
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path


@pytest.mark.usefixtures("operator")
def test_a_dataset_is_applied_and_bound(kubeconfig: Path, namespace: str) -> None:
    with Client(kubeconfig=kubeconfig) as client:
        assert client.namespace == namespace
        made = Dataset.of("hbase", s3("bucket", secret="s")).apply(client)
        assert (type(made), made.namespace) == (Dataset, namespace)
        JindoRuntime.of("hbase", tier("MEM", "1Gi"), network="ContainerNetwork").apply(client)
        bound = client.wait_bound("hbase", timeout=60)
        assert bound.status
        assert bound.status.phase == "Bound"
        claim = client.kind(PersistentVolumeClaim).get("hbase")
        assert claim.status
        assert claim.status.phase == "Bound"
        client.datasets.delete("hbase", wait=60)
        with pytest.raises(NotFound, match=f"cannot get Dataset {namespace}/hbase"):
            client.datasets.get("hbase")


@pytest.mark.anyio
@pytest.mark.usefixtures("operator")
async def test_the_same_is_awaited(kubeconfig: Path) -> None:
    async with AsyncClient(kubeconfig=kubeconfig) as client:
        await Dataset.of("hbase", s3("bucket", secret="s")).apply(client)
        runtime = await JindoRuntime.of("hbase", network="ContainerNetwork").apply(client)
        bound = await client.wait_bound("hbase", timeout=60)
        assert bound.status
        assert bound.status.phase == "Bound"
        await client.jindo_runtimes.scale("hbase", 2)
        assert (await client.jindo_runtimes.get("hbase")).spec.replicas == 2
        await client.datasets.delete("hbase")
        await client.wait_deleted(bound)
        await client.wait_deleted(runtime)


@pytest.mark.usefixtures("operator")
def test_a_dataset_is_deleted_and_made_again_three_times_in_a_row(kubeconfig: Path) -> None:
    """Nothing of a predecessor is met: neither its runtime in deletion, nor its pods, nor its events."""
    known: set[str] = set()
    with Client(kubeconfig=kubeconfig) as client:
        for _ in range(3):
            dataset = Dataset.of("hbase", s3("bucket", secret="s")).apply(client)
            runtime = JindoRuntime.of("hbase", tier("MEM", "1Gi"), network="ContainerNetwork").apply(client)
            load = DataLoad.of("warm", "hbase").apply(client)
            assert not known & {dataset.uid, runtime.uid, load.uid}
            client.wait_bound("hbase", timeout=60)
            client.wait_complete("warm", timeout=60)
            known |= {dataset.uid, runtime.uid, load.uid}
            client.datasets.delete("hbase", wait=60)
            for kind in (client.jindo_runtimes, client.data_loads, client.kind(Pod)):
                assert [one.name for one in kind.list()] == []


@pytest.mark.usefixtures("operator")
def test_what_is_applied_on_a_runtime_in_deletion_does_not_vanish_with_it(
    kubeconfig: Path, plane: ControlPlane, namespace: str
) -> None:
    with Client(kubeconfig=kubeconfig) as client:
        for _ in range(3):
            Dataset.of("hbase", s3("bucket", secret="s")).apply(client)
            runtime = JindoRuntime.of("hbase", network="ContainerNetwork").apply(client)
            client.wait_bound("hbase", timeout=60)
            client.datasets.delete("hbase")
            again = Dataset.of("hbase", s3("bucket", secret="s")).apply(client)
            made = JindoRuntime.of("hbase", network="ContainerNetwork").apply(client)
            assert made.uid != runtime.uid
            bound = client.wait_bound("hbase", timeout=60)
            assert bound.uid == again.uid
            client.datasets.delete("hbase", wait=60)


@pytest.mark.usefixtures("operator")
def test_why_it_is_not_bound_is_said_in_ten_lines(kubeconfig: Path, namespace: str) -> None:
    with Client(kubeconfig=kubeconfig) as client:
        Dataset.of("alone", SOURCE).apply(client)
        with pytest.raises(DatasetNotBound) as alone:
            client.wait_bound("alone", timeout=3)
        assert "Ready: False, RuntimeNotFound: no runtime is named alone" in str(alone.value)
        half = s3("bucket", secret="s")
        half.encrypt_options = (half.encrypt_options or [])[:1]
        Dataset.of("refused", half).apply(client)
        JindoRuntime.of("refused", network="ContainerNetwork").apply(client)
        with pytest.raises(DatasetNotBound) as refused:
            client.wait_bound("refused", timeout=60)
        assert not refused.value.timed_out
        for error in (alone.value, refused.value):
            lines = str(error).splitlines()
            assert len(lines) <= 10
            next_step = f"  next: kubectl -n {namespace} describe dataset,alluxioruntime,jindo"
            assert lines[-1].startswith(next_step)
        for name in ("alone", "refused"):
            client.datasets.delete(name, wait=60)


def test_the_api_servers_refusals_keep_their_type_and_say_what_to_do(
    kubeconfig: Path, namespace: str, plane: ControlPlane
) -> None:
    with Client(kubeconfig=kubeconfig) as client:
        with pytest.raises(
            Invalid, match=rf"cannot apply Dataset {namespace}/.*metadata.name is also the name of Services"
        ) as invalid:
            Dataset.of("1-wrong", SOURCE).apply(client)
        assert invalid.value.causes
        Dataset.of("taken", SOURCE, placement="Shared").apply(client)
        theirs = Dataset.of("taken", SOURCE, placement="Exclusive", namespace=namespace).to_yaml()
        plane.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=theirs)
        with pytest.raises(
            Conflict, match=r"placement.*; leave these fields out, or take them over with force=True"
        ):
            Dataset.of("taken", SOURCE, placement="Shared").apply(client)
        assert client.datasets.get("taken").spec.placement == "Exclusive"
        tried = Dataset.of("taken", SOURCE, placement="Shared").apply(client, force=True, dry_run=True)
        assert tried.spec.placement == "Shared"
        assert client.datasets.get("taken").spec.placement == "Exclusive"
        read = client.datasets.get("taken")
        read.spec.mounts = [*(read.spec.mounts or []), Mount(mount_point="s3://other", name="other")]
        assert len(read.apply(client, force=True).spec.mounts or []) == 2
        wrong = Dataset.model_validate({"metadata": {"name": "x"}, "spec": {"mount": []}})
        with pytest.raises(AuthoringError, match=r"spec.mount: unknown field"):
            wrong.apply(client)


def test_what_holds_an_object_is_said(kubeconfig: Path) -> None:
    with Client(kubeconfig=kubeconfig) as client:
        held = Dataset.of("held", SOURCE)
        held.metadata.finalizers = ["example.com/held"]
        held.apply(client)
        with pytest.raises(NotDeleted, match=r"which example.com/held holds"):
            client.datasets.delete("held", wait=0.5)
        read = client.datasets.get("held")
        held.metadata.finalizers = []
        client.datasets.apply(held, wait=None)
        client.wait_deleted(read, timeout=10)


@pytest.mark.usefixtures("operator")
def test_the_examples_of_the_documentation_run(kubeconfig: Path, plane: ControlPlane, tmp_path: Path) -> None:
    program = tmp_path / "sdk.py"
    program.write_text(examples("sdk.md"))
    environment = {**plane.environment, "KUBECONFIG": str(kubeconfig)}
    done = subprocess.run(
        [sys.executable, "-W", "error", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.startswith("Bound\n")
    assert "\nComplete\n" in done.stdout
    assert "did not become Bound within 1 s" in done.stdout
    assert done.stderr == ""
    with Client(kubeconfig=kubeconfig) as client:
        client.datasets.delete("hbase", wait=60)
