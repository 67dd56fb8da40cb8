import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

import fluid.models
from fluid.models import (
    CustomResourceDefinition,
    DataLoad,
    Dataset,
    DatasetSpec,
    DatasetStatus,
    JindoRuntime,
    LabelSelectorRequirement,
    Mount,
    ObjectMeta,
    OperationStatus,
    PersistentVolumeClaim,
    Pod,
    RuntimeStatus,
    Service,
)
from fluid.types import AuthoringError, Key, KubeModel, KubeObject
from fluid.types.yaml import dump_yaml, load_yaml
from tests import strategies

users_objects = st.one_of(strategies.datasets(), strategies.jindo_runtimes(), strategies.data_loads())
statuses = st.one_of(
    strategies.dataset_statuses(), strategies.runtime_statuses(), strategies.operation_statuses()
)


@given(users_objects)
def test_objects_survive_the_wire_and_yaml(thing: KubeObject) -> None:
    model = type(thing)
    wire = thing.to_wire()
    assert model.model_validate(wire).to_wire() == wire
    assert model.author(wire).to_wire() == wire
    assert load_yaml(thing.to_yaml()) == [wire]


@given(statuses)
def test_statuses_survive_the_wire(status: DatasetStatus | RuntimeStatus | OperationStatus) -> None:
    wire = status.to_wire()
    assert type(status).model_validate(wire).to_wire() == wire


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | strategies.hostile_text(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(strategies.hostile_text(), inner, max_size=3)
        ),
    )
)
def test_yaml_reads_back_as_it_was(value: JsonValue) -> None:
    assert load_yaml(dump_yaml(value)) == ([] if value is None else [value])


@pytest.mark.parametrize(
    "word", ["y", "n", "on", "OFF", "1e3", "0o17", "0x1f", "1_000", "12:30", ".5", "~", "", "2026-01-01"]
)
def test_yaml_quotes_words_that_readers_disagree_about(word: str) -> None:
    assert dump_yaml({"word": word}) == f"word: '{word}'\n"


def test_several_documents_are_separated() -> None:
    assert dump_yaml({"a": 1}, {"b": 2}) == "---\na: 1\n---\nb: 2\n"
    assert load_yaml("---\na: 1\n---\n---\nb: 2\n") == [{"a": 1}, {"b": 2}]


def test_what_is_no_yaml_is_refused_with_its_place() -> None:
    with pytest.raises(ValueError, match="line 1, column 4"):
        load_yaml("a: [1")


def test_unknown_fields_are_kept_when_reading_and_named_by_path() -> None:
    wire: dict[str, JsonValue] = {
        "apiVersion": "data.fluid.io/v1alpha1",
        "kind": "Dataset",
        "metadata": {"name": "x", "nope": "y"},
        "spec": {"mounts": [{"mountPoint": "s3://bucket", "future": {"a": [1]}}], "more": None},
    }
    dataset = Dataset.model_validate(wire)
    assert dataset.unknown_fields() == ["metadata.nope", "spec.more", "spec.mounts[0].future"]
    written = dataset.to_wire()
    assert written["spec"] == {"mounts": [{"mountPoint": "s3://bucket", "future": {"a": [1]}}]}


def test_what_belongs_to_others_is_no_unknown_field() -> None:
    managed: JsonValue = [{"manager": "x", "fieldsV1": {"f:spec": {"f:a": {}}}}]
    definition = CustomResourceDefinition.author(
        {"metadata": {"name": "x"}, "spec": {"group": "a", "names": {}}}
    )
    assert definition.spec["group"] == "a"
    assert Dataset.model_validate({"metadata": {"managedFields": managed}}).unknown_fields() == []


def test_authors_learn_of_all_unknown_fields_and_what_they_meant() -> None:
    with pytest.raises(AuthoringError) as caught:
        Dataset.author(
            {
                "apiVersion": "data.fluid.io/v1alpha1",
                "kind": "Dataset",
                "metadata": {"name": "x"},
                "spec": {
                    "mounts": [{"mountPoint": "s3://bucket", "readonly": True}],
                    "sharedoption": {},
                    "zzz": 1,
                },
            }
        )
    assert caught.value.problems == [
        "spec.sharedoption: unknown field; did you mean sharedOptions?",
        "spec.zzz: unknown field",
        "spec.mounts[0].readonly: unknown field; did you mean readOnly?",
    ]


_MALFORMED: list[tuple[JsonValue, str]] = [
    ({"mounts": [{}]}, "spec.mounts[0].mountPoint: field required"),
    ({"mounts": [{"mount_point": "s3://bucket"}]}, "spec.mounts[0].mountPoint: field required"),
    ({"mounts": []}, "spec.mounts: list should have at least 1 item after validation, not 0"),
    ({"placement": "Elsewhere"}, "spec.placement: input should be 'Exclusive', '' or 'Shared'"),
    (
        {"mounts": [{"mountPoint": "s3://bucket", "options": {"a": 1}}]},
        "spec.mounts[0].options.a: input should be a valid string",
    ),
    (
        {"mounts": [{"mountPoint": "s3://bucket", "readOnly": "yes"}]},
        "spec.mounts[0].readOnly: input should be a valid boolean",
    ),
]


@pytest.mark.parametrize(("spec", "problem"), _MALFORMED)
def test_authors_learn_what_is_malformed_and_where(spec: JsonValue, problem: str) -> None:
    with pytest.raises(AuthoringError) as caught:
        Dataset.author({"metadata": {"name": "x"}, "spec": spec})
    assert caught.value.problems == [problem]


def test_authors_learn_of_a_malformed_quantity() -> None:
    spec: JsonValue = {"tieredstore": {"levels": [{"mediumtype": "MEM", "quota": "10 GB"}]}}
    with pytest.raises(
        AuthoringError, match=r"spec\.tieredstore\.levels\[0\]\.quota: '10 GB' is no quantity"
    ):
        JindoRuntime.author({"metadata": {"name": "x"}, "spec": spec})


def test_an_object_of_another_kind_is_refused() -> None:
    with pytest.raises(AuthoringError, match="kind: input should be 'DataLoad'"):
        DataLoad.author(
            {"apiVersion": "data.fluid.io/v1alpha1", "kind": "Dataset", "metadata": {"name": "x"}}
        )


def test_writing_yaml_refuses_unknown_fields() -> None:
    dataset = Dataset.model_validate({"metadata": {"name": "x"}, "spec": {"nope": 1}})
    with pytest.raises(AuthoringError, match=r"spec\.nope: unknown field"):
        dataset.to_yaml()


def test_fields_with_names_that_python_takes_are_safe() -> None:
    wire: dict[str, JsonValue] = {
        "spec": {"ports": [{"port": 1}], "clusterIPs": ["::1"], "externalIPs": ["::2"]}
    }
    service = Service.model_validate({"metadata": {"name": "x"}, **wire})
    assert service.to_wire()["spec"] == wire["spec"]
    assert service.spec is not None
    assert service.spec.cluster_i_ps == ["::1"]
    for model in vars(fluid.models).values():
        if isinstance(model, type) and issubclass(model, KubeModel):
            names = [field.alias or name for name, field in model.model_fields.items()]
            assert not {"copy", "json", "dict", "validate"} & model.model_fields.keys()
            assert len(names) == len(set(names))


def test_in_and_not_in_selectors_keep_their_values() -> None:
    requirement = LabelSelectorRequirement.model_validate({"key": "a", "operator": "In", "values": ["b"]})
    assert requirement.to_wire() == {"key": "a", "operator": "In", "values": ["b"]}


def test_only_fields_that_were_set_are_written() -> None:
    load = DataLoad(metadata=ObjectMeta(name="x"))
    assert load.to_wire() == {
        "apiVersion": "data.fluid.io/v1alpha1",
        "kind": "DataLoad",
        "metadata": {"name": "x"},
    }
    assert load.spec.policy == "Once"
    load.spec.schedule = "* * * * *"
    assert load.to_wire()["spec"] == {"schedule": "* * * * *"}


def test_a_spec_filled_in_place_is_not_lost() -> None:
    dataset = Dataset(metadata=ObjectMeta(name="x"))
    dataset.spec.mounts = [Mount(mount_point="s3://bucket")]
    assert dataset.to_wire()["spec"] == {"mounts": [{"mountPoint": "s3://bucket"}]}
    assert Dataset(metadata=ObjectMeta(name="y")).spec == DatasetSpec()


def test_every_kind_says_where_the_api_server_keeps_it() -> None:
    claim = PersistentVolumeClaim(metadata=ObjectMeta(name="x", namespace="y", uid="z"))
    assert (claim.name, claim.namespace, claim.uid) == ("x", "y", "z")
    assert claim.key == Key("y", "x")
    assert str(claim.key) == "y/x"
    assert str(Key("", "x")) == "x"
    assert claim.resource == ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", True)
    assert str(Dataset.resource) == "datasets.data.fluid.io"
    assert Dataset.resource.api_version == "data.fluid.io/v1alpha1"
    assert Pod.resource.api_version == "v1"


def test_labels_that_look_like_something_else_stay_strings() -> None:
    text = Dataset(metadata=ObjectMeta(name="x", labels={"on": "yes", "n": "0o17"})).to_yaml()
    assert yaml.safe_load(text)["metadata"]["labels"] == {"on": "yes", "n": "0o17"}
    assert "'on': 'yes'" in text
    assert "'n': '0o17'" in text
