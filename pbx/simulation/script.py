"""What happens at a simulated switch, step by step, and the file that says so (docs/simulate.md). Pure."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from wire.codec import invalid_of
from wire.ingest import EntityName, Phase

User = Annotated[str, Meta(min_length=1, max_length=320)]
"""An extension of the simulated domain, or a whole `extension@domain`."""


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"):
    """`after`: seconds since the step before."""

    after: Annotated[float, Meta(ge=0, le=86_400)] = 0.0


class Register(Step, frozen=True, kw_only=True, tag="register"):
    """A phone registers for `seconds`, and goes on refreshing at half of that until it unregisters."""

    user: User
    device: EntityName = "desk"
    seconds: Annotated[float, Meta(gt=0, le=86_400)] = 600.0
    refreshes: bool = True
    """False: its power is cut, and the registration runs out."""


class Unregister(Step, frozen=True, kw_only=True, tag="unregister"):
    user: User
    device: EntityName = "desk"


class Call(Step, frozen=True, kw_only=True, tag="call"):
    """A call of that name comes into a phase. Outside numbers are left out."""

    call: EntityName
    phase: Phase
    caller: User | None = None
    callee: User | None = None


class Dnd(Step, frozen=True, kw_only=True, tag="dnd"):
    user: User
    on: bool


class Silence(Step, frozen=True, kw_only=True, tag="silence"):
    """The line to the gateway is dead for so long; what happens meanwhile is told afterwards."""

    seconds: Annotated[float, Meta(gt=0, le=86_400)]


class Lose(Step, frozen=True, kw_only=True, tag="lose"):
    """The next `events` get lost on their way."""

    events: Annotated[int, Meta(ge=1, le=100_000)] = 1


class Restart(Step, frozen=True, kw_only=True, tag="restart"):
    """The switch starts again, and remembers its phones and calls."""


AnyStep = Register | Unregister | Call | Dnd | Silence | Lose | Restart


class ScriptProblem(Exception):
    """A line that cannot be played. The text says which, and why."""


_decode = msgspec.json.Decoder(AnyStep).decode


def parse_script(text: str) -> list[AnyStep]:
    """One JSON object a line; empty lines and those that begin with # say nothing. Raises `ScriptProblem`."""
    return list(_steps(text))


def _steps(text: str) -> Iterator[AnyStep]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            step = _decode(line.encode())
        except msgspec.ValidationError as error:
            refused = invalid_of(error)
            where = f"{refused.field}: " if refused.field else ""
            raise ScriptProblem(f"line {number}: {where}{refused.message}") from error
        except (msgspec.DecodeError, UnicodeError) as error:
            raise ScriptProblem(f"line {number}: not a JSON object") from error
        if isinstance(step, Call) and step.caller is None and step.callee is None:
            raise ScriptProblem(f"line {number}: caller: A call needs a caller or a callee of ours")
        yield step
