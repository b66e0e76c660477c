"""Commands: what logging in, and asking and answering, cost the gateway."""

from bench.clients import GATEWAY
from bench.machine import cpu_seconds, cpu_seconds_of_family
from bench.report import Row, Table, middle
from bench.stage import Stage

COMPANIES, LOGINS_EACH, USERS = 25, 200, 100
ASKING, ASKS = 1_000, 50
"""Fewer than a connection, and two of one person, may ask at once (wire/limits.py: command_burst)."""
_ROUNDS = 3


async def run(stage: Stage) -> Table:
    gateway = stage.gateway()
    clients = await stage.crowd(gateway)
    await clients.be_available(False)
    companies = [await stage.company(USERS) for _ in range(COMPANIES)]
    logins, postgres = [], []
    for _ in range(_ROUNDS):
        for company in companies:
            await clients.add_tokens(await stage.tokens(company, LOGINS_EACH))
        cpu, database = cpu_seconds(gateway.pid), cpu_seconds_of_family(stage.postgres_pid)
        await clients.open(GATEWAY, COMPANIES * LOGINS_EACH)
        logins.append((cpu_seconds(gateway.pid) - cpu) / (COMPANIES * LOGINS_EACH))
        postgres.append((cpu_seconds_of_family(stage.postgres_pid) - database) / (COMPANIES * LOGINS_EACH))
        await clients.order(f"close {GATEWAY}")
        await clients.order("idle 1")
    for company in companies[: ASKING // LOGINS_EACH]:
        await clients.add_tokens(await stage.tokens(company, LOGINS_EACH))
    await clients.open(GATEWAY, ASKING)
    answers = []
    for _ in range(_ROUNDS):
        cpu = cpu_seconds(gateway.pid)
        asked = await clients.order(f"ask {GATEWAY} {ASKS} 1")
        if asked["unanswered"]:
            raise RuntimeError(f"{asked['unanswered']} clients got no answers")
        answers.append((cpu_seconds(gateway.pid) - cpu) / (ASKING * ASKS))
        await clients.order("idle 4")
    return Table(
        "Commands: handshake with login, and asking and answering",
        [
            Row("logins per CPU second of the gateway", 1 / middle(logins), "/s", 8_000, at_least=True),
            Row("  CPU of the gateway for each", middle(logins) * 1e6, "us"),
            Row("  CPU of PostgreSQL for each", middle(postgres) * 1e6, "us"),
            Row("commands answered per CPU second", 1 / middle(answers), "/s", 80_000, at_least=True),
            Row("  CPU of the gateway for each", middle(answers) * 1e6, "us"),
        ],
    )
