"""What is deployed agrees with what is built: image, compose file, proxy."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import Settings, variable_of

CHECKOUT = Path(__file__).parents[2]
SERVED_FROM = {path.parent.name for path in CHECKOUT.glob("*/__init__.py")} - {"bench", "tests"} | {
    "portal",
    "gateway.py",
    "settings.py",
}

# Debian keeps it where only root's PATH leads.
HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


def read(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(read("docker-compose.yml"))
    return parsed


def test_the_compose_file_keeps_to_its_schema() -> None:
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    finished = subprocess.run(
        [*checker, "docker-compose.yml"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout


def test_gateways_are_given_settings_that_exist(compose: dict[str, Any]) -> None:
    known = {variable_of(name) for name in Settings.__struct_fields__}
    for name in ("migrate", "gateway-left", "gateway-right"):
        assert set(compose["services"][name]["environment"]) <= known


def test_the_two_gateways_differ_in_their_name_only(compose: dict[str, Any]) -> None:
    left, right = (compose["services"][name] for name in ("gateway-left", "gateway-right"))
    ids = {gateway["environment"].pop("PRESENCE_GATEWAY_ID") for gateway in (left, right)}
    assert ids == {"left", "right"}
    assert left == right


def test_nothing_but_the_proxy_is_published(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]
    assert all(compose["networks"][name]["internal"] for name in ("stores", "gateways"))


def test_every_container_is_read_only_and_every_variable_is_explained(compose: dict[str, Any]) -> None:
    assert all(service["read_only"] for service in compose["services"].values())
    asked_for = set(re.findall(r"(?<!\$)\$\{(\w+)", read("docker-compose.yml")))
    offered = set(re.findall(r"^(\w+)=", read(".env.example"), re.MULTILINE))
    assert asked_for == offered


def test_no_secret_has_a_default(compose: dict[str, Any]) -> None:
    text = read("docker-compose.yml")
    for secret in ("POSTGRES_PASSWORD", "VALKEY_PASSWORD", "METRICS_TOKEN"):
        uses = re.findall(rf"(?<!\$)\$\{{{secret}([^}}]*)}}", text)
        assert uses
        assert set(uses) == {":?set it in .env"}
        assert re.search(rf"^{secret}=$", read(".env.example"), re.MULTILINE)
    assert compose["name"] == "presence-gateway"


def test_the_image_and_the_wheel_hold_every_package() -> None:
    wheel = tomllib.loads(read("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert set(wheel) == SERVED_FROM
    let_in = {line[1:].rstrip("/") for line in read(".dockerignore").splitlines() if line.startswith("!")}
    assert let_in == SERVED_FROM | {"requirements.txt", "LICENSE"}


@pytest.mark.skipif(HAPROXY is None, reason="there is no haproxy on this machine")
@pytest.mark.parametrize("redirect", [{}, {"REDIRECT": "127.0.0.1:4"}], ids=["alone", "with a redirect"])
def test_the_proxy_accepts_its_configuration(redirect: dict[str, str]) -> None:
    environment = {"LISTEN": "127.0.0.1:1", "LEFT": "127.0.0.1:2", "RIGHT": "127.0.0.1:3", **redirect}
    finished = subprocess.run(
        [str(HAPROXY), "-c", "-f", "deploy/haproxy.cfg"],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "WARNING" not in finished.stderr
