"""csi-sanity of the Kubernetes project, against the plugin as a process."""

from tests.mounts.sanity import failures, run, table
from tests.mounts.support import ROOT, Machine


def test_every_spec_of_what_the_plugin_serves_holds_and_the_page_says_which_are_skipped(
    machine: Machine,
) -> None:
    machine.fuse()
    before = machine.mounts()
    found = run(machine)
    assert failures(found) == []
    assert machine.mounts() == before
    assert table(found) in (ROOT / "docs" / "csi.md").read_text(), f"docs/csi.md needs:\n{table(found)}"
