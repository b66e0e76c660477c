"""The portal's files, from memory, and the scripts that its modules are joined into (`web/joining.py`).

A page names its files below `/portal/_/`, which is replaced by `/portal/<hash of all files>/` when it is served. So
every file may be kept for ever, and modules may import each other by relative paths: an upgrade changes all addresses
at once. Only the page itself is asked about each time.

Nothing of a request ever becomes a path on disk, so that there is nothing to climb out of.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.assets import FOR_EVER, REVALIDATE, Asset, asset_response, page_headers
from web.embedding import ANY_ORIGIN, EMBEDDED, EMBEDDED_ENTRY, embedding_module
from web.joining import joined, joined_path
from web.problems import problem_of_status, response_of
from words.languages import asked_for

PLACEHOLDER: Final = b"/portal/_/"
PAGE: Final[str] = "index.html"
DEFAULT_LANGUAGE: Final = "en"
"""As in `portal/words.js`."""
PAGE_PATHS: Final = ("/", "/app", "/app/{path:path}")
"""Where the page is served. The portal makes its own routes below `/app/`; any other unknown address is a 404."""
OWN_PAGE: Final = "portal"
ENTRIES: Final = {OWN_PAGE: "app.js", EMBEDDED: EMBEDDED_ENTRY}
"""By page, the module that it begins with."""
ROOT_FILES: Final[tuple[str, ...]] = ("sw.js", "manifest.webmanifest", "favicon.ico", "favicon.svg", "robots.txt")
"""Files that only do their work at the root, or are looked for there; served if the portal has them."""

MEDIA_TYPES: Final = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Of our own and not the machine's, which may say anything about .js; what is not here is not served."""

_KEPT_IN = re.compile(r"(^|/)(\.|node_modules/|tests?/)|\.test\.m?js$|(^|/)(tsconfig|jsconfig|package)[^/]*\.json$")
"""What lies in the folder for those who work on it."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """All files of the portal at one moment. `address` is what PLACEHOLDER stands for."""

    address: bytes
    assets: dict[str, Asset]
    at_root: dict[str, Asset]
    embedding: Asset
    """What pages of other origins load."""

    @classmethod
    def of(cls, folder: Path) -> "Bundle":
        """Raises FileNotFoundError if there is no page in `folder`."""
        files = {name: path.read_bytes() for name, path in _files_in(folder).items()}
        if PAGE not in files:
            raise FileNotFoundError(folder / PAGE)
        scripts = joined(files, {page: entry for page, entry in ENTRIES.items() if entry in files})
        files |= scripts
        address = b"/portal/%s/" % _digest(files).encode()
        assets = {name: Asset.of(body, _media_type(name)) for name, body in files.items() if name != PAGE}
        at_root = {
            name: Asset.of(files[name].replace(PLACEHOLDER, address), _media_type(name))
            for name in (PAGE, *ROOT_FILES)
            if name in files
        }
        return cls(address, assets, at_root, Asset.of(embedding_module(scripts, address), MEDIA_TYPES[".js"]))

    def words_ahead(self, language: str) -> dict[str, str]:
        """Has a browser fetch the words of a language along with the scripts, which cannot know them earlier."""
        script = joined_path(OWN_PAGE, f"words/{language}.js")
        if script not in self.assets:
            return {}
        return {"Link": f"<{self.address.decode()}{script}>; rel=modulepreload"}


class PortalFiles:
    """The bundle, read once; with `watch` read again whenever a file has changed (for those who work on the portal)."""

    def __init__(self, folder: Path, *, watch: bool = False) -> None:
        self._folder = folder
        self._watch = watch
        self._seen = _stamps(folder)
        self._bundle = Bundle.of(folder)

    @property
    def bundle(self) -> Bundle:
        if self._watch and (now := _stamps(self._folder)) != self._seen:
            self._bundle, self._seen = Bundle.of(self._folder), now
        return self._bundle


def portal_routes(files: PortalFiles, *, allowed_origins: Collection[str] = ()) -> list[Route]:
    """`allowed_origins` may also show the portal in a frame."""
    headers = page_headers(allowed_origins)
    script_headers = {**headers, **ANY_ORIGIN}

    async def asset(request: Request) -> Response:
        bundle = files.bundle
        found = bundle.assets.get(request.path_params["path"])
        if found is None:
            return _nothing_there()
        # During an upgrade behind a proxy, a page of one version may ask a gateway of another. It gets what there is,
        # but must not keep that under the other version's address.
        is_own = b"/portal/%s/" % request.path_params["version"].encode() == bundle.address
        is_script = found.media_type == MEDIA_TYPES[".js"]
        return asset_response(
            request, found, FOR_EVER if is_own else REVALIDATE, script_headers if is_script else headers
        )

    async def embedding(request: Request) -> Response:
        found = files.bundle.embedding
        return asset_response(request, found, REVALIDATE, script_headers) if found.body else _nothing_there()

    async def page(request: Request) -> Response:
        bundle = files.bundle
        language = asked_for(request.headers.get("accept-language", "")) or DEFAULT_LANGUAGE
        response = asset_response(request, bundle.at_root[PAGE], REVALIDATE, headers | bundle.words_ahead(language))
        response.headers.add_vary_header("Accept-Language")
        return response

    def at_root(name: str) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            found = files.bundle.at_root.get(name)
            return asset_response(request, found, REVALIDATE, headers) if found else _nothing_there()

        return serve

    return [
        *(Route(path, page, name=f"portal {path}") for path in PAGE_PATHS),
        *(Route(f"/{name}", at_root(name), name=name) for name in ROOT_FILES),
        Route("/embed.js", embedding, name="embedding"),
        Route("/portal/{version}/{path:path}", asset, name="portal asset"),
    ]


def _nothing_there() -> Response:
    return response_of(problem_of_status(404, "There is no such file"))


def _files_in(folder: Path) -> dict[str, Path]:
    """By their path below `folder`, in a fixed order. Links are left out: they may lead anywhere."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    return {
        name: found[name]
        for name in sorted(found)
        if not _KEPT_IN.search(name)
        and found[name].suffix in MEDIA_TYPES
        and found[name].is_file()
        and not _is_linked(found[name], folder)
    }


def _is_linked(path: Path, folder: Path) -> bool:
    return any(each.is_symlink() for each in (path, *path.parents) if each != folder and folder in each.parents)


def _stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {name: (path.stat().st_mtime_ns, path.stat().st_size) for name, path in _files_in(folder).items()}


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, body in files.items():
        digest.update(b"%s\0%d\0%s" % (name.encode(), len(body), body))
    return digest.hexdigest()[:16]


def _media_type(name: str) -> str:
    return MEDIA_TYPES[Path(name).suffix]
