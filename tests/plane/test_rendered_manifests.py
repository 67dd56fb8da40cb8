# pyright: basic
"""What `fluid render` prints is what an API server takes: of manifests changed at random, none is stored."""

import subprocess

from click.testing import CliRunner

from cluster import ControlPlane
from fluid.cli import main
from fluid.types.yaml import dump_yaml, load_yaml
from tests.harness.mutations import manifest, seeds

CASES = range(10_000, 10_150)


def test_the_api_server_takes_every_object_that_is_rendered(plane: ControlPlane) -> None:
    known = seeds()
    answers = [CliRunner().invoke(main, ["render", "-f", "-"], input=manifest(n, known)) for n in CASES]
    rendered = [answer for answer in answers if answer.exit_code == 0]
    assert len(rendered) > len(CASES) // 5
    texts = dict.fromkeys(dump_yaml(one) for answer in rendered for one in load_yaml(answer.stdout))
    command = [plane.bin / "kubectl", "create", "--dry-run=server", "--validate=strict", "-f", "-"]
    done = subprocess.run(
        [*map(str, command), f"--kubeconfig={plane.kubeconfig}"],
        input="\n---\n".join(texts),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    refused = [line for line in done.stderr.splitlines() if line and not line.startswith("Warning:")]
    assert refused == []
    assert len(done.stdout.splitlines()) == len(texts)
