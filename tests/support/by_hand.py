"""The services of docker-compose.yml without Docker: the same commands and configuration, on ports of this machine.

    python -m tests.support.by_hand haproxy      # or nginx; needs root, and Debian's proxy and chromium

What a container has is made of namespaces: the gateways run as user 10001 without any capability, on a file system that
is read-only but for /tmp and the volume for files. Two browser windows then use it, while gateways are stopped and
killed under them. Prints what was seen; ends with an error if something was not.
"""

import asyncio
import os
import pwd
import secrets
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import yaml
from playwright.async_api import Browser, FilePayload, ViewportSize, async_playwright, expect

from storage.embedded.binaries import find_postgres, find_valkey
from tests.journeys.test_proxy import START as PROXIES
from tests.journeys.test_proxy import Place
from tests.support.ports import free_port
from tests.support.windows import CHROMIUM, DESK, Window

CHECKOUT = Path(__file__).parents[2]
PORTS = {"postgres": 15432, "valkey": 16379, "gateway-left": 18001, "gateway-right": 18002, "proxy": 18080}
USER = "10001"
NOBODY = "nobody"
"""PostgreSQL wants to have a name, and not root's."""
WITHIN = 90.0

LIKE_A_CONTAINER = """
set -e
mount -t tmpfs -o mode=1777 tmpfs /tmp
mkdir /tmp/python && mount --bind {python} /tmp/python
mount -t tmpfs -o mode=755 tmpfs /root
mkdir -p {python} && mount --bind /tmp/python {python}
mount -o remount,ro,bind /
exec setpriv --reuid {user} --regid {user} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all {command}
"""


class Deployment:
    """Its processes by the names of the compose file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())["services"]
        self.secrets = {
            name: secrets.token_hex(16) for name in ("POSTGRES_PASSWORD", "VALKEY_PASSWORD", "METRICS_TOKEN")
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def environment_of(self, service: str) -> dict[str, str]:
        """As compose would make it, with this machine's addresses in place of its network's names."""
        here = {
            **{f"${{{secret}:?set it in .env}}": made for secret, made in self.secrets.items()},
            "@postgres:5432": f"@127.0.0.1:{PORTS['postgres']}",
            "@valkey:6379": f"@127.0.0.1:{PORTS['valkey']}",
            "${PUBLIC_URL:-http://127.0.0.1:8080}": f"http://127.0.0.1:{PORTS['proxy']}",
            "/var/lib/presence-gateway/files": str(self.folder / "files"),
        }
        return {name: _replaced(value, here) for name, value in self.services[service]["environment"].items()}

    def start(self, service: str, command: Sequence[str | Path], environment: dict[str, str]) -> None:
        log = (self.folder / f"{service}.log").open("ab")
        self.running[service] = subprocess.Popen(
            [*map(str, command)], cwd=CHECKOUT, env={"PATH": os.environ["PATH"], **environment}, stdout=log, stderr=log
        )

    def start_postgres(self) -> None:
        given, binaries = self.environment_of("postgres"), find_postgres()
        data = self.folder / "postgres"
        data.mkdir()
        os.chown(data, pwd.getpwnam(NOBODY).pw_uid, -1)
        password = self.folder / "password"
        password.write_text(given["POSTGRES_PASSWORD"])
        as_user = ["setpriv", "--reuid", NOBODY, "--clear-groups"]
        options = [f"--username={given['POSTGRES_USER']}", "--auth=scram-sha-256", f"--pwfile={password}"]
        command = [*as_user, binaries.program("initdb"), "-D", data, *options, *given["POSTGRES_INITDB_ARGS"].split()]
        subprocess.run([*map(str, command)], check=True, stdout=subprocess.DEVNULL)
        where = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={PORTS['postgres']}", "-k", str(data)]
        self.start("postgres", [*as_user, binaries.program("postgres"), "-D", data, *where], {})

    def start_valkey(self) -> None:
        """The shell's own line of the compose file, with another folder and port."""
        shell, option, line = self.services["valkey"]["command"]
        data = self.folder / "valkey"
        data.mkdir()
        line = line.replace("$$", "$").replace("/tmp/valkey.conf", str(self.folder / "valkey.conf"))
        line = line.replace("dir /data", f"dir {data}").replace(
            "exec valkey-server", f"exec {find_valkey().program('valkey-server')}"
        )
        self.start(
            "valkey",
            [shell, option, f"{line} --port {PORTS['valkey']} --bind 127.0.0.1"],
            self.environment_of("valkey"),
        )

    def in_container(self, service: str, *words: str, port: int | None = None) -> None:
        """The image's ENTRYPOINT with a command, as its user, on its file system."""
        environment = self.environment_of(service) | {
            "HOST": "127.0.0.1",
            "LOG_FORMAT": "json",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        environment |= {"PRESENCE_DATA_DIR": "/var/lib/presence-gateway"} | ({"PORT": str(port)} if port else {})
        command = shlex.join([sys.executable, "-m", "cli.main", *words])
        python = Path(sys.executable).resolve().parents[1]
        script = LIKE_A_CONTAINER.format(python=python, user=USER, command=command)
        self.start(service, ["unshare", "--mount", "sh", "-c", script], environment)

    def start_gateway(self, service: str) -> None:
        self.in_container(service, "serve", port=PORTS[service])

    def finish(self, service: str, *, within: float = WITHIN) -> int:
        return self.running.pop(service).wait(timeout=within)

    def kill(self, service: str) -> int:
        self.running[service].kill()
        return self.finish(service)

    def stop(self, service: str) -> int:
        self.running[service].terminate()
        return self.finish(service)


def _replaced(text: str, here: Mapping[str, str]) -> str:
    for there, instead in here.items():
        text = text.replace(there, instead)
    return text


def answers(port: int, path: str = "/readyz") -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def until(holds: Any, what: str) -> None:
    limit = time.monotonic() + WITHIN
    while not await asyncio.to_thread(holds):
        if time.monotonic() > limit:
            raise AssertionError(f"not within {WITHIN} s: {what}")
        await asyncio.sleep(0.2)


@asynccontextmanager
async def deployed(proxy: str) -> AsyncIterator[Deployment]:
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="by-hand-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "files").mkdir()
        os.chown(folder / "files", int(USER), int(USER))
        deployment = Deployment(folder)
        try:
            deployment.start_postgres()
            deployment.start_valkey()
            await until(lambda: create_database(deployment), "PostgreSQL answers")
            deployment.in_container("migrate", "migrate")
            assert await asyncio.to_thread(deployment.finish, "migrate") == 0
            deployment.in_container("migrate", "demo")
            assert await asyncio.to_thread(deployment.finish, "migrate") == 0
            for service in ("gateway-left", "gateway-right"):
                deployment.start_gateway(service)
            for service in ("gateway-left", "gateway-right"):
                await until(lambda service=service: answers(PORTS[service]), f"{service} is ready")
            public, left, right = (f"127.0.0.1:{PORTS[each]}" for each in ("proxy", "gateway-left", "gateway-right"))
            deployment.running["proxy"] = PROXIES[proxy](Place(public, left, right, folder, f"127.0.0.1:{free_port()}"))
            await until(lambda: answers(PORTS["proxy"]), f"{proxy} passes on")
            yield deployment
        except BaseException:
            for log in folder.glob("*.log"):
                print(f"--- {log.name}\n{log.read_text()[-1_500:]}")
            raise
        finally:
            for process in deployment.running.values():
                process.terminate()
            for process in deployment.running.values():
                process.wait(timeout=WITHIN)


def create_database(deployment: Deployment) -> bool:
    """What the image does with POSTGRES_DB."""
    import asyncpg

    given = deployment.environment_of("postgres")

    async def create() -> None:
        conn = await asyncpg.connect(
            host="127.0.0.1",
            port=PORTS["postgres"],
            user=given["POSTGRES_USER"],
            password=given["POSTGRES_PASSWORD"],
            database="postgres",
        )
        await conn.execute(f"CREATE DATABASE {given['POSTGRES_DB']}")
        await conn.close()

    try:
        asyncio.run(create())
    except (OSError, asyncpg.PostgresError):
        return False
    return True


# ---------------------------------------------------------------- what people do

ANNA, BEN = "Anna Kovács", "Ben O’Connor"


async def log_in(browser: Browser, login: str, other: str) -> Window:
    """In a window of its own, with the conversation with the other one open."""
    context = await browser.new_context(viewport=ViewportSize(width=DESK["width"], height=DESK["height"]))
    opened = Window(await context.new_page(), f"http://127.0.0.1:{PORTS['proxy']}")
    for expected in ("WebSocket", "502", "503", "ERR_"):  # a gateway goes away under it
        opened.expects(expected)
    await opened.log_in(f"{login}@demo.test", "Welcome2demo")
    await opened.person(other).click()
    await expect(opened.text).to_be_visible()
    return opened


async def say(sender: Window, reader: Window, words: str) -> float:
    """Seconds until the other one reads it."""
    began = time.monotonic()
    await sender.write(words)
    await expect(reader.page.get_by_text(words, exact=True).last).to_be_visible()
    return time.monotonic() - began


async def use(deployment: Deployment, browser: Browser) -> None:
    a, b = await log_in(browser, "1001", BEN), await log_in(browser, "1002", ANNA)
    seen("logged in through the proxy, in two windows")
    switch = a.page.get_by_role("switch", name="Do not disturb")
    await switch.click()
    await expect(b.person(f"{ANNA}, Do not disturb since")).to_be_visible()
    await switch.click()
    await expect(b.person(f"{ANNA}, Available by chat")).to_be_visible()
    seen("Do not disturb is red in the other window, and blue again")
    seen(f"a message is read after {await say(a, b, 'Is anybody there?'):.2f} s")
    content = secrets.token_bytes(3_000_000)
    upload = FilePayload(name="plan.bin", mimeType="application/octet-stream", buffer=content)
    await a.page.locator("chat-window input[type=file]").set_input_files([upload])
    await a.page.get_by_role("button", name="Send", exact=True).click()
    async with b.page.expect_download() as downloading:
        await b.page.get_by_role("link", name="plan.bin").click()
    assert Path(await (await downloading.value).path()).read_bytes() == content
    seen("a file of 3 MB went up in one window and came down in the other, byte for byte")
    for service, how in (("gateway-left", deployment.stop), ("gateway-right", deployment.kill)):
        code = await asyncio.to_thread(how, service)
        took = await say(a, b, f"Without {service}")
        back = await say(b, a, f"Still without {service}")
        seen(f"{service} ended ({code}); the next messages are read after {took:.2f} and {back:.2f} s")
        deployment.start_gateway(service)
        await until(lambda service=service: answers(PORTS[service]), f"{service} is ready again")
    await b.page.reload()
    for words in ("Is anybody there?", "Without gateway-left", "Still without gateway-right"):
        await expect(b.page.get_by_text(words, exact=True).last).to_be_attached()
    seen("everything is there after a reload")
    assert not a.unexpected + b.unexpected, a.unexpected + b.unexpected


def seen(what: str) -> None:
    print(f"  {what}", flush=True)


async def main(proxy: str) -> None:
    async with deployed(proxy) as deployment, async_playwright() as playwright:
        seen(f"started: {', '.join(deployment.running)} ({proxy})")
        for service in ("gateway-left", "gateway-right"):
            status = Path(f"/proc/{deployment.running[service].pid}/status").read_text()
            about = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            assert about["Uid"].split() == [USER] * 4
            assert int(about["CapEff"], 16) == int(about["CapBnd"], 16) == 0
        seen("gateways run as user 10001, without capabilities, on a read-only file system")
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        await use(deployment, browser)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "haproxy"))
