"""Query strings: whatever comes is a struct or a refusal."""

from urllib.parse import urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.web.support import Filter
from web.decoding import QueryDecoder
from wire.errors import Refused

DECODER = QueryDecoder(Filter)


@settings(max_examples=300, deadline=None)
@given(query=st.binary(max_size=100) | st.text("limtagexact=&%0159F+;", max_size=40).map(str.encode))
@example(query=b"limit=%")
@example(query=b"limit=1e400")
@example(query=b"limit=" + b"9" * 5_000)
@example(query=b"exact=%ED%A0%80")
def test_any_query_is_read_or_refused(query: bytes) -> None:
    for decoder in (DECODER, QueryDecoder(None)):
        try:
            read = decoder.decode(query)
        except Refused as refused:
            assert refused.message  # noqa: PT017 - both outcomes are right, this one with words
        else:
            assert read is None or isinstance(read, Filter)


@settings(deadline=None)
@given(
    limit=st.integers(1, 100),
    after=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=64),
    tags=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=64), max_size=4),
    exact=st.booleans(),
)
def test_what_a_client_encodes_is_what_is_read(limit: int, after: str, tags: list[str], exact: bool) -> None:
    given_values = [("limit", str(limit)), ("after", after), ("exact", str(exact).lower())]
    query = urlencode([*given_values, *(("tag", tag) for tag in tags)])
    if after.lower() == "null":  # the one word that a query cannot say as text where nothing may stand
        return
    assert DECODER.decode(query.encode()) == Filter(limit, after, tags, exact)


@pytest.mark.parametrize("query", [b"", b"&", b"&&"])
def test_an_empty_query_is_all_defaults(query: bytes) -> None:
    assert DECODER.decode(query) == Filter()
