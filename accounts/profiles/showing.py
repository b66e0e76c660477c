"""A profile as somebody may read it, and the entry in the directory. Pure."""

from accounts.model import Account
from accounts.profiles.fields import editable_fields, hidden_fields, things_to_do
from wire.http import Profile
from wire.identity import Caller
from wire.records import Coworker


def profile_of(caller: Caller, account: Account) -> Profile:
    """With what its reader may do with each field, and to its user."""
    hidden = hidden_fields(caller, account)
    emails = () if "emails" in hidden else account.emails
    return Profile(
        user=account.user,
        rev=account.rev,
        extension=account.extension,
        login=account.login,
        first_name=account.first_name,
        last_name=account.last_name,
        department=account.department,
        site=account.site or "",
        job_title=account.job_title,
        time_zone=account.time_zone or account.domain_time_zone,
        language=account.language,
        caller_id=account.caller_id,
        emergency_caller_id=account.emergency_caller_id,
        area_code=account.area_code,
        emails=[each.email for each in emails],
        unconfirmed_emails=[each.email for each in emails if not each.verified],
        list_in_directory=account.list_in_directory,
        announce_in_directory=account.announce_in_directory,
        record_calls=account.record_calls,
        overwrite_with_site_defaults=account.overwrite_with_site_defaults,
        sso_account=account.sso_account,
        photo=account.photo_rev,
        scope=account.scope.name.lower(),
        status=account.status.value,
        disabled=account.disabled,
        editable=editable_fields(caller, account),
        hidden=hidden,
        may=things_to_do(caller, account),
    )


def coworker_of(account: Account) -> Coworker:
    """The entry in the directory. (storage/postgres/contacts.py makes the same from a row.)"""
    return Coworker(
        user=account.user,
        rev=account.directory_rev,
        extension=account.extension,
        first_name=account.first_name,
        last_name=account.last_name,
        department=account.department,
        site=account.site or "",
        job_title=account.job_title,
        email=account.emails[0].email if account.emails else "",
        photo=account.photo_rev,
    )
