"""The list of rules."""

from collections.abc import Mapping
from types import MappingProxyType

from fluid.engines.testing.rules import credentials, fuse, labels, objects
from fluid.engines.testing.rules.findings import Rule

_RULES: tuple[Rule, ...] = (
    fuse.has_daemonset,
    fuse.waits_for_deletion,
    fuse.comes_by_label,
    fuse.shares_its_mount,
    fuse.stays_in_its_directory,
    fuse.publishes_its_mount,
    labels.has_components,
    labels.is_managed,
    labels.has_release_and_role,
    labels.selects_its_pods,
    labels.has_own_pods,
    labels.tells_of_workers,
    labels.has_owner,
    credentials.makes_no_secret,
    credentials.keeps_credentials_out_of_environments,
    credentials.follows_rotation,
    objects.stands_once,
    objects.is_typed,
    objects.has_valid_names,
    objects.is_small_enough,
)
RULES: Mapping[str, Rule] = MappingProxyType({rule.__name__: rule for rule in _RULES})
"""All rules by their names."""
ALWAYS: Mapping[str, Rule] = MappingProxyType(
    {
        rule.__name__: rule
        for rule in _RULES
        if rule not in (objects.has_valid_names, credentials.keeps_credentials_out_of_environments)
    }
)
"""Rules that hold of hostile specs too; labels of users are refused by the API server, not by the engine."""
