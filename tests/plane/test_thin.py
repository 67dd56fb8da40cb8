# pyright: basic
"""ThinRuntimes at a real API server: profiles, mounts that follow the Dataset, workers, deletion."""

import json
import time
from collections.abc import Iterator

import pytest

from cluster import ControlPlane
from fluid import Client, DataLoadNotComplete
from tests.plane.user import API, Json, User, now, until

pytestmark = [pytest.mark.plane, pytest.mark.usefixtures("operator")]
NAME = "images"
REFRESHED = "fluid.io/f-update-fuse-config"


class ThinUser(User):
    """A user of ThinRuntimes, with a profile of their own."""

    @property
    def client(self) -> str:
        return f"{self.namespace}-client"

    def profile(self, **spec: object) -> Json:
        fuse = {"image": "reg.example.com/client", "imageTag": "v1"}
        spec = {"fileSystemType": "fuse.client", "fuse": fuse, "worker": {"image": "reg/worker:v1"}, **spec}
        return {
            "apiVersion": API,
            "kind": "ThinRuntimeProfile",
            "metadata": {"name": self.client},
            "spec": spec,
        }

    def thin(self, changes: Json | None = None) -> Json:
        spec = {"profileName": self.client, **(changes or {})}
        return {"apiVersion": API, "kind": "ThinRuntime", "metadata": {"name": NAME}, "spec": spec}

    def bound(self, *mounts: Json, **spec: object) -> None:
        self.apply(self.profile(), self.dataset(NAME, *mounts, placement="Shared"), self.thin(spec))
        self.phase(NAME)

    def config(self) -> Json:
        found = self.get("configmaps", f"{NAME}-fuse-conf") or {}
        return json.loads(found["data"]["config.json"])

    def names_told(self) -> list[str]:
        return [one["name"] for one in self.config()["mounts"]]

    def until_told(self, words: str) -> None:
        """Waits until the Dataset says so."""

        def said() -> str:
            return self.condition("datasets", NAME, "NotReady").get("message", "")

        until(lambda: words in said(), words, but=said)

    def clients(self) -> list[Json]:
        return self.all("pods", "role=thin-fuse")

    def runtime_condition(self, kind: str) -> Json:
        return self.condition("thinruntimes", NAME, kind)


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> Iterator[ThinUser]:
    user = ThinUser(plane, namespace)
    yield user
    plane.kubectl("label", "nodes", "--all", f"fluid.io/f-{namespace}-{NAME}-")
    plane.kubectl("delete", "thinruntimeprofile", user.client, "--ignore-not-found", "--wait=false")


def mount(name: str, **more: object) -> Json:
    return {"mountPoint": f"s3://{name}/", "name": name, **more}


def secret_mount(name: str, secret: str) -> Json:
    option = {"name": "key", "valueFrom": {"secretKeyRef": {"name": secret, "key": "id"}}}
    return mount(name, encryptOptions=[option])


def with_client(user: ThinUser) -> str:
    """A FUSE client on one node, as the node plugin brings it there; returns the node."""
    node = json.loads(user.plane.kubectl("get", "nodes", "-o", "json"))["items"][0]["metadata"]["name"]
    user.plane.kubectl("label", "node", node, f"fluid.io/f-{user.namespace}-{NAME}=true")
    until(lambda: user.status("thinruntimes", NAME).get("fuseNumberReady") == 1, "the client is ready")
    return node


def test_dataset_runtime_and_profile_become_bound(user: ThinUser) -> None:
    user.bound(mount("one"))
    status = user.status("datasets", NAME)
    assert [(one["type"], one["name"]) for one in status["runtimes"]] == [("thin", NAME)]
    assert status["mounts"] == [{"mountPoint": "s3://one/", "name": "one", "path": "/one"}]
    volume = user.get("persistentvolumes", f"{user.namespace}-{NAME}") or {}
    attributes = volume["spec"]["csi"]["volumeAttributes"]
    path = f"/thin/{user.namespace}/{NAME}/thin-fuse"
    assert attributes == {
        "fluid_path": path,
        "mount_type": "fuse.client",
        "runtime_name": NAME,
        "runtime_namespace": user.namespace,
        "mount_pod_node_selector_key": f"fluid.io/f-{user.namespace}-{NAME}",
    }
    assert user.config()["targetPath"] == path
    user.until_quiet()


def test_an_edit_of_the_mounts_reaches_a_running_client_without_a_restart(user: ThinUser) -> None:
    user.bound(mount("one"))
    with_client(user)
    until(lambda: REFRESHED in user.clients()[0]["metadata"]["annotations"], "the client was told once")
    [before] = user.clients()
    generation = (user.get("daemonsets", f"{NAME}-fuse") or {})["metadata"]["generation"]
    user.patch(f"dataset/{NAME}", {"spec": {"mounts": [mount("one"), mount("two", options={"a": "b"})]}})
    until(lambda: user.names_told() == ["one", "two"], "the configuration has both", 5)

    def told() -> bool:
        [pod] = user.clients()
        return pod["metadata"]["annotations"][REFRESHED] != before["metadata"]["annotations"][REFRESHED]

    until(told, "the kubelet is made to look", 5)
    until(lambda: len(user.status("datasets", NAME).get("mounts", [])) == 2, "the status has both")
    user.phase(NAME)
    [after] = user.clients()
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert (user.get("daemonsets", f"{NAME}-fuse") or {})["metadata"]["generation"] == generation
    user.patch(f"dataset/{NAME}", {"spec": {"mounts": [mount("two")]}})
    until(lambda: user.names_told() == ["two"], "the configuration has one left")
    user.until_quiet()


def test_a_secret_that_an_idle_client_lacks_replaces_it(user: ThinUser) -> None:
    user.bound(mount("one"))
    with_client(user)
    [before] = user.clients()
    user.patch(f"dataset/{NAME}", {"spec": {"mounts": [secret_mount("one", "keys")]}})

    def replaced() -> bool:
        uids = {pod["metadata"]["uid"] for pod in user.clients()}
        return bool(uids) and before["metadata"]["uid"] not in uids

    until(replaced, "the client is replaced", 20)
    user.phase(NAME)
    assert user.config()["mounts"][0]["options"] == {"key": "/etc/fluid/secrets/keys/id"}


def test_a_missing_profile_is_named_and_picked_up_when_it_comes(user: ThinUser) -> None:
    user.apply(user.dataset(NAME, mount("one")), user.thin())
    user.until_told(f"there is no ThinRuntimeProfile '{user.client}'. Create it, or name another")
    user.apply(user.profile())
    user.phase(NAME)
    assert user.condition("datasets", NAME, "NotReady") == {}


def test_a_change_of_the_profile_waits_for_pods_to_be_deleted_and_is_shown(user: ThinUser) -> None:
    user.bound(mount("one"), worker={"enabled": True}, replicas=1)
    [before] = user.all("pods", "role=thin-worker")
    user.apply(user.profile(worker={"image": "reg/worker:v2"}))
    shown = user.until_condition("thinruntimes", NAME, "UpdatePending", "True")
    assert f"1 pods ({NAME}-worker-0)" in shown["message"]
    [same] = user.all("pods", "role=thin-worker")
    assert same["metadata"]["uid"] == before["metadata"]["uid"]
    user.kubectl("delete", "pod", f"{NAME}-worker-0")

    def newer() -> bool:
        pods = user.all("pods", "role=thin-worker")
        return [pod["spec"]["containers"][0]["image"] for pod in pods] == ["reg/worker:v2"]

    until(newer, "the new pod has the new image")
    until(lambda: user.runtime_condition("UpdatePending") == {}, "nothing is pending any more")


def test_workers_are_scaled_by_kubectl_and_may_come_and_go(user: ThinUser) -> None:
    user.bound(mount("one"))
    assert user.all("statefulsets") == []
    user.patch(f"thinruntime/{NAME}", {"spec": {"worker": {"enabled": True}, "replicas": 1}})
    until(lambda: user.status("thinruntimes", NAME).get("workerNumberReady") == 1, "one worker is ready")
    user.kubectl("scale", "thinruntime", NAME, "--replicas=2")
    until(lambda: user.status("thinruntimes", NAME).get("workerNumberReady") == 2, "two workers are ready")
    selector = user.status("thinruntimes", NAME)["selector"]
    assert len(user.all("pods", selector)) == 2
    user.patch(f"thinruntime/{NAME}", {"spec": {"worker": None}})
    until(lambda: user.all("statefulsets") == [], "the workers are gone")
    until(lambda: user.status("thinruntimes", NAME)["workerPhase"] == "", "and forgotten")
    assert user.phase(NAME)["phase"] == "Bound"


def test_a_client_that_cannot_start_is_told_and_gives_way_to_the_correction(user: ThinUser) -> None:
    user.bound(
        mount("one"),
        fuse={
            "podMetadata": {"annotations": {"fluid.test/pod": "pending", "fluid.test/reason": "ErrImagePull"}}
        },
    )
    node = json.loads(user.plane.kubectl("get", "nodes", "-o", "json"))["items"][0]["metadata"]["name"]
    user.plane.kubectl("label", "node", node, f"fluid.io/f-{user.namespace}-{NAME}=true")
    told = user.until_condition("thinruntimes", NAME, "FusesFailing", "True")
    assert "ErrImagePull" in told["message"]
    until(lambda: user.events(NAME, "FuseNotReady"), "the Dataset has an event")
    assert user.status("thinruntimes", NAME)["fusePhase"] == "NotReady"
    assert user.condition("datasets", NAME, "FusesFailing")["message"] == told["message"]
    assert f" on node {node} waits with " in told["message"]
    user.patch(f"thinruntime/{NAME}", {"spec": {"fuse": None}})
    until(lambda: user.status("thinruntimes", NAME)["fusePhase"] == "Ready", "another pod serves")
    until(lambda: user.runtime_condition("FusesFailing") == {}, "nothing is said any more")
    until(lambda: user.condition("datasets", NAME, "FusesFailing") == {}, "nor on the Dataset")


def test_a_claim_that_is_a_source_is_waited_for_and_named(user: ThinUser) -> None:
    user.apply(
        user.profile(), user.dataset(NAME, {"mountPoint": "pvc://shared/sub", "name": "x"}), user.thin()
    )
    user.until_told(f"PersistentVolumeClaim {user.namespace}/shared does not exist or is not Bound")
    volume = f"{user.namespace}-shared"
    spec = {"accessModes": ["ReadWriteMany"], "storageClassName": volume}
    user.apply(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": volume},
            "spec": {**spec, "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/tmp"}},
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "shared"},
            "spec": {**spec, "resources": {"requests": {"storage": "1Gi"}}},
        },
    )
    user.phase(NAME, seconds=60)
    pod = (user.get("daemonsets", f"{NAME}-fuse") or {})["spec"]["template"]["spec"]
    claims = [
        one["persistentVolumeClaim"]["claimName"] for one in pod["volumes"] if "persistentVolumeClaim" in one
    ]
    assert claims == ["shared"]
    user.plane.kubectl("delete", "pv", volume, "--wait=false")


def test_deletion_leaves_nothing_but_the_profile(user: ThinUser) -> None:
    user.bound(mount("one"), worker={"enabled": True}, replicas=1)
    node = with_client(user)
    user.kubectl("delete", "dataset", NAME, "--wait=false")
    for plural in ("datasets", "thinruntimes", "persistentvolumeclaims"):
        user.gone(plural, NAME, 30)
    user.gone("persistentvolumes", f"{user.namespace}-{NAME}")
    for plural in ("daemonsets", "statefulsets"):
        until(lambda plural=plural: user.all(plural) == [], f"no {plural} are left")
    left = [one["metadata"]["name"] for one in user.all("configmaps")]
    assert [name for name in left if name.startswith(NAME)] == []

    def labels() -> list[str]:
        found = json.loads(user.plane.kubectl("get", "node", node, "-o", "json"))["metadata"]["labels"]
        return [key for key in found if user.namespace in key]

    until(lambda: labels() == [], "no label of it is left on the node", but=labels)
    since = now()
    user.until_quiet()
    assert [one for one in user.requests(since, reading=False) if user.namespace in one.uri] == []


def finished_pod(user: ThinUser) -> None:
    """A pod that has read the claim and is kept, as that of a Job is."""
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": NAME}}
    spec = {"containers": [{"name": "main", "image": "x"}], "volumes": [claim], "restartPolicy": "Never"}
    user.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "done"}, "spec": spec})
    user.kubectl("wait", "pod/done", "--for=condition=PodScheduled", "--timeout=20s")
    user.patch("pod/done", {"status": {"phase": "Succeeded"}}, status=True)


def test_a_pod_that_has_finished_does_not_keep_a_deletion_from_its_end(user: ThinUser) -> None:
    user.bound(mount("one"))
    finished_pod(user)
    user.kubectl("delete", "dataset", NAME, "--wait=false")
    for plural in ("datasets", "thinruntimes", "persistentvolumeclaims"):
        user.gone(plural, NAME, 30)
    assert (user.get("pods", "done") or {})["status"]["phase"] == "Succeeded"


def test_a_claim_deleted_by_hand_is_made_again_although_a_finished_pod_is_there(user: ThinUser) -> None:
    user.bound(mount("one"))
    finished_pod(user)
    before = (user.get("persistentvolumeclaims", NAME) or {})["metadata"]["uid"]
    user.kubectl("delete", "pvc", NAME, "--wait=false")

    def made_again() -> bool:
        claim = user.get("persistentvolumeclaims", NAME) or {"metadata": {"uid": before}, "status": {}}
        return claim["metadata"]["uid"] != before and claim["status"].get("phase") == "Bound"

    until(made_again, "the claim is made again", 30)
    user.phase(NAME)


def load(user: ThinUser, name: str = "warm", *, seconds: str = "0.5", **spec: object) -> None:
    metadata = {"annotations": {"fluid.test/job-seconds": seconds}}
    spec = {"dataset": {"name": NAME}, "podMetadata": metadata, **spec}
    user.apply({"apiVersion": API, "kind": "DataLoad", "metadata": {"name": name}, "spec": spec})


def until_loaded(user: ThinUser, phase: str, name: str = "warm") -> Json:
    until(lambda: user.status("dataloads", name).get("phase") == phase, f"DataLoad {name} is {phase}")
    return user.status("dataloads", name)


def test_a_load_runs_a_job_that_mounts_the_claim_and_goes_with_it(user: ThinUser) -> None:
    user.bound(mount("one"))
    load(user, target=[{"path": "/one"}], options={"threadNum": "2"})
    until_loaded(user, "Complete")
    job = user.get("jobs", "warm-loader-job") or {}
    pod = job["spec"]["template"]["spec"]
    assert pod["volumes"][0]["persistentVolumeClaim"] == {"claimName": NAME, "readOnly": True}
    assert pod["containers"][0]["args"] == ["--threads", "2", "--", "/one"]
    assert job["spec"]["podFailurePolicy"]["rules"][0]["action"] == "FailJob"
    user.kubectl("delete", f"dataset/{NAME}", "--timeout=30s")
    until(lambda: not user.get("dataloads", "warm") and not user.get("jobs", "warm-loader-job"), "all gone")


def test_a_load_follows_its_schedule(user: ThinUser) -> None:
    user.bound(mount("one"))
    load(user, policy="Cron", schedule="0 0 1 1 *")
    until_loaded(user, "Executing")
    user.kubectl("create", "job", "by-hand", "--from=cronjob/warm-loader-job")
    until_loaded(user, "Complete")


def test_a_load_with_an_option_that_does_not_exist_fails_at_once_until_it_is_mended(user: ThinUser) -> None:
    user.bound(mount("one"))
    load(user, options={"threads": "2"})
    began = time.monotonic()
    with (
        Client(kubeconfig=user.plane.kubeconfig) as client,
        pytest.raises(DataLoadNotComplete, match="is no option of a ThinRuntime"),
    ):
        client.wait_complete("warm", user.namespace, timeout=60)
    assert time.monotonic() - began < 10, "nobody waits for what cannot come"
    [condition] = until_loaded(user, "Failed")["conditions"]
    assert (condition["type"], condition["reason"]) == ("Failed", "InvalidSpec")
    assert "spec.options['threads']: is no option of a ThinRuntime. Use image, " in condition["message"]
    assert len(user.events("warm", "DataOperationNotValid")) == 1
    assert user.all("jobs") == []
    user.kubectl("patch", "dataload/warm", "--type=json", "-p", '[{"op": "remove", "path": "/spec/options"}]')
    until_loaded(user, "Complete")
