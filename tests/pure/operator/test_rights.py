"""Rules of many controllers become few, and give exactly what was asked for."""

from hypothesis import given
from hypothesis import strategies as st

from fluid.models import PolicyRule
from fluid.operator.rbac import merged

GROUPS = st.lists(st.sampled_from(["", "apps", "data.fluid.io"]), min_size=1, max_size=2)
RESOURCES = st.lists(st.sampled_from(["pods", "pods/exec", "datasets", "nodes"]), min_size=1, max_size=3)
VERBS = st.lists(
    st.sampled_from(["get", "list", "watch", "create", "patch", "delete"]), min_size=1, max_size=4
)
RULES = st.lists(st.builds(PolicyRule, api_groups=GROUPS, resources=RESOURCES, verbs=VERBS), max_size=6)


def rights(rules: list[PolicyRule]) -> list[tuple[str, str, str]]:
    return [
        (group, resource, verb)
        for rule in rules
        for group in rule.api_groups or ()
        for resource in rule.resources or ()
        for verb in rule.verbs
    ]


@given(RULES)
def test_merging_keeps_every_right_once_and_adds_none(rules: list[PolicyRule]) -> None:
    after = rights(merged(rules))
    assert set(after) == set(rights(rules))
    assert len(after) == len(set(after))


@given(RULES)
def test_no_two_merged_rules_could_be_one_and_order_does_not_matter(rules: list[PolicyRule]) -> None:
    after = merged(rules)
    alike = [(rule.api_groups, rule.verbs) for rule in after]
    assert all(alike.count(one) == 1 for one in alike)
    assert merged(rules[::-1]) == after
