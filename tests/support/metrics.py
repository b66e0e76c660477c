"""What a running gateway counts, as a Prometheus server reads it."""

from prometheus_client.parser import text_string_to_metric_families

from tests.support.gateway import GatewayProcess
from tests.support.http import http_client

Sample = tuple[str, frozenset[tuple[str, str]]]


async def counted(gateway: GatewayProcess) -> dict[Sample, float]:
    """Every sample by its name and labels."""
    async with http_client() as http:
        answer = await http.get(f"{gateway.url}/metrics")
        answer.raise_for_status()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def risen(before: dict[Sample, float], after: dict[Sample, float], name: str, **labels: str) -> float:
    """By how much samples of that name, with at least these labels, have grown together."""

    def total(samples: dict[Sample, float]) -> float:
        return sum(value for (found, pairs), value in samples.items() if found == name and labels.items() <= set(pairs))

    return total(after) - total(before)
