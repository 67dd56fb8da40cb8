"""Workers serve S3 buckets by WebDAV and keep what was read; FUSE clients mount what the workers serve."""

import re
from collections.abc import Iterator
from pathlib import Path

from fluid.engines import api
from fluid.models import EnvVar

from .models import HelloRuntime

BUCKET = re.compile(r"s3://([A-Za-z0-9._/-]+)")
PLACE = re.compile(r"/([A-Za-z0-9._-]+)")
OPTIONS, CREDENTIALS = ("endpoint", "provider", "region"), ("access_key_id", "secret_access_key")


class HelloValues(api.CacheValues):
    """Values of the chart beside those of every cache; its values.yaml says what they mean."""

    image: str
    replicas: int
    cache_bytes: int
    env: list[EnvVar]


class HelloEngine(api.Engine[HelloRuntime, HelloValues]):
    """One HelloRuntime in one pass."""

    chart = str(Path(__file__).with_name("chart"))
    implementation = runtime_type = "hello"

    def components(self) -> api.Components:
        """Clients and workers; no master."""
        name, wanted = self.snapshot.runtime.name, self.snapshot.runtime.spec.replicas
        pods = f"app=hello,release={name},role=hello-worker"
        return api.Components(f"{name}-fuse", workers=f"{name}-worker", replicas=wanted, worker_selector=pods)

    def values(self) -> api.Transformed[HelloValues]:
        """What the spec and the sources say, and what every cache is given."""
        spec, env = self.snapshot.runtime.spec, list(self._environment())
        size = int(spec.cache_size or 10 << 30)
        common = api.cache_values(self.dataset, self.snapshot.identity, self.settings, self.runtime_type)
        own = HelloValues(**common, image=spec.image, replicas=spec.replicas, cache_bytes=size, env=env)
        return api.Transformed(own, [])

    def fuse_mount(self, values: HelloValues) -> api.FuseMount:
        """Where templates/fuse.yaml mounts."""
        path, metadata = f"{values.host_path}/hello-fuse", self.settings.volume_metadata
        return api.FuseMount(self.snapshot.runtime, "fuse.rclone", path, {}, metadata)

    def _environment(self) -> Iterator[EnvVar]:
        """The sources as rclone reads them: a remote for each, and one that has them as its folders."""
        folders: list[str] = []
        for source in api.sources_as(api.Source, self.dataset):
            bucket, place = BUCKET.fullmatch(source.uri), PLACE.fullmatch(source.mounted_at)
            known = {one.name for one in source.secrets} <= {*OPTIONS, *CREDENTIALS}
            if bucket is None or place is None or not known or not source.options.keys() <= {*OPTIONS}:
                words = f"{', '.join(OPTIONS)}, and of encryptOptions {', '.join(CREDENTIALS)}"
                fix = f"Write s3://BUCKET, a name, of options only {words}"
                raise source.refused("mountPoint", "cannot be cached by a HelloRuntime as it is written", fix)
            prefix = f"RCLONE_CONFIG_S{source.index}_"
            folders.append(f"{place[1]}=s{source.index}:{bucket[1]}")
            yield EnvVar(name=f"{prefix}TYPE", value="s3")
            yield from (EnvVar(name=prefix + key.upper(), value=text) for key, text in source.options.items())
            yield from (api.secret_variable(prefix + one.name.upper(), one) for one in source.secrets)
        yield EnvVar(name="RCLONE_CONFIG_ALL_TYPE", value="combine")
        yield EnvVar(name="RCLONE_CONFIG_ALL_UPSTREAMS", value=" ".join(folders))


def registration() -> api.EngineRegistration[HelloRuntime]:
    """What the entry point names."""
    return api.registered(HelloEngine, HelloRuntime, "1.0", operations={"DataLoad": api.load_by_reading})
