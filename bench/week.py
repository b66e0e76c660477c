"""A week of a service for ten million people, simulated: what is told to whom, and what it costs, slot by slot.

Nothing is measured here. Companies of drawn sizes and time zones live through a week; what goes on in each slot is
multiplied with the costs that the other scenarios measure (docs/benchmarks.md), by the habits that
docs/operations/capacity.md assumes. What it adds to the arithmetic there: when the peak of the world is, how much large
companies weigh, and how unevenly companies fall on the nodes of a Redis cluster.
"""

import math
import random
from collections.abc import Iterator, Sequence

from msgspec import Struct

from bench.report import Row, Table

PEOPLE = 10_000_000
SLOT_MINUTES = 5
DAYS = 7
NODES = 16
SEED = 2026

ZONES = {-8: 0.12, -6: 0.12, -5: 0.26, 0: 0.12, 1: 0.24, 5.5: 0.06, 8: 0.05, 10: 0.03}
"""Hours from UTC, and which part of the people lives there."""
DAY = (0.2, 0.1, 0.1, 0.1, 0.2, 0.4, 1, 3, 8, 13, 13, 11, 7, 9, 11, 11, 8, 5, 2.5, 1.4, 1, 0.6, 0.4, 0.2)
"""Weights of the hours of a working day by the local clock, as telephone systems see them."""
WEEKEND = 0.06

CHANGES_A_DAY, MESSAGES_A_DAY, LOGINS_A_DAY = 60.0, 30.0, 2.5
CONNECTED_AT_MOST, CONNECTIONS_EACH = 0.40, 1.3
REGISTRATIONS_A_SECOND = 1.5 / 60
WATCHED_AT_MOST = 1_000
"""In larger companies a client names whom it looks at: nobody is looked at by all."""

TELLING, REGISTERING, WRITING, ENTERING = 4.0e-6, 24e-6, 60e-6, 310e-6
"""Seconds of a gateway's processor for each delivery, renewed registration, message, login."""
CONNECTED = 2.1e-6
"""The same for each idle connection and second: heartbeats and their answers."""
REDIS_CHANGE, REDIS_REGISTRATION, POSTGRES_MESSAGE = 24e-6, 26e-6, 25e-6
FRAME_BYTES = 190


class Company(Struct, frozen=True):
    people: int
    zone: float
    node: int
    """Of the Redis cluster."""


class Slot(Struct, frozen=True):
    """Rates for each second of it, and processors that are fully used."""

    minute: int
    changes: float
    deliveries: float
    gateways: float
    redis: float
    postgres: float


def companies(people: int, seed: int = SEED) -> Iterator[Company]:
    """Many small ones and few large ones: half have fewer than 20 people, one in a thousand more than 1,600."""
    choice = random.Random(seed)
    zones, weights = list(ZONES), list(ZONES.values())
    while people > 0:
        size = min(max(2, round(choice.lognormvariate(3.0, 1.42))), 20_000, people)
        people -= size
        yield Company(size, choice.choices(zones, weights)[0], choice.randrange(NODES))


def activity(minute: int, zone: float) -> float:
    """Which part of a working day's doings falls into one second, this minute of the week (from Monday, 0:00 UTC)."""
    local = minute + round(zone * 60)
    day, within = divmod(local % (DAYS * 24 * 60), 24 * 60)
    hour, rest = divmod(within, 60)
    # From hour to hour without a step.
    weight = DAY[hour] * (1 - rest / 60) + DAY[(hour + 1) % 24] * rest / 60
    return weight / sum(DAY) / 3600 * (1.0 if day < 5 else WEEKEND)


def watchers(company: Company, presence: float) -> float:
    """Connections that each change of somebody goes to; `presence`: which part of the company's is there."""
    connections = company.people * CONNECTED_AT_MOST * CONNECTIONS_EACH * presence
    return connections * min(1.0, WATCHED_AT_MOST / company.people)


def presence_of(doing: float) -> float:
    """Which part of those who come at all is connected, by how much goes on; telephones and phones of a pocket stay."""
    busiest = max(DAY) / sum(DAY) / 3600
    return min(1.0, 0.08 + 0.92 * math.sqrt(doing / busiest))


def week(made: Sequence[Company]) -> list[Slot]:
    by_zone = {zone: [each for each in made if each.zone == zone] for zone in ZONES}
    people = {zone: sum(each.people for each in found) for zone, found in by_zone.items()}
    # Deliveries of a change grow with the connections that are there: their sum is taken once, with everybody there.
    told = {zone: sum(each.people * watchers(each, 1.0) for each in found) for zone, found in by_zone.items()}
    slots = []
    for minute in range(0, DAYS * 24 * 60, SLOT_MINUTES):
        changes = deliveries = messages = logins = connections = 0.0
        for zone in ZONES:
            doing = activity(minute, zone)
            there = presence_of(doing)
            changes += people[zone] * CHANGES_A_DAY * doing
            deliveries += told[zone] * CHANGES_A_DAY * doing * there
            messages += people[zone] * MESSAGES_A_DAY * doing
            logins += people[zone] * CONNECTED_AT_MOST * LOGINS_A_DAY * doing
            connections += people[zone] * CONNECTED_AT_MOST * CONNECTIONS_EACH * there
        registrations = sum(people.values()) * REGISTRATIONS_A_SECOND
        gateways = deliveries * TELLING + registrations * REGISTERING + messages * WRITING + logins * ENTERING
        redis = changes * REDIS_CHANGE + registrations * REDIS_REGISTRATION
        slots.append(
            Slot(minute, changes, deliveries, gateways + connections * CONNECTED, redis, messages * POSTGRES_MESSAGE)
        )
    return slots


def fullest_node(made: Sequence[Company], minute: int) -> float:
    """How much more than its share the fullest node of Redis has to do."""
    load = [0.0] * NODES
    for each in made:
        load[each.node] += each.people * (
            CHANGES_A_DAY * activity(minute, each.zone) * REDIS_CHANGE + REGISTRATIONS_A_SECOND * REDIS_REGISTRATION
        )
    return max(load) * NODES / sum(load)


def part_of_large(made: Sequence[Company], *, above: int) -> float:
    told = [(each.people, each.people * watchers(each, 1.0)) for each in made]
    return sum(weight for people, weight in told if people > above) / sum(weight for _, weight in told)


def simulated(people: int = PEOPLE) -> Table:
    made = list(companies(people))
    slots = week(made)
    peak = max(slots, key=lambda slot: slot.gateways)
    day, within = divmod(peak.minute, 24 * 60)
    name = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[day]
    seconds = SLOT_MINUTES * 60
    return Table(
        f"a week of {people:,} people, simulated",
        [
            Row("companies", len(made), "", note=f"the largest has {max(each.people for each in made):,} people"),
            Row("changes in the week", sum(slot.changes for slot in slots) * seconds / 1e9, "10^9"),
            Row("deliveries in the week", sum(slot.deliveries for slot in slots) * seconds / 1e9, "10^9"),
            Row("deliveries that companies above 2,000 people cause", 100 * part_of_large(made, above=2_000), "%"),
            Row("peak: changes a second", peak.changes, "", note=f"{name} {within // 60:02}:{within % 60:02} UTC"),
            Row("peak: deliveries a second", peak.deliveries, ""),
            Row("peak: to clients", peak.deliveries * FRAME_BYTES * 8 / 1e9, "Gbit/s"),
            Row("peak: gateways", peak.gateways, "processors"),
            Row("peak: Redis", peak.redis, "processors"),
            Row("peak: PostgreSQL, messages", peak.postgres, "processors"),
            Row("mean of the week: gateways", sum(slot.gateways for slot in slots) / len(slots), "processors"),
            Row(f"the fullest of {NODES} nodes of Redis, over its share", fullest_node(made, peak.minute), "x"),
        ],
    )
