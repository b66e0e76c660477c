"""What a browser is asked, and whether its answer is right (WebAuthn Level 2). Pure."""

import hashlib
import ipaddress
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from msgspec import Struct
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.passkeys.errors import WrongPasskey
from accounts.passkeys.model import Passkey, Place
from wire.identity import DomainId, UserId

_CHALLENGE_BYTES = 32
_MILLISECONDS = 300_000


class Made(Struct, frozen=True):
    credential: bytes
    public_key: bytes
    uses: int


def place_of(address: str) -> Place | None:
    """None: passkeys cannot be used under this address. They need a host name, and https, or this machine."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        is_safe = parts.scheme == "https" or host == "localhost"
        return Place(host, f"{parts.scheme}://{parts.netloc}") if host and is_safe else None
    return None


def make_challenge() -> bytes:
    return secrets.token_bytes(_CHALLENGE_BYTES)


def options_to_make(
    place: Place, challenge: bytes, *, domain: DomainId, user: UserId, login: str, name: str, known: Sequence[bytes]
) -> str:
    """For `navigator.credentials.create`, as JSON. `known`: credentials that the user has already."""
    return options_to_json(
        generate_registration_options(
            rp_id=place.host,
            rp_name=place.host,
            # Says nothing to whoever finds the authenticator, and is the same for each of the user's passkeys.
            user_id=hashlib.sha256(f"{user}@{domain}".encode()).digest(),
            user_name=login,
            user_display_name=name,
            challenge=challenge,
            timeout=_MILLISECONDS,
            exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
        )
    )


def made(place: Place, challenge: bytes, answer: str) -> Made:
    """What the browser has made. Raises `WrongPasskey`."""
    try:
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise WrongPasskey from error
    return Made(verified.credential_id, verified.credential_public_key, verified.sign_count)


def options_to_use(place: Place, challenge: bytes, known: Sequence[bytes] = ()) -> str:
    """For `navigator.credentials.get`, as JSON. Without `known` the authenticator offers what it has for this place."""
    return options_to_json(
        generate_authentication_options(
            rp_id=place.host,
            challenge=challenge,
            timeout=_MILLISECONDS,
            allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def credential_of(answer: str) -> bytes:
    """Which credential answers, to find its key. Raises `WrongPasskey`."""
    try:
        return parse_authentication_credential_json(answer).raw_id
    except (WebAuthnException, ValueError) as error:
        raise WrongPasskey from error


def used(place: Place, challenge: bytes, answer: str, passkey: Passkey) -> int:
    """The authenticator's new count. Raises `WrongPasskey`, also for a count that went back: of a copy."""
    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.uses,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise WrongPasskey from error
    return verified.new_sign_count
