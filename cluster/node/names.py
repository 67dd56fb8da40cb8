"""The images that a demo needs, by the names that pods use."""

from dataclasses import dataclass

from cluster.node import images, storage


@dataclass(frozen=True)
class Names:
    """The images to run; by default those of `make demo-images`, under their own names."""

    operator: str = images.OPERATOR
    tools: str = images.TOOLS
    server: str = storage.S3
    client: str = storage.CLIENTS["rclone"]

    @staticmethod
    def under(prefix: str) -> "Names":
        """The same four in another registry: ``PREFIX/fluid-operator:…``, ``PREFIX/tools:1`` and so on."""
        return Names(*(f"{prefix.rstrip('/')}/{name.rpartition('/')[2]}" for name in Names().all()))

    def all(self) -> tuple[str, ...]:
        """All four."""
        return (self.operator, self.tools, self.server, self.client)

    @property
    def words(self) -> dict[str, str]:
        """What is replaced in the objects of the data path."""
        return {"TOOLS": self.tools, "SERVER": self.server, "CLIENT": self.client}

    def profile(self, text: str, name: str) -> str:
        """A profile of the examples with the demo's client image, under another name."""
        image, _, tag = self.client.rpartition(":")
        default, _, default_tag = Names().client.rpartition(":")
        text = text.replace(f"image: {default}\n", f"image: {image}\n")
        text = text.replace(f'imageTag: "{default_tag}"', f'imageTag: "{tag}"')
        return text.replace("\n  name: rclone\n", f"\n  name: {name}\n")
