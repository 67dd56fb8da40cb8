"""Rendering in general: templates, values, keyed lists, errors."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from fluid.charts import ChartError, Release, load_chart
from fluid.charts.chart import charts_folder
from fluid.charts.keyed import unique
from fluid.charts.reader import read_documents
from fluid.charts.text import impossible, to_yaml
from fluid.engines.core.registry import Registry
from fluid.models import ConfigMap

RELEASE = Release("demo", "default")
CHARTS = [
    *("jindocache", "thin"),
    *("fluid-dataloader/jindocache", "fluid-dataloader/thin", "fluid-dataprocess/common"),
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def write_chart(folder: Path, template: str) -> Path:
    (folder / "templates").mkdir()
    (folder / "Chart.yaml").write_text("name: demo\nversion: 1.2.3\n")
    (folder / "values.yaml").write_text("text: a\n")
    (folder / "templates" / "one.yaml").write_text(template)
    return folder


def config_map(data: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata:\n  key: {data}\n"


def render(folder: Path, template: str, **values: JsonValue) -> dict[str, str]:
    [item] = load_chart(write_chart(folder, template)).render_mapping(values, RELEASE)
    assert isinstance(item, ConfigMap)
    return item.data or {}


@pytest.mark.parametrize("name", CHARTS)
def test_values_yaml_says_what_the_model_says(name: str) -> None:
    chart = load_chart(name)
    model = Registry.discover().values[chart.name]
    assert model.model_validate(dict(chart.defaults)) == model()
    assert set(chart.defaults) == set(model().model_dump(by_alias=True, exclude_computed_fields=True))


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_complete_and_renders_by_itself(name: str) -> None:
    folder = charts_folder() / name
    for file in ("Chart.yaml", "README.md", "CHANGELOG.md", "values.yaml"):
        assert (folder / file).is_file()
    assert "jinja2" in (folder / "README.md").read_text()
    chart = load_chart(name)
    assert chart.render(Registry.discover().values[chart.name](), RELEASE)


def test_what_an_installer_compiled_beside_a_program_is_no_file_of_the_chart(tmp_path: Path) -> None:
    folder = write_chart(tmp_path, config_map('{{ Files["run.py"] }}'))
    (folder / "files" / "__pycache__").mkdir(parents=True)
    (folder / "files" / "run.py").write_text("pass")
    [item] = load_chart(folder).render_mapping({}, RELEASE)
    assert isinstance(item, ConfigMap)
    assert item.data == {"key": "pass"}


def test_a_printed_value_is_one_scalar_whatever_it_holds(tmp_path: Path) -> None:
    text = 'a"\n  other: b # {{ x }}'
    assert render(tmp_path, config_map("{{ Values.text }}"), text=text) == {"key": text}


def test_keys_of_a_mapping_are_data_and_never_methods(tmp_path: Path) -> None:
    assert render(tmp_path, config_map("{{ Values.items }}"), items="mine") == {"key": "mine"}


def test_a_user_cannot_bring_text_that_passes_for_safe(tmp_path: Path) -> None:
    template = config_map("{{ Values.text | default('x') }}{# nothing #}")
    assert render(tmp_path, template, text="&lt; {% raw %}") == {"key": "&lt; {% raw %}"}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (config_map("{{ Values.missing }}"), "missing"),
        (config_map("{{ Values.missing.deeper }}"), "missing"),
        (config_map('{{ {"a": [Values.missing]} | to_yaml }}'), "missing"),
        (config_map("{{ Values.text "), "one.yaml"),
        (config_map("[unclosed"), "not valid YAML"),
        (config_map("a\n  key: b"), "the key 'key' stands twice"),
        (config_map("&anchor a\n  other: *anchor"), "anchors and aliases"),
        ("apiVersion: v1\nkind: Unheard\nmetadata: {name: x}\n", "unknown kind Unheard"),
        ("just text\n", "not a mapping"),
        (config_map("[1, 2]"), "ConfigMap"),
    ],
)
def test_a_broken_template_is_one_clear_error(tmp_path: Path, template: str, message: str) -> None:
    with pytest.raises(ChartError, match=message):
        load_chart(write_chart(tmp_path, template)).render_mapping({"text": "a"}, RELEASE)


def test_a_chart_that_does_not_exist_is_named() -> None:
    with pytest.raises(ChartError, match="no chart nowhere"):
        load_chart("nowhere")


@given(value=json_values)
def test_every_json_value_survives_as_yaml(value: JsonValue) -> None:
    def plain(one: JsonValue) -> JsonValue:
        if isinstance(one, dict):
            return {key: plain(item) for key, item in one.items() if item is not None}
        return [plain(item) for item in one] if isinstance(one, list) else one

    if any(impossible(text) for text in texts(value)):
        with pytest.raises(ChartError, match="NUL"):
            to_yaml(value)
    else:
        assert read_documents(f"a: {to_yaml(value)}") == [{"a": plain(value)}]


def texts(value: JsonValue) -> Iterator[str]:
    """All strings that would be written."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if item is not None:
                yield key
                yield from texts(item)


def test_the_last_of_two_variables_counts_and_equal_entries_are_one() -> None:
    pod: JsonValue = {
        "env": [{"name": "A", "value": "1"}, {"name": "B"}, {"name": "A", "value": "2"}],
        "volumes": [{"name": "v"}, {"name": "v"}],
    }
    assert unique(pod) == {"env": [{"name": "B"}, {"name": "A", "value": "2"}], "volumes": [{"name": "v"}]}


def test_two_volumes_of_one_name_are_an_error() -> None:
    with pytest.raises(ChartError, match="volumes: two entries have the name v"):
        unique({"volumes": [{"name": "v", "emptyDir": {}}, {"name": "v"}]})
