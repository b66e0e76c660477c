"""The HTTP operations of second factors. `web/` serves and documents them."""

from accounts.factors.second_step import SecondStepService
from accounts.factors.service import FactorService
from accounts.paths import user_of
from accounts.routes import entered
from wire.http import LoggedIn
from wire.operations import Access, Answer, Ask, Operation
from wire.security import (
    Code,
    DomainSecurity,
    DomainSecurityState,
    PasskeyAsked,
    PendingToken,
    Proof,
    RecoveryCodes,
    SecondFactors,
    SecondStep,
    TotpSetUp,
)


def operations(service: FactorService, second_step: SecondStepService) -> list[Operation]:
    return [*_entering(second_step), *_own(service), *_managing(service)]


def _entering(service: SecondStepService) -> list[Operation]:
    return [
        _ask_for_own_passkey(service),
        _finish_login(service),
        _set_up_to_log_in(service),
    ]


def _ask_for_own_passkey(service: SecondStepService) -> Operation:
    async def ask_for_own_passkey(ask: Ask) -> PasskeyAsked:
        return await service.ask_for_passkey(ask.body.token)

    return Operation(
        name="ask_for_own_passkey",
        method="POST",
        path="/v1/login/second-factor/passkey",
        summary="What a browser is to ask its authenticator, if a login takes a passkey as its second step",
        handler=ask_for_own_passkey,
        access=Access.PUBLIC,
        body=PendingToken,
        returns=PasskeyAsked,
        errors=(401, 403, 409, 422, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _finish_login(service: SecondStepService) -> Operation:
    async def finish_login(ask: Ask) -> Answer:
        token, logged_in = await service.finish(ask.body, ask.client)
        return entered(token, logged_in)

    return Operation(
        name="finish_login",
        method="POST",
        path="/v1/login/second-factor",
        summary="Finish a login that was answered with `second_factor_required`, by a code or a passkey",
        handler=finish_login,
        access=Access.PUBLIC,
        body=SecondStep,
        returns=LoggedIn,
        errors=(401, 403, 409, 422, 429, 503),
        body_bytes=32_768,
        tag="accounts",
    )


def _set_up_to_log_in(service: SecondStepService) -> Operation:
    async def set_up_to_log_in(ask: Ask) -> TotpSetUp:
        return await service.set_up(ask.body.token)

    return Operation(
        name="set_up_to_log_in",
        method="POST",
        path="/v1/login/second-factor/set-up",
        summary="A secret for an authenticator app, if a login needs one to be set up (`set_up` among its methods)",
        handler=set_up_to_log_in,
        access=Access.PUBLIC,
        body=PendingToken,
        returns=TotpSetUp,
        errors=(401, 403, 422, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _own(service: FactorService) -> list[Operation]:
    return [
        _get_second_factors(service),
        _begin_totp(service),
        _confirm_totp(service),
        _renew_recovery_codes(service),
        _turn_off_second_factor(service),
    ]


def _get_second_factors(service: FactorService) -> Operation:
    async def get_second_factors(ask: Ask) -> SecondFactors:
        return await service.mine(ask.user)

    return Operation(
        name="get_second_factors",
        method="GET",
        path="/v1/second-factor",
        summary="Which second factors one has",
        handler=get_second_factors,
        returns=SecondFactors,
        errors=(401, 403, 503),
        tag="accounts",
    )


def _begin_totp(service: FactorService) -> Operation:
    async def begin_totp(ask: Ask) -> TotpSetUp:
        return await service.begin(ask.user, ask.body, ask.client)

    return Operation(
        name="begin_totp",
        method="POST",
        path="/v1/second-factor/totp",
        summary="A secret for an authenticator app, with its QR code; counts once a code of it was confirmed",
        handler=begin_totp,
        body=Proof,
        returns=TotpSetUp,
        errors=(401, 403, 422, 429, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _confirm_totp(service: FactorService) -> Operation:
    async def confirm_totp(ask: Ask) -> RecoveryCodes:
        return await service.confirm(ask.user, ask.body.code, ask.client)

    return Operation(
        name="confirm_totp",
        method="POST",
        path="/v1/second-factor/totp/confirm",
        summary="Turn the app on by a code of it; gives recovery codes, which are shown this once",
        handler=confirm_totp,
        body=Code,
        returns=RecoveryCodes,
        errors=(401, 403, 409, 422, 429, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _renew_recovery_codes(service: FactorService) -> Operation:
    async def renew_recovery_codes(ask: Ask) -> RecoveryCodes:
        return await service.renew_codes(ask.user, ask.body, ask.client)

    return Operation(
        name="renew_recovery_codes",
        method="POST",
        path="/v1/second-factor/recovery-codes",
        summary="New recovery codes in place of those before",
        handler=renew_recovery_codes,
        body=Proof,
        returns=RecoveryCodes,
        errors=(401, 403, 409, 422, 429, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _turn_off_second_factor(service: FactorService) -> Operation:
    async def turn_off(ask: Ask) -> None:
        await service.turn_off(ask.user, ask.body, ask.client)

    return Operation(
        name="turn_off_second_factor",
        method="POST",
        path="/v1/second-factor/turn-off",
        summary="Turn one's second factor off, with the recovery codes",
        handler=turn_off,
        body=Proof,
        errors=(401, 403, 409, 422, 429, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _managing(service: FactorService) -> list[Operation]:
    return [
        _turn_off_second_factor_of(service),
        _get_domain_security(service),
        _set_domain_security(service),
    ]


def _turn_off_second_factor_of(service: FactorService) -> Operation:
    async def turn_off_for(ask: Ask) -> None:
        await service.turn_off_for(ask.user, user_of(ask))

    return Operation(
        name="turn_off_second_factor_of",
        method="DELETE",
        path="/v1/users/{user}/second-factor",
        summary="Turn somebody's second factor off, for who manages them",
        handler=turn_off_for,
        errors=(401, 403, 409, 422, 503),
        tag="accounts",
    )


def _get_domain_security(service: FactorService) -> Operation:
    async def get_domain_security(ask: Ask) -> DomainSecurityState:
        return await service.security_of(ask.user)

    return Operation(
        name="get_domain_security",
        method="GET",
        path="/v1/domain/security",
        summary="What the domain requires of logins",
        handler=get_domain_security,
        returns=DomainSecurityState,
        errors=(401, 403, 503),
        tag="accounts",
    )


def _set_domain_security(service: FactorService) -> Operation:
    async def set_domain_security(ask: Ask) -> DomainSecurityState:
        return await service.set_security(ask.user, ask.body)

    return Operation(
        name="set_domain_security",
        method="PUT",
        path="/v1/domain/security",
        summary="Require a second factor of everybody in the domain, or do not",
        handler=set_domain_security,
        body=DomainSecurity,
        returns=DomainSecurityState,
        errors=(401, 403, 422, 503),
        body_bytes=4_096,
        tag="accounts",
    )
