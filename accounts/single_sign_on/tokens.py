"""Whether a signed token is what it should be (RFC 7519, OpenID Connect Core 3.1.3.7). Pure, given the time."""

from contextlib import suppress
from datetime import datetime
from typing import Any, cast

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, KeySetSerialization, OKPKey, RSAKey, import_key

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""With public keys only: whoever can check a token must not be able to make one. And never `none`."""
LEEWAY = 60
"""Seconds by which clocks may differ."""
HAND_OVER_SECONDS = 120
"""So long may a hand-over token be good at most."""
_MOST_JTI = 256


class BadToken(Exception):
    """The text says why, for the log."""


class BadKeys(Exception):
    """The text says what is wrong with the file."""


def public_keys(text: bytes) -> bytes:
    """A JWK set, a JWK or PEM as a JWK set in JSON. Raises `BadKeys`, also for keys that could sign."""
    try:
        keys = _loaded(text)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise BadKeys(f"no public keys are in it: {error}"[:200]) from error
    if not keys:
        raise BadKeys("no public keys are in it")
    if any(key.key_type == "oct" or key.is_private for key in keys):
        raise BadKeys("only public keys belong here: with a secret one, we could sign, too")
    return msgspec.json.encode({"keys": [key.as_dict(private=False) for key in keys]})


def keys_of_address(told: dict[str, Any]) -> bytes:
    """The keys that count of a JWK set that somebody publishes, as one of our own in JSON.

    Those of kinds that we do not know are left, as RFC 7517 (section 5) asks. Raises `BadKeys`.
    """
    given = told.get("keys")
    listed = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    if any(each.get("kty") == "oct" for each in listed):
        raise BadKeys("a secret key is among them")
    known: list[dict[str, Any]] = []
    for each in listed:
        with suppress(JoseError, ValueError, KeyError, TypeError):
            known.append(import_key(each).as_dict())
    return public_keys(msgspec.json.encode({"keys": known}))


def _loaded(text: bytes) -> list[Key]:
    if text.lstrip().startswith(b"-----BEGIN"):
        for kind in (RSAKey, ECKey, OKPKey):
            with suppress(ValueError, TypeError, JoseError):
                return [kind.import_key(text)]
        raise ValueError("PEM of a kind that is not known")
    loaded = msgspec.json.decode(text, type=dict[str, Any])
    if "keys" in loaded:
        return list(KeySet.import_key_set(cast(KeySetSerialization, loaded)).keys)
    return [import_key(loaded)]


def id_token_claims(
    token: str, keys: dict[str, Any], *, issuer: str, client_id: str, nonce: str, now: datetime
) -> dict[str, Any]:
    """Raises `BadToken`."""
    claims = _claims(token, keys, issuer=issuer, audience=client_id, now=now, nonce=nonce)
    audiences = claims["aud"]
    if isinstance(audiences, list) and len(audiences) > 1 and claims.get("azp") != client_id:
        raise BadToken("it is for several, and not made for us")
    if claims.get("azp", client_id) != client_id:
        raise BadToken("it was made for somebody else")
    return claims


def hand_over_claims(token: str, keys: dict[str, Any], *, issuer: str, audience: str, now: datetime) -> dict[str, Any]:
    """With `sub`, `jti` and `exp`. Raises `BadToken`."""
    claims = _claims(token, keys, issuer=issuer, audience=audience, now=now)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _MOST_JTI:
        raise BadToken("it has no jti, or too long a one")
    if claims["exp"] - claims["iat"] > HAND_OVER_SECONDS:
        raise BadToken("it is good for too long")
    return claims


def _claims(
    token: str, keys: dict[str, Any], *, issuer: str, audience: str, now: datetime, nonce: str | None = None
) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": audience},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "iat": {"essential": True},
    }
    if nonce is not None:
        wanted["nonce"] = {"essential": True, "value": nonce}
    try:
        decoded = jwt.decode(token, KeySet.import_key_set(cast(KeySetSerialization, keys)), algorithms=[*ALGORITHMS])
        jwt.JWTClaimsRegistry(now=int(now.timestamp()), leeway=LEEWAY, **wanted).validate(decoded.claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise BadToken(f"{type(error).__name__}: {error}"[:200]) from error
    return decoded.claims
