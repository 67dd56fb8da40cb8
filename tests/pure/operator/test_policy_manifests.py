"""The one switch of runtime policies: what `fluid manifests` prints with it, and without."""

from pathlib import Path

import yaml
from click.testing import CliRunner

from fluid.cli import main
from fluid.engines.core.runtime_policy import read_policies
from fluid.models import ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding
from fluid.operator.manifests import Installation

TEXT = "policies: [{name: tenants, hostPID: false, namespaceSelector: {matchLabels: {tenant: 'true'}}}]"


def printed(*arguments: str) -> list[str]:
    done = CliRunner().invoke(main, ["manifests", *arguments])
    assert done.exit_code == 0, done.output
    return [f"{one['kind']} {one['metadata']['name']}" for one in yaml.safe_load_all(done.output)]


def test_without_a_file_nothing_is_judged_and_no_namespace_is_read() -> None:
    off = Installation()
    assert off.admission() == []
    assert "runtime-policy" not in str(off.deployment().to_wire())
    assert "namespaces" not in str([one.to_wire().get("rules") for one in off.rights()])


def test_a_file_brings_policies_of_each_kind_and_another_file_restarts_the_operator() -> None:
    on = Installation(policies=read_policies(TEXT))
    kinds = (
        "datasets",
        "alluxioruntimes",
        "jindoruntimes",
        "juicefsruntimes",
        "thinruntimes",
        "databackups",
        "dataloads",
        "datamigrates",
        "dataprocesses",
    )
    names = [f"fluid-runtime-policy-tenants-{kind}" for kind in kinds]
    found = on.admission()
    assert [one.name for one in found if isinstance(one, ValidatingAdmissionPolicy)] == names
    assert [one.name for one in found if isinstance(one, ValidatingAdmissionPolicyBinding)] == names
    assert "namespaces" in str([one.to_wire().get("rules") for one in on.rights()])
    other = Installation(policies=read_policies(TEXT.replace("hostPID", "hostNetwork")))
    assert on.deployment().to_wire() != other.deployment().to_wire()
    assert Installation().deployment().to_wire() != on.deployment().to_wire()


def test_what_the_switch_adds_can_be_printed_alone(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(TEXT)
    added = printed("--policies", "--runtime-policy", str(file))
    assert {one.split()[0] for one in added} == {
        "ConfigMap",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    }
    assert {*printed("--runtime-policy", str(file))} - {*printed()} == {*added}


def test_a_file_that_cannot_be_read_ends_every_command_that_takes_it(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("policies: [{name: tenants, hostPid: false}]")
    for command in (["manifests"], ["run"], ["render", "-f", "-"]):
        done = CliRunner().invoke(main, [*command, "--runtime-policy", str(file)])
        assert done.exit_code == 2
        assert "policies[0].hostPid: unknown field; did you mean hostPID?" in done.output
    assert CliRunner().invoke(main, ["manifests", "--policies"]).exit_code == 2
