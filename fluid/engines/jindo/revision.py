"""What pods read of the Dataset's mounts when they start, as a short hash."""

import hashlib
import json
from collections.abc import Sequence

from fluid.engines.jindo.credentials import Credentials
from fluid.engines.jindo.sources import Source
from fluid.engines.jindo.storage import cache_sets, customised, file_store, local_volumes, ufs_volumes


def mounts_revision(sources: Sequence[Source], found: Credentials) -> str:
    """Hash of the mounts' keys, credentials, volumes and cache sets of their own.

    Changes when pods have to be replaced for a change of the mounts, and only then: mounts that need a mount
    command alone do not count, and the operator's own defaults do not, so that its upgrade restarts nothing.
    """
    content = {
        "keys": file_store(sources),
        "files": sorted((file.path, file.secret, file.key) for file in found.files),
        "secret": found.whole_secret,
        "stores": sorted(found.stores),
        "local": [volume.to_values() for volume in local_volumes(sources)],
        "claims": [volume.to_values() for volume in ufs_volumes(sources)],
        "sets": [one.to_values() for one in customised(cache_sets(sources))],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
