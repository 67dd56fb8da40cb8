"""Runtime policies: what they read, what they allow of pods, what they never do."""

import pytest
from pydantic import JsonValue

from fluid.engines.core.errors import NamedObject
from fluid.engines.core.policy_check import (
    Allowances,
    EffectivePod,
    RefusedByPolicy,
    image_is_allowed,
    judge,
    refuse_forbidden,
)
from fluid.engines.core.runtime_policy import InvalidPolicy, RuntimePolicies, read_policies, selects
from fluid.engines.core.settings import Settings
from fluid.models import LabelSelector, PodSpec
from fluid.types import Key
from tests.pure.thin.support import Case

ROOT = Settings(mount_root="/runtime-mnt")
POWERFUL: list[JsonValue] = [
    {"privileged": True},
    {"capabilities": {"add": ["BPF"]}},
    {"procMount": "Unmasked"},
]
FEW: JsonValue = {"capabilities": {"add": ["CHOWN"], "drop": ["ALL"]}}


def policies(text: str) -> RuntimePolicies:
    return read_policies(f"policies: [{{name: tenants, {text}}}]")


def said(rules: str, pod: dict[str, JsonValue], *, fuse: bool = False, own: Allowances | None = None) -> str:
    """What one policy has against a pod."""
    spec = PodSpec.model_validate({"containers": [{"name": "main", "image": "reg/a:1"}], **pod})
    settings = ROOT.under(tuple(policies(rules).policies))
    return "; ".join(judge(EffectivePod("Job x", spec, fuse), settings, own or Allowances()))


def host(path: str) -> dict[str, JsonValue]:
    return {"volumes": [{"name": "v", "hostPath": {"path": path}}]}


@pytest.mark.parametrize(
    ("image", "entry", "allowed"),
    [
        ("reg/a:1", "reg/", True),
        ("reg/a:1", "reg/a", True),
        ("reg/a", "reg/a", True),
        ("reg/a@sha256:0", "reg/a", True),
        ("reg/a:1@sha256:0", "reg/a", True),
        ("reg/ab:1", "reg/a", False),
        ("reg/a/b:1", "reg/a", False),
        ("reg.evil/a", "reg", False),
        ("reg:5000/evil", "reg", False),
        ("reg/a:1", "reg/a:1", True),
        ("reg/a:2", "reg/a:1", False),
        ("reg/a:1@sha256:0", "reg/a:1", False),
        ("reg:5000/a:1", "reg:5000/a", True),
        ("a", "docker.io/library/a", False),
        ("", "reg/a", False),
    ],
)
def test_an_entry_allows_a_folder_a_repository_or_one_version(image: str, entry: str, allowed: bool) -> None:
    assert image_is_allowed(image, [entry]) is allowed


@pytest.mark.parametrize(
    "path", ["/", "/runtime-mnt", "/runtime-mnt/thin/a/b", "/var", "/var/lib/kubelet/pods"]
)
@pytest.mark.parametrize("rules", ["allowedHostPaths: [/]", "hostPID: true"], ids=["all", "no-rule"])
def test_no_policy_allows_the_root_the_kubelets_directory_or_that_of_all_mounts(
    rules: str, path: str
) -> None:
    assert "never are" in said(rules, host(path))
    assert "never are" in said(rules, host(f"{path.rstrip('/')}/"))


@pytest.mark.parametrize("path", ["/mnt/../etc", "/mnt/./a", "/mnt//a", "mnt", "//"])
def test_a_path_with_detours_is_never_allowed(path: str) -> None:
    assert "never are" in said("allowedHostPaths: [/]", host(path))


def test_host_paths_are_allowed_with_all_below_and_no_namesake() -> None:
    rules = "allowedHostPaths: [/mnt/]"
    assert said(rules, host("/mnt")) == said(rules, host("/mnt/a/b/")) == ""
    assert said(rules, host("/mnt2")) == (
        "runtime policy tenants does not allow host path /mnt2; allowed are /mnt"
    )
    assert "allowed are none" in said("allowedHostPaths: []", host("/srv"))
    assert said("hostPID: true", host("/srv")) == ""


def test_what_the_operator_brings_in_needs_no_permission() -> None:
    own = Allowances(frozenset({"reg/a:1"}), frozenset({"/runtime-mnt/thin/a/b"}))
    assert said("allowedImages: [], allowedHostPaths: []", host("/runtime-mnt/thin/a/b"), own=own) == ""
    assert "image reg/a:1" in said("allowedImages: []", {})


def test_powers_are_refused_one_by_one() -> None:
    assert "hostPID" in said("hostPID: false", {"hostPID": True})
    assert "hostNetwork" in said("hostNetwork: false", {"hostNetwork": True})
    assert "system-x" in said("criticalPods: false", {"priorityClassName": "system-x"})
    assert said("criticalPods: false", {"priorityClassName": "mine"}) == ""
    assert "hostIPC" in said("privileged: false", {"hostIPC": True})
    for context in POWERFUL:
        container: JsonValue = {"name": "i", "image": "reg/a", "securityContext": context}
        assert "privileged" in said("privileged: false", {"initContainers": [container]})
        assert said("privileged: false", {"initContainers": [container]}, fuse=True) == ""
    harmless: JsonValue = {"name": "i", "securityContext": FEW}
    assert said("privileged: false", {"initContainers": [harmless]}) == ""


def test_without_a_policy_everything_is_allowed_and_a_refusal_is_of_bounded_length() -> None:
    about = NamedObject("ThinRuntime", Key("a", "b"))
    case = Case({"fuse": {"image": "x" * 5000}, "worker": {"enabled": True, "image": "y\n" * 5000}})
    refuse_forbidden(about, case.objects, ROOT, Allowances())
    rules = tuple(policies("allowedImages: [], hostNetwork: false, allowedHostPaths: []").policies) * 9
    with pytest.raises(RefusedByPolicy) as refused:
        refuse_forbidden(
            NamedObject("ThinRuntime", Key("a", "b")), case.objects, ROOT.under(rules), Allowances()
        )
    assert refused.value.reason == "RefusedByPolicy"
    assert str(refused.value).startswith("ThinRuntime a/b: DaemonSet images-fuse: runtime policy tenants")
    assert len(str(refused.value)) < 2000
    assert "\n" not in str(refused.value)


def test_a_policy_withholds_the_priority_that_the_operator_gives() -> None:
    critical = Settings(critical_fuse_pod=True)
    assert critical.under(tuple(policies("hostPID: false").policies)).critical_fuse_pod
    assert not critical.under(tuple(policies("criticalPods: false").policies)).critical_fuse_pod


@pytest.mark.parametrize(
    ("selector", "labels", "selected"),
    [
        ({}, {}, True),
        ({"matchLabels": {"a": "b"}}, {"a": "b", "c": "d"}, True),
        ({"matchLabels": {"a": "b"}}, {"a": "c"}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}, {"a": "b"}, True),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}, {}, False),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]}, {}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]}, {"a": "b"}, False),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, {"a": ""}, True),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, {"a": ""}, False),
    ],
)
def test_namespaces_are_selected_as_kubernetes_does(
    selector: dict[str, JsonValue], labels: dict[str, str], selected: bool
) -> None:
    assert selects(LabelSelector.model_validate(selector), labels) is selected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "one YAML mapping"),
        ("a: &a [*a]", "Circular"),
        ("policies: [{name: a}, {name: a}]", "stands there twice"),
        ("policies: [{name: A}]", "policies[0].name: use at most 40"),
        ("policies: [{name: a, hostPid: false}]", "did you mean hostPID"),
        ("policies: [{name: a, hostPID: 'no'}]", "policies[0].hostPID"),
        ("policies: [{name: a, allowedImages: ['a b']}]", "is not an image"),
        ("policies: [{name: a, allowedHostPaths: [../a]}]", "is not an absolute path"),
        ("policies: [{name: a, profileOverrides: [options]}]", "is not one of args"),
        (
            "policies: [{name: a, namespaceSelector: {matchExpressions: [{key: a, operator: Near}]}}]",
            "a Near",
        ),
        ("policies: [" + "[" * 100_000, ""),
        ("x" * 300_000, "is longer than"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_a_file_that_is_not_understood_is_refused_whole(text: str, problem: str) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        read_policies(text)
    assert problem in str(refused.value)


def test_names_of_namespaces_need_no_right_to_read_their_labels() -> None:
    by_name = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: a}}"
    assert not policies(by_name).reads_namespaces
    assert policies("namespaceSelector: {matchLabels: {team: a}}").reads_namespaces
