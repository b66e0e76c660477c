"""/mails: what would have been sent if a server for mail were configured. For this machine only, like the metrics."""

import html
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from mail.model import KeptMail
from web.health import is_from_here
from web.problems import problem_of_status, refusal_response, response_of
from wire.errors import NotAllowed, Refused

PATH = "/mails"
_PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'"
_MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups; frame-ancestors 'none'"
"""A mail brings styles of its own, and must do nothing else."""

_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

Kept = Callable[[], Awaitable[list[KeptMail]]]


def mail_routes(kept: Kept) -> list[Route]:
    """`kept` gives the newest first."""

    def guarded(show: Callable[[Request, list[KeptMail]], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            # By another name it may be a page of somebody else, whose name was made to point here.
            if not is_from_here(request) or request.url.hostname not in _OWN_NAMES:
                return refusal_response(NotAllowed("Kept mails are shown to this machine only"))
            try:
                return show(request, await kept())
            except Refused as refused:
                return refusal_response(refused)

        return serve

    return [
        Route(PATH, guarded(lambda _, mails: _page(mails)), name="mails"),
        Route(f"{PATH}/{{number:int}}", guarded(_one), name="one mail"),
    ]


def _page(mails: list[KeptMail]) -> Response:
    rows = "".join(_row(number, kept) for number, kept in _numbered(mails))
    body = rows or "<p>Nothing yet. What would be sent to people by e-mail is shown here.</p>"
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<title>Kept mails</title><link rel="stylesheet" href="/docs/style.css"></head><body><main>'
        f"<h1>Kept mails</h1><p>No server for mail is configured (SMTP_URL), so they were not sent.</p>{body}"
        "</main></body></html>"
    )
    return HTMLResponse(text, headers={"Content-Security-Policy": _PAGE_POLICY})


def _row(number: int, kept: KeptMail) -> str:
    at = kept.at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return (
        f'<h2><a href="{PATH}/{number}">{html.escape(kept.mail.subject)}</a></h2>'
        f"<p>{at}, to {html.escape(kept.mail.to)}</p><pre>{html.escape(kept.mail.text)}</pre>"
    )


def _one(request: Request, mails: list[KeptMail]) -> Response:
    wanted = dict(_numbered(mails)).get(request.path_params["number"])
    if wanted is None:
        return response_of(problem_of_status(404, "There is no such mail (any more)"))
    return HTMLResponse(wanted.mail.html, headers={"Content-Security-Policy": _MAIL_POLICY})


def _numbered(mails: list[KeptMail]) -> list[tuple[int, KeptMail]]:
    """By the time in milliseconds, so that a new mail does not change the address of another."""
    return [(int(each.at.timestamp() * 1_000), each) for each in mails]
