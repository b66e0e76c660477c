"""A simulated switch: its scripts, its days, and that what it says of itself is what a gateway comes to believe."""

import random
import secrets
from collections import Counter

import msgspec
import pytest

from pbx.reading import read_batch
from pbx.simulation.day import HOUR, day_steps, days
from pbx.simulation.script import AnyStep, Call, Dnd, Register, ScriptProblem, Silence, Unregister, parse_script
from pbx.simulation.switch import SimulatedSwitch
from tests.support.switches import Office
from wire.identity import SourceId
from wire.ingest import Batch, DeviceDown, DeviceUp, Phase

USERS = [str(1000 + number) for number in range(30)]


def simulated(source: str = "simulated", domain: str = "acme.test") -> SimulatedSwitch:
    return SimulatedSwitch(source, domain, lambda: secrets.token_hex(16))


# ------------------------------------------------------------ scripts


def test_a_script_is_read_line_by_line() -> None:
    script = """
    # a morning
    {"do": "register", "user": "1001", "seconds": 60}
    {"do": "call", "after": 2.5, "call": "c1", "phase": "trying", "caller": "1001", "callee": "1002"}

    {"do": "silence", "seconds": 20}
    """
    assert parse_script(script) == [
        Register(user="1001", seconds=60),
        Call(after=2.5, call="c1", phase=Phase.TRYING, caller="1001", callee="1002"),
        Silence(seconds=20),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 2: not a JSON object"),
        ("[]", "line 2: "),
        ('{"do": "dance"}', "line 2: do: "),
        ('{"do": "register"}', "line 2: user: "),
        ('{"do": "register", "user": "1001", "ttl": 5}', "line 2: "),
        ('{"do": "register", "user": "1001", "after": -1}', "line 2: after: "),
        ('{"do": "call", "call": "c1", "phase": "ringing"}', "line 2: caller: "),
    ],
)
def test_a_line_that_cannot_be_played_is_named(line: str, told: str) -> None:
    with pytest.raises(ScriptProblem) as problem:
        parse_script('{"do": "register", "user": "1001"}\n' + line)
    assert str(problem.value).startswith(told)


# ------------------------------------------------------------ days


def test_the_same_seed_gives_the_same_day_and_another_one_another() -> None:
    assert day_steps(USERS, 1) == day_steps(USERS, 1)
    assert day_steps(USERS, 1) != day_steps(USERS, 2)


def test_everybody_comes_and_goes_and_the_office_is_as_busy_as_one() -> None:
    steps = day_steps(USERS, 1)
    ups = Counter(step.user for step in steps if isinstance(step, Register))
    downs = Counter(step.user for step in steps if isinstance(step, Unregister))
    assert ups == downs
    assert set(ups) == set(USERS)
    calls = {step.call for step in steps if isinstance(step, Call)}
    assert 20 <= len(calls) / len(USERS) <= 60
    assert any(isinstance(step, Dnd) for step in steps)


def test_every_call_ends_and_nobody_is_in_two() -> None:
    busy: dict[str, str] = {}
    for step in day_steps(USERS, 3):
        if not isinstance(step, Call):
            continue
        for user in filter(None, (step.caller, step.callee)):
            assert busy.get(user, step.call) == step.call
            busy[user] = step.call
            if step.phase is Phase.ENDED:
                del busy[user]
    assert busy == {}


def test_a_day_that_begins_at_noon_starts_with_everything_that_holds_then() -> None:
    steps = day_steps(USERS, 1, 12 * HOUR)
    at_once = [step for position, step in enumerate(steps) if sum(each.after for each in steps[: position + 1]) == 0]
    assert sum(isinstance(step, Register) for step in at_once) > len(USERS) * 0.8
    assert abs(sum(step.after for step in steps) - sum(step.after for step in day_steps(USERS, 1)) + 12 * HOUR) < 1


def test_days_follow_each_other_at_their_hours() -> None:
    played, at, comes = days(USERS, 1, 0.0), 0.0, []
    while at < 60 * HOUR:
        step = next(played)
        at += step.after
        comes += [at] if isinstance(step, Register) and step.device == "desk" else []
    firsts = [min(each for each in comes if each > day * 24 * HOUR) - day * 24 * HOUR for day in range(3)]
    assert all(7 * HOUR < first < 10 * HOUR for first in firsts)


# ------------------------------------------------------------ the switch


def test_a_phone_refreshes_until_it_unregisters_and_one_without_power_runs_out() -> None:
    switch = simulated()
    switch.play(Register(user="1001", seconds=10), 100.0)
    switch.play(Register(user="1002", seconds=10, refreshes=False), 100.0)
    for moment in range(101, 121):
        switch.pass_time(float(moment))
    told = [(type(event), event.user.partition("@")[0], event.at) for event in switch.queue]  # type: ignore[union-attr]
    assert told == [
        (DeviceUp, "1001", 100.0),
        (DeviceUp, "1002", 100.0),
        (DeviceUp, "1001", 105.0),
        (DeviceUp, "1001", 110.0),
        (DeviceDown, "1002", 110.0),
        (DeviceUp, "1001", 115.0),
        (DeviceUp, "1001", 120.0),
    ]
    revisions = [event.rev for event in switch.queue if isinstance(event, DeviceUp) and event.user.startswith("1001")]
    assert revisions == sorted(set(revisions))


async def test_whatever_gets_lost_the_gateway_ends_up_knowing_what_the_switch_knows(office: Office) -> None:
    """A random life of two phones, with losses and restarts; then a heartbeat, and the snapshot that it asks for."""
    choice = random.Random(5)  # noqa: S311
    switch = SimulatedSwitch(office.switch.name, office.domain, lambda: secrets.token_hex(16))
    now, calls = 1_000_000.0, 0
    for _ in range(120):
        user = choice.choice(["1001", "1002"])
        possible: list[AnyStep] = [
            Register(user=user, seconds=600),
            Unregister(user=user),
            Call(call=f"c{calls}", phase=choice.choice(list(Phase)), caller=user),
            Dnd(user=user, on=choice.random() < 0.5),
        ]
        step = choice.choice(possible)
        switch.play(step, now)
        calls += isinstance(step, Call) and step.phase is Phase.ENDED  # no id is used again
        now += choice.uniform(0, 3)
        if choice.random() < 0.3:
            batch, count = switch.batch(now, 100)
            switch.taken(count)
            if choice.random() < 0.7:
                await post(office, batch)
    await post(office, switch.batch(now, 0)[0])
    now += 10
    for part in switch.snapshot(now, "the last one"):
        await office.switch.send_snapshot(
            **{name: getattr(part, name) for name in part.__struct_fields__ if name not in ("devices", "calls", "dnd")},
            devices=list(part.devices),
            calls=list(part.calls),
            dnd=list(part.dnd or ()),
        )
    for user, person in (("1001", office.alice), ("1002", office.bob)):
        found = await office.telephony.presence_of(office.domain, person)
        assert (found.phone, found.dnd, found.calls == "busy") == known_of(switch, f"{user}@{office.domain}")


async def post(office: Office, batch: object) -> None:
    assert isinstance(batch, Batch)
    read = read_batch(msgspec.json.decode(msgspec.json.encode(batch), type=Batch))
    source = await office.telephony.service.authenticate(SourceId(batch.source), office.switch.token)
    await office.telephony.service.take_batch(source, read)


def known_of(switch: SimulatedSwitch, user: str) -> tuple[bool, bool, bool]:
    phone = any(owner == user for owner, _ in switch._phones)
    busy = any(
        phase is not Phase.ENDED and party.user == user
        for phase, parties in switch._calls.values()
        for party in parties
    )
    return phone, user in switch._dnd, busy
