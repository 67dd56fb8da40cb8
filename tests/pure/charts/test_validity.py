"""What the API server refuses of a rendered object is said before it is printed, with its place."""

import pytest
from pydantic import JsonValue

from fluid.charts.kinds import typed
from fluid.cli.validity import invalid_parts

CONTAINER: dict[str, JsonValue] = {"name": "a", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}
POD: dict[str, JsonValue] = {"containers": [CONTAINER], "volumes": [{"name": "v", "emptyDir": {}}]}


def said(pod: dict[str, JsonValue], **metadata: JsonValue) -> list[str]:
    template: JsonValue = {"metadata": metadata, "spec": {**POD, **pod}}
    spec: JsonValue = {"selector": {}, "template": template}
    return invalid_parts(
        typed({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "d"}, "spec": spec})
    )


def expression(**fields: JsonValue) -> dict[str, JsonValue]:
    term: JsonValue = {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"], **fields}]}
    required: JsonValue = {"nodeSelectorTerms": [term]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}


@pytest.mark.parametrize(
    "pod",
    [
        {},
        {"tolerations": [{"operator": "Exists"}, {"key": "a/b", "operator": "Equal", "value": "c"}]},
        {"nodeSelector": {"a.b/c": "", "d": "E_f.g"}},
        expression(),
        {"containers": [{**CONTAINER, "livenessProbe": {"exec": {"command": ["true"]}, "periodSeconds": 1}}]},
    ],
)
def test_what_is_valid_passes(pod: dict[str, JsonValue]) -> None:
    assert said(pod, labels={"a": "b"}, annotations={"Upper.io/Key": "any text"}) == []


@pytest.mark.parametrize(
    ("pod", "problem"),
    [
        ({"tolerations": [{"key": "a", "operator": "Is"}]}, "tolerations[0].operator: 'Is' is neither"),
        ({"tolerations": [{"value": "b"}]}, "tolerations[0].operator: has to be Exists"),
        (
            {"tolerations": [{"key": "a", "operator": "Exists", "value": "b"}]},
            "tolerations[0].value: has to be",
        ),
        (
            {"tolerations": [{"operator": "Exists", "effect": "No"}]},
            "tolerations[0].effect: 'No' is no effect",
        ),
        ({"nodeSelector": {"a b": "c"}}, "nodeSelector[a b]: is no key of a label"),
        ({"nodeSelector": {"a": "c d"}}, "nodeSelector[a]: 'c d' is no value of a label"),
        (expression(operator="Like"), "matchExpressions[0].operator: 'Like' is none of"),
        (expression(values=[]), "matchExpressions[0].values: is empty"),
        (expression(values=["a b"]), "matchExpressions[0].values: 'a b' is no value"),
        ({"volumes": [{"name": "V"}]}, "volumeMounts[0].name: there is no volume 'v'"),
        ({"volumes": [{"name": "v"}, {"name": "A_b"}]}, "volumes[1].name: 'A_b' is no name of a volume"),
        (
            {
                "containers": [
                    {**CONTAINER, "livenessProbe": {"exec": {"command": ["a"]}, "periodSeconds": -1}}
                ]
            },
            "livenessProbe.periodSeconds: -1 is below 0",
        ),
        ({"containers": [{**CONTAINER, "readinessProbe": {}}]}, "readinessProbe: has to have one of"),
    ],
)
def test_what_would_be_refused_is_said_with_its_place(pod: dict[str, JsonValue], problem: str) -> None:
    [line] = said(pod)
    assert line.startswith("spec.template.spec.")
    assert problem in line


def test_labels_and_annotations_of_pods_are_looked_at() -> None:
    assert "labels[a]: 'b c'" in said({}, labels={"a": "b c"})[0]
    assert "annotations[a b]: is no key" in said({}, annotations={"a b": "c"})[0]


@pytest.mark.parametrize(("schedule", "valid"), [("0 2 * * *", True), ("@daily", True), ("0 2 * *", False)])
def test_a_schedule_has_five_fields(schedule: str, valid: bool) -> None:
    job: JsonValue = {"spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}}
    spec: JsonValue = {"schedule": schedule, "jobTemplate": job}
    kind: dict[str, JsonValue] = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "c"}}
    assert (invalid_parts(typed({**kind, "spec": spec})) == []) is valid
