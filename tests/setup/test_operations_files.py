"""What operators load into their tools names what a gateway really measures, and leads to a page that helps."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.support.gateway import GatewayProcess, database_url, gateway, password_hash, people, pool, start_gateway
from tests.support.http import http_client

__all__ = ["database_url", "gateway", "password_hash", "people", "pool", "start_gateway"]

CHECKOUT = Path(__file__).parents[2]
_NAME = re.compile(r"\b(?:presence|process)_[a-z_]+\b")
_ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


def dashboard() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((CHECKOUT / "deploy/grafana/presence-gateway.json").read_text(encoding="utf-8"))
    return read


def rules() -> list[dict[str, Any]]:
    read = yaml.safe_load((CHECKOUT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


def expressions() -> list[str]:
    panels = [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", [])]
    return panels + [rule["expr"] for rule in rules()]


async def test_every_measurement_that_is_asked_for_is_one_that_a_gateway_gives(gateway: GatewayProcess) -> None:
    async with http_client(gateway.url) as http:
        text = (await http.get("/metrics")).text
    families = list(text_string_to_metric_families(text))
    given = {family.name + ending for family in families for ending in _ENDINGS.get(family.type, ("",))}
    asked = {name for each in expressions() for name in _NAME.findall(each)}
    assert len(asked) > 20
    assert asked - given == set()


def test_no_panel_lies_over_another_and_every_one_asks_for_something() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        assert panel["type"] == "row" or panel["targets"]
        taken |= cells


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_leads_to_what_there_is_to_do(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (CHECKOUT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in {re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-") for each in headings}
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert re.fullmatch(r"\d+[sm]", rule["for"])
