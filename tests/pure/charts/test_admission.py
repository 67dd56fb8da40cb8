"""`fluid render` refuses what the API server would; the plane ring asks it about the same manifests."""

import re
from collections.abc import Iterator

import pytest
from pydantic import JsonValue

from fluid.charts.kinds import model_of
from fluid.cli.admission import refusals, schemas
from fluid.cli.rules import RULES
from fluid.types import AuthoringError
from tests.harness.admission import ACCEPTED, REFUSED, Node

CHECKED_BY_MODELS = {"default", "enum", "format", "minItems", "minLength", "minimum", "pattern", "required"}
CHECKED_HERE = {
    *("maxItems", "maxLength", "x-kubernetes-validations"),
    *("x-kubernetes-list-map-keys", "x-kubernetes-list-type"),
}
OF_STRUCTURE = {
    *("additionalProperties", "anyOf", "description", "items", "oneOf", "properties", "type"),
    *("x-kubernetes-int-or-string", "x-kubernetes-map-type", "x-kubernetes-preserve-unknown-fields"),
}


@pytest.mark.parametrize(("document", "message"), REFUSED)
def test_what_the_api_server_refuses_is_refused_with_its_words(document: Node, message: str) -> None:
    try:
        item = model_of(document).author(document)
    except AuthoringError:  # a matter of types, in the words of the models
        return
    assert re.search(message, "\n".join(refusals(item)), re.IGNORECASE)


@pytest.mark.parametrize("document", ACCEPTED)
def test_the_neighbours_of_what_is_refused_are_taken(document: Node) -> None:
    assert refusals(model_of(document).author(document)) == []


def test_every_rule_of_the_crds_is_known_and_none_is_left_over() -> None:
    rules = {str(rule["rule"]) for part in _parts() for rule in _rules(part)}
    assert rules == RULES.keys()


def test_every_rule_refuses_one_of_the_manifests() -> None:
    said: list[str] = []
    for document, _ in REFUSED:
        try:
            said += refusals(model_of(document).author(document))
        except AuthoringError:
            continue
    messages = {str(rule["message"]) for part in _parts() for rule in _rules(part)}
    assert {message for message in messages if not any(one.endswith(message) for one in said)} == set()


def test_no_keyword_of_the_crds_is_unknown_to_models_and_admission() -> None:
    keywords = {keyword for part in _parts() for keyword in part}
    assert keywords - CHECKED_BY_MODELS - OF_STRUCTURE == CHECKED_HERE


def _rules(part: Node) -> list[Node]:
    rules = part.get("x-kubernetes-validations", [])
    assert isinstance(rules, list)
    return [rule for rule in rules if isinstance(rule, dict)]


def _parts() -> Iterator[Node]:
    """Every schema in the CRDs."""
    for schema in schemas().values():
        yield from _below(dict(schema))


def _below(schema: JsonValue) -> Iterator[Node]:
    if not isinstance(schema, dict):
        return
    yield schema
    properties = schema.get("properties", {})
    assert isinstance(properties, dict)
    for inner in (*properties.values(), schema.get("items"), schema.get("additionalProperties")):
        yield from _below(inner)
