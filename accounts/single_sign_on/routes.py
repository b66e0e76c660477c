"""The HTTP operations of single sign-on. `web/` serves and documents them."""

from http import HTTPStatus

from accounts.errors import MayNotLogIn
from accounts.routes import entered
from accounts.single_sign_on.errors import NobodyOfThatName, ProviderAway, SignOnDenied, SignOnOver
from accounts.single_sign_on.service import BACK, GOOD_SECONDS, SignOnService
from wire.errors import Refused
from wire.http import LoggedIn
from wire.operations import Access, Answer, Ask, Cookie, Operation
from wire.security import HandOver, SignOnAnswer, SignOnBegun, SignOnOffer, SignOnQuery, SignOnWanted

BROWSER_COOKIE = "presence_sign_on"
_TOLD: dict[type[Refused], str] = {
    SignOnOver: "over",
    SignOnDenied: "denied",
    NobodyOfThatName: "nobody",
    MayNotLogIn: "barred",
    ProviderAway: "away",
}
"""How the portal is told why. As words of its own: what stands in an address may be anybody's."""


def operations(service: SignOnService) -> list[Operation]:
    return [
        _offers_sign_on(service),
        _begin_sign_on(service),
        _finish_sign_on(service),
        _hand_over(service),
    ]


def _offers_sign_on(service: SignOnService) -> Operation:
    async def offers_sign_on(ask: Ask) -> SignOnOffer:
        return await service.offered(ask.query.domain)

    return Operation(
        name="offers_sign_on",
        method="GET",
        path="/v1/sign-on",
        summary="Whether the people of a domain can log in by their company's identity provider, and in which language",
        handler=offers_sign_on,
        access=Access.PUBLIC,
        query=SignOnQuery,
        returns=SignOnOffer,
        errors=(422, 503),
        tag="accounts",
    )


def _begin_sign_on(service: SignOnService) -> Operation:
    async def begin_sign_on(ask: Ask) -> Answer:
        begun, browser = await service.begin(ask.body.domain, ask.client)
        return Answer(begun, cookies=(Cookie(BROWSER_COOKIE, browser, max_age=GOOD_SECONDS),))

    return Operation(
        name="begin_sign_on",
        method="POST",
        path="/v1/sign-on",
        summary="Begin to log in by the company's identity provider; gives the address to go to, and a cookie",
        handler=begin_sign_on,
        access=Access.PUBLIC,
        body=SignOnWanted,
        returns=SignOnBegun,
        errors=(403, 404, 409, 422, 429, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _finish_sign_on(service: SignOnService) -> Operation:
    async def finish_sign_on(ask: Ask) -> Answer:
        """Always to our own first page, whatever the address says: nobody is sent on to where somebody else wants."""
        forget = Cookie(BROWSER_COOKIE, None)
        try:
            answer = entered(*await service.finish(ask.query, ask.cookies.get(BROWSER_COOKIE, ""), ask.client))
        except Refused as refused:
            if type(refused) not in _TOLD:
                raise
            return _see_other(f"/#sign-on={_TOLD[type(refused)]}", forget)
        return _see_other("/", forget, *answer.cookies)

    return Operation(
        name="finish_sign_on",
        method="GET",
        path=BACK,
        summary="Where an identity provider sends browsers back to; sends them on to the portal, with a cookie",
        handler=finish_sign_on,
        access=Access.PUBLIC,
        query=SignOnAnswer,
        status=HTTPStatus.SEE_OTHER,
        errors=(422, 503),
        tag="accounts",
        cookies=(BROWSER_COOKIE,),
    )


def _hand_over(service: SignOnService) -> Operation:
    async def hand_over(ask: Ask) -> Answer:
        return entered(*await service.hand_over(ask.body, ask.client))

    return Operation(
        name="hand_over",
        method="POST",
        path="/v1/hand-over",
        summary="Log in by a token that a portal with its own login has signed, once",
        handler=hand_over,
        access=Access.PUBLIC,
        body=HandOver,
        returns=LoggedIn,
        errors=(401, 403, 422, 503),
        body_bytes=16_384,
        tag="accounts",
    )


def _see_other(where: str, *cookies: Cookie) -> Answer:
    return Answer(status=HTTPStatus.SEE_OTHER, headers={"Location": where}, cookies=cookies)
