"""Every scope, every operation and every command: on oneself, at the own site, elsewhere, in another company, masked.

What is expected stands here once more, by hand and in other words than in the code: `ON_PEOPLE` and `RULES` say what
product rules say, and nothing of accounts/permissions.py is asked. An operation or command that has no line here fails.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import msgspec
import pytest

from accounts.administration.scopes import AdministrationScope
from accounts.administration.service import AdministrationKeyService
from connections.dispatch import COMMANDS
from storage.postgres.administration import PostgresAdministrationKeyStore
from storage.postgres.pool import Pool, transaction
from storage.postgres.provisioning import add_site_in_tx
from tests.support.chat import make_client_id
from tests.support.client import Client
from tests.support.company import Company
from tests.support.gateway import GatewayProcess, People
from tests.support.http import http_client
from tests.support.links import some_network
from tests.support.masks import start_session
from wire.commands import Command, Connect
from wire.errors import ErrorCode
from wire.identity import Scope, UserId
from wire.replies import Failed

# ------------------------------------------------------------ on people

TARGETS = {
    "oneself": None,
    "agent, same site": (Scope.CALL_CENTER_AGENT, "North"),
    "user, same site": (Scope.BASIC_USER, "North"),
    "site manager, same site": (Scope.SITE_MANAGER, "North"),
    "office manager, same site": (Scope.OFFICE_MANAGER, "North"),
    "super user, same site": (Scope.SUPER_USER, "North"),
    "agent, other site": (Scope.CALL_CENTER_AGENT, "South"),
    "user, other site": (Scope.BASIC_USER, "South"),
    "user without a site": (Scope.BASIC_USER, None),
    "other company": None,
}
ALL = "rediaxsmwu"
"""Letters, so that the table below is narrow: r read the profile, e edit what users edit themselves, d what only
managers edit, i the PIN, a the addresses, x reset, s password and second factor, m mask, w why, u let in or not, with
which scope, and delete.
"""
PLAIN = {"oneself": "reiaw"}
NOBODY_ELSE = dict.fromkeys(TARGETS, "") | PLAIN
SEES_WHY = dict.fromkeys(TARGETS, "w") | PLAIN | {"other company": ""}
MANAGED = "rediaxsw"

ON_PEOPLE: dict[Scope, dict[str, str]] = {
    Scope.NO_PORTAL: dict.fromkeys(TARGETS, ""),
    Scope.SIMPLE_USER: NOBODY_ELSE,
    Scope.BASIC_USER: NOBODY_ELSE,
    Scope.ADVANCED_USER: NOBODY_ELSE,
    Scope.CALL_CENTER_AGENT: NOBODY_ELSE,
    # Users whose scope is Call Center Agent.
    Scope.CALL_CENTER_SUPERVISOR: SEES_WHY | {"agent, same site": MANAGED, "agent, other site": MANAGED},
    # Users of the own site, not other managers.
    Scope.SITE_MANAGER: SEES_WHY | {"agent, same site": MANAGED, "user, same site": MANAGED},
    # All users of the domain, but of other Office Managers neither passwords nor e-mails; masks of lower scopes.
    Scope.OFFICE_MANAGER: {
        "oneself": "rediaw",
        "agent, same site": ALL,
        "user, same site": ALL,
        "site manager, same site": ALL,
        "office manager, same site": "redixw",
        "super user, same site": "redw",
        "agent, other site": ALL,
        "user, other site": ALL,
        "user without a site": ALL,
        "other company": "",
    },
    # All of all users; but nobody takes over whoever is above.
    Scope.RESELLER: dict.fromkeys(TARGETS, ALL)
    | {"oneself": "rediaw", "super user, same site": "redw", "other company": ""},
    Scope.SUPER_USER: dict.fromkeys(TARGETS, ALL)
    | {"oneself": "rediaw", "super user, same site": MANAGED, "other company": ""},
}

NOT_BEHIND_A_MASK = set("iaxsmu")
"""PIN, addresses, resets, passwords and second factors, masks themselves, and who there is."""

# For each letter: the operations, with bodies that are refused for another reason where they would change something. An
# answer that says "this value is wrong" (or "too often") is one to who may.
PERSON_OPERATIONS: dict[str, list[tuple[str, str, str, Any]]] = {
    "r": [("get_user", "GET", "/v1/users/{user}", None)],
    "e": [
        ("edit_user", "PATCH", "/v1/users/{user}", {"first_name": " "}),
        ("set_user_photo", "PUT", "/v1/users/{user}/photo", None),
        ("remove_user_photo", "DELETE", "/v1/users/{user}/photo", None),
    ],
    "d": [("edit_user", "PATCH", "/v1/users/{user}", {"department": "x" * 64, "first_name": " "})],
    "i": [("edit_user", "PATCH", "/v1/users/{user}", {"pin": "1234"})],
    "a": [
        ("edit_user", "PATCH", "/v1/users/{user}", {"emails": ["nonsense"]}),
        ("ask_user_for_confirmation", "POST", "/v1/users/{user}/emails/confirmation", {"email": "x@a.test"}),
    ],
    "x": [("reset_user", "POST", "/v1/users/{user}/reset", {"what": ["notes"]})],
    "s": [
        ("reset_password", "POST", "/v1/users/{user}/password-reset", {"send_mail": True}),
        ("send_welcome", "POST", "/v1/users/{user}/welcome", None),
        ("turn_off_second_factor_of", "DELETE", "/v1/users/{user}/second-factor", None),
    ],
    "m": [("begin_mask", "POST", "/v1/users/{user}/mask", None)],
    "u": [
        ("change_account", "PATCH", "/v1/users/{user}/account", {"scope": "king"}),
        # Only asked for here where it is refused, see below.
        ("erase_user", "DELETE", "/v1/users/{user}", None),
    ],
    "w": [("explain_presence", "GET", "/v1/presence/{user}/why", None)],
}

# ------------------------------------------------------------ everything else

EVERYBODY = set(Scope) - {Scope.NO_PORTAL}
SUPERVISORS = {scope for scope in Scope if scope >= Scope.CALL_CENTER_SUPERVISOR}
SITE_MANAGERS = {scope for scope in Scope if scope >= Scope.SITE_MANAGER}
OFFICE_MANAGERS = {scope for scope in Scope if scope >= Scope.OFFICE_MANAGER}
RESELLERS = {Scope.RESELLER, Scope.SUPER_USER}


@dataclass(frozen=True)
class Rule:
    """Who may, and whether behind a mask too."""

    scopes: set[Scope]
    masked: bool = True
    unmasked: bool = True


OWN = Rule(EVERYBODY)
ALONE = Rule(EVERYBODY, masked=False)
"""Secrets and chat: the user's alone."""
SHARED = Rule(SUPERVISORS)
MANAGES_SOMEBODY = Rule(SUPERVISORS)
SITES = Rule(OFFICE_MANAGERS)
AUDIT = Rule(SITE_MANAGERS)
SECURITY = Rule(OFFICE_MANAGERS, masked=False)
COMPANY = Rule(OFFICE_MANAGERS, masked=False)
RETENTION = Rule(RESELLERS, masked=False)
ONLY_MASKED = Rule(EVERYBODY - {Scope.SUPER_USER}, unmasked=False)

CONTACT = {"first_name": "Zoe", "last_name": "Zed", "shared": True}
OWN_CONTACT = {"first_name": "Zoe", "shared": False}

RULES: dict[str, tuple[Rule, str, Any]] = {
    "get_me": (OWN, "", None),
    "make_ticket": (OWN, "", None),
    "get_profile": (OWN, "", None),
    "edit_profile": (OWN, "", {"first_name": " "}),
    "get_photo": (OWN, "1", "?rev=1"),
    "set_photo": (OWN, "", None),
    "remove_photo": (OWN, "", None),
    "ask_for_confirmation": (ALONE, "", {"email": "x@a.test"}),
    "list_logins": (ALONE, "", None),
    "end_login": (ALONE, "nobodys-login", None),
    "change_password": (ALONE, "", {"current": "x", "password": "weak"}),
    "get_second_factors": (ALONE, "", None),
    "begin_totp": (ALONE, "", {}),
    "confirm_totp": (ALONE, "", {"code": "123456"}),
    "renew_recovery_codes": (ALONE, "", {}),
    "turn_off_second_factor": (ALONE, "", {}),
    "list_passkeys": (ALONE, "", None),
    "begin_passkey": (ALONE, "", {}),
    "add_passkey": (ALONE, "", {"token": "x", "name": "x", "passkey": "{}"}),
    "remove_passkey": (ALONE, "x" * 22, {}),
    "list_users": (MANAGES_SOMEBODY, "", None),
    "add_user": (COMPANY, "", {"extension": "1", "first_name": "x", "site": "Nowhere"}),
    "import_users": (COMPANY, "", None),
    "get_domain": (COMPANY, "", None),
    "edit_domain": (COMPANY, "", {"time_zone": "Mars/Olympus"}),
    "edit_domain, how long messages are kept": (RETENTION, "", {"retention_days": None}),
    "list_sites": (MANAGES_SOMEBODY, "", None),
    "add_site": (SITES, "", {"name": "a/b"}),
    "edit_site": (SITES, "North", {"name": "a/b"}),
    "delete_site": (SITES, "North", None),
    "list_audit": (AUDIT, "", None),
    "export_audit": (AUDIT, "", None),
    "get_domain_security": (SECURITY, "", None),
    "set_domain_security": (SECURITY, "", {"second_factor_required": False}),
    "list_api_keys": (SECURITY, "", None),
    "make_api_key": (SECURITY, "", {"name": "x", "scopes": ["no.such"]}),
    "revoke_api_key": (SECURITY, "nobodys-key", None),
    "upload_file": (ALONE, "1", "?name=a.txt"),
    "get_file": (ALONE, "x" * 22, None),
    "get_preview": (ALONE, "x" * 22, None),
    "discard_file": (ALONE, "x" * 22, None),
    "export_conversation": (ALONE, "1", None),
    "get_notifications": (ALONE, "", None),
    "edit_notifications": (ALONE, "", {"email_minutes": 10}),
    "get_push_key": (OWN, "", None),
    "subscribe_to_push": (ALONE, "", {"endpoint": "https://push.example/x", "p256dh": "x", "auth": "x"}),
    "unsubscribe_from_push": (ALONE, "", "?endpoint=https://push.example/x"),
    "list_sms_numbers": (ALONE, "", None),
    "open_sms_conversation": (ALONE, "", {"to": "+41441234567"}),
    "list_directory": (OWN, "", None),
    "list_audio_directory": (OWN, "", None),
    "list_people": (OWN, "", None),
    "count_groups": (OWN, "", None),
    "look_up_number": (OWN, "", "?number=1001"),
    "list_contacts": (OWN, "", None),
    "add_contact": (SHARED, "", CONTACT),
    "add_contact of one's own": (OWN, "", OWN_CONTACT),
    "get_contact": (OWN, "999", None),
    "edit_contact": (OWN, "999", {"rev": 1}),
    "delete_contact": (OWN, "999", None),
    "list_trash": (SHARED, "", "?kind=shared"),
    "list_trash of one's own": (OWN, "", "?kind=mine"),
    "list_contact_changes": (OWN, "", "?shared=0&own=0"),
    "delete_contacts": (OWN, "", {"contacts": [{"contact": 999, "rev": 1}]}),
    "restore_contacts": (OWN, "", {"contacts": [999]}),
    "tag_contacts": (OWN, "", {"contacts": [999], "add": ["x"]}),
    "get_own_things": (OWN, "", None),
    "add_favourite": (OWN, "contact/999", None),
    "remove_favourite": (OWN, "contact/999", None),
    "get_overlay": (OWN, "1", None),
    "set_overlay": (OWN, "1", {"rev": 99, "notes": "x"}),
    "upload_import": (SHARED, "", "?name=a.csv&shared=true"),
    "upload_import of one's own": (OWN, "", "?name=a.csv&shared=false"),
    "get_import": (OWN, "x" * 22, None),
    "list_import_rows": (OWN, "x" * 22, None),
    "correct_import": (OWN, "x" * 22, {}),
    "apply_import": (OWN, "x" * 22, None),
    "undo_import": (OWN, "x" * 22, None),
    "discard_import": (OWN, "x" * 22, None),
    "export_contacts": (SHARED, "", "?group=shared&format=vcard"),
    "export_contacts of one's own": (OWN, "", "?group=mine&format=vcard"),
    "list_presence": (OWN, "", None),
    "get_presence": (OWN, "1", None),
    # The last ones, since nothing is left to ask after them:
    "end_other_logins": (ALONE, "", None),
    "end_mask": (ONLY_MASKED, "", None),
    "log_out": (OWN, "", None),
}
"""By operation: the rule, what stands in the address, and a body, or a query from `?` on."""

WITHOUT_LOGIN = {
    *("log_in", "look_at_email_link", "confirm_email", "ask_for_password_link", "look_at_password_link"),
    *("set_password", "finish_login", "set_up_to_log_in", "offers_sign_on", "begin_sign_on", "finish_sign_on"),
    *("ask_for_own_passkey", "ask_for_passkey", "log_in_with_passkey"),
    *("hand_over", "take_sms_event", "healthz", "readyz", "version", "metrics"),
}
OF_SWITCHES = {"take_switch_events", "take_switch_snapshot", "take_kamailio_events", "take_kamailio_snapshot"}

_DOMAINS = "domains.read domains.manage domains.delete"
_USERS = "users.read users.manage users.delete"
_SOURCES = "sources.read sources.manage"
ADMINISTRATION = {
    "list_domains": _DOMAINS,
    "administer_get_domain": _DOMAINS,
    "administer_get_domain_security": _DOMAINS,
    "add_domain": "domains.manage",
    "administer_edit_domain": "domains.manage",
    "administer_set_domain_security": "domains.manage",
    "delete_domain": "domains.delete",
    "administer_list_users": _USERS,
    "administer_get_user": _USERS,
    "administer_add_user": "users.manage",
    "administer_import_users": "users.manage",
    "administer_change_account": "users.manage",
    "administer_edit_user": "users.manage",
    "administer_reset_user": "users.manage",
    "administer_reset_password": "users.manage",
    "administer_send_welcome": "users.manage",
    "administer_turn_off_second_factor_of": "users.manage",
    "administer_erase_user": "users.delete",
    "administer_list_sites": "sites.manage",
    "administer_add_site": "sites.manage",
    "administer_edit_site": "sites.manage",
    "administer_delete_site": "sites.manage",
    "administer_list_api_keys": "keys.manage",
    "administer_make_api_key": "keys.manage",
    "administer_revoke_api_key": "keys.manage",
    "administer_list_audit": "audit.read",
    "administer_export_audit": "audit.read",
    "list_sources": _SOURCES,
    "add_source": "sources.manage",
    "edit_source": "sources.manage",
    "rotate_source_token": "sources.manage",
    "settle_source_token": "sources.manage",
    "let_source_speak": "sources.manage",
    "forbid_source_to_speak": "sources.manage",
    "resync_source": "sources.manage",
}
"""By operation: which scopes of an administration key let it do that. No login does, however high its scope."""

# ------------------------------------------------------------ commands

SAYS_OF_ONESELF = {"set_dnd", "set_status", "set_appear_offline"}
UNMASKED = {"register_device", "unregister_device", "report_call"}
OF_THE_CONNECTION = {"connect", "alive", "set_available", "set_shown", "get_presence", "watch"}
OF_PEOPLE = {"get_coworkers", "look_up_number"}
CHAT = {
    *("open_conversation", "list_conversations", "get_conversation", "create_group", "rename_group", "set_history"),
    *("add_members", "remove_member", "leave_group", "set_manager", "set_muted", "send_message", "edit_message"),
    *("delete_message", "react", "typing", "get_messages", "get_changes", "search_messages", "mark_read"),
    "mark_delivered",
}
VALUES: dict[str, Any] = {
    "conversation": 999,
    "conversations": [999],
    "user": 2**31 - 1,
    "users": [2**31 - 1],
    "seq": 1,
    "on": False,
    "available": True,
    "mode": "everybody",
    "message": "",
    "device": "a",
    "call": "c",
    "phase": "ended",
    "number": "1001",
    "name": "x",
    "body": "x",
    "emoji": "👍",
    "text": "x",
    "history": "all",
    "after": 0,
}


@dataclass
class Stage:
    """Actors at North, one a scope, each with a login and, where that can be, a mask; and people to do things to."""

    people: People
    http: httpx2.AsyncClient
    targets: dict[str, UserId]
    actors: dict[Scope, UserId]
    tokens: dict[tuple[Scope, bool], str]
    described: dict[str, tuple[str, str]]

    def cases(self) -> Iterator[tuple[Scope, bool, str]]:
        for (scope, masked), token in self.tokens.items():
            yield scope, masked, token

    async def ask(self, token: str, method: str, path: str, given: Any) -> int:
        headers = {"Authorization": f"Bearer {token}", **some_network()}
        query = given if isinstance(given, str) else ""
        json = given if isinstance(given, dict) else None
        answer = await self.http.request(method, path + query, headers=headers, json=json)
        return answer.status_code

    async def administers(self, token: str, name: str, domain: str) -> int:
        """Without a body, and on what is not there."""
        method, path = self.described[name]
        return await self.ask(
            token, method, path.format(domain=domain, user=999, site="x", key="x", source="no-such-switch"), None
        )


@pytest.fixture
async def stage(people: People, pool: Pool) -> AsyncIterator[Stage]:
    company = people.company
    async with transaction(pool) as conn:
        for site in ("North", "South"):
            await add_site_in_tx(conn, company.domain, site)
    actors = {scope: await company.add(f"1{scope:03}", scope=scope, site="North", pin_hash="x") for scope in Scope}
    targets = {
        name: await company.add(f"2{nth:03}", scope=kind[0], site=kind[1], pin_hash="x", password_hash="x")
        for nth, (name, kind) in enumerate(TARGETS.items())
        if kind is not None
    }
    rivals = await Company.make(pool)
    for nth in range(60):
        targets["other company"] = await rivals.add(f"3{nth:03}", pin_hash="x")
    assert targets["other company"] not in {*actors.values(), *targets.values()} - {targets["other company"]}
    operator = await company.add("1999", scope=Scope.SUPER_USER)
    async with http_client(people.gateway.url) as http:
        described = (await http.get("/openapi.json")).json()
        operations = {
            operation["operationId"]: (method.upper(), path)
            for path, methods in described["paths"].items()
            for method, operation in methods.items()
        }
        stage = Stage(people, http, targets, actors, {}, operations)
        for scope, user in actors.items():
            stage.tokens[scope, False] = await start_session(pool, company, user)
            begun = await http.post(
                f"/v1/users/{user}/mask",
                headers={"Authorization": f"Bearer {await start_session(pool, company, operator)}"},
            )
            assert (begun.status_code == 200) is (scope is not Scope.SUPER_USER)
            if begun.status_code == 200:
                stage.tokens[scope, True] = begun.json()["token"]
        yield stage


def test_every_operation_and_every_command_has_a_line_here(gateway: GatewayProcess) -> None:
    described = httpx2.get(f"{gateway.url}/openapi.json", trust_env=False).json()
    served = {operation["operationId"] for methods in described["paths"].values() for operation in methods.values()}
    on_people = {name for operations in PERSON_OPERATIONS.values() for name, *_ in operations}
    written = {operation_of(line) for line in RULES} | on_people | WITHOUT_LOGIN | OF_SWITCHES
    assert served - ADMINISTRATION.keys() == written
    assert ADMINISTRATION.keys() <= served
    commands = {str(kind.__struct_config__.tag) for kind in COMMANDS}
    assert {name for name in served if name not in written} == {
        operation["operationId"]
        for path, methods in described["paths"].items()
        for operation in methods.values()
        if path.startswith("/admin/")
    }
    assert commands == SAYS_OF_ONESELF | UNMASKED | OF_THE_CONNECTION | OF_PEOPLE | CHAT | {"why"}


async def test_what_is_done_to_people(stage: Stage) -> None:
    wrong: list[str] = []

    async def try_all(scope: Scope, masked: bool, token: str) -> None:
        for target, allowed in ON_PEOPLE[scope].items():
            user = stage.actors[scope] if target == "oneself" else stage.targets[target]
            may = set(allowed) - (NOT_BEHIND_A_MASK if masked else set())
            if masked and scope is Scope.NO_PORTAL and target == "oneself":
                may = {"r"}  # there is a profile to look at, and nothing else
            for letter, operations in PERSON_OPERATIONS.items():
                for name, method, path, body in operations:
                    if name == "erase_user" and letter in may:
                        continue
                    status = await stage.ask(token, method, path.format(user=user), body)
                    if (status not in (401, 403, 404)) is not (letter in may) or status >= 500:
                        wrong.append(f"{scope.name}, masked {masked}: {letter} {name} on {target}: {status}")

    await asyncio.gather(*(try_all(*case) for case in stage.cases()))
    assert wrong == []


async def test_whoever_may_delete_somebody_does(stage: Stage) -> None:
    wrong: list[str] = []
    for nth, (scope, masked, token) in enumerate(stage.cases()):
        for of, (target, allowed) in enumerate(ON_PEOPLE[scope].items()):
            kind = TARGETS[target]
            if "u" in allowed and not masked and kind is not None:
                user = await stage.people.company.add(f"5{nth:02}{of:02}", scope=kind[0], site=kind[1])
                for expected in (200, 404):
                    status = await stage.ask(token, "DELETE", f"/v1/users/{user}", None)
                    if status != expected:
                        wrong.append(f"{scope.name} on {target}: {status}")
    assert wrong == []


async def test_lists_of_users_hold_those_whose_profile_is_read(stage: Stage) -> None:
    for scope, masked, token in stage.cases():
        answer = await stage.http.get("/v1/users?limit=100", headers={"Authorization": f"Bearer {token}"})
        listed = {each["user"] for each in answer.json().get("items", ())}
        for target, allowed in ON_PEOPLE[scope].items():
            if target != "oneself":
                assert (stage.targets[target] in listed) is ("r" in allowed), (scope, masked, target)


async def test_everything_else(stage: Stage) -> None:
    wrong: list[str] = []

    async def try_all(scope: Scope, masked: bool, token: str) -> None:
        for line, (rule, within, given) in RULES.items():
            if masked and scope is Scope.NO_PORTAL and line not in ("get_me", "end_mask", "log_out", "list_users"):
                continue  # nobody has said what somebody without a portal would see in it
            if masked and line == "log_out":
                continue  # the mask was taken off
            name = operation_of(line)
            method, path = stage.described[name]
            fixed, parameter, _ = path.partition("{")
            rest = path[path.index("}") + 1 :] if parameter and "/" not in within else ""
            status = await stage.ask(token, method, fixed + within + rest, given)
            is_let = scope in rule.scopes and (rule.masked if masked else rule.unmasked)
            if masked and scope is Scope.NO_PORTAL:
                is_let = name != "list_users"
            refused = {401, 403, 409} if rule is ONLY_MASKED else {401, 403}
            if name in {"add_passkey", "confirm_totp"} and scope is not Scope.NO_PORTAL:
                refused = {403}  # 401 is said of the token, or of the code, in the body
            if (status not in refused) is not is_let or status >= 500:
                wrong.append(f"{scope.name}, masked {masked}: {line}: {status}")

    await asyncio.gather(*(try_all(*case) for case in stage.cases()))
    assert wrong == [], sorted(wrong)


async def test_without_a_login_nothing_but_what_leads_to_one(stage: Stage) -> None:
    for name, (method, path) in stage.described.items():
        status = (await stage.http.request(method, path.replace("{", "").replace("}", ""))).status_code
        assert (status == 401) is (name not in WITHOUT_LOGIN), (name, status)


async def test_administration_is_for_administration_keys_of_the_scope_and_the_company(stage: Stage, pool: Pool) -> None:
    keys = AdministrationKeyService(PostgresAdministrationKeyStore(pool))
    mine, theirs = stage.people.company.domain, (await Company.make(pool)).domain
    # What would end everything comes last.
    for name in sorted(ADMINISTRATION, key=lambda name: name == "delete_domain"):
        needed = [AdministrationScope(scope) for scope in ADMINISTRATION[name].split()]
        for scope, masked, login in stage.cases():
            assert await stage.administers(login, name, mine) == 401, (name, scope, masked)
        others = [each for each in AdministrationScope if each not in needed]
        lacking = await keys.make(secrets.token_hex(8), others)
        assert await stage.administers(lacking, name, theirs) == 403, name
        elsewhere = await keys.make(secrets.token_hex(8), list(AdministrationScope), [mine])
        if "{domain}" in stage.described[name][1]:
            assert await stage.administers(elsewhere, name, theirs) == 403, name
        for enough in needed:
            key = await keys.make(secrets.token_hex(8), [enough])
            assert await stage.administers(key, name, theirs) not in (401, 403, 500), (name, enough)
    any_key = await keys.make(secrets.token_hex(8), list(AdministrationScope))
    assert await stage.ask(any_key, "GET", "/v1/me", None) == 401
    async with await Client.open(stage.people.gateway.url) as nobody:
        await nobody.send(Connect(id=1, token=any_key))
        assert await nobody.closed() == 4500


async def test_every_command(stage: Stage) -> None:
    wrong: list[str] = []
    listed = stage.targets["user, same site"]

    async def try_all(scope: Scope, masked: bool, token: str) -> None:
        if scope is Scope.NO_PORTAL:
            return  # below
        async with await Client.open(stage.people.gateway.url, token) as client:
            for kind in COMMANDS:
                name = str(kind.__struct_config__.tag)
                if name == "why":
                    cases = {stage.actors[scope]: True, listed: scope in SUPERVISORS, 2**31 - 1: False}
                else:
                    cases = {0: not (masked and name in CHAT | UNMASKED)}
                for user, is_let in cases.items():
                    reply = await reply_to(client, command_of(kind, user))
                    code = reply.code if isinstance(reply, Failed) else None
                    refused = code is ErrorCode.NOT_ALLOWED or (name == "why" and code is ErrorCode.NOT_FOUND)
                    if refused is is_let or code is ErrorCode.INTERNAL:
                        wrong.append(f"{scope.name}, masked {masked}: {name} {user or ''}: {reply}")

    await asyncio.gather(*(try_all(*case) for case in stage.cases()))
    assert wrong == []
    async with await Client.open(stage.people.gateway.url) as nobody:
        await nobody.send(Connect(id=1, token=stage.tokens[Scope.NO_PORTAL, False]))
        assert await nobody.closed() == 4500


def operation_of(line: str) -> str:
    """A line may go on after the name."""
    return line.partition(" ")[0].rstrip(",")


def command_of(kind: type[Command], user: int) -> Command:
    fields = [each for each in msgspec.structs.fields(kind) if each.name != "id" and each.required]
    lacking = {each.name for each in fields} - VALUES.keys() - {"client_id"}
    assert not lacking, f"say here with which {lacking} {kind.__name__} is to be tried"
    values = {each.name: make_client_id() if each.name == "client_id" else VALUES[each.name] for each in fields}
    if user and "user" in values:
        values["user"] = user
    return msgspec.convert({"op": kind.__struct_config__.tag, **values}, kind)


async def reply_to(client: Client, command: Command) -> object:
    """Also of a server that wants us to wait."""
    while True:
        if str(command.__struct_config__.tag) == "alive":
            await client.send(command)
            return None
        reply = await client.ask(command, object)
        if not (isinstance(reply, Failed) and reply.code is ErrorCode.TOO_MANY):
            return reply
        await asyncio.sleep(float(reply.retry_after or 0.1))
