"""Hypothesis strategies for models: any model by its fields, and valid objects of the Fluid kinds.

`of(Model, field=strategy)` builds any generated model; optional fields come and go. The functions below it
know what JSON schema does not say: names, addresses, tiers that fit their paths.
"""

import types
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AwareDatetime, JsonValue

from fluid.models import (
    Container,
    DataLoad,
    DataLoadSpec,
    DataProcess,
    DataProcessSpec,
    Dataset,
    DatasetCondition,
    DatasetSpec,
    DatasetStatus,
    EncryptOption,
    EncryptOptionSource,
    EnvVar,
    JindoCompTemplateSpec,
    JindoFuseSpec,
    JindoRuntime,
    JindoRuntimeSpec,
    JobProcessor,
    Level,
    Mount,
    ObjectMeta,
    OperationCondition,
    OperationStatus,
    PodMetadata,
    PodSpec,
    Processor,
    ResourceRequirements,
    RuntimeCondition,
    RuntimeStatus,
    ScriptProcessor,
    SecretKeyReference,
    TargetDataset,
    TargetDatasetWithMountPath,
    TargetPath,
    TieredStore,
    Toleration,
    VersionSpec,
    Volume,
    VolumeMount,
)
from fluid.types import KubeModel, KubeObject, Quantity

M = TypeVar("M", bound=KubeModel)
Text = st.SearchStrategy[str]

HOSTILE = (
    '"',
    "'",
    'it\'s "quoted"',
    "two\nlines",
    "\r\n\ttabs ",
    "{{ values.image }}",
    "{% raw %}",
    "{# comment #}",
    "$(rm -rf /)",
    "`id`",
    "${HOME}",
    "a: b # c",
    "- item",
    "---",
    "...",
    "&anchor *alias !tag",
    "null",
    "true",
    "no",
    "0x1F",
    "1e3",
    "~",
    "",
    " ",
    "\x00",
    "nul\x00inside",
    "\u2028\u2029\u0085",
    "\ufeff",
    "😀",
    "../../etc/passwd",
    "x" * 10_240,
)


def hostile_text() -> Text:
    """Strings that break programs which paste text into YAML, templates or shells."""
    return st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))


def any_text() -> Text:
    """Strings of any characters that JSON can carry, those often that YAML reads in another way."""
    odd = st.sampled_from(
        "\x00\t\n\r\x1f\x7f\x80\x85\x9f\xa0\xad\u200b\u2028\u2029\u202e\ud7ff\ue000\ufeff\ufffe\uffff😀"
    )
    return st.text(odd | st.characters(exclude_categories=["Cs"]), max_size=60)


def plain_text() -> Text:
    """Strings that nobody minds."""
    return st.from_regex(r"[a-z][a-z0-9]{0,11}", fullmatch=True)


def names(max_size: int = 30) -> Text:
    """DNS-1035 labels, as names of Fluid objects have to be."""
    return st.from_regex(rf"[a-z]([-a-z0-9]{{0,{max_size - 2}}}[a-z0-9])?", fullmatch=True)


def namespaces() -> Text:
    """Names of namespaces, some of which make joined spellings ambiguous."""
    return st.one_of(st.sampled_from(["default", "a", "a-b"]), names(20))


def string_maps(values: Text | None = None, keys: Text | None = None) -> st.SearchStrategy[dict[str, str]]:
    """Options, properties, environment: maps of strings."""
    default_keys = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
    return st.dictionaries(
        default_keys if keys is None else keys, hostile_text() if values is None else values, max_size=4
    )


def label_maps() -> st.SearchStrategy[dict[str, str]]:
    """Labels as the API server accepts them on pods and nodes."""
    value = st.from_regex(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,20}[A-Za-z0-9])?)?", fullmatch=True)
    return string_maps(value, st.from_regex(r"(x\.io/)?[a-z]([-a-z0-9]{0,10}[a-z0-9])?", fullmatch=True))


def quantities(smallest: int = 1, largest: int = 64) -> st.SearchStrategy[Quantity]:
    """Capacities with a binary or decimal suffix, whole or not."""
    number = st.one_of(st.integers(smallest, largest).map(str), st.just(f"{smallest}.5"))
    suffix = st.sampled_from(["Mi", "Gi", "Ti", "M", "G"])
    return st.tuples(number, suffix).map(lambda parts: Quantity("".join(parts)))


def any_quantities() -> Text:
    """Spellings of quantities, of nothing and of less than nothing among them."""
    suffix = st.sampled_from(
        ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "n", "u", "m", "k", "M", "G", "T", "P", "E", "e3", "E-3"]
    )
    number = st.from_regex(r"[0-9]{1,20}(\.[0-9]{0,9})?|0+|\.[0-9]{1,9}", fullmatch=True)
    return st.builds("{}{}{}".format, st.sampled_from(["", "", "+", "-"]), number, suffix)


# ── Any model, by its fields ─────────────────────────────────────────────────────────────────────────


def of(
    model: type[M], text: Text | None = None, depth: int = 2, **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[M]:
    """Valid instances of a generated model.

    Args:
        model: The model.
        text: What strings without a meaning of their own are drawn from.
        depth: How many levels of optional objects are filled.
        fields: Strategies for single fields, which are then always set. `st.nothing()` leaves a field out.
    """
    text = hostile_text() if text is None else text
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, info in model.model_fields.items():
        if name in fields:
            if not fields[name].is_empty:
                required[name] = fields[name]
        elif info.is_required() or (issubclass(model, KubeObject) and name == "spec" and depth > 0):
            required[name] = _of_type(info.annotation, text, depth)
        elif depth > 0 and name not in {"api_version", "kind"}:
            optional[name] = _of_type(info.annotation, text, depth - 1)
    return st.fixed_dictionaries(required, optional=optional).map(lambda values: model(**values))


def _of_type(annotation: Any, text: Text, depth: int) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _of_type(arguments[0], text, depth)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of([_of_type(a, text, depth) for a in arguments if a is not type(None)])
    if origin is list:
        return st.lists(_of_type(arguments[0], text, depth), min_size=1, max_size=2)
    if origin is dict:
        return st.dictionaries(plain_text(), _of_type(arguments[1], text, depth), max_size=2)
    if isinstance(annotation, type) and issubclass(annotation, KubeModel):
        return st.deferred(lambda: of(annotation, text, depth))
    return _scalars(text)[annotation]


def _scalars(text: Text) -> dict[Any, st.SearchStrategy[Any]]:
    return {
        str: text,
        int: st.integers(0, 2**31 - 1),  # counts, ports, seconds: none is negative
        bool: st.booleans(),
        Quantity: quantities(),
        AwareDatetime: times(),
        datetime: times(),
        Any: st.none(),
        JsonValue: st.none(),
    }


def times() -> st.SearchStrategy[datetime]:
    """Moments in this century, to the microsecond, with a time zone."""
    return st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))


# ── Shapes with a meaning ────────────────────────────────────────────────────────────────────────────


def metadata(name: Text | None = None, namespace: Text | None = None) -> st.SearchStrategy[ObjectMeta]:
    """Metadata of an object that its user wrote."""
    return st.builds(
        ObjectMeta,
        name=names() if name is None else name,
        namespace=namespaces() if namespace is None else namespace,
        labels=st.none() | label_maps(),
        annotations=st.none() | string_maps(keys=plain_text()),
    )


def addresses() -> Text:
    """Addresses of sources, of every scheme but `dataset://`."""
    return st.builds(
        "{}://{}/{}".format,
        st.sampled_from(["oss", "s3", "hdfs", "cos", "http", "pvc", "local"]),
        names(12),
        st.one_of(plain_text(), st.sampled_from(["", "a b", "it's", "é", "a/b/"])),
    )


def encrypt_options() -> st.SearchStrategy[EncryptOption]:
    """Options that name a Secret and a key."""
    reference = st.builds(
        SecretKeyReference, name=names(), key=st.from_regex(r"[-._a-zA-Z0-9]{1,20}", fullmatch=True)
    )
    source = st.builds(EncryptOptionSource, secret_key_ref=reference)
    key = st.sampled_from(["fs.oss.accessKeyId", "fs.oss.accessKeySecret", "fs.s3.accessKeyId", "x"])
    return st.builds(EncryptOption, name=key, value_from=source)


def mounts(text: Text | None = None) -> st.SearchStrategy[Mount]:
    """Mounts of every scheme but `dataset://`."""
    return of(
        Mount,
        mount_point=addresses(),
        name=names(20),
        path=st.none() | st.builds("/{}".format, plain_text()) | st.just("/"),
        options=st.none() | string_maps(text),
        encrypt_options=st.none() | st.lists(encrypt_options(), max_size=3),
    )


def tolerations() -> st.SearchStrategy[list[Toleration]]:
    """Tolerations that pods may have."""
    toleration = st.builds(
        Toleration, key=plain_text(), operator=st.just("Exists"), effect=st.just("NoSchedule")
    )
    return st.lists(toleration, max_size=2)


def resources() -> st.SearchStrategy[ResourceRequirements]:
    """Requests below limits."""
    return st.sampled_from(
        [
            ResourceRequirements(),
            ResourceRequirements(requests={"cpu": Quantity("500m"), "memory": Quantity("1Gi")}),
            ResourceRequirements(
                requests={"memory": Quantity("1024Mi")},
                limits={"cpu": Quantity("2"), "memory": Quantity("64Ti")},
            ),
        ]
    )


def pod_metadata() -> st.SearchStrategy[PodMetadata]:
    """Labels and annotations that pods may have."""
    return st.builds(
        PodMetadata, labels=st.none() | label_maps(), annotations=st.none() | string_maps(keys=plain_text())
    )


# ── Datasets ─────────────────────────────────────────────────────────────────────────────────────────


def dataset_specs(
    text: Text | None = None, min_mounts: int = 1, max_mounts: int = 3
) -> st.SearchStrategy[DatasetSpec]:
    """Specs with mounts (`min_mounts=0`: sometimes without), each name and path used once."""
    listed = st.lists(
        mounts(text),
        min_size=max(1, min_mounts),
        max_size=max_mounts,
        unique_by=lambda m: m.path or f"/{m.name}",
    )
    return of(
        DatasetSpec,
        mounts=listed if min_mounts else st.none() | listed,
        shared_options=st.none() | string_maps(text),
        shared_encrypt_options=st.none() | st.lists(encrypt_options(), max_size=2),
        access_modes=st.none()
        | st.lists(st.sampled_from(["ReadOnlyMany", "ReadWriteMany"]), max_size=2, unique=True),
        tolerations=st.none() | tolerations(),
        node_affinity=st.nothing(),
        data_restore_location=st.nothing(),
    )


def datasets(
    text: Text | None = None, name: Text | None = None, namespace: Text | None = None, min_mounts: int = 1
) -> st.SearchStrategy[Dataset]:
    """Datasets as users write them, without status."""
    return st.builds(
        Dataset,
        metadata=metadata(names(63) if name is None else name, namespace),
        spec=dataset_specs(text, min_mounts=min_mounts),
    )


def dataset_statuses() -> st.SearchStrategy[DatasetStatus]:
    """Whatever a status may hold, with conditions of distinct types."""
    return of(
        DatasetStatus,
        phase=st.sampled_from(["", "NotBound", "Pending", "Bound", "Updating", "Failed"]),
        conditions=_conditions(DatasetCondition),
        mounts=st.none() | st.lists(mounts(), max_size=2),
    )


def _conditions(model: type[M]) -> st.SearchStrategy[list[M]]:
    condition = of(model, type=plain_text(), status=st.sampled_from(["True", "False", "Unknown"]))
    return st.lists(condition, max_size=3, unique_by=lambda c: getattr(c, "type"))  # noqa: B009 - not of KubeModel


# ── JindoRuntimes ────────────────────────────────────────────────────────────────────────────────────


@st.composite
def levels(draw: st.DrawFn) -> Level:
    """Tiers whose quota fits their paths: one for all, a list, or both."""
    paths = draw(st.lists(st.builds("/{}".format, plain_text()), min_size=1, max_size=3, unique=True))
    listed = len(paths) > 1 and draw(st.booleans())
    quotas = [str(draw(quantities())) for _ in paths]
    return Level(
        mediumtype=draw(st.sampled_from(["MEM", "SSD", "HDD"])),
        path=",".join(paths),
        quota=draw(quantities()) if not listed or draw(st.booleans()) else None,
        quota_list=",".join(quotas) if listed else None,
        high=draw(st.sampled_from([None, "0.95", "0.9"])),
        low=draw(st.sampled_from([None, "0.7", "0.5"])),
    )


def tiered_stores(max_levels: int = 2) -> st.SearchStrategy[TieredStore]:
    """Stores with one tier or more."""
    return st.builds(TieredStore, levels=st.lists(levels(), min_size=1, max_size=max_levels))


def components(text: Text | None = None) -> st.SearchStrategy[JindoCompTemplateSpec]:
    """Settings of masters or workers."""
    return of(
        JindoCompTemplateSpec,
        replicas=st.sampled_from([None, 1, 2, 3]),
        properties=st.none() | string_maps(text),
        env=st.none() | string_maps(text, st.from_regex(r"[A-Z_][A-Z0-9_]{0,10}", fullmatch=True)),
        ports=st.nothing(),
        labels=st.nothing(),
        node_selector=st.none() | label_maps(),
        pod_metadata=st.none() | pod_metadata(),
        resources=st.none() | resources(),
        tolerations=st.none() | tolerations(),
        volume_mounts=st.nothing(),
        image_pull_secrets=st.nothing(),
    )


def fuse_specs(text: Text | None = None) -> st.SearchStrategy[JindoFuseSpec]:
    """Settings of the FUSE clients."""
    return of(
        JindoFuseSpec,
        image=st.sampled_from([None, "example.com/jindo-fuse"]),
        image_tag=st.sampled_from([None, "6.2.0", "6.9.1"]),
        image_pull_policy=st.sampled_from([None, "Always", "IfNotPresent"]),
        image_pull_secrets=st.nothing(),
        args=st.none() | st.lists(hostile_text() if text is None else text, max_size=3),
        properties=st.none() | string_maps(text),
        env=st.none() | string_maps(text, st.from_regex(r"[A-Z_][A-Z0-9_]{0,10}", fullmatch=True)),
        log_config=st.none() | string_maps(text),
        clean_policy=st.sampled_from([None, "OnRuntimeDeleted", "OnDemand"]),
        labels=st.nothing(),
        node_selector=st.none() | label_maps(),
        pod_metadata=st.none() | pod_metadata(),
        resources=st.none() | resources(),
        tolerations=st.none() | tolerations(),
    )


def jindo_runtime_specs(text: Text | None = None) -> st.SearchStrategy[JindoRuntimeSpec]:
    """Specs of JindoCache clusters, without references to other objects."""
    images = st.sampled_from([None, "example.com/smartdata"])
    tags = st.sampled_from([None, "6.2.0", "6.9.1"])
    return of(
        JindoRuntimeSpec,
        replicas=st.integers(0, 5),
        jindo_version=st.none() | st.builds(VersionSpec, image=images, image_tag=tags),
        master=st.none() | components(text),
        worker=st.none() | components(text),
        fuse=st.none() | fuse_specs(text),
        tieredstore=st.none() | tiered_stores(),
        pod_metadata=st.none() | pod_metadata(),
        labels=st.nothing(),
        volumes=st.nothing(),
        image_pull_secrets=st.nothing(),
        hadoop_config=st.nothing(),
        secret=st.nothing(),
        user=st.sampled_from([None, "root", "hadoop"]),
    )


def jindo_runtimes(
    text: Text | None = None, name: Text | None = None, namespace: Text | None = None
) -> st.SearchStrategy[JindoRuntime]:
    """JindoRuntimes as users write them, without status."""
    return st.builds(
        JindoRuntime,
        metadata=metadata(names(37) if name is None else name, namespace),
        spec=jindo_runtime_specs(text),
    )


def runtime_statuses() -> st.SearchStrategy[RuntimeStatus]:
    """Whatever a status may hold, with conditions of distinct types."""
    return of(
        RuntimeStatus,
        cache_affinity=st.nothing(),
        conditions=st.none() | _conditions(RuntimeCondition),
        mounts=st.none() | st.lists(mounts(), max_size=2),
    )


# ── DataLoads ────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def data_load_specs(draw: st.DrawFn, text: Text | None = None, dataset: Text | None = None) -> DataLoadSpec:
    """Specs with a Dataset; policy Cron comes with a schedule."""
    policy = draw(st.sampled_from(["Once", "Cron", "OnEvent"]))
    target = of(
        TargetPath,
        path=st.builds("/{}".format, hostile_text() if text is None else text),
        replicas=st.sampled_from([None, 1, 3]),
    )
    return draw(
        of(
            DataLoadSpec,
            dataset=st.builds(TargetDataset, name=names() if dataset is None else dataset),
            target=st.none() | st.lists(target, max_size=3),
            options=st.none() | string_maps(text),
            policy=st.just(policy),
            schedule=st.just("*/5 * * * *") if policy == "Cron" else st.none(),
            ttl_seconds_after_finished=st.none() | st.integers(0, 3600),
            run_after=st.nothing(),
            affinity=st.nothing(),
            node_selector=st.none() | label_maps(),
            pod_metadata=st.none() | pod_metadata(),
            resources=st.none() | resources(),
            scheduler_name=st.nothing(),
            tolerations=st.none() | tolerations(),
        )
    )


def data_loads(
    text: Text | None = None,
    name: Text | None = None,
    namespace: Text | None = None,
    dataset: Text | None = None,
) -> st.SearchStrategy[DataLoad]:
    """DataLoads as users write them, without status."""
    return st.builds(
        DataLoad,
        metadata=metadata(names(41) if name is None else name, namespace),
        spec=data_load_specs(text, dataset),
    )


# ── DataProcesses ────────────────────────────────────────────────────────────────────────────────────


def _directories() -> Text:
    """Mount paths, many of them alike in different spellings, some impossible."""
    alike = ["/data", "/data/", "//data", "/data/./", "/data/out", "/fluid-scripts", "/tmp"]
    return st.sampled_from([*alike, "data", "/", "", "/a:b"])


def _volume_mounts() -> st.SearchStrategy[list[VolumeMount]]:
    mount = st.builds(VolumeMount, name=st.sampled_from(["one", "two"]), mount_path=_directories())
    return st.lists(mount, max_size=2, unique_by=lambda one: one.mount_path)


def _volumes() -> st.SearchStrategy[list[Volume]]:
    name = st.sampled_from(["one", "two", "three", "fluid-dataset-vol", "fluid-processor-scripts"])
    return st.lists(st.builds(Volume, name=name), max_size=2, unique_by=lambda one: one.name)


def script_processors(text: Text | None = None) -> st.SearchStrategy[ScriptProcessor]:
    """Scripts, with an image or without."""
    text = hostile_text() if text is None else text
    env = st.builds(EnvVar, name=plain_text(), value=text)
    return of(
        ScriptProcessor,
        source=text,
        image=st.none() | plain_text(),
        env=st.none() | st.lists(env, max_size=2, unique_by=lambda one: one.name),
        volumes=st.none() | _volumes(),
        volume_mounts=st.none() | _volume_mounts(),
        resources=st.none() | resources(),
    )


def pod_specs(text: Text | None = None) -> st.SearchStrategy[PodSpec]:
    """Pods of the user, with a container or without."""
    arguments = st.none() | st.lists(hostile_text() if text is None else text, max_size=2)
    container = st.builds(
        Container, name=plain_text(), args=arguments, volume_mounts=st.none() | _volume_mounts()
    )
    return st.builds(
        PodSpec,
        containers=st.lists(container, max_size=2),
        init_containers=st.none() | st.lists(container, max_size=1),
        volumes=st.none() | _volumes(),
        restart_policy=st.sampled_from([None, "Never", "OnFailure"]),
    )


def data_processes(text: Text | None = None, dataset: Text | None = None) -> st.SearchStrategy[DataProcess]:
    """DataProcesses as users write them, with their mistakes."""
    job = st.builds(JobProcessor, pod_spec=st.none() | pod_specs(text))
    processor = st.one_of(
        st.builds(Processor, script=script_processors(text), pod_metadata=st.none() | pod_metadata()),
        st.builds(Processor, job=job, service_account_name=st.none() | plain_text()),
        st.builds(Processor, script=st.none() | script_processors(text), job=st.none() | job),
    )
    target = st.builds(
        TargetDatasetWithMountPath,
        name=names() if dataset is None else dataset,
        mount_path=_directories(),
        sub_path=st.sampled_from([None, "", "a/b"]),
    )
    spec = st.builds(
        DataProcessSpec,
        dataset=target,
        processor=processor,
        policy=st.sampled_from(["Once", "Cron", "OnEvent"]),
        schedule=st.sampled_from([None, " ", "*/5 * * * *"]),
    )
    return st.builds(DataProcess, metadata=metadata(names(38)), spec=spec)


def operation_statuses() -> st.SearchStrategy[OperationStatus]:
    """Whatever a status may hold, with conditions of distinct types."""
    return of(OperationStatus, conditions=_conditions(OperationCondition), node_affinity=st.nothing())


TURNS = st.lists(
    st.tuples(
        st.sampled_from(["hog", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9", "leave"]),
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 99),
    ),
    max_size=60,
)
"""Wishes of askers in namespaces, and the end of one work, by number (`leave`)."""
