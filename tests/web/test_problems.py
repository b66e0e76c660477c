"""The one table from error codes to statuses, and what a problem document says."""

import msgspec
import pytest

from web.problems import (
    HTTP_CODES,
    STATUS_OF,
    HttpRefused,
    internal_error_response,
    problem_of,
    problem_of_status,
    refusal_response,
)
from wire.errors import ErrorCode, Invalid, Refused, TooMany
from wire.http import Problem


def test_every_error_code_has_a_status() -> None:
    assert set(STATUS_OF) == set(ErrorCode)
    assert all(400 <= status < 600 for status in STATUS_OF.values())


def test_what_may_work_later_has_a_status_that_says_so() -> None:
    later = {code for code, status in STATUS_OF.items() if status in (429, 500, 503)}
    assert later == {code for code in ErrorCode if code.temporary}


def test_a_problem_names_the_field_and_nothing_that_is_not_there() -> None:
    encoded = msgspec.json.encode(problem_of(Invalid("Too long", field="name")))
    assert msgspec.json.decode(encoded) == {
        "title": "Invalid Input",
        "status": 422,
        "code": "invalid",
        "detail": "Too long",
        "field": "name",
    }


@pytest.mark.parametrize("seconds", [0, 0.01, 1, 1.5])
def test_the_header_never_asks_to_come_back_too_early(seconds: float) -> None:
    header = refusal_response(TooMany("Slow down", retry_after=seconds)).headers["retry-after"]
    assert int(header) >= max(1, seconds)


def test_what_only_http_knows_has_a_code_of_its_own() -> None:
    for status, code in HTTP_CODES.items():
        assert problem_of_status(status).code == code
    assert problem_of(HttpRefused(415, "No")).code == "unsupported_media_type"  # type: ignore[arg-type]


def test_a_refusal_without_a_class_of_its_own_is_ours_to_mend() -> None:
    assert problem_of(Refused("?")).status == 500


def test_a_fault_is_told_without_its_reason() -> None:
    problem = msgspec.json.decode(bytes(internal_error_response().body), type=Problem)
    assert (problem.status, problem.code) == (500, "internal")
