"""How the API server names a kind."""

from typing import NamedTuple


class Resource(NamedTuple):
    """The address of a kind at the API server.

    Attributes:
        group: API group, empty for the core group.
        version: API version, such as ``v1``.
        kind: Name of the kind, such as ``Dataset``.
        plural: Name in URLs and RBAC rules, such as ``datasets``.
        namespaced: Whether objects of the kind live in a namespace.
    """

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """Group and version as objects spell them: ``apps/v1``, or ``v1`` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        """Plural and group as kubectl spells them: ``datasets.data.fluid.io``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural
