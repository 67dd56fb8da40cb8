"""Sources in the words of another cache: refused before they are sent, as the operator would refuse them."""

from collections.abc import Iterator

from fluid.kube import Connection, Forbidden, NotFound
from fluid.models import Dataset, Mount, ThinRuntime, ThinRuntimeProfile
from fluid.naming import CACHE_WORDS, accepted_options
from fluid.types import AuthoringError, Key, KubeObject

_ADVICE = (
    "which the FUSE client of a ThinRuntime does not read: write source('s3://bucket', options={...}) with "
    "the options of its image, such as endpoint and access_key_id for rclone"
)
_SHOWN = 60
"""Characters of an option's name that are shown."""


async def refuse_foreign_words(connection: Connection, obj: KubeObject) -> None:
    """Refuse a Dataset and a ThinRuntime that cannot work together, whichever of them comes second.

    A Dataset that is Bound is left to the operator, which shows such words and goes on. So is everything that
    one may not read.

    Args:
        connection: Where the other one is.
        obj: What is about to be applied, of any kind.

    Raises:
        AuthoringError: Each mount with words that no ThinRuntime reads, and what to write.
    """
    try:
        if isinstance(obj, Dataset) and any(_foreign(obj, ())):
            live = await connection.api(Dataset).find(obj.key)
            runtime = await connection.api(ThinRuntime).find(obj.key)
            await _refuse(connection, obj, live, runtime)
        elif isinstance(obj, ThinRuntime):
            live = await connection.api(Dataset).find(obj.key)
            await _refuse(connection, live, live, obj)
    except (Forbidden, NotFound):
        return  # the operator tells it


async def _refuse(
    connection: Connection, wanted: Dataset | None, live: Dataset | None, runtime: ThinRuntime | None
) -> None:
    bound = live is not None and live.status is not None and live.status.phase == "Bound"
    if wanted is None or runtime is None or bound or not any(_foreign(wanted, ())):
        return
    name = runtime.spec.profile_name if runtime.spec else None
    profile = await connection.api(ThinRuntimeProfile).find(Key("", name)) if name else None
    accepted = tuple(accepted_options(profile.metadata.annotations if profile else None))
    found = [f"Dataset {wanted.key} {line}" for line in _foreign(wanted, accepted)]
    if found:
        raise AuthoringError(found)


def _foreign(dataset: Dataset, accepted: tuple[str, ...]) -> Iterator[str]:
    """A line for each mount with such options."""
    spec = dataset.spec
    for index, mount in enumerate((spec.mounts if spec else None) or ()):
        for name in _options(mount):
            whose = next((owner for start, owner in CACHE_WORDS.items() if name.startswith(start)), "")
            if whose and not name.startswith(accepted):
                yield f"spec.mounts[{index}].options[{name[:_SHOWN]}]: is a word of {whose}, {_ADVICE}"
                break


def _options(mount: Mount) -> Iterator[str]:
    yield from mount.options or ()
    for option in mount.encrypt_options or ():
        yield option.name or ""
