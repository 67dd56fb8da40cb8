"""`python -m tests.mounts.sanity`: csi-sanity against the plugin as a process, on real mounts; a table of it.

csi-sanity makes the volumes that it mounts by a Controller service. The plugin has none, so one of the tests
stands in front of it (`tests/harness/csi_front.py`). Specs of services that the plugin has not are left out.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cluster.build import BuildError, csi_sanity
from tests.harness.served import served
from tests.harness.server import FakeServer, Json
from tests.mounts.process import Process
from tests.mounts.support import NODE, ROOT, Machine, node_in_a_folder, obstacle

OURS = ("Identity Service", "Node Service")
_SECONDS = 120


@dataclass(frozen=True)
class Spec:
    """One spec and what became of it.

    Attributes:
        service: As csi-sanity calls it.
        part: The call that it is about; empty for a spec of the whole service.
        name: What has to hold.
        state: passed, failed or skipped.
        reason: Why it was skipped or failed.
    """

    service: str
    part: str
    name: str
    state: str
    reason: str


def run(machine: Machine) -> list[Spec]:
    """Every spec of csi-sanity, on a machine with a FUSE mount.

    Raises:
        BuildError: csi-sanity cannot be built here.
    """
    program, report = csi_sanity(), machine.folder / "report.json"
    with plugin(machine) as process, front(machine, process) as socket:
        command = [str(program), f"--csi.endpoint=unix://{socket}", f"--ginkgo.focus={'|'.join(OURS)}"]
        command += [f"--csi.mountdir={machine.folder}/target", f"--csi.stagingdir={machine.folder}/staging"]
        command += ["--ginkgo.no-color", f"--ginkgo.json-report={report}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    if not report.exists():
        raise RuntimeError(f"csi-sanity told nothing:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return list(specs(json.loads(report.read_text())))


@contextmanager
def plugin(machine: Machine) -> Generator[Process]:
    """The plugin, and an API server that lets it label its node."""
    server = FakeServer()
    server.put("v1/nodes", {"metadata": {"name": NODE}})
    with served(server) as url:
        process = Process(machine, url, log_level="error")  # what it refuses is what is asked of it
        process.start()
        yield process
        process.kill()


@contextmanager
def front(machine: Machine, process: Process) -> Generator[Path]:
    """The socket of plugin and Controller."""
    socket = machine.folder / "front.sock"
    command = [sys.executable, "-m", "tests.harness.csi_front", socket, process.socket, machine.path]
    running = subprocess.Popen(command, cwd=ROOT)
    machine.processes.append(running)
    machine.until(socket.exists, 30)
    yield socket
    running.kill()
    running.wait()


def specs(report: list[Json]) -> Iterator[Spec]:
    """What is in ginkgo's JSON report."""
    for found in report[0]["SpecReports"]:
        if found["ContainerHierarchyTexts"]:
            service, *parts = (one.partition(" [")[0] for one in found["ContainerHierarchyTexts"])
            reason = " ".join(found.get("Failure", {}).get("Message", "").split())
            yield Spec(service, " ".join(parts), found["LeafNodeText"], found["State"], reason)


def table(found: Sequence[Spec]) -> str:
    """The specs by call, as Markdown."""
    rows = ["| Service | Call | Passed | Skipped | Why skipped |", "|---|---|---|---|---|"]
    ours = [spec for service in OURS for spec in found if spec.service == service]
    for service, part in dict.fromkeys((spec.service, spec.part) for spec in ours):
        mine = [spec for spec in ours if (spec.service, spec.part) == (service, part)]
        count = Counter(spec.state for spec in mine)
        why = "; ".join(dict.fromkeys(spec.reason for spec in mine if spec.state == "skipped"))
        what = f"{service} | {part or 'all calls of a volume'}"
        rows.append(f"| {what} | {count['passed']} | {count['skipped']} | {why} |")
    others = sum(spec.service not in OURS for spec in found)
    rows.append(
        f"| Controller, GroupController, snapshots | | 0 | {others} | the plugin has no such services |"
    )
    return "\n".join(rows) + "\n"


def failures(found: Sequence[Spec]) -> list[str]:
    """What does not hold, and why."""
    bad = [spec for spec in found if spec.state not in ("passed", "skipped", "pending")]
    return [f"{spec.service} {spec.part} {spec.name}: {spec.reason}" for spec in bad]


def main() -> int:
    """Run it, print the table and what failed."""
    if why := obstacle():
        sys.stderr.write(f"error: csi-sanity mounts, and here {why}\n")
        return 1
    try:
        with node_in_a_folder() as machine:
            machine.fuse()
            found = run(machine)
    except BuildError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write(table(found))
    sys.stdout.writelines(f"FAILED {line}\n" for line in failures(found))
    return int(bool(failures(found)))


if __name__ == "__main__":
    sys.exit(main())
