"""Words and numbers of users and of commands: read, refused, or told; never a reason to fail in silence."""

import pytest
from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.statistics import labelled_sizes, leading_numbers, lines_of
from fluid.engines.kit.credential_names import credentials_in, names_credential, names_key_id
from fluid.engines.kit.options import number_of, port_in, unknown_words, without_place, word_of
from fluid.engines.kit.secret_files import hidden_options, plain_credentials, secret_pair
from fluid.engines.kit.sources import Source, sources_as
from fluid.models import Dataset
from fluid.types.untrusted import COMMAND_OUTPUT

KNOWN = {"policy": ("AROUND", "THROUGH")}
PAIR = ("id", "secret")


def dataset(**mount: JsonValue) -> Dataset:
    spec: JsonValue = {"mounts": [{"mountPoint": "s3://b/", "name": "a", **mount}]}
    return Dataset.model_validate({"metadata": {"name": "a", "namespace": "b"}, "spec": spec})


def source(**mount: JsonValue) -> Source:
    [found] = sources_as(Source, dataset(**mount))
    return found


def secret(name: str, secret: str = "s") -> JsonValue:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": "k"}}}


def test_an_option_that_is_no_number_is_refused_and_none_is_the_default() -> None:
    assert number_of(source(options={"n": "-3"}), "n", 1) == -3
    assert number_of(source(options={"n": ""}), "n", 7) == number_of(source(), "n", 7) == 7
    for text in ("two", "1.5", "9" * 10, "٣"):
        with pytest.raises(InvalidSpec, match=r"^spec.mounts\[0\].options\[n\]: .* is no number"):
            number_of(source(options={"n": text}), "n", 1)


def test_a_word_that_is_unknown_is_the_default_and_is_told() -> None:
    wrong = source(options={"policy": "BACK"})
    assert word_of(wrong, "policy", KNOWN["policy"]) == "AROUND"
    assert word_of(source(options={"policy": "THROUGH"}), "policy", KNOWN["policy"]) == "THROUGH"
    [warning] = unknown_words([wrong, source(), source(options={"policy": ""})], KNOWN)
    assert warning.refusal is not None
    assert warning.refusal.field == "spec.mounts[0].options[policy]"
    assert (warning.word, warning.refusal.fix) == ("policy=BACK", "Use AROUND or THROUGH")


def test_options_without_a_place_are_told_but_for_shared_ones() -> None:
    found = source(options={"fluid.fuse.hostvolume": "/mnt"}, encryptOptions=[secret("id"), secret("other")])
    told = [warning.message for warning in without_place(found, PAIR, "it reads two")]
    assert told == [
        "spec.mounts[0].options[fluid.fuse.hostvolume] is ignored: this kind of runtime has no place for it",
        "spec.mounts[0].encryptOptions[1] (other) is ignored: it reads two",
    ]


def test_the_last_of_several_arguments_says_the_port() -> None:
    assert port_in(["-p=1", "-x", "-p=2"], "-p=", "spec.fuse.args") == 2
    assert port_in(["-x"], "-p=", "spec.fuse.args") is None
    for text in ("x", "65536", "", "٣"):
        with pytest.raises(InvalidSpec, match=r"^spec.fuse.args: -p=.* names no port"):
            port_in([f"-p={text}"], "-p=", "spec.fuse.args")


def test_a_pair_of_credentials_is_whole_or_not_there() -> None:
    whole = source(encryptOptions=[secret("secret"), secret("id")])
    assert {name: option.secret for name, option in secret_pair(whole, PAIR).items()} == {
        "id": "s",
        "secret": "s",
    }
    assert secret_pair(source(options={"id": "plain"}), PAIR) == {}
    with pytest.raises(InvalidSpec, match=r"encryptOptions\[0\]: id is in a Secret but secret is missing"):
        secret_pair(source(encryptOptions=[secret("id")]), PAIR)
    with pytest.raises(InvalidSpec, match=r"secret stands in options in plain text\. Put both"):
        secret_pair(source(encryptOptions=[secret("id")], options={"secret": "x"}), PAIR)
    with pytest.raises(InvalidSpec, match=r"options\[id\]: stands in encryptOptions too"):
        secret_pair(source(encryptOptions=[secret("id"), secret("secret")], options={"id": "x"}), PAIR)


def test_credentials_in_plain_text_and_options_behind_a_secret_are_told() -> None:
    [warning] = plain_credentials(source(options={"id": "x", "other": "y"}), PAIR)
    assert warning.message.startswith("spec.mounts[0].options[id] is a credential that everybody can read")
    [secret_key] = plain_credentials(source(options={"access_key_id": "x", "secret_access_key": "y"}))
    assert secret_key.message.startswith("spec.mounts[0].options[secret_access_key] is a credential")
    assert secret_key.reason == warning.reason == "PlaintextCredentials"
    both = source(options={"token": "x"}, encryptOptions=[secret("token")])
    assert plain_credentials(both) == [], "hidden_options tells of it"
    hidden = dataset(options={"id": "x"}, encryptOptions=[secret("id"), secret("secret")])
    assert [one.message for one in hidden_options(hidden)] == [
        "spec.mounts[0].options[id] is ignored: encryptOptions has it too"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "secret_access_key",
        "fs.oss.accessKeySecret",
        "SECRET_KEY",
        "secretkey2",
        "AWS_SECRET_ACCESS_KEY",
        "fs.s3a.session.token",
        "securityToken",
        "password",
        "sftp-pass",
        "azure.sas_url",
        "key_pem",
        "privateKey",
        "account-key",
    ],
)
def test_names_of_credentials_are_known_in_every_spelling(name: str) -> None:
    assert names_credential(name)
    assert credentials_in({name: "sesame"}) == [name]
    assert credentials_in({name: ""}) == []
    assert credentials_in({f"use_{name}": "True"}) == [], "a switch is no credential"


@pytest.mark.parametrize(
    "name",
    ["access_key_id", "accessKeyId", "access_key", "password_file", "token_url", "bypass", "region", "", "1"],
)
def test_ids_and_what_leads_to_a_credential_are_none(name: str) -> None:
    assert not names_credential(name)


def test_of_a_long_name_the_end_is_looked_at() -> None:
    assert names_credential("a" * 1_000_000 + "_token")
    assert not names_credential("token_" + "aB" * 500_000)
    assert names_key_id("fs.oss.accessKeyId")
    assert not names_key_id("grid")


LABELS = {"total": "Total Capacity: ", "used": "Used Capacity: "}


def test_sizes_are_read_from_their_lines_or_not_at_all() -> None:
    said = "Header\n  Total Capacity: 2.00KB\nTier: MEM Total Capacity: 9.00GB\n\tUsed Capacity: 5B\n"
    assert labelled_sizes(said, LABELS) == {"total": 2048, "used": 5}
    assert labelled_sizes("Total Capacity: 2.00KB\n", LABELS) is None
    assert labelled_sizes(said.replace("5B", "none"), LABELS) is None


def test_numbers_are_read_from_the_first_line_that_begins_with_them() -> None:
    assert leading_numbers("File Count  Folder Count\n 3 4\t1024 /path 9\n5 6 7\n", 3) == [3, 4, 1024]
    assert leading_numbers("1 2\nthree four five\n", 3) is None


def test_an_answer_longer_than_any_cache_writes_is_not_read() -> None:
    assert lines_of("a\nb") == ["a", "b"]
    assert lines_of("1 2 3\n" + "x" * COMMAND_OUTPUT) == []
    assert leading_numbers("1 2 3\n" + "x" * COMMAND_OUTPUT, 3) is None
