# pyright: basic
"""Objects of somebody else that have the name of a child: left as they are, told, still there at the end."""

from collections.abc import Iterator

import pytest

from cluster import ControlPlane
from tests.plane.user import API, Json, User, until

pytestmark = [pytest.mark.plane, pytest.mark.usefixtures("operator")]
MINE = {"config.json": "MINE", "other": "MINE"}
HELM = {"meta.helm.sh/release-name": "website", "meta.helm.sh/release-namespace": "x"}
STRANGERS: dict[str, Json] = {
    "plain": {"labels": {"app": "mysite"}},
    "helm": {"labels": {"app": "mysite"}, "annotations": HELM},
    "release": {"labels": {"release": "release"}},
    "owned": {"labels": {"app": "mysite"}},
}


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> Iterator[User]:
    yield User(plane, namespace)
    for name in STRANGERS:
        plane.kubectl("label", "nodes", "--all", f"fluid.io/f-{namespace}-{name}-")


def thin(name: str) -> Json:
    spec = {"fuse": {"image": "fuse", "imageTag": "1"}}
    return {"apiVersion": API, "kind": "ThinRuntime", "metadata": {"name": name}, "spec": spec}


def config_map(name: str, data: Json, **metadata: object) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **metadata}, "data": data}


def someone(user: User) -> Json:
    """A Deployment, as a controller that owns something."""
    user.kubectl("create", "deployment", "someone", "--image=x", "--replicas=0")
    uid = user.kubectl("get", "deployment", "someone", "-o", "jsonpath={.metadata.uid}")
    return {"apiVersion": "apps/v1", "kind": "Deployment", "name": "someone", "uid": uid, "controller": True}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_foreign_config_map_is_left_and_told_and_outlives_the_dataset(user: User, name: str) -> None:
    metadata = dict(STRANGERS[name])
    if name == "owned":
        metadata["ownerReferences"] = [someone(user)]
    user.create(config_map(f"{name}-fuse-conf", MINE, **metadata))
    before = user.get("configmaps", f"{name}-fuse-conf")
    user.apply(user.dataset(name, placement="Shared"), thin(name))

    def told() -> str:
        return user.condition("thinruntimes", name, "ChangeRefused").get("message", "")

    until(told, "it is told", but=lambda: user.status("thinruntimes", name))
    assert f"ConfigMap {user.namespace}/{name}-fuse-conf" in told()
    assert "its name belongs to an object of" in told()
    if name == "owned":
        assert f"Deployment {user.namespace}/someone" in told()
    assert user.get("configmaps", f"{name}-fuse-conf") == before
    assert user.status("datasets", name).get("phase") != "Bound"
    user.kubectl("delete", "dataset", name, "--timeout=20s")
    user.gone("thinruntimes", name)
    assert user.get("configmaps", f"{name}-fuse-conf") == before, "neither changed nor deleted"


def test_scripts_of_a_load_whose_name_is_taken_wait_and_are_made_when_it_is_free(user: User) -> None:
    user.apply(user.dataset("plain", placement="Shared"), thin("plain"))
    user.phase("plain")
    scripts = "warm-loader-data-load-script"
    user.create(config_map(scripts, MINE, labels={"app": "mysite", "fluid.io/managed-by": "fluid"}))
    before = user.get("configmaps", scripts)
    load = {"apiVersion": API, "kind": "DataLoad", "metadata": {"name": "warm"}}
    user.apply({**load, "spec": {"dataset": {"name": "plain"}}})

    def told() -> str:
        conditions = user.status("dataloads", "warm").get("conditions") or [{}]
        return conditions[0].get("message", "")

    until(lambda: "its name belongs to" in told(), "it is told", but=told)
    assert user.status("dataloads", "warm")["phase"] == "Pending"
    user.kubectl("delete", "dataload", "warm", "--timeout=20s")
    assert user.get("configmaps", scripts) == before
    user.apply({**load, "spec": {"dataset": {"name": "plain"}}})
    until(lambda: "its name belongs to" in told(), "it is told again", but=told)
    user.kubectl("delete", "configmap", scripts)
    until(lambda: user.status("dataloads", "warm").get("phase") == "Executing", "it runs", 30, told)


def test_records_of_another_release_stay_whatever_annotations_say(user: User) -> None:
    record = {"name": "website", "owner": "helm", "status": "deployed", "version": "1"}
    user.create(
        config_map("sh.helm.release.v1.website.v1", {"release": "x"}, labels=record),
        config_map("plain-thin-values", {"mine": "1"}, labels={"app": "mysite"}),
        config_map("sh.helm.release.v1.plain.v1", {"mine": "1"}, labels={"app": "mysite"}),
    )
    user.apply(user.dataset("plain", placement="Shared"), thin("plain"))
    until(lambda: user.get("daemonsets", "plain-fuse"), "it is made")
    for release in ("website", "plain"):
        user.kubectl(
            "annotate", "--overwrite", "daemonset", "plain-fuse", f"meta.helm.sh/release-name={release}"
        )
    user.kubectl("annotate", "configmap", "plain-fuse-conf", "meta.helm.sh/release-name=website")
    user.kubectl("delete", "dataset", "plain", "--timeout=20s")
    user.gone("thinruntimes", "plain")
    left = {one["metadata"]["name"] for one in user.all("configmaps")}
    assert left >= {
        "sh.helm.release.v1.website.v1",
        "plain-thin-values",
        "sh.helm.release.v1.plain.v1",
    }


def test_a_volume_that_fluid_did_not_make_outlives_a_dataset_that_it_was_reserved_for(
    user: User, plane: ControlPlane
) -> None:
    name = f"{user.namespace}-theirs"
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "labels": {"fluid.io/dataset-id": "x"}},
        "spec": {
            "accessModes": ["ReadOnlyMany"],
            "capacity": {"storage": "1Gi"},
            "storageClassName": "fluid",
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": {"namespace": user.namespace, "name": "plain"},
            "csi": {"driver": "nfs.csi.k8s.io", "volumeHandle": "h"},
        },
    }
    user.create(volume)
    try:
        user.apply(user.dataset("plain", placement="Shared"), thin("plain"))
        user.phase("plain", seconds=30)
        user.kubectl("delete", "dataset", "plain", "--timeout=20s")
        user.gone("thinruntimes", "plain")
        found = user.get("persistentvolumes", name)
        assert found
        assert "deletionTimestamp" not in found["metadata"]
    finally:
        plane.kubectl("delete", "persistentvolume", name, "--wait=false")
