"""Settings by environment variables: how they are read, and the page that lists them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from fluid.engines.core.registry import Registry
from fluid.engines.core.settings import Settings
from fluid.engines.core.variables import Image, read_settings, variable, variables

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"


@dataclass(frozen=True)
class Toys:
    """What a distribution of somebody else would have."""

    image: Image = variable("TOY_IMAGE", Image("example.com/toy", "1.0"), "Image of toys.")
    verbose: bool = variable("TOY_VERBOSE", False, "Whether toys tell all.")
    threads: int = variable("TOY_THREADS", 4, "Threads of a toy.", installed="8")
    name: str = variable(
        "TOY_NAME", "bear", "Name of toys.", read=lambda text: text if text != "no" else None
    )


def test_every_type_of_default_has_its_reading() -> None:
    said = {"TOY_IMAGE": "reg:5000/t:2", "TOY_VERBOSE": "True", "TOY_THREADS": "12", "TOY_NAME": "cat"}
    assert read_settings(Toys, said) == Toys(Image("reg:5000/t", "2"), True, 12, "cat")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"TOY_IMAGE": "", "TOY_VERBOSE": "", "TOY_THREADS": "", "TOY_NAME": ""},
        {"TOY_IMAGE": "no tag", "TOY_VERBOSE": "1", "TOY_THREADS": "-1", "TOY_NAME": "no"},
        {"TOY_THREADS": "9" * 30},
    ],
)
def test_what_is_not_set_or_malformed_has_its_default(said: dict[str, str]) -> None:
    assert read_settings(Toys, said) == Toys()


def test_a_default_that_nobody_can_read_is_a_mistake_of_the_author() -> None:
    with pytest.raises(TypeError, match="TOY_SET: say how a frozenset is read"):
        variable("TOY_SET", frozenset[str](), "A set.")


def test_an_engine_finds_its_own_settings_among_all() -> None:
    settings = Settings.from_environment({"TOY_NAME": "cat"}, [Toys])
    assert settings.of(Toys).name == "cat"
    assert Settings().of(Toys) == Toys()
    assert settings.images == {str(settings.init_image), settings.operator_image, "example.com/toy:1.0"}


def test_mounts_of_an_installation_without_a_root_are_below_a_folder_for_each_kind() -> None:
    registry = Registry.discover()
    assert registry.settings({}).mount_roots == ("/alluxio", "/jindo", "/juicefs", "/thin")
    assert registry.settings({"MOUNT_ROOT": "/mnt/"}).mount_roots == ("/mnt",)


def rows() -> Iterator[str]:
    for settings in (Settings, *Registry.discover().settings_classes):
        defaults = {one.name: one.default for one in fields(settings)}
        for name, one in variables(settings):
            default = defaults[name]
            shown = (
                ""
                if default == "" or (isinstance(default, tuple) and not isinstance(default, Image))
                else default
            )
            text = str(shown).lower() if isinstance(shown, bool) else str(shown)
            if name == "operator_image":
                text = "fluid-operator:VERSION"
            if name == "volume_metadata":
                text = "*"
            values = " | ".join(f"`{value}`" if value else "" for value in (one.name, text, one.installed))
            yield f"| {values} | {one.doc} |"


def test_the_page_lists_every_variable() -> None:
    listed = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert listed == [*rows()]
