"""Requests are made as the HTTP client would make them, with one reading of the URL."""

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fluid.kube.requests import Requests

SEGMENTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/?#%\\"), min_size=1)
PARAMETERS = st.dictionaries(
    st.text(min_size=1, max_size=9), st.text(max_size=20) | st.lists(st.text(max_size=9), max_size=3)
)


@pytest.mark.parametrize(
    "base", ["https://127.0.0.1:6443", "https://rancher/k8s/clusters/c-1/", "http://[::1]:80"]
)
@given(segments=st.lists(SEGMENTS, min_size=1, max_size=4), query=PARAMETERS, body=st.none() | st.binary())
@example(segments=["api", "v1", "pods", "ä b", "exec"], query={"command": ["sh", "&stdin=true"]}, body=b"{}")
def test_a_request_is_what_the_client_would_make(
    base: str, segments: list[str], query: dict[str, str | list[str]], body: bytes | None
) -> None:
    http = httpx2.AsyncClient(base_url=base, headers={"User-Agent": "fluid/1"}, timeout=7)
    path, headers = "/" + "/".join(segments), {"accept": "application/json", "content-type": "text/x"}
    made = Requests(http).build("PATCH", path, query=query, headers=headers, content=body)
    theirs = http.build_request("PATCH", path, params=query or None, headers=headers, content=body)
    assert made.url.raw_path.rstrip(b"?") == theirs.url.raw_path.rstrip(b"?")
    assert (made.url.scheme, made.url.netloc) == (theirs.url.scheme, theirs.url.netloc)
    assert sorted(made.headers.multi_items()) == sorted(theirs.headers.multi_items())
    assert (made.read(), made.extensions) == (theirs.read(), theirs.extensions)


def test_no_path_leads_to_another_server() -> None:
    http = httpx2.AsyncClient(base_url="https://127.0.0.1:6443")
    for path in ("//evil.example.com/x", "/@evil.example.com", "/..//evil.example.com", "/api:99"):
        assert Requests(http).build("GET", path, headers={}).url.netloc == b"127.0.0.1:6443", path
