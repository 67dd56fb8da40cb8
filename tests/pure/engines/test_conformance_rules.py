"""Each rule of the kit can be broken, and says of which object, why that matters, and what to change."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from pydantic import JsonValue
from pydantic_core import to_json

from fluid.charts import ChartValues
from fluid.charts.chart import charts_folder
from fluid.engines import api
from fluid.engines.core.errors import SpecWarning
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Results
from fluid.engines.core.registration import EngineRegistration, Reference
from fluid.engines.core.render import RenderedCache
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import Snapshot
from fluid.engines.jindo.engine import JindoEngine
from fluid.engines.jindo.registration import registration
from fluid.engines.jindo.values import JindoValues
from fluid.engines.kit.sources import Source
from fluid.engines.testing import golden
from fluid.engines.testing.chart_defaults import broken_defaults
from fluid.engines.testing.dry_run import asked
from fluid.engines.testing.examples import Example, read_examples
from fluid.engines.testing.hostile import broken, fields
from fluid.engines.testing.planting import exposed
from fluid.engines.testing.policies import untrue
from fluid.engines.testing.rendering import Made, kinds_of, make
from fluid.engines.testing.rules.all import RULES
from fluid.engines.thin.engine import ThinEngine
from fluid.engines.thin.registration import registration as thin
from fluid.engines.thin.values import ThinValues
from fluid.models import (
    ConfigMap,
    DaemonSet,
    JindoRuntime,
    ObjectMeta,
    PersistentVolume,
    StatefulSet,
    ThinRuntime,
)
from fluid.types import Key, KubeObject

SPECS = Path(__file__).parents[2] / "data/conformance/jindo"
Change = Callable[[dict[str, JsonValue]], None]


@cache
def example() -> Example:
    return read_examples(SPECS, kinds_of(registration))[0]


@cache
def made() -> Made:
    return make(registration, example(), Settings())


def changed(kind: type[KubeObject], *steps: tuple[str, JsonValue]) -> Made:
    """What is made, with other values at paths of the first object of a kind; None removes."""
    objects = list(made().objects)
    index = next(number for number, one in enumerate(objects) if isinstance(one, kind))
    wire = objects[index].to_wire()
    for path, value in steps:
        *parents, last = path.split("/")
        place: JsonValue = wire
        for part in parents:
            place = child(place, part)
        assert isinstance(place, dict)
        if value is None:
            del place[last]
        else:
            place[last] = value
    objects[index] = kind.model_validate(wire)
    return replace(made(), objects=objects)


def child(place: JsonValue, part: str) -> JsonValue:
    if isinstance(place, list):
        return place[int(part)]
    assert isinstance(place, dict)
    return place[part]


def renamed(**names: str) -> Made:
    return replace(made(), components=replace(made().components, **names))


class Secret(ConfigMap):
    """What an engine must not read."""


def named(_: KubeObject) -> list[Key]:
    return []


class LeakyEngine(JindoEngine):
    """Writes a text of the user into a file as it is, cuts another one, and stumbles over a third."""

    def render(self) -> Sequence[KubeObject]:
        spec = self.snapshot.runtime.spec
        if "note" in str(spec.fuse) and "{{" in str(spec.fuse):
            raise KeyError("no such key")
        text = f"[section]\nuser = {spec.user}\n"
        meta = ObjectMeta(name="leaky", namespace=self.snapshot.runtime.namespace)
        children = [shortened(one) for one in super().render()]
        return [*children, ConfigMap(metadata=meta, data={"leaky.cfg": text})]


def shortened(child: KubeObject) -> KubeObject:
    return type(child).model_validate_json(to_json(child.to_wire()).replace(b"rm -rf", b""))


def leaky() -> EngineRegistration[JindoRuntime]:
    def build(
        snapshot: Snapshot[JindoRuntime], results: Results, plan: Plan, settings: Settings
    ) -> LeakyEngine:
        return LeakyEngine(snapshot, results, plan, settings, RenderedCache[JindoValues]())

    return replace(registration(), build=build)


def problems(place: str) -> list[str]:
    every = fields(example(), kinds_of(registration))
    [field] = [one for one in every if str(one) == f"JindoRuntime spec.{place}"]
    return list(broken(field, leaky, Settings()))


POD = "spec/template/spec"
LABELS = "spec/template/metadata/labels"
SECRET_MOUNT: list[JsonValue] = [{"name": "keys", "mountPath": "/keys", "subPath": "id"}]
SECRET_VOLUME: list[JsonValue] = [{"name": "keys", "secret": {"secretName": "keys"}}]
BROKEN: Mapping[str, tuple[Callable[[], Made], str]] = {
    "has_daemonset": (lambda: renamed(fuse="other"), "components()"),
    "waits_for_deletion": (
        lambda: changed(DaemonSet, ("spec/updateStrategy", {"type": "RollingUpdate"})),
        "updateStrategy: {type: OnDelete}",
    ),
    "comes_by_label": (lambda: changed(DaemonSet, (f"{POD}/nodeSelector", {"a": "b"})), "fuse_label"),
    "shares_its_mount": (
        lambda: changed(DaemonSet, (f"{POD}/containers/0/securityContext", {})),
        "privileged: true",
    ),
    "stays_in_its_directory": (lambda: replace(made(), directory="/other"), "settings.host_path"),
    "publishes_its_mount": (
        lambda: changed(PersistentVolume, ("spec/csi/volumeAttributes/fluid_path", "/other")),
        "fuse_mount()",
    ),
    "has_components": (lambda: renamed(master="other"), "Components.master"),
    "is_managed": (
        lambda: changed(ConfigMap, ("metadata/labels", {"release": "models"})),
        "Add the label",
    ),
    "has_release_and_role": (lambda: changed(StatefulSet, (f"{LABELS}/role", None)), "Add a role"),
    "selects_its_pods": (
        lambda: changed(StatefulSet, ("spec/selector/matchLabels", {"a": "b"})),
        "matchLabels",
    ),
    "has_own_pods": (
        lambda: changed(StatefulSet, ("spec/selector/matchLabels", {"release": "models"})),
        "Add `role`",
    ),
    "tells_of_workers": (lambda: renamed(worker_selector="app=other"), "worker_selector"),
    "has_owner": (lambda: changed(ConfigMap, ("metadata/ownerReferences", [])), "snapshot.owner_reference()"),
    "makes_no_secret": (
        lambda: replace(made(), registration=replace(registration(), references=[Reference(Secret, named)])),
        "Mount the Secret in the pods",
    ),
    "keeps_credentials_out_of_environments": (
        lambda: changed(
            DaemonSet, (f"{POD}/containers/0/env", [{"name": "ACCESS_KEY_SECRET", "value": "abc"}])
        ),
        "Mount the Secret",
    ),
    "follows_rotation": (
        lambda: changed(
            DaemonSet,
            (f"{POD}/volumes", SECRET_VOLUME),
            (f"{POD}/containers/0/volumeMounts", SECRET_MOUNT),
        ),
        "Mount the whole volume",
    ),
    "stands_once": (
        lambda: replace(made(), objects=[*made().objects, made().objects[0]]),
        "Give one another name",
    ),
    "is_typed": (lambda: changed(DaemonSet, (f"{POD}/tolerations_", 3)), "spelling"),
    "has_valid_names": (lambda: changed(DaemonSet, ("metadata/name", "No Name")), "release's name"),
    "is_small_enough": (lambda: changed(ConfigMap, ("data", {"a": "x" * 2**20 + "x"})), "refuse_heavy()"),
}


KINDS = ("JindoRuntime", "DaemonSet", "StatefulSet", "ConfigMap", "PersistentVolume")


def test_every_rule_holds_of_an_engine_that_keeps_them() -> None:
    assert [finding for rule in RULES.values() for finding in rule(made())] == []


def test_there_is_a_broken_chart_for_every_rule() -> None:
    assert set(BROKEN) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_is_told_with_object_and_fix(rule: str) -> None:
    break_it, fix = BROKEN[rule]
    findings = list(RULES[rule](break_it()))
    assert findings
    assert any(fix in one for one in findings), findings
    assert all(one.endswith(".") for one in findings), findings
    assert all(one.split(" ")[0] in KINDS for one in findings), findings


def test_a_text_that_becomes_a_section_of_a_file_is_told_with_its_field() -> None:
    found = [one for one in problems("user") if "another structure" in one]
    assert found
    assert all("JindoRuntime spec.user" in one and "ConfigMap default/leaky" in one for one in found)


def test_an_engine_that_stumbles_over_a_text_is_told_what_to_do() -> None:
    [found] = [one for one in problems("fuse.podMetadata.annotations.note") if "KeyError" in one]
    assert "{{ 7*7 }}" in found
    assert "Refuse the text with InvalidSpec." in found


def test_a_text_that_is_lost_is_told() -> None:
    assert any("changed or lost" in one for one in problems("fuse.args[0]"))


def test_a_golden_file_is_missed_and_differences_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "golden/a.yaml"
    assert "--fluid-write-golden" in (golden.compare(path, made().objects) or "")
    golden.write(path, made().objects)
    assert golden.compare(path, made().objects) is None
    other = changed(DaemonSet, (f"{POD}/hostPID", True))
    assert "hostPID: true" in (golden.compare(path, other.objects) or "")


def silent(_: Source) -> list[SpecWarning]:
    return []


def test_a_credential_in_plain_options_that_nobody_is_told_of_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = read_examples(SPECS.parent / "thin", kinds_of(thin))[0]
    assert list(exposed(one, thin, Settings())) == []
    assert list(exposed(example(), registration, Settings())) == []
    monkeypatch.setattr(api, "plain_credentials", silent)
    [found] = exposed(one, thin, Settings())
    assert "options[secret_access_key]" in found
    assert "ConfigMap default/bucket-fuse-conf" in found


def problems_of_values_yaml(folder: Path, values: Mapping[str, type[ChartValues]]) -> list[str]:
    """What the kit says of a chart that takes the place of `thin`."""

    class Tried(ThinEngine):
        chart = str(folder)

    def build(snapshot: Snapshot[ThinRuntime], results: Results, plan: Plan, settings: Settings) -> Tried:
        return Tried(snapshot, results, plan, settings, RenderedCache[ThinValues]())

    one = read_examples(SPECS.parent / "thin", kinds_of(thin))[0]
    return list(broken_defaults(lambda: replace(thin(), build=build, values=values), one, Settings()))


def test_a_values_yaml_that_the_model_or_a_template_cannot_use_is_told(tmp_path: Path) -> None:
    right, wrong = (
        Path(shutil.copytree(charts_folder() / "thin", tmp_path / name)) for name in ("right", "wrong")
    )
    assert problems_of_values_yaml(right, thin().values) == []
    [found] = problems_of_values_yaml(right, {})  # read as it is, it lacks what the model computes
    assert "has no attribute" in found
    assert found.endswith("Give each value that templates read a default there.")
    with (wrong / "values.yaml").open("a") as file:
        file.write("spelled: wrong\n")
    [found] = problems_of_values_yaml(wrong, thin().values)
    assert "spelled: Extra inputs are not permitted. ThinValues and it must agree." in found


def test_what_an_api_server_says_against_an_object_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(f"#!/bin/sh\ncat > {tmp_path}/sent\necho 'field is immutable' >&2\nexit 1\n")
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert "the API server refuses: field is immutable" in (asked(made().objects, "kubeconfig") or "")
    sent = (tmp_path / "sent").read_text()
    assert "kind: DaemonSet" in sent
    assert "ownerReferences" not in sent, "the owner is not there"


def test_a_change_that_needs_more_than_its_update_policy_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(untrue(example(), registration, Settings())) == []
    too_little = {**JindoRuntime.updates, "spec.fuse.args": "hot", "spec.worker": "on-fuse-restart"}
    monkeypatch.setattr(JindoRuntime, "updates", too_little)
    found = list(untrue(example(), registration, Settings()))
    assert any(
        "JindoRuntime spec.fuse.args[0] is 'hot', but a change of it is 'on-fuse" in one for one in found
    )
    assert any("spec.worker.tolerations[0].key is 'on-fuse-restart', but a change" in one for one in found)
    assert all("Write `x-fluid-update: on-" in one for one in found)
    monkeypatch.setattr(JindoRuntime, "updates", {})
    [none] = untrue(example(), registration, Settings())
    assert "JindoRuntime has no update policies. Write x-fluid-update at its spec" in none
