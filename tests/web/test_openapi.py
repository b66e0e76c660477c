"""The OpenAPI document is valid, complete, and says of requests and answers what really is taken and given."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import Struct
from openapi_spec_validator import validate

from cli.operations import all_operations
from tests.support.structs import structs_of
from tests.web.support import OPERATIONS
from web.openapi import openapi_document
from wire.http import Problem
from wire.operations import Access, Operation

ALL = [*all_operations()]
DOCUMENT = openapi_document(ALL, "1.2.3")


def _validator(kind: type[Struct]) -> Draft202012Validator:
    components = DOCUMENT["components"]
    return Draft202012Validator({"$ref": f"#/components/schemas/{kind.__name__}", "components": components})


@pytest.mark.parametrize("operations", [ALL, OPERATIONS, []], ids=["ours", "of the tests", "none"])
def test_the_document_is_valid_openapi(operations: list[Operation]) -> None:
    document = openapi_document(operations, "1.2.3")
    validate(document)
    json.dumps(document)
    assert document["openapi"].startswith("3.1.")


def test_every_operation_is_in_it_once() -> None:
    documented = {
        (method.upper(), path): operation["operationId"]
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }
    assert documented == {(each.method, each.path): each.name for each in ALL} | {("GET", "/metrics"): "metrics"}


def test_the_document_is_the_same_whatever_the_order_of_operations() -> None:
    assert json.dumps(openapi_document(ALL[::-1], "1.2.3")) == json.dumps(DOCUMENT)


@pytest.mark.parametrize("operation", [each for each in ALL if each.body], ids=lambda each: each.name)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_a_client_may_send_by_the_document_is_what_is_taken(operation: Operation, data: st.DataObject) -> None:
    assert operation.body
    sent = msgspec.json.encode(data.draw(structs_of(operation.body)))
    _validator(operation.body).validate(json.loads(sent))
    assert msgspec.json.encode(msgspec.json.decode(sent, type=operation.body)) == sent


@pytest.mark.parametrize("operation", [each for each in ALL if each.returns], ids=lambda each: each.name)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_is_answered_is_what_the_document_says(operation: Operation, data: st.DataObject) -> None:
    assert operation.returns
    answered = msgspec.json.encode(data.draw(structs_of(operation.returns)))
    _validator(operation.returns).validate(json.loads(answered))


@settings(max_examples=25, deadline=None)
@given(problem=structs_of(Problem))
def test_problems_are_what_the_document_says(problem: Problem) -> None:
    _validator(Problem).validate(json.loads(msgspec.json.encode(problem)))


def test_unknown_fields_are_refused_by_the_document_as_well() -> None:
    for operation in ALL:
        if operation.body and operation.body.__struct_config__.forbid_unknown_fields:
            schema = DOCUMENT["components"]["schemas"][operation.body.__name__]
            assert schema["additionalProperties"] is False


def test_who_may_ask_is_said_of_every_operation() -> None:
    expected: dict[Access, list[dict[str, list[str]]]] = {
        Access.PUBLIC: [],
        Access.USER: [{"session": []}, {"bearer": []}],
        Access.SOURCE: [{"source": []}],
        Access.ADMINISTRATOR: [{"administration": []}],
    }
    for operation in ALL:
        assert _documented(operation)["security"] == expected[operation.access]


def test_a_query_is_told_as_parameters_with_limits_defaults_and_descriptions() -> None:
    document = openapi_document(OPERATIONS, "1.2.3")
    parameters = {each["name"]: each for each in document["paths"]["/v1/tell"]["get"]["parameters"]}
    assert parameters["limit"] == {
        "name": "limit",
        "in": "query",
        "required": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
        "description": "Most items in the answer.",
    }
    assert parameters["after"]["schema"]["type"] == "string"
    assert parameters["tag"]["schema"]["type"] == "array"


def test_parameters_of_a_path_are_required_text() -> None:
    document = openapi_document(OPERATIONS, "1.2.3")
    assert document["paths"]["/v1/notes/{note}"]["put"]["parameters"] == [
        {"name": "note", "in": "path", "required": True, "schema": {"type": "string"}}
    ]


def test_answers_that_are_no_problems_are_told_with_their_own_struct() -> None:
    answer = DOCUMENT["paths"]["/readyz"]["get"]["responses"]["503"]["content"]["application/json"]
    assert answer["schema"] == {"$ref": "#/components/schemas/Health"}


def test_times_are_told_as_times() -> None:
    expires = DOCUMENT["components"]["schemas"]["LoggedIn"]["properties"]["expires_at"]
    assert expires == {"type": "string", "format": "date-time"}


def _documented(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][operation.path][operation.method.lower()]
    return found
