"""The examples render."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from fluid.cli import main

EXAMPLES = Path(__file__).parents[3] / "examples" / "thin"


@pytest.mark.parametrize(
    ("profile", "dataset"),
    [
        ("rclone/profile", "rclone/dataset"),
        ("rclone/profile", "rclone/cached"),
        ("rclone/profile", "rclone/local"),
        ("rclone/profile", "rclone/pvc"),
        ("s3fs/profile", "s3fs/dataset"),
    ],
)
def test_every_example_renders(profile: str, dataset: str) -> None:
    files = [word for name in (profile, dataset) for word in ("-f", str(EXAMPLES / f"{name}.yaml"))]
    result = CliRunner().invoke(main, ["render", *files], catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"mount_type: fuse.{profile.split('/', maxsplit=1)[0]}" in result.stdout


def test_the_load_of_the_example_renders_with_its_dataset() -> None:
    names = ("profile", "cached", "dataload")
    files = [word for name in names for word in ("-f", str(EXAMPLES / "rclone" / f"{name}.yaml"))]
    result = CliRunner().invoke(main, ["render", *files], catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "name: warm-cached-loader-job" in result.stdout
