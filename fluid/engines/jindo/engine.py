"""The JindoCache engine: what is particular to it, on top of the steps that all caches share."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from fluid.engines.base import CacheEngine, CacheReport, Workloads
from fluid.engines.errors import Warning as SpecWarning
from fluid.engines.interface import Answers, Exec, Notice, Observed, Plan, ReadConfigMap
from fluid.engines.jindo.children import children
from fluid.engines.jindo.commands import Commands, parse_count, parse_report
from fluid.engines.jindo.rolling import Rolling, keep_baseline
from fluid.engines.jindo.tiers import storage
from fluid.engines.jindo.topology import is_fuse_only, master, masters, worker
from fluid.engines.jindo.transform import transform
from fluid.engines.jindo.ufs import UnderFileSystems
from fluid.engines.jindo.values import JindoValues, Ports, base_name
from fluid.engines.settings import Settings
from fluid.engines.sizes import CALCULATING, human_size
from fluid.engines.template import TemplateEngine
from fluid.engines.volume import persistent_volume, persistent_volume_claim
from fluid.models import DaemonSet, Dataset, JindoRuntime, PersistentVolume, PersistentVolumeClaim, StatefulSet
from fluid.types import Key, KubeObject
