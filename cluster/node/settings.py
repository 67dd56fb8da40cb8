"""Settings for the first process of a node, passed in a file because it starts in its own namespaces."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cluster.credentials import Credentials
from cluster.node.build import NodePrograms
from cluster.servers import Ports

NAME = "node-0"
"""The node's name."""
ADDRESS = "10.77.0.1"
"""The node's address, the same for every node: each is alone in its network."""
PODS = "10.88.0.0/24"


@dataclass(frozen=True)
class Settings:
    """All that differs from node to node."""

    directory: Path
    programs: NodePrograms
    ports: Ports
    images: tuple[Path, ...]
    restart_period: str = ""
    """The kubelet's longest pause before a crashed container is started again; empty for its default."""

    @property
    def credentials(self) -> Credentials:
        """The node's certificates and tokens."""
        return Credentials(self.directory / "pki")

    @property
    def cgroup(self) -> str:
        """The name of the node's cgroups; the port in it is unique while the node runs."""
        return f"fluid-node-{self.ports.api}"

    @property
    def logs(self) -> Path:
        """The logs of the node's servers."""
        return self.directory / "log"

    def save(self) -> Path:
        """Write the file and return it."""
        file = self.directory / "settings.json"
        content = {
            "programs": {name: str(path) for name, path in asdict(self.programs).items()},
            "ports": asdict(self.ports),
            "images": [str(path) for path in self.images],
            "restart_period": self.restart_period,
        }
        file.write_text(json.dumps(content))
        return file

    @staticmethod
    def load(directory: Path) -> "Settings":
        """Read the file of a node."""
        content = json.loads((directory / "settings.json").read_text())
        return Settings(
            directory,
            NodePrograms(**{name: Path(path) for name, path in content["programs"].items()}),
            Ports(**content["ports"]),
            tuple(Path(path) for path in content["images"]),
            content.get("restart_period", ""),  # a node of an older checkout can be stopped too
        )
