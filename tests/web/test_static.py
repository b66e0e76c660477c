"""The portal's files: their addresses, how long they may be kept, and that nothing else is ever served."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry

from tests.support.http import http_client
from tests.support.serving import serving
from web.application import make_application
from web.javascript import NotUnderstood
from web.static import Bundle, PortalFiles, portal_routes

PAGE = '<!doctype html><script type="module" src="/portal/_/app.js"></script><link href="/portal/_/style.css">'
SECRET = "outside of the portal"


def make_portal(parent: Path) -> Path:
    portal = parent / "portal"
    (portal / "client").mkdir(parents=True)
    (portal / "index.html").write_text(PAGE)
    (portal / "app.js").write_text('import "./client/socket.js";')
    (portal / "client" / "socket.js").write_text("export const open = true;")
    (portal / "embed").mkdir()
    (portal / "embed" / "index.js").write_text('export {\n  open,\n} from "../client/socket.js";\n')
    (portal / "style.css").write_text("body{}")
    (portal / "sw.js").write_text('const shell = "/portal/_/";')
    (portal / "tsconfig.json").write_text("{}")
    (portal / "notes.md").write_text("# notes")
    (portal / ".hidden.js").write_text("hidden")
    (parent / "secret.js").write_text(SECRET)
    (portal / "link.js").symlink_to(parent / "secret.js")
    return portal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A portal that the test may change."""
    return make_portal(tmp_path)


@asynccontextmanager
async def browsing(files: PortalFiles) -> AsyncIterator[httpx2.AsyncClient]:
    routes = portal_routes(files, allowed_origins=["https://intranet.example"])
    application = make_application(routes, registry=CollectorRegistry())
    async with serving(application) as address, http_client(address) as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    async with browsing(PortalFiles(make_portal(tmp_path_factory.mktemp("portal")))) as made:
        yield made


async def script_address(client: httpx2.AsyncClient) -> str:
    found = re.search(r'src="([^"]+)"', (await client.get("/")).text)
    assert found
    return found[1]


async def test_the_page_names_its_files_by_the_hash_of_all(client: httpx2.AsyncClient) -> None:
    response = await client.get("/")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert re.fullmatch(r"/portal/[0-9a-f]{16}/app\.js", await script_address(client))
    assert "/portal/_/" not in response.text


async def test_the_page_is_the_same_at_every_address_of_the_application(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/")).text
    for path in ("/app", "/app/", "/app/chat/12", "/app/contacts?sort=name"):
        assert (await client.get(path)).text == page


@pytest.mark.parametrize("path", ["/apps", "/chat", "/index.html", "/portal", "/portal/", "/favicon.ico", "/v1/app"])
async def test_an_unknown_address_is_not_the_page(client: httpx2.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_a_file_below_the_hash_may_be_kept_for_ever(client: httpx2.AsyncClient) -> None:
    response = await client.get(await script_address(client))
    assert response.text == 'import "./client/socket.js";'
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_relative_imports_stay_below_the_same_hash(client: httpx2.AsyncClient) -> None:
    app = await script_address(client)
    response = await client.get(httpx2.URL(app).join("./client/socket.js"))
    assert response.text == "export const open = true;"
    assert "immutable" in response.headers["cache-control"]


@pytest.mark.parametrize("version", ["_", "0123456789abcdef"])
async def test_below_another_hash_a_file_comes_but_may_not_be_kept(client: httpx2.AsyncClient, version: str) -> None:
    response = await client.get(f"/portal/{version}/app.js")
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-cache")


async def test_modules_are_joined_into_a_script_that_may_be_kept_for_ever_with_a_map_to_them(
    client: httpx2.AsyncClient,
) -> None:
    address = (await script_address(client)).replace("app.js", "joined/portal/app.js")
    response = await client.get(address)
    assert "const open = true;" in response.text
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    place = await client.get(address + ".map")
    assert place.headers["content-type"] == "application/json"
    [source] = place.json()["sources"]
    module = httpx2.URL(address).join(place.json()["sourceRoot"] + source)
    assert (await client.get(module)).text == "export const open = true;"


async def test_the_words_of_the_browsers_language_are_named_beside_the_page(folder: Path) -> None:
    (folder / "words").mkdir()
    for language in ("de", "en"):
        (folder / "words" / f"{language}.js").write_text(f'export const words = "{language}";\n')
    (folder / "app.js").write_text('void import("./words/de.js");\nvoid import("./words/en.js");\n')
    async with browsing(PortalFiles(folder)) as client:
        for wanted, language in (("de-AT,de;q=0.9,en;q=0.8", "de"), ("en-GB", "en"), ("fr", "en"), ("", "en")):
            page = await client.get("/app", headers={"Accept-Language": wanted})
            link = r"<(/portal/[0-9a-f]{16}/joined/portal/words/\w\w\.js)>; rel=modulepreload"
            named = re.fullmatch(link, page.headers["link"])
            assert named, wanted
            assert (await client.get(named[1])).text.startswith("const $words_" + language)
            assert "Accept-Language" in page.headers["vary"]


async def test_a_page_without_words_names_none(client: httpx2.AsyncClient) -> None:
    assert "link" not in (await client.get("/app")).headers


def test_a_portal_that_cannot_be_joined_is_told_at_the_start(folder: Path) -> None:
    (folder / "app.js").write_text("\nexport default 1;")
    with pytest.raises(NotUnderstood, match=re.escape("app.js, line 2")):
        PortalFiles(folder)


def test_a_change_of_any_file_changes_all_addresses(folder: Path) -> None:
    before = Bundle.of(folder).address
    (folder / "client" / "socket.js").write_text("export const open = false;")
    assert Bundle.of(folder).address != before


def test_the_same_files_have_the_same_addresses_on_every_gateway(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and not path.is_symlink():
            target = copy / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    assert Bundle.of(copy) == Bundle.of(folder)


async def test_a_service_worker_is_at_the_root_and_knows_the_hash(client: httpx2.AsyncClient) -> None:
    response = await client.get("/sw.js")
    assert re.fullmatch(r'const shell = "/portal/[0-9a-f]{16}/";', response.text)
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["content-type"].startswith("text/javascript")


async def test_pages_of_any_origin_may_load_one_script_that_names_the_one_with_all_it_needs(
    client: httpx2.AsyncClient,
) -> None:
    response = await client.get("/embed.js", headers={"Origin": "https://anybody.example"})
    named = re.fullmatch(r'export \* from "(/portal/[0-9a-f]{16}/joined/embedded/embed/index\.js)";\n', response.text)
    assert named
    assert response.headers["cache-control"] == "no-cache"
    joined = await client.get(named[1])
    assert "const open = true;" in joined.text
    assert "export const { open }" in joined.text
    assert "immutable" in joined.headers["cache-control"]
    script = await script_address(client)
    for path in ("/embed.js", named[1], script):
        assert (await client.get(path)).headers["access-control-allow-origin"] == "*"
    for path in ("/", script.replace("app.js", "style.css")):
        assert "access-control-allow-origin" not in (await client.get(path)).headers


async def test_who_has_it_already_is_told_only_that(client: httpx2.AsyncClient) -> None:
    for path in ("/", await script_address(client)):
        etag = (await client.get(path)).headers["etag"]
        for given in (etag, f'"other", {etag}', f"W/{etag}", "*"):
            response = await client.get(path, headers={"If-None-Match": given})
            assert (response.status_code, response.content) == (304, b"")
            assert response.headers["etag"] == etag
            assert "cache-control" in response.headers
        assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_text_travels_compressed_to_who_takes_that_and_pictures_as_they_are(folder: Path) -> None:
    source = "export const words = 'many of them, and again';\n" * 100
    (folder / "words.js").write_text(source)
    (folder / "icon.png").write_bytes(b"\x89PNG" + bytes(2_000))
    async with browsing(PortalFiles(folder)) as client:
        path = (await script_address(client)).replace("app.js", "words.js")

        async def ask(path: str, **headers: str) -> httpx2.Response:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.get(path, headers={"accept-encoding": "identity", **named})

        zipped, plain = await ask(path, accept_encoding="br, gzip;q=0.5"), await ask(path)
        assert zipped.text == plain.text == source
        assert zipped.headers["content-encoding"] == "gzip"
        assert int(zipped.headers["content-length"]) < 300 < int(plain.headers["content-length"])
        assert "content-encoding" not in plain.headers
        assert [each.headers["vary"] for each in (zipped, plain)] == ["Accept-Encoding"] * 2
        assert zipped.headers["etag"] != plain.headers["etag"]
        again = await ask(path, accept_encoding="gzip", if_none_match=zipped.headers["etag"])
        assert (again.status_code, again.headers["vary"]) == (304, "Accept-Encoding")
        assert "content-encoding" not in (await ask(path, accept_encoding="gzip;q=0, br")).headers
        picture = await ask(path.replace("words.js", "icon.png"), accept_encoding="gzip")
        assert "content-encoding" not in picture.headers


async def test_head_and_other_methods(client: httpx2.AsyncClient) -> None:
    head = await client.head("/")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 50
    assert (await client.post("/")).status_code == 405


async def test_a_page_may_only_load_from_us_and_be_framed_by_us_and_allowed_sites(client: httpx2.AsyncClient) -> None:
    policy = (await client.get("/")).headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; ")
    assert policy.endswith("frame-ancestors 'self' https://intranet.example")
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["tsconfig.json", "notes.md", ".hidden.js", "link.js", "index.html", "client", ""])
async def test_what_is_not_meant_for_browsers_is_not_served(client: httpx2.AsyncClient, name: str) -> None:
    assert (await client.get(f"/portal/_/{name}")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/portal/_/../secret.js",
        "/portal/_/../../secret.js",
        "/portal/../secret.js",
        "/portal/_/%2e%2e/%2e%2e/secret.js",
        "/portal/_/..%2fsecret.js",
        "/portal/_/..%5csecret.js",
        "/portal/_/client/../../../secret.js",
        "/portal/_//etc/passwd",
        "/portal/_/%2fetc%2fpasswd",
        "/portal/_/app.js%00.png",
        "/portal/%2e%2e/secret.js",
        "/app/../secret.js",
        "//secret.js",
    ],
)
async def test_there_is_no_way_out_of_the_folder(client: httpx2.AsyncClient, path: str) -> None:
    """Written to the socket as it stands: an HTTP client would tidy it up before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    assert SECRET.encode() not in answer
    assert b"root:" not in answer
    if not path.startswith("/app/"):
        assert answer.startswith(b"HTTP/1.1 404 ")


async def test_files_are_read_once_unless_they_are_watched(folder: Path) -> None:
    still, watched = PortalFiles(folder), PortalFiles(folder, watch=True)
    before = still.bundle
    (folder / "app.js").write_text("changed();")
    assert still.bundle is before
    async with browsing(watched) as client:
        assert (await client.get(await script_address(client))).text == "changed();"
        (folder / "client" / "new.js").write_text("added();")
        assert (await client.get("/portal/_/client/new.js")).text == "added();"


def test_a_portal_without_a_page_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"index\.html"):
        PortalFiles(tmp_path)
