# pyright: basic
"""What specs may become: refused in words before it is built, whatever it would have become."""

import json
import resource
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.limits import refuse_oversized
from fluid.engines.core.settings import Settings
from fluid.models import ConfigMap, DataLoad, DataProcess, Dataset, JindoRuntime, ObjectMeta, ThinRuntime
from fluid.offline.render import render_documents
from fluid.types.untrusted import CONFIG_MAP, MOUNT_OPTIONS, OBJECT
from fluid.types.weight import weight

JINDO = {"tieredstore": {"levels": [{"mediumtype": "MEM", "path": "/dev/shm", "quota": "1Gi"}]}}
THIN = {"fuse": {"image": "i:1"}}
MEMORY = 768 * 1024**2
"""Bytes of address space that a command may have: the interpreter and the models take a fourth."""
MANY = {f"o{number}": "v" for number in range(20_000)}
LONG = {f"fs.o{number}": "v" * 1000 for number in range(250)}
ENDPOINT = {"fs.oss.endpoint": "e" * 1_000_000}


def documents(kind: str, shared: dict[str, str], address: str, mounts: int = 256) -> list[dict[str, Any]]:
    spec = JINDO if kind == "JindoRuntime" else THIN
    listed = [{"mountPoint": address.format(number), "name": f"m{number}"} for number in range(mounts)]
    api, metadata = "data.fluid.io/v1alpha1", {"name": "bomb", "namespace": "ns"}
    return [
        {
            "apiVersion": api,
            "kind": "Dataset",
            "metadata": metadata,
            "spec": {"sharedOptions": shared, "mounts": listed},
        },
        {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec},
    ]


def render(found: list[dict[str, Any]]) -> list[Any]:
    kinds = {kind.__name__: kind for kind in (Dataset, JindoRuntime, ThinRuntime, DataLoad, DataProcess)}
    return render_documents([kinds[one["kind"]].model_validate(one) for one in found], Settings())


BOMBS = {
    "thin, many options": (documents("ThinRuntime", MANY, "https://h/{}"), "sharedOptions"),
    "thin, long options": (documents("ThinRuntime", LONG, "https://h/{}"), "sharedOptions"),
    "jindo, many options": (documents("JindoRuntime", MANY, "https://h/{}"), "sharedOptions"),
    "jindo, a long endpoint": (documents("JindoRuntime", ENDPOINT, "oss://b{}/"), "sharedOptions"),
    "thin, a long endpoint": (documents("ThinRuntime", ENDPOINT, "oss://b{}/"), "sharedOptions"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_small_dataset_that_asks_for_gigabytes_is_refused_within_little_memory(bomb: str) -> None:
    found, field = BOMBS[bomb]
    program = (
        "import json, resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))\n"
        "from tests.pure.engines.test_limits import render\n"
        "from fluid.engines.core.errors import InvalidSpec\n"
        "try:\n    render(json.load(sys.stdin))\n"
        "except InvalidSpec as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(found), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert field in done.stdout
    assert "Dataset" in done.stdout
    assert len(done.stdout) < 500


@pytest.mark.parametrize("kind", ["JindoRuntime", "ThinRuntime"])
def test_the_command_refuses_it_too_and_names_document_and_field(kind: str, tmp_path: Any) -> None:
    file = tmp_path / "bomb.yaml"
    file.write_text(
        "\n---\n".join(
            json.dumps(one) for one in documents(kind, {"fs.oss.endpoint": "e" * 100_000}, "oss://b{}/")
        )
    )
    done = subprocess.run(
        [sys.executable, "-m", "fluid.cli", "render", "-f", str(file)],
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    assert done.returncode == 1
    assert f"{file}, document 1: Dataset ns/bomb spec.sharedOptions" in done.stderr
    assert "1048576" in done.stderr
    assert "Traceback" not in done.stderr


def test_shared_options_that_are_written_once_count_once() -> None:
    """Keys of HDFS stand once in the files, however many mounts have them."""
    assert render(documents("JindoRuntime", LONG, "hdfs://h{}/"))


def test_options_up_to_the_limit_are_held() -> None:
    shared = {f"o{number}": "" for number in range(MOUNT_OPTIONS // 256)}
    assert render(documents("JindoRuntime", shared, "https://h/{}"))
    with pytest.raises(InvalidSpec, match=r"spec\.sharedOptions: 257 shared options at 256 mounts"):
        render(documents("JindoRuntime", {**shared, "more": ""}, "https://h/{}"))


def test_addresses_that_the_status_could_not_repeat_are_refused() -> None:
    long = "https://h/{}/" + "p" * 3500
    with pytest.raises(InvalidSpec, match=r"spec\.mounts: the addresses, which the status repeats"):
        render(documents("JindoRuntime", {}, long))
    assert render(documents("JindoRuntime", {}, long, 64))


def test_a_script_that_no_config_map_holds_is_refused_by_name() -> None:
    found = documents("ThinRuntime", {}, "https://h/{}", 1)
    spec = {
        "dataset": {"name": "bomb", "namespace": "ns", "mountPath": "/data"},
        "processor": {"script": {"image": "i", "imageTag": "1", "source": "# " + "é" * (CONFIG_MAP // 2)}},
    }
    process = {**found[0], "kind": "DataProcess", "metadata": {"name": "p", "namespace": "ns"}, "spec": spec}
    with pytest.raises(
        InvalidSpec, match=r"DataProcess ns/p spec\.processor: takes \d+ bytes, and ConfigMap p-"
    ):
        render([*found, process])


def test_a_config_map_up_to_the_limit_passes_and_one_byte_more_does_not() -> None:
    def sized(size: int) -> ConfigMap:
        return ConfigMap(metadata=ObjectMeta(name="c"), data={"a": "x" * (size - 2), "b": "é"})

    refuse_oversized([sized(CONFIG_MAP)], [])
    with pytest.raises(InvalidSpec, match="ConfigMap c would have 1048577 bytes; 1048576 are possible"):
        refuse_oversized([sized(CONFIG_MAP + 1)], [])
    metadata = ObjectMeta(name="p", annotations={"a": "x" * OBJECT})
    with pytest.raises(InvalidSpec, match="Dataset p would have"):
        refuse_oversized([Dataset(metadata=metadata)], [])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
)


@given(JSON)
def test_what_is_counted_is_never_more_than_what_is_written(value: Any) -> None:
    assert weight(value, OBJECT) <= len(to_json(value))


def test_counting_stops_early() -> None:
    endless = {"a": iter(int, 1)}
    assert weight([endless, ["x" * 50] * 10**6], 100) <= 200
