# pyright: basic
"""Specs that no object can follow, or that once harmed others: told, and nobody else suffers."""

import json
from collections.abc import Iterator

import pytest

from cluster import ControlPlane
from tests.plane.user import API, Json, User, until

pytestmark = [pytest.mark.plane, pytest.mark.usefixtures("operator")]
METADATA = "data.fluid.io/metadataList"
CAPACITY = "pvc.fluid.io/resources.requests.storage"
PLAIN = {"mountPoint": "https://example.com/x", "name": "data"}
POLICY = "admissionregistration.k8s.io/v1"


class SpecUser(User):
    def thin(self, name: str, annotations: Json | None = None, **spec: object) -> Json:
        metadata = {"name": name, "annotations": annotations or {}}
        spec = {"fuse": {"image": "fuse:1"}, **spec}
        return {"apiVersion": API, "kind": "ThinRuntime", "metadata": metadata, "spec": spec}

    def couple(
        self, name: str, *mounts: Json, noted: Json | None = None, wished: Json | None = None, **spec: object
    ) -> tuple[Json, Json]:
        dataset = self.dataset(name, *(mounts or (PLAIN,)), **spec)
        dataset["metadata"]["annotations"] = noted or {}
        return dataset, self.thin(name, wished)

    def ready(self, name: str) -> str:
        found = self.condition("datasets", name, "Ready")
        return found.get("message", "") if found.get("status") == "False" else ""

    def until_ready_says(self, name: str, *words: str) -> str:
        told = lambda: self.ready(name)  # noqa: E731
        until(lambda: all(word in told() for word in words), f"{name} says {words}", 20, told)
        return told()

    def volume(self, name: str) -> Json:
        return self.get("persistentvolumes", f"{self.namespace}-{name}") or {}


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> Iterator[SpecUser]:
    user = SpecUser(plane, namespace)
    yield user
    for kind in ("validatingadmissionpolicybinding", "validatingadmissionpolicy"):
        plane.kubectl("delete", kind, namespace, "--ignore-not-found")


def test_what_no_volume_can_be_is_told_and_harms_nobody(user: SpecUser) -> None:
    bad_label = [{"labels": {"a b": "c d"}, "selector": {"kind": "PersistentVolume"}}]
    cases = {
        "negcap": (user.couple("negcap", noted={CAPACITY: "-1Gi"}), "'-1Gi' is no size of a volume"),
        "badmeta": (user.couple("badmeta", wished={METADATA: json.dumps(bad_label)}), "is no key of a label"),
    }
    user.apply(*(one for pair, _ in cases.values() for one in pair), *user.couple("good"))
    user.phase("good")
    for name, (_, words) in cases.items():
        told = user.until_ready_says(name, f"{user.namespace}/{name}", words)
        kind = "Dataset" if name == "negcap" else "ThinRuntime"
        assert told.startswith(f"{kind} {user.namespace}/{name} metadata.annotations[")


def test_metadata_of_others_does_not_get_on_a_volume_and_is_told(user: SpecUser) -> None:
    labels = {
        "argocd.argoproj.io/instance": "platform",
        "fluid.io/s-tenant-b-victim": "true",
        "fluid.io/node-publish-method": "symlink",
        "team": "red",
    }
    entries = [
        {
            "labels": labels,
            "annotations": {"pv.kubernetes.io/provisioned-by": "ebs.csi.aws.com", "note": "é\x7f"},
            "selector": {"kind": "PersistentVolume"},
        },
        {"labels": {"example.com/claim": "mine"}, "selector": {"kind": "PersistentVolumeClaim"}},
    ]
    user.apply(*user.couple("meta", wished={METADATA: json.dumps(entries)}))
    user.phase("meta")
    metadata = user.volume("meta")["metadata"]
    ours = {f"fluid.io/s-{user.namespace}-meta": "true", "fluid.io/dataset-id": f"{user.namespace}-meta"}
    kept = {"team": "red", "fluid.io/node-publish-method": "symlink"}
    assert metadata["labels"] == {**ours, **kept}
    assert metadata["annotations"]["note"] == "é\x7f"
    assert "pv.kubernetes.io/provisioned-by" not in metadata["annotations"]
    claim = user.get("persistentvolumeclaims", "meta") or {}
    assert claim["metadata"]["labels"]["example.com/claim"] == "mine"
    told = user.until_condition("thinruntimes", "meta", "SpecWarning", "True")
    for word in ("argocd.argoproj.io/instance", "fluid.io/s-tenant-b-victim", "provisioned-by"):
        assert word in told["message"]


def test_a_volume_that_a_policy_refuses_is_told_in_its_words_until_it_is_allowed(user: SpecUser) -> None:
    volumes = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["persistentvolumes"],
    }
    rule = f"object.metadata.name != '{user.namespace}-held'"
    spec = {
        "matchConstraints": {"resourceRules": [volumes]},
        "validations": [{"expression": rule, "message": "no volumes on Sundays"}],
    }
    policy = {"apiVersion": POLICY, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": user.namespace}}
    binding = {**policy, "kind": "ValidatingAdmissionPolicyBinding"}
    binding["spec"] = {"policyName": user.namespace, "validationActions": ["Deny"]}
    user.apply({**policy, "spec": spec}, binding)
    probe = json.dumps(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"{user.namespace}-held"},
            "spec": {
                "capacity": {"storage": "1Gi"},
                "accessModes": ["ReadOnlyMany"],
                "nfs": {"server": "x", "path": "/"},
            },
        }
    )
    command = ("create", "--dry-run=server", "-f", "-")
    until(lambda: user.plane.try_kubectl(*command, stdin=probe).returncode, "the policy is at work", 30)
    user.apply(*user.couple("held"))
    words = (f"the API server refuses PersistentVolume {user.namespace}-held: ", "no volumes on Sundays")
    told = user.until_ready_says("held", *words)
    assert user.condition("thinruntimes", "held", "ChangeRefused")["message"] == told
    assert user.status("datasets", "held")["phase"] == "NotBound"
    user.kubectl("delete", "validatingadmissionpolicybinding", user.namespace)
    user.phase("held", seconds=60)
    until(lambda: not user.condition("thinruntimes", "held", "ChangeRefused"), "nothing is refused any more")
    assert len(user.events("held", "ErrorProcessRuntime")) == 1


def test_control_characters_are_data(user: SpecUser) -> None:
    odd = "x\x80\x85\x9f\u2028\ufeffé😀"
    mount = {"mountPoint": f"https://example.com/{odd}", "name": "data", "options": {"a\x7f": odd + "\x7f"}}
    user.create(*user.couple("odd", mount))  # kubectl's own apply hands them on raw, and is refused
    status = user.phase("odd")
    assert status["mounts"][0]["mountPoint"] == mount["mountPoint"]
    user.patch("dataset/odd", {"spec": {"mounts": [{**mount, "options": {"a": odd, "b": "later\x80"}}]}})

    def options() -> Json:
        found = user.get("configmaps", "odd-fuse-conf") or {}
        return json.loads(found["data"]["config.json"])["mounts"][0]["options"]

    until(lambda: options() == {"a": odd, "b": "later\x80"}, "an edit arrives", but=options)
    user.until_quiet()


def test_two_sources_of_one_place_are_refused_with_both_fields(user: SpecUser) -> None:
    nameless = [{"mountPoint": "oss://one/"}, {"mountPoint": "oss://two/"}]
    done = user.plane.try_kubectl(
        "create", "-n", user.namespace, "-f", "-", stdin=json.dumps(user.dataset("nameless", *nameless))
    )
    assert "mounts are told apart by where they appear" in done.stderr
    options = {"fs.oss.endpoint": "e"}
    same = [{**mount, "name": "data", "options": options} for mount in nameless]
    user.apply(user.dataset("same", *same, placement="Shared"), user.runtime("same", replicas=0))
    user.apply(*user.couple("thin", *same))
    for name in ("same", "thin"):
        user.until_ready_says(name, "spec.mounts[1].name and spec.mounts[0].name: both sources would appear")


def test_a_folder_of_the_node_is_mounted_into_the_client(user: SpecUser) -> None:
    mount = {
        "mountPoint": "parallelfs://fs-1",
        "name": "demo",
        "path": "/",
        "options": {"fluid.fuse.hostvolume": "/mnt/parallelfs:/host-data", "other": "x"},
    }
    user.apply(*user.couple("onhost", mount, accessModes=["ReadWriteMany"]))
    user.phase("onhost")
    spec = (user.get("daemonsets", "onhost-fuse") or {})["spec"]["template"]["spec"]
    volume = next(one for one in spec["volumes"] if one["name"] == "fluid-fuse-hostvolume-0")
    assert volume["hostPath"]["path"] == "/mnt/parallelfs"
    [place] = [one for one in spec["containers"][0]["volumeMounts"] if one["name"] == volume["name"]]
    assert (place["mountPath"], place.get("readOnly", False)) == ("/host-data", False)
    config = (user.get("configmaps", "onhost-fuse-conf") or {})["data"]["config.json"]
    assert "hostvolume" not in config
    assert json.loads(config)["mounts"][0]["options"] == {"other": "x"}


def test_a_quota_that_leaves_no_room_is_refused_and_its_neighbours_are_labelled(user: SpecUser) -> None:
    level = {"mediumtype": "MEM", "path": "/dev/shm/x"}
    refused = user.thin("neg", tieredstore={"levels": [{**level, "quota": "-1Gi"}]})
    done = user.plane.try_kubectl("create", "-n", user.namespace, "-f", "-", stdin=json.dumps(refused))
    assert "a tier needs room" in done.stderr
    # What the rule cannot see is told: it knows the usual spellings of nothing, and no others.
    worker = {"enabled": True, "image": "pause:1", "networkMode": "ContainerNetwork"}
    nothing = {"levels": [{**level, "quota": "0.000Gi"}]}
    for name, tiers in (("nothing", nothing), ("well", {"levels": [{**level, "quota": "1Gi"}]})):
        dataset, runtime = user.couple(name, placement="Shared")
        runtime["spec"] |= {"replicas": 1, "worker": worker, "tieredstore": tiers}
        user.apply(dataset, runtime)
    user.until_ready_says("nothing", "spec.tieredstore.levels[0].quota: '0.000Gi' leaves no room")
    user.phase("well")
    [pod] = until(
        lambda: [one for one in user.all("pods", "role=thin-worker") if one["spec"].get("nodeName")], "a node"
    )
    label = f"fluid.io/s-h-thin-t-{user.namespace}-well"

    def labels() -> Json:
        return json.loads(user.plane.kubectl("get", "node", pod["spec"]["nodeName"], "-o", "json"))[
            "metadata"
        ]["labels"]

    until(lambda: labels().get(label) == "1GiB", "the node is labelled", but=labels)


def test_an_edit_to_a_word_that_means_nothing_is_refused_and_what_is_bound_goes_on(user: SpecUser) -> None:
    user.apply(*user.couple("words"))
    user.phase("words")
    values = user.get("configmaps", "words-thin-values") or {}
    foreign = {**PLAIN, "options": {"fs.s3.endpoint": "https://store"}}
    user.apply(*user.couple("words", foreign))
    refused = lambda: user.condition("datasets", "words", "NotReady").get("message", "")  # noqa: E731
    until(lambda: "fs.s3.endpoint means nothing to the FUSE client" in refused(), "refused", 20, refused)
    user.phase("words")
    assert (user.get("configmaps", "words-thin-values") or {})["data"] == values["data"]
    user.apply(*user.couple("words"))
    until(lambda: not refused(), "taken back", 20, refused)
