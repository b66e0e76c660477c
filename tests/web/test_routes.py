"""Operations over a real HTTP server: who is asking, what is read, what is answered."""

import asyncio
import json
import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.support.http import http_client
from tests.support.serving import serving
from tests.web.support import ALLOWED_ORIGIN, OPERATIONS, TOKEN, Tokens, make_service
from web.routes import make_routes
from wire.operations import Operation

BEARER = {"Authorization": f"Bearer {TOKEN}"}
COOKIE = {"Cookie": f"presence_session={TOKEN}"}
NOTE = {"text": "hello"}


def assert_problem(response: httpx2.Response, status: int, code: str, field: str | None = None) -> dict[str, object]:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, object] = response.json()
    assert (problem["status"], problem["code"], problem.get("field")) == (status, code, field)
    assert problem["title"]
    assert problem["request_id"] == response.headers["x-request-id"]
    return problem


# Who is asking


async def test_a_bearer_token_makes_its_user_the_caller(client: httpx2.AsyncClient) -> None:
    response = await client.get("/v1/tell", headers=BEARER)
    assert response.status_code == 200
    assert response.json()["user"] == 7


async def test_the_session_cookie_makes_its_user_the_caller(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/v1/tell", headers=COOKIE)).json()["user"] == 7


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer " + "x" * 5_000},
        {"Cookie": "presence_session=wrong"},
        {"Cookie": "presence_session="},
        {"Authorization": "Bearer wrong", **COOKIE},
    ],
)
async def test_without_a_valid_token_nobody_is_let_in(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    response = await client.get("/v1/tell", headers=headers)
    assert_problem(response, 401, "not_logged_in")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_a_switch_brings_its_token_unread(client: httpx2.AsyncClient) -> None:
    response = await client.post("/ingest/one", json={"count": 1}, headers={"Authorization": "bearer switch-secret"})
    assert response.json()["bearer"] == "switch-secret"
    assert response.json()["user"] is None


async def test_a_switch_without_a_token_is_refused_and_a_cookie_is_no_token(client: httpx2.AsyncClient) -> None:
    assert_problem(await client.post("/ingest/one", json={"count": 1}), 401, "not_logged_in")
    assert_problem(await client.post("/ingest/one", json={"count": 1}, headers=COOKIE), 401, "not_logged_in")


async def test_anybody_may_ask_what_is_public_even_with_strange_credentials(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/v1/open")).status_code == 200
    assert (await client.get("/v1/open", headers={"Authorization": "Basic YTpi"})).status_code == 200


async def test_handlers_are_never_handed_credentials_as_headers(client: httpx2.AsyncClient) -> None:
    response = await client.get("/v1/tell", headers={**BEARER, **COOKIE, "X-Other": "1"})
    assert "x-other" in response.json()["headers"]
    assert not {"authorization", "cookie"} & set(response.json()["headers"])


# Whose page is asking


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": ALLOWED_ORIGIN},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://sibling.example"},
    ],
)
async def test_a_cookie_alone_changes_nothing_for_pages_of_others(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    assert_problem(await client.put("/v1/notes/1", json=NOTE, headers={**COOKIE, **headers}), 403, "not_allowed")


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}])
async def test_a_cookie_counts_for_pages_of_ours(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.put("/v1/notes/1", json=NOTE, headers={**COOKIE, **headers})).status_code == 200


async def test_a_page_of_the_host_that_was_asked_is_our_own(client: httpx2.AsyncClient, address: str) -> None:
    headers = {**COOKIE, "Origin": address}
    assert (await client.put("/v1/notes/1", json=NOTE, headers=headers)).status_code == 200


async def test_reading_and_bearer_tokens_need_no_origin(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/v1/tell", headers={**COOKIE, "Origin": "https://evil.example"})).status_code == 200
    assert (await client.put("/v1/notes/1", json=NOTE, headers=BEARER)).status_code == 200


async def test_a_page_of_others_cannot_log_anybody_in(client: httpx2.AsyncClient) -> None:
    assert_problem(await client.post("/v1/login", headers={"Origin": "https://evil.example"}), 403, "not_allowed")
    assert (await client.post("/v1/login")).status_code == 204
    assert (await client.post("/v1/login", headers={"Origin": ALLOWED_ORIGIN})).status_code == 204


async def test_whoever_is_not_logged_in_hears_that_before_anything_of_origins(client: httpx2.AsyncClient) -> None:
    assert_problem(await client.put("/v1/notes/1", json=NOTE), 401, "not_logged_in")


# What is read


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": 1}, "text"),
        ({"text": "x" * 65}, "text"),
        ({"text": "two\nlines"}, "text"),
        ({"text": "x", "unknown": 1}, "unknown"),
        ({"text": "x", "inner": {"count": 10}}, "inner.count"),
        ({"text": "x", "inner": {}}, "inner.count"),
        ({"text": "x", "inner": {"count": "1"}}, "inner.count"),
        ({"text": "x", "tags": ["a", 2]}, "tags[1]"),
    ],
)
async def test_a_wrong_body_is_refused_with_the_name_of_the_field(
    client: httpx2.AsyncClient, body: dict[str, object], field: str
) -> None:
    assert_problem(await client.put("/v1/notes/1", json=body, headers=BEARER), 422, "invalid", field)


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b'"text"', b"null", b"\xff", b"[" * 1_900, b" "])
async def test_a_body_that_is_no_json_object_is_malformed(client: httpx2.AsyncClient, body: bytes) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}
    assert_problem(await client.put("/v1/notes/1", content=body, headers=headers), 400, "malformed")


async def test_a_missing_body_is_told_as_such(client: httpx2.AsyncClient) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}
    problem = assert_problem(await client.put("/v1/notes/1", headers=headers), 400, "malformed")
    assert problem["detail"] == "This needs a JSON object as its body"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/jsonp"},
        {},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_only_plain_json_is_read(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    response = await client.put("/v1/notes/1", content=b'{"text":"x"}', headers={**BEARER, **headers})
    assert_problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"]
)
async def test_json_may_be_called_by_its_other_names(client: httpx2.AsyncClient, kind: str) -> None:
    headers = {**BEARER, "Content-Type": kind}
    assert (await client.put("/v1/notes/1", content=b'{"text":"x"}', headers=headers)).status_code == 200


@pytest.mark.parametrize("size", [2_001, 100_000, 7_000_000])
async def test_a_body_over_its_limit_is_refused_and_the_sender_hears_it(client: httpx2.AsyncClient, size: int) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}
    problem = assert_problem(await client.put("/v1/notes/1", content=b" " * size, headers=headers), 413, "too_large")
    assert "2000" in str(problem["detail"])
    assert (await client.get("/v1/tell", headers=BEARER)).status_code == 200


@pytest.mark.parametrize("chunks", [3, 200])
async def test_a_body_of_unknown_length_is_counted_while_it_comes(client: httpx2.AsyncClient, chunks: int) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(chunks):
            yield b" " * 1_000

    headers = {**BEARER, "Content-Type": "application/json"}
    assert_problem(await client.put("/v1/notes/1", content=pieces(), headers=headers), 413, "too_large")


async def test_whoever_waits_before_sending_is_refused_at_once(address: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
    writer.write(
        b"PUT /v1/notes/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer right-token\r\nExpect: 100-continue\r\n"
        b"Content-Type: application/json\r\nContent-Length: 5000000\r\n\r\n"
    )
    async with asyncio.timeout(60):
        status_line = await reader.readline()
    writer.close()
    assert status_line.startswith(b"HTTP/1.1 413 ")


async def test_parameters_of_a_query_become_what_the_struct_says(client: httpx2.AsyncClient) -> None:
    response = await client.get("/v1/tell?limit=5&exact=true&tag=a&tag=b&after=caf%C3%A9+1", headers=BEARER)
    assert response.json()["query"] == {"limit": 5, "after": "café 1", "tag": ["a", "b"], "exact": True}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("limit=", "limit"),
        ("limit=1&limit=2", "limit"),
        ("exact=perhaps", "exact"),
        ("after=a%00b", "after"),
        ("after=" + "x" * 65, "after"),
        ("page=2", "page"),
        ("tag=" + "x" * 65, "tag[0]"),
    ],
)
async def test_a_wrong_query_is_refused_with_the_name_of_the_parameter(
    client: httpx2.AsyncClient, query: str, field: str
) -> None:
    assert_problem(await client.get(f"/v1/tell?{query}", headers=BEARER), 422, "invalid", field)


async def test_an_operation_without_parameters_refuses_any(client: httpx2.AsyncClient) -> None:
    assert_problem(await client.get("/v1/open?debug=1"), 422, "invalid", "debug")


@pytest.mark.parametrize("query", ["limit=%FF", "&".join(f"tag={n}" for n in range(200))])
async def test_a_query_that_cannot_be_read_is_malformed(client: httpx2.AsyncClient, query: str) -> None:
    assert_problem(await client.get(f"/v1/tell?{query}", headers=BEARER), 400, "malformed")


async def test_path_parameters_are_text_and_literal_paths_come_first(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/v1/notes/caf%C3%A9", headers=BEARER)).json()["path"] == {"note": "café"}
    assert (await client.get("/v1/notes/latest", headers=BEARER)).status_code == 204


async def test_nothing_is_named_with_control_characters(client: httpx2.AsyncClient) -> None:
    assert_problem(await client.get("/v1/notes/a%00b", headers=BEARER), 404, "not_found")


# What is answered


async def test_an_answer_is_not_to_be_kept_or_guessed_at(client: httpx2.AsyncClient) -> None:
    response = await client.get("/v1/open")
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_a_handler_may_choose_its_status_and_headers(client: httpx2.AsyncClient) -> None:
    response = await client.post("/v1/notes", json=NOTE, headers=BEARER)
    assert (response.status_code, response.headers["location"]) == (201, "/v1/notes/1")
    assert response.json() == {"count": 1}


async def test_nothing_to_say_is_204_without_a_body(client: httpx2.AsyncClient) -> None:
    response = await client.delete("/v1/notes/1", headers=BEARER)
    assert (response.status_code, response.content) == (204, b"")


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client: httpx2.AsyncClient) -> None:
    cookie = (await client.post("/v1/login")).headers["set-cookie"]
    assert cookie == f"presence_session={TOKEN}; HttpOnly; Max-Age=60; Path=/; SameSite=lax"


async def test_logging_out_clears_the_cookie(client: httpx2.AsyncClient) -> None:
    cookie = (await client.post("/v1/logout", headers=BEARER)).headers["set-cookie"]
    assert cookie.startswith('presence_session="";')
    assert "Max-Age=0" in cookie


async def test_behind_a_public_https_address_cookies_are_secure() -> None:
    application = make_service(public_url="https://chat.example")
    async with serving(application) as address, http_client(address) as client:
        response = await client.post("/v1/login", headers={"Origin": "https://chat.example"})
        assert "; Secure" in response.headers["set-cookie"]
        assert (await client.get("/v1/open")).json()["secure"] is True


async def test_a_proxy_that_ends_tls_is_believed_about_it(client: httpx2.AsyncClient) -> None:
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    seen = (await client.get("/v1/open", headers=headers)).json()
    assert (seen["secure"], seen["address"]) == (True, "203.0.113.9")


@pytest.mark.parametrize(
    ("how", "status", "code", "field"),
    [
        ("busy", 429, "too_many", None),
        ("taken", 409, "conflict", "rev"),
        ("missing", 404, "not_found", None),
        ("password", 401, "wrong_credentials", None),
        ("store", 503, "unavailable", None),
    ],
)
async def test_a_refusal_becomes_a_problem_document(
    client: httpx2.AsyncClient, how: str, status: int, code: str, field: str | None
) -> None:
    assert_problem(await client.get(f"/v1/fail/{how}"), status, code, field)


async def test_when_to_come_back_is_told_in_whole_seconds_and_exactly(client: httpx2.AsyncClient) -> None:
    busy = await client.get("/v1/fail/busy")
    assert (busy.headers["retry-after"], busy.json()["retry_after"]) == ("2", 1.2)
    assert (await client.get("/v1/fail/store")).headers["retry-after"] == "1"


async def test_a_fault_of_ours_is_told_without_details(client: httpx2.AsyncClient) -> None:
    response = await client.get("/v1/fail/unexpected")
    assert_problem(response, 500, "internal")
    assert "secret" not in response.text
    assert (await client.get("/v1/open")).status_code == 200


async def test_an_unknown_address_is_a_problem_too_and_never_a_redirect(client: httpx2.AsyncClient) -> None:
    assert_problem(await client.get("/v1/nothing"), 404, "not_found")
    assert_problem(await client.get("/v1/open/"), 404, "not_found")


async def test_a_wrong_method_is_told_which_are_right(client: httpx2.AsyncClient) -> None:
    response = await client.post("/v1/notes/1", headers=BEARER)
    assert_problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "DELETE, GET, HEAD, PUT"
    assert_problem(await client.request("PROPFIND", "/v1/open"), 405, "method_not_allowed")


async def test_head_answers_like_get_without_the_body(client: httpx2.AsyncClient) -> None:
    got, head = await client.get("/v1/open"), await client.head("/v1/open")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    assert (await client.head("/v1/login")).status_code == 405


async def test_an_allowed_page_elsewhere_may_read_our_answers_and_no_other(client: httpx2.AsyncClient) -> None:
    allowed = await client.get("/v1/open", headers={"Origin": ALLOWED_ORIGIN})
    assert allowed.headers["access-control-allow-origin"] == ALLOWED_ORIGIN
    assert "access-control-allow-credentials" not in allowed.headers  # with a token, never with the cookie
    other = await client.get("/v1/open", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


async def test_an_allowed_page_may_ask_beforehand(client: httpx2.AsyncClient) -> None:
    headers = {
        "Origin": ALLOWED_ORIGIN,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    response = await client.options("/v1/notes/1", headers=headers)
    assert response.status_code == 200
    assert "PUT" in response.headers["access-control-allow-methods"]


async def test_thousands_of_header_bytes_end_nothing_but_their_own_request(client: httpx2.AsyncClient) -> None:
    response = await client.get("/v1/open", headers={"X-Long": "x" * 30_000})
    assert response.status_code in (200, 431)
    assert json.loads((await client.get("/v1/open")).content)


# The list itself


def test_two_operations_cannot_share_a_name_or_an_address() -> None:
    first = OPERATIONS[0]
    again = Operation("other", first.method, first.path, "Again", first.handler)
    with pytest.raises(ValueError, match=re.escape(first.path)):
        make_routes([first, again], Tokens())
    with pytest.raises(ValueError, match=first.name):
        make_routes([first, Operation(first.name, "GET", "/v1/elsewhere", "Again", first.handler)], Tokens())


def test_an_operation_cannot_have_a_method_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="FETCH"):
        make_routes([Operation("x", "FETCH", "/v1/x", "Fetch", OPERATIONS[0].handler)], Tokens())
