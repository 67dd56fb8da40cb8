"""What is kept of the objects of a watch: Fluid's own whole, of others only what identifies them.

A label selects the watched objects, and any user can write labels. Objects that one of Fluid's kinds controls
are kept whole, up to a number per owner that is enough for it. Of others, name, UID, short labels and
annotations and the controller are kept: enough to see that a name is taken. Garbage collection deletes
objects whose owner is gone.
"""

from collections.abc import Sequence

from fluid.kube.wire import Wire

MOST = 16
"""Objects of one kind and one owner that are kept whole."""
_SHORT = 1024
"""Characters of an annotation that is kept."""
_ENTRIES = 64
"""Number of labels, of annotations and of finalizers that are kept."""
_NAMED = (
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
)


class Trimmer:
    """Decides which objects of one kind are kept whole.

    Args:
        owners: Which controllers count: an API group, or ``group/Kind``.
    """

    def __init__(self, owners: Sequence[str]) -> None:
        self._owners = frozenset(owners)
        self._whole: dict[str, set[str]] = {}

    def begin(self) -> None:
        """A complete list begins: objects known before may be gone."""
        self._whole.clear()

    def keeps(self, raw: Wire) -> bool:
        """Whether an object is kept whole; once true, it stays so.

        Raises:
            KeyError, TypeError: it has no metadata or no name.
        """
        owner = controller_in(raw["metadata"])
        group = str(owner.get("apiVersion", "")).rpartition("/")[0]
        if not {group, f"{group}/{owner.get('kind')}"} & self._owners:
            return False
        names = self._whole.setdefault(str(owner.get("uid")), set())
        name = raw["metadata"]["name"]
        if name not in names and len(names) >= MOST:
            return False
        names.add(name)
        return True

    def forget(self, raw: Wire) -> None:
        """An object is gone."""
        uid = str(controller_in(raw["metadata"]).get("uid"))
        names = self._whole.get(uid, set())
        names.discard(raw["metadata"]["name"])
        if not names:
            self._whole.pop(uid, None)


def controller_in(metadata: Wire) -> Wire:
    """The controlling owner reference in metadata; empty if there is none."""
    owners: list[Wire] = metadata.get("ownerReferences") or []
    nobody: Wire = {}
    return next((owner for owner in owners if owner.get("controller")), nobody)


def brief(metadata: Wire) -> Wire:
    """Metadata without large parts: long annotations, owners other than the controller, managed fields."""
    kept: Wire = {name: metadata[name] for name in _NAMED if name in metadata}
    labels, annotations = metadata.get("labels"), metadata.get("annotations")
    if labels:
        kept["labels"] = dict([*labels.items()][:_ENTRIES])
    if annotations:
        short = [(name, value) for name, value in annotations.items() if len(value) <= _SHORT]
        kept["annotations"] = dict(short[:_ENTRIES])
    if owner := controller_in(metadata):
        kept["ownerReferences"] = [owner]
    if finalizers := metadata.get("finalizers"):
        kept["finalizers"] = finalizers[:_ENTRIES]
    return kept
