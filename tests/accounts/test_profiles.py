from typing import Any

import pytest
from msgspec.structs import replace

from accounts.model import Account, AccountStatus, Email, status_of
from accounts.profiles.editing import Visibility, plan_edit
from accounts.profiles.errors import FieldNotEditable
from accounts.profiles.fields import editable_fields
from accounts.profiles.showing import coworker_of, profile_of
from accounts.profiles.values import clean_name
from wire.errors import Invalid
from wire.http import ProfileEdit
from wire.identity import Caller, DomainId, Extension, Scope, SessionId, UserId

ACCOUNT = Account(
    domain=DomainId("a.test"),
    user=UserId(1),
    rev=4,
    directory_rev=7,
    extension=Extension("1001"),
    login_name="anna",
    first_name="Anna",
    last_name="Kovács",
    department="Sales",
    site="North",
    job_title="Director",
    scope=Scope.BASIC_USER,
    time_zone="",
    language="",
    caller_id="+1 617 555 0101",
    emergency_caller_id="+1 617 555 0199",
    area_code="617",
    emails=(Email("anna@a.test", verified=True), Email("ak@a.test")),
    record_calls=False,
    list_in_directory=True,
    announce_in_directory=True,
    overwrite_with_site_defaults=False,
    sso_account="",
    photo_rev=0,
    has_password=True,
    has_pin=True,
    is_system=False,
    disabled=False,
    domain_name="A",
    domain_time_zone="Europe/Lisbon",
    domain_language="",
)
OWN_FIELDS = [
    "first_name",
    "last_name",
    "time_zone",
    "language",
    "emails",
    "list_in_directory",
    "announce_in_directory",
    "photo",
    "pin",
]
ANNA = Caller(ACCOUNT.domain, ACCOUNT.user, ACCOUNT.extension, Scope.BASIC_USER, SessionId("s"), "North")


def plan(account: Account = ACCOUNT, **fields: Any) -> Any:
    return plan_edit(ANNA, account, ProfileEdit(**fields))


@pytest.mark.parametrize(
    ("has_password", "has_pin", "status"),
    [
        (False, False, AccountStatus.NEW),
        (True, False, AccountStatus.SETUP_REQUIRED),
        (False, True, AccountStatus.PASSWORD_REQUIRED),
        (True, True, AccountStatus.STANDARD),
    ],
)
def test_the_status_follows_from_password_and_pin(has_password: bool, has_pin: bool, status: AccountStatus) -> None:
    assert status_of(has_password=has_password, has_pin=has_pin) is status


def test_the_profile_says_which_fields_its_reader_may_change() -> None:
    profile = profile_of(ANNA, ACCOUNT)
    assert profile.editable == OWN_FIELDS
    assert profile.login == "anna@a.test"
    assert profile.status == "standard"
    assert profile.time_zone == "Europe/Lisbon", "the domain's, where none was chosen"


def test_coworkers_edit_nothing_of_each_other() -> None:
    other = replace(ANNA, user=UserId(2))
    assert editable_fields(other, ACCOUNT) == []
    with pytest.raises(FieldNotEditable) as refused:
        plan_edit(other, ACCOUNT, ProfileEdit(first_name="X"))
    assert refused.value.field == "first_name"


def test_what_follows_the_site_is_not_edited_by_hand() -> None:
    follower = replace(ACCOUNT, overwrite_with_site_defaults=True)
    assert editable_fields(ANNA, follower) == ["first_name", "last_name", "language", "emails", "photo", "pin"]
    with pytest.raises(FieldNotEditable) as refused:
        plan(follower, list_in_directory=False)
    assert refused.value.field == "list_in_directory"
    assert editable_fields(ANNA, replace(follower, site=None)) == OWN_FIELDS, "there is no site to follow"


def test_an_edit_keeps_what_it_does_not_name_and_records_what_changed() -> None:
    change = plan(last_name="Horváth", announce_in_directory=True)
    assert change.account == replace(ACCOUNT, last_name="Horváth")
    assert change.before == {"last_name": "Kovács"}
    assert change.after == {"last_name": "Horváth"}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"first_name": "Anna"},
        {"first_name": "  Anna "},
        {"last_name": "Kova\u0301cs"},
        {"emails": ["anna@a.test", "ak@a.test"]},
        {"time_zone": "Europe/Lisbon"},
        {"list_in_directory": True},
    ],
)
def test_saying_what_is_so_already_changes_nothing(fields: dict[str, Any]) -> None:
    assert plan(**fields) is None


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("  Anna\t Maria ", "Anna Maria"),
        ("Ann\u202ea", "Ann a"),
        ("Zoe\u0308", "Zoë"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u00a0\u200b", ""),
    ],
)
def test_names_are_one_visible_line(given: str, cleaned: str) -> None:
    assert clean_name(given) == cleaned


@pytest.mark.parametrize("name", ["", "   ", "\u200b"])
def test_a_first_name_is_needed(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        plan(first_name=name)
    assert refused.value.field == "first_name"


def test_a_last_name_is_not_for_everybody() -> None:
    assert plan(last_name="").account.last_name == ""


def test_a_name_has_64_characters_after_it_was_composed() -> None:
    assert plan(last_name="e\u0301" * 32).account.last_name == "é" * 32
    with pytest.raises(Invalid):
        plan(last_name="x" * 65)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "EUROPE/LISBON", "Europe/Lisbon "])
def test_unknown_time_zones_are_refused(zone: str) -> None:
    with pytest.raises(Invalid) as refused:
        plan(time_zone=zone)
    assert refused.value.field == "time_zone"


def test_a_time_zone_is_taken() -> None:
    assert plan(time_zone="Asia/Kolkata").account.time_zone == "Asia/Kolkata"


@pytest.mark.parametrize("language", ["", "tlh", "de-AT", "DE"])
def test_a_language_that_nobody_speaks_here_is_refused(language: str) -> None:
    with pytest.raises(Invalid) as refused:
        plan(language=language)
    assert refused.value.field == "language"
    assert plan(language="de").account.language == "de"


@pytest.mark.parametrize(
    "email", ["", "anna", "anna@", "@a.test", "anna@a", "an na@a.test", "<anna@a.test>", "a@b@c.d"]
)
def test_what_is_no_email_address_is_refused_with_its_place(email: str) -> None:
    with pytest.raises(Invalid) as refused:
        plan(emails=["anna@a.test", email])
    assert refused.value.field == "emails[1]"


def test_the_same_address_twice_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        plan(emails=["anna@a.test", "Anna@A.test"])
    assert refused.value.field == "emails[1]"


def test_a_changed_address_has_to_be_verified_anew() -> None:
    change = plan(emails=["new@a.test", " anna@a.test "])
    assert change.account.emails == (Email("new@a.test"), Email("anna@a.test", verified=True))
    assert change.before == {"emails": ["anna@a.test", "ak@a.test"]}
    assert change.after == {"emails": ["new@a.test", "anna@a.test"]}


UNLISTED = replace(ACCOUNT, list_in_directory=False)
QUEUE = replace(ACCOUNT, is_system=True)


@pytest.mark.parametrize(
    ("account", "fields", "visibility"),
    [
        (ACCOUNT, {"first_name": "Ann"}, Visibility.CHANGED),
        (ACCOUNT, {"emails": ["first@a.test"]}, Visibility.CHANGED),
        (ACCOUNT, {"emails": ["anna@a.test"]}, Visibility.UNTOUCHED),
        (ACCOUNT, {"time_zone": "Asia/Tokyo"}, Visibility.UNTOUCHED),
        (ACCOUNT, {"announce_in_directory": False}, Visibility.UNTOUCHED),
        (ACCOUNT, {"list_in_directory": False}, Visibility.UNLISTED),
        (ACCOUNT, {"list_in_directory": False, "first_name": "Ann"}, Visibility.UNLISTED),
        (UNLISTED, {"list_in_directory": True}, Visibility.CHANGED),
        (UNLISTED, {"first_name": "Ann"}, Visibility.CHANGED_UNLISTED),
        (UNLISTED, {"time_zone": "Asia/Tokyo"}, Visibility.UNTOUCHED),
        (QUEUE, {"list_in_directory": False}, Visibility.UNTOUCHED),
    ],
)
def test_who_will_see_an_edit(account: Account, fields: dict[str, Any], visibility: Visibility) -> None:
    assert plan(account, **fields).visibility is visibility


def test_coworkers_see_the_first_address_only() -> None:
    assert coworker_of(ACCOUNT).email == "anna@a.test"
    assert coworker_of(replace(ACCOUNT, emails=())).email == ""
