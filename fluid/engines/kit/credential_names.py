"""Names by which clients of stores call credentials."""

import re
from collections.abc import Mapping

_ENDINGS = frozenset(
    {
        "accesskeysecret",
        "accesssecret",
        "accesstoken",
        "accountkey",
        "apikey",
        "authtoken",
        "bearertoken",
        "clientsecret",
        "credential",
        "credentials",
        "encryptionkey",
        "keypem",
        "pass",
        "passphrase",
        "passwd",
        "password",
        "privatekey",
        "refreshtoken",
        "sas",
        "sastoken",
        "sasurl",
        "secret",
        "secretaccesskey",
        "secretkey",
        "securitytoken",
        "sessiontoken",
        "token",
    }
)
"""Last words of such a name in lower case, without what separates them."""
_MOST_WORDS = 3
_LONGEST = 200
"""Characters at the end of a name that are looked at."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SWITCHES = frozenset(("true", "false", "yes", "no", "on", "off"))


def names_credential(name: str) -> bool:
    """Whether an option or a variable of this name holds a credential, such as ``secret_access_key``.

    The id of an access key is none, and neither is what leads to a credential, as ``password_file``.
    """
    words = _words(name)
    return any("".join(words[-count:]) in _ENDINGS for count in range(1, _MOST_WORDS + 1))


def names_key_id(name: str) -> bool:
    """Whether an option of this name holds the id of a key, such as ``fs.oss.accessKeyId``."""
    return _words(name)[-1:] == ["id"]


def credentials_in(options: Mapping[str, str]) -> list[str]:
    """The options whose values are credentials; a value that switches something on or off is none."""
    return [name for name, value in options.items() if names_credential(name) and _may_be_one(value)]


def _words(name: str) -> list[str]:
    """The words of a name in lower case; digits are none."""
    return [word.lower() for word in _WORD.findall(name[-_LONGEST:])]


def _may_be_one(value: str) -> bool:
    return bool(value) and value.lower() not in _SWITCHES
