"""Which user somebody is for whom a provider vouches. Pure."""

from collections.abc import Sequence

from accounts.single_sign_on.model import Provider, Vouched
from wire.identity import UserId


def address_that_counts(provider: Provider, vouched: Vouched) -> str | None:
    """By which address the user is looked for, the first time; None: by none.

    An address that the provider has not verified may be anybody's, and with it an account here would be anybody's.
    """
    email = vouched.email.strip().lower()
    _, at, host = email.rpartition("@")
    if not at or not host:
        return None
    if not vouched.email_verified and not provider.trusts_emails:
        return None
    return email if not provider.email_domains or host in provider.email_domains else None


def the_one(users: Sequence[UserId]) -> UserId | None:
    """Of those who have the address: two who share one are both not meant."""
    return users[0] if len(users) == 1 else None
