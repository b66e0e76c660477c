"""A page of another origin, with presence and chat in it: `python examples/embedding/serve.py --help`.

It stands for a portal that has a login of its own: its server gets a token of the gateway for whoever is logged in here
(this one always for the same user), and hands it to the page. Nothing but the standard library.
"""

import argparse
import json
import os
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
FILES = {"/": "index.html", "/page.js": "page.js", "/page.css": "page.css"}


def policy_for(gateway: str) -> str:
    """All that a page needs to allow: our scripts, our connection, and pictures that were read into the page."""
    socket = gateway.replace("http", "ws", 1)
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {gateway}",
            "style-src 'self'",
            f"connect-src 'self' {gateway} {socket}",
            "img-src 'self' blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )


def token_of(gateway: str, login: str, password: str) -> str:
    """Logs in at the gateway. Raises OSError."""
    body = json.dumps({"login": login, "password": password, "bearer": True}).encode()
    request = urllib.request.Request(f"{gateway}/v1/login", body, {"Content-Type": "application/json"})  # noqa: S310 - the address is the operator's
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        token: str = json.load(answer)["token"]
        return token


def make_server(gateway: str, login: str, password: str, person: tuple[str, str], port: int = 0) -> ThreadingHTTPServer:
    """`person`: extension and name of whom the page is about. Listens on this machine only."""
    headers = {"Content-Security-Policy": policy_for(gateway), "Cache-Control": "no-store"}

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = FILES.get(urlsplit(self.path).path)
            if name is None:
                self.send_error(404)
                return
            text = (HERE / name).read_text(encoding="utf-8")
            if name == "index.html":
                text = text.replace("{gateway}", gateway).replace("{extension}", person[0]).replace("{name}", person[1])
            self.answer(text.encode(), TYPES[Path(name).suffix])

        def do_POST(self) -> None:
            # A browser says which page asks: a token is for pages of ours.
            if self.path != "/token" or self.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
                self.send_error(404)
                return
            try:
                token = token_of(gateway, login, password)
            except OSError as error:
                self.send_error(502, str(error))
                return
            self.answer(json.dumps({"token": token}).encode(), "application/json")

        def answer(self, body: bytes, media_type: str) -> None:
            self.send_response(200)
            for name, value in {**headers, "Content-Type": media_type, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
            """Says nothing."""

    return ThreadingHTTPServer(("127.0.0.1", port), Page)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", default="http://127.0.0.1:8000", help="where the gateway serves")
    parser.add_argument(
        "--login", default="1001@demo.test", help="who is logged in; the password is in EXAMPLE_PASSWORD"
    )
    parser.add_argument("--extension", default="1002", help="whom the page is about")
    parser.add_argument("--name", default="our support", help="what the page calls them")
    parser.add_argument("--port", type=int, default=8100)
    given = parser.parse_args()
    password = os.environ.get("EXAMPLE_PASSWORD", "")
    if not password:
        sys.exit("set EXAMPLE_PASSWORD to the password of --login")
    server = make_server(given.gateway, given.login, password, (given.extension, given.name), given.port)
    address = f"http://localhost:{server.server_port}"
    sys.stdout.write(f"{address}\nThe gateway has to allow it: PRESENCE_ALLOWED_ORIGINS={address}\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
