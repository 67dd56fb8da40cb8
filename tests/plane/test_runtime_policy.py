# pyright: basic
"""Runtime policies at a real API server: tenants are refused, and the operator holds what is stored."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import yaml

from cluster import ControlPlane, Operator
from cluster.access import KubectlError
from fluid.charts.kinds import typed
from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.registry import Registry
from fluid.engines.core.runtime_policy import read_policies
from fluid.offline.render import render_documents
from tests.plane.test_rbac import mine
from tests.plane.user import API, Json, User, now, until

NAME, TENANT = "images", "tenant"
VETTED, SECRET, WORKERS = "vetted", "not-for-all", "vetted-workers"
LABEL = "fluid.test/policy"
POLICY = f"""
policies:
  - name: tenants
    namespaceSelector: {{matchLabels: {{{LABEL}: tenants}}}}
    requiredProfile: true
    allowedImages: [reg.example.com/fluid/, reg.example.com/tools/busybox, "reg.example.com/tools/one:v1"]
    allowedHostPaths: [/mnt/cache, /var]
    hostPID: false
    privileged: false
    criticalPods: false
  - name: guests
    namespaceSelector: {{matchExpressions: [{{key: {LABEL}, operator: In, values: [guests]}}]}}
    profileOverrides: [env]
    allowedHostPaths: []
    hostNetwork: false
"""
RIGHTS = f"""
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: policy-test-tenant}}
rules:
  - {{apiGroups: [data.fluid.io], resources: ["*"], verbs: [get, list, watch, create, update, patch, delete]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: policy-test-use}}
rules:
  - apiGroups: [data.fluid.io]
    resources: [thinruntimeprofiles]
    resourceNames: [{VETTED}, {WORKERS}]
    verbs: [use]
"""


class Tenant(User):
    """A user with the role `edit` and Fluid's kinds in one namespace, who may use some profiles."""

    def said(self, *objects: Json) -> str:
        """What the API server says against creating objects; "" where it takes them. Nothing is stored."""
        try:
            self.as_tenant("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump_all(objects))
        except KubectlError as error:
            return str(error)
        return ""

    def as_tenant(self, *arguments: str, stdin: str | None = None) -> str:
        return self.kubectl("--as", TENANT, *arguments, stdin=stdin)

    def make(self, *objects: Json) -> None:
        self.as_tenant("create", "-f", "-", stdin=yaml.safe_dump_all(objects))

    def under(self, policy: str) -> None:
        """Put the namespace under a policy; returns when the API server knows."""
        self.plane.kubectl("label", "namespace", self.namespace, f"{LABEL}={policy}", "--overwrite")
        asked = partial(self.said, jindo(HOST_PID))
        until(lambda: f"runtime policy {policy}" in asked(), f"{policy} holds", 60, asked)

    def held(self) -> None:
        """Put the namespace under a policy; returns when the operator knows, too."""
        one, other = dataset(), own()
        one["metadata"]["name"] = other["metadata"]["name"] = "canary"
        self.make(one, other)
        self.phase("canary")
        self.under("tenants")
        until(lambda: self.told("canary"), "the operator holds the policy")

    def free(self) -> None:
        self.plane.kubectl("label", "namespace", self.namespace, f"{LABEL}-")
        until(lambda: self.said(jindo(HOST_PID)) == "", "all is allowed")

    def told(self, name: str = NAME) -> str:
        """What the runtime says that a policy has against it."""
        return self.condition("thinruntimes", name, "RefusedByPolicy").get("message", "")


def profile(name: str = VETTED, **spec: object) -> Json:
    fuse = {"image": "reg.example.com/fluid/client", "imageTag": "v1"}
    spec = {"fileSystemType": "fuse.client", "fuse": fuse, **spec}
    return {"apiVersion": API, "kind": "ThinRuntimeProfile", "metadata": {"name": name}, "spec": spec}


def with_workers() -> Json:
    return profile(WORKERS, worker={"image": "reg.example.com/fluid/w:1"})


def thin(annotations: Json | None = None, **spec: object) -> Json:
    metadata = {"name": NAME, "annotations": annotations or {}}
    spec = {"profileName": VETTED, **spec}
    spec = {name: value for name, value in spec.items() if value is not None}
    return {"apiVersion": API, "kind": "ThinRuntime", "metadata": metadata, "spec": spec}


def own(image: str = "docker.io/evil/root") -> Json:
    """A ThinRuntime that brings its own, privileged, image."""
    return thin(profileName=None, fuse={"image": image})


def dataset(*mounts: Json, **spec: object) -> Json:
    spec = {"mounts": list(mounts) or [{"mountPoint": "s3://bucket", "name": "data"}], **spec}
    return {"apiVersion": API, "kind": "Dataset", "metadata": {"name": NAME}, "spec": spec}


def process(pod: Json | None = None, **script: object) -> Json:
    good = {"image": "reg.example.com/tools/busybox", "source": "ls /data"}
    processor = {"job": {"podSpec": pod}} if pod is not None else {"script": {**good, **script}}
    spec = {"dataset": {"name": NAME, "mountPath": "/data"}, "processor": processor}
    return {"apiVersion": API, "kind": "DataProcess", "metadata": {"name": "count"}, "spec": spec}


def pod(**changes: object) -> Json:
    return {"containers": [{"name": "main", "image": "reg.example.com/tools/busybox:1.36"}], **changes}


def load(**options: str) -> Json:
    spec = {"dataset": {"name": NAME}, "options": options}
    return {"apiVersion": API, "kind": "DataLoad", "metadata": {"name": "load"}, "spec": spec}


def jindo(annotations: Json | None = None, **spec: object) -> Json:
    level = {"mediumtype": "SSD", "path": "/mnt/cache/jindo", "quota": "1Gi"}
    spec = {"replicas": 1, "tieredstore": {"levels": [level]}, **spec}
    metadata = {"name": NAME, "annotations": annotations or {}}
    return {"apiVersion": API, "kind": "JindoRuntime", "metadata": metadata, "spec": spec}


def tier(path: str, **more: object) -> Json:
    return {"levels": [{"mediumtype": "SSD", "path": path, "quota": "1Gi", **more}]}


def manifests(file: Path, *parts: str) -> str:
    command = [sys.executable, "-m", "fluid.cli", "manifests", *parts, "--runtime-policy", str(file)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Switch:
    """The one switch: admission policies and the operator's option, both from one file."""

    def __init__(self, plane: ControlPlane, operator: Operator, file: Path) -> None:
        self.plane, self.operator, self.file = plane, operator, file

    def on(self) -> None:
        text = manifests(self.file, "--rbac", "--policies")
        self.plane.kubectl(
            "apply", "--server-side", "--force-conflicts", "--validate=strict", "-f", "-", stdin=text
        )
        self.operator.start("--runtime-policy", str(self.file))

    def off(self) -> None:
        self.plane.kubectl(
            "delete", "--ignore-not-found", "-f", "-", stdin=manifests(self.file, "--policies")
        )
        self.operator.stop()
        self.operator.install()


@pytest.fixture(scope="module")
def switch(
    plane: ControlPlane, installed: Operator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Switch]:
    """Switched on once for all tests: policies that come and go take effect late."""
    file = tmp_path_factory.mktemp("policy") / "policy.yaml"
    file.write_text(POLICY)
    found = Switch(plane, installed, file)
    plane.kubectl("apply", "-f", "-", stdin=RIGHTS)
    profiles = [profile(), profile(SECRET), with_workers()]
    plane.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(profiles))
    plane.kubectl(
        "create", "clusterrolebinding", "policy-test-use", "--clusterrole=policy-test-use", f"--user={TENANT}"
    )
    found.on()
    try:
        wait_until_it_holds(plane)
        yield found
    finally:
        found.off()
        names = ("policy-test-use", "policy-test-tenant")
        plane.kubectl("delete", "clusterrole", *names, "--ignore-not-found")
        plane.kubectl("delete", "clusterrolebinding", names[0])
        plane.kubectl(
            "delete", "thinruntimeprofile", VETTED, SECRET, WORKERS, "--ignore-not-found", "--wait=false"
        )


def admitted(plane: ControlPlane, namespace: str) -> Tenant:
    """A tenant in a namespace."""
    for role in ("edit", "policy-test-tenant"):
        plane.kubectl(
            "-n", namespace, "create", "rolebinding", role, f"--clusterrole={role}", f"--user={TENANT}"
        )
    return Tenant(plane, namespace)


def wait_until_it_holds(plane: ControlPlane) -> None:
    """Every binding of every policy takes effect on its own, so each is tried."""
    name = f"probe-{secrets.token_hex(3)}"
    plane.kubectl("create", "namespace", name)
    probe = admitted(plane, name)
    forbidden = {
        "tenants": [own(), jindo(fuse={"image": "evil"}), load(image="evil"), process(image="evil")],
        "guests": [thin(), jindo(), process(pod(hostNetwork=True))],
    }
    local = dataset({"mountPoint": "local:///etc", "name": "etc"})
    for policy, objects in forbidden.items():
        probe.under(policy)
        for one in [*objects, local]:
            if one != thin():
                until(lambda: f"runtime policy {policy}" in probe.said(one), f"{policy}: {one['kind']}", 30)  # noqa: B023
    plane.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="module")
def door(switch: Switch, plane: ControlPlane) -> Iterator[Tenant]:
    """A tenant of the policy `tenants` who only asks: one namespace for all that is refused."""
    name = f"door-{secrets.token_hex(3)}"
    plane.kubectl("create", "namespace", name)
    found = admitted(plane, name)
    found.under("tenants")
    yield found
    plane.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def tenant(switch: Switch, plane: ControlPlane, namespace: str) -> Iterator[Tenant]:
    """A tenant in a namespace of the policy `tenants`."""
    found = admitted(plane, namespace)
    found.under("tenants")
    yield found
    plane.kubectl("label", "nodes", "--all", f"fluid.io/f-{namespace}-{NAME}-")


def test_a_tenants_own_image_is_refused_with_the_rules_words_and_a_vetted_profile_is_accepted(
    tenant: Tenant,
) -> None:
    since = now()
    said = tenant.said(own())
    assert "runtime policy tenants does not allow image docker.io/evil/root" in said
    assert "allowed are reg.example.com/fluid/, reg.example.com/tools/busybox" in said
    tenant.make(dataset(), thin())
    tenant.phase(NAME)
    assert not tenant.told()
    assert not [one for one in mine(tenant.plane, since) if one.denied]


def test_a_profile_is_used_by_those_who_have_the_verb(tenant: Tenant) -> None:
    said = tenant.said(thin(profileName=SECRET))
    assert f"does not allow ThinRuntimeProfile {SECRET} to {TENANT}, who needs the verb use on it" in said
    tenant.kubectl("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump(thin(profileName=SECRET)))


POWERS = {"runtime.fluid.io/worker.privileged": "true"}
HOST_PID = {"runtime.fluid.io/fuse.hostpid": "True"}
MOUNTED = {"volumeMounts": [{"name": "v", "mountPath": "/v"}]}
HOST_PATH = {"name": "v", "hostPath": {"path": "/etc"}}
ROOT = {"name": "v", "hostPath": {"path": "/"}}
NEVER = "does not allow host path {}; /, /var/lib/kubelet, /runtime-mnt"
PRIVILEGED = "does not allow privileged containers"
OPEN = {
    "name": "main",
    "image": "reg.example.com/tools/busybox:1.36",
    "securityContext": {"privileged": True},
}
ADDING = {**OPEN, "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}
CASES = [
    (own("reg.example.com/fluid/x"), "does not allow a ThinRuntime without spec.profileName"),
    (
        thin(fuse={"image": "reg.example.com/fluid/x"}),
        "does not allow image in a ThinRuntime; the profile decides",
    ),
    (thin(fuse={"command": ["sh"]}), "does not allow command in a ThinRuntime"),
    (thin(fuse={"env": [{"name": "BASH_ENV", "value": "x"}]}), "does not allow env in a ThinRuntime"),
    (thin(fuse={"lifecycle": {}}), "does not allow lifecycle in a ThinRuntime"),
    (thin(worker={"livenessProbe": {}}), "does not allow livenessProbe in a ThinRuntime"),
    (thin(volumes=[{"name": "v", "emptyDir": {}}]), "does not allow volumes in a ThinRuntime"),
    (thin(HOST_PID), "does not allow hostPID"),
    (thin(POWERS, profileName=WORKERS, replicas=1, worker={"enabled": True}), PRIVILEGED),
    (
        thin(tieredstore=tier("/mnt/cache/a,/srv")),
        "does not allow host path /srv; allowed are /mnt/cache, /var",
    ),
    (thin(tieredstore=tier("/mnt/cache2")), "does not allow host path /mnt/cache2"),
    (thin(tieredstore=tier("/var/lib")), NEVER.format("/var/lib")),
    (thin(tieredstore=tier("/var/lib/kubelet/pods")), NEVER.format("/var/lib/kubelet/pods")),
    (thin(tieredstore=tier("/mnt/cache//a")), NEVER.format("/mnt/cache//a")),
    (dataset({"mountPoint": "local:///etc", "name": "a"}), "does not allow host path /etc"),
    (dataset({"mountPoint": "local:///", "name": "a"}), NEVER.format("/")),
    (jindo(HOST_PID), "does not allow hostPID"),
    (jindo(jindoVersion={"image": "evil", "imageTag": "1"}), "does not allow image evil:1"),
    (
        jindo(fuse={"image": "reg.example.com/tools/one", "imageTag": "v2"}),
        "image reg.example.com/tools/one:v2",
    ),
    (jindo(volumes=[HOST_PATH], master=MOUNTED), "does not allow host path /etc"),
    (jindo({"fluid.io/runtime-rpc-protocol": "rdma"}), PRIVILEGED),
    (
        load(image="reg.example.com/tools/busybox-evil"),
        "does not allow image reg.example.com/tools/busybox-evil",
    ),
    (load(image="reg.example.com/tools/busybox:80/evil"), "does not allow image"),
    (process(image="evil", imageTag="1"), "does not allow image evil:1"),
    (
        dataset({"mountPoint": "s3://b", "name": "a", "options": {"fluid.fuse.hostvolume": "/etc:/x"}}),
        "does not allow host path /etc; allowed are /mnt/cache, /var",
    ),
    (process(volumes=[ROOT]), NEVER.format("/")),
    (process(pod(hostPID=True)), "does not allow hostPID"),
    (process(pod(hostIPC=True)), PRIVILEGED),
    (process(pod(priorityClassName="system-node-critical")), "priority class system-node-critical"),
    (process(pod(containers=[OPEN])), PRIVILEGED),
    (process(pod(initContainers=[ADDING])), PRIVILEGED),
    (process(pod(volumes=[HOST_PATH])), "does not allow host path /etc"),
    (process(pod(initContainers=[{"name": "i", "image": "evil"}])), "does not allow image evil"),
    (process(pod(volumes=[{"name": "v", "image": {"reference": "evil"}}])), "does not allow image evil"),
]


def naming(case: object) -> str:
    return str(case["kind"]) if isinstance(case, dict) else str(case).removeprefix("does not allow ")[:40]


@pytest.mark.parametrize(("demand", "words"), CASES, ids=naming)
def test_a_demand_is_refused_at_the_door_and_by_the_operator_in_the_same_words(
    door: Tenant, demand: Json, words: str
) -> None:
    assert words in door.said(demand)
    assert words in judged(demand, door.namespace)


def judged(demand: Json, namespace: str) -> str:
    """What the operator says of the same object, if it is stored without having been asked about."""
    documents = {"Dataset": dataset(), "ThinRuntime": thin(), "profile": profile(), "other": with_workers()}
    if demand["kind"] == "JindoRuntime":
        del documents["ThinRuntime"]
    documents[str(demand["kind"])] = demand
    objects = [typed(one) for one in documents.values()]
    objects.append(
        typed(
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": namespace, "labels": {LABEL: "tenants"}},
            }
        )
    )
    for one in objects:
        if one.resource.namespaced:
            one.metadata.namespace = namespace
    settings = Registry.discover().settings({"MOUNT_ROOT": "/runtime-mnt"})
    with pytest.raises(InvalidSpec) as refused:
        render_documents(objects, settings, policies=read_policies(POLICY))
    return str(refused.value)


GOOD = [
    thin(
        fuse={
            "options": {"a": "b"},
            "resources": {},
            "nodeSelector": {"a": "b"},
            "networkMode": "HostNetwork",
        }
    ),
    thin(profileName=WORKERS, replicas=1, worker={"enabled": True}),
    thin(tieredstore=tier("/mnt/cache/a/,/var/cache")),
    thin(tieredstore=tier("/anything", volumeType="emptyDir")),
    dataset({"mountPoint": "local:///mnt/cache/data", "name": "a"}),
    jindo(fuse={"image": "reg.example.com/tools/one", "imageTag": "v1"}, tieredstore=tier("/mnt/cache")),
    load(image="reg.example.com/tools/busybox@sha256:0123"),
    load(loadMetadataOnly="true"),
    process(imageTag="1.36"),
    process(pod()),
]


@pytest.mark.parametrize("demand", GOOD, ids=naming)
def test_what_a_policy_allows_is_taken(door: Tenant, demand: Json) -> None:
    assert door.said(demand) == ""


def test_a_folder_of_the_node_that_a_shared_option_names_is_refused_at_the_door(door: Tenant) -> None:
    shared = dataset(sharedOptions={"fluid.fuse.hostvolume": "/etc"})
    assert "does not allow host path /etc; allowed are /mnt/cache, /var" in door.said(shared)


def test_a_path_with_detours_is_refused_at_the_door(door: Tenant) -> None:
    assert NEVER.format("/mnt/cache/../a") in door.said(thin(tieredstore=tier("/mnt/cache/../a")))


def test_each_namespace_has_the_policies_that_its_labels_select(tenant: Tenant) -> None:
    tenant.under("guests")
    said = tenant.said(own())
    assert "runtime policy guests does not allow hostNetwork; the network mode ContainerNetwork is" in said
    assert (
        tenant.said(
            thin(profileName=None, fuse={"image": "docker.io/evil/root", "networkMode": "ContainerNetwork"})
        )
        == ""
    )
    assert "runtime policy guests does not allow host path /mnt/cache/jindo; allowed are none" in tenant.said(
        jindo(networkmode="ContainerNetwork")
    )
    tenant.free()
    assert tenant.said(own(), dataset({"mountPoint": "local:///etc", "name": "a"})) == ""


def test_a_stored_runtime_gets_a_condition_and_no_pods_until_it_is_allowed(tenant: Tenant) -> None:
    tenant.free()
    tenant.make(own())
    tenant.held()
    tenant.make(dataset())
    said = until(tenant.told, "the runtime says why")
    assert "runtime policy tenants does not allow image docker.io/evil/root" in said
    assert f"ThinRuntime {tenant.namespace}/{NAME}: " in said
    ready = tenant.until_condition("datasets", NAME, "Ready", "False")
    assert (ready["reason"], ready["message"]) == ("RefusedByPolicy", said)
    tenant.until_quiet()
    assert [*tenant.uids("daemonsets")] == ["canary-fuse"]
    assert tenant.get("configmaps", f"{NAME}-fuse-conf") is None
    tenant.as_tenant("annotate", "thinruntime", NAME, "note=nothing-that-is-judged")  # not locked up
    tenant.free()
    tenant.phase(NAME)
    assert tenant.told() == ""


def test_running_pods_of_a_runtime_that_breaks_a_rule_go_on(tenant: Tenant) -> None:
    tenant.free()
    tenant.make(dataset(), own())
    tenant.phase(NAME)
    node = tenant.kubectl("get", "nodes", "-o", "name").split()[0]
    tenant.plane.kubectl("label", node, f"fluid.io/f-{tenant.namespace}-{NAME}=true")
    until(lambda: tenant.status("thinruntimes", NAME).get("fuseNumberReady") == 1, "the client is ready")
    before = tenant.uids("pods"), (tenant.get("daemonsets", f"{NAME}-fuse") or {})["metadata"]["generation"]
    tenant.under("tenants")
    until(tenant.told, "the runtime says why")
    tenant.until_condition("datasets", NAME, "NotReady", "True")
    tenant.until_quiet()
    assert before == (
        tenant.uids("pods"),
        (tenant.get("daemonsets", f"{NAME}-fuse") or {})["metadata"]["generation"],
    )
    tenant.as_tenant("delete", "thinruntime", NAME, "--timeout=30s")  # and it can be deleted
    tenant.gone("daemonsets", f"{NAME}-fuse")


def test_a_profile_that_is_edited_later_changes_no_pod_until_it_keeps_to_the_rules(tenant: Tenant) -> None:
    tenant.make(dataset(), thin())
    tenant.phase(NAME)

    def image() -> str:
        live = tenant.get("daemonsets", f"{NAME}-fuse") or {}
        return live["spec"]["template"]["spec"]["containers"][0]["image"]

    try:
        tenant.plane.kubectl(
            "apply", "-f", "-", stdin=yaml.safe_dump(profile(fuse={"image": "docker.io/other"}))
        )
        assert "image docker.io/other" in until(tenant.told, "the runtime says why")
        assert image() == "reg.example.com/fluid/client:v1"
        tenant.plane.kubectl(
            "apply", "-f", "-", stdin=yaml.safe_dump(profile(fuse={"image": "reg.example.com/fluid/b"}))
        )
        until(lambda: image() == "reg.example.com/fluid/b", "the profile is followed again")
        until(lambda: tenant.told() == "", "nothing is told any more")
    finally:
        tenant.plane.kubectl("apply", "-f", "-", stdin=yaml.safe_dump(profile()))


def test_a_stored_operation_makes_no_pod_that_a_policy_does_not_allow(tenant: Tenant) -> None:
    tenant.free()
    tenant.make(process(pod(hostPID=True, containers=[OPEN])), load(image="docker.io/evil"))
    tenant.held()
    tenant.make(dataset(), thin())
    tenant.phase(NAME)
    for plural, name, words in (
        ("dataprocesses", "count", "does not allow hostPID"),
        ("dataloads", "load", "does not allow image docker.io/evil"),
    ):
        until(lambda: tenant.status(plural, name).get("phase") == "Failed", f"{name} is refused")  # noqa: B023
        [condition] = tenant.status(plural, name)["conditions"]
        assert condition["reason"] == "RefusedByPolicy"
        assert words in condition["message"]
    assert tenant.all("jobs") == []


def test_fuse_pods_get_no_priority_of_the_system_where_a_policy_allows_none(tenant: Tenant) -> None:
    tenant.make(dataset(), thin())
    tenant.phase(NAME)
    live = tenant.get("daemonsets", f"{NAME}-fuse") or {}
    assert "priorityClassName" not in live["spec"]["template"]["spec"]


def test_switched_off_everything_is_as_before(switch: Switch, tenant: Tenant) -> None:
    tenant.free()
    tenant.make(dataset(), own())
    tenant.phase(NAME)
    tenant.under("tenants")
    until(tenant.told, "the runtime says why")
    switch.off()
    try:
        switch.operator.start()
        until(lambda: tenant.told() == "", "nothing is told any more", 30)
        until(
            lambda: tenant.said(jindo(HOST_PID, volumes=[HOST_PATH]), process(image="evil")) == "",
            "all is taken",
            30,
        )
        switch.operator.stop()
    finally:
        switch.on()
        wait_until_it_holds(switch.plane)
