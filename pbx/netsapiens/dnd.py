"""Do Not Disturb: a switch in each of a user's answering rules, of which one is in force at a time. Pure."""

from collections.abc import Sequence

from pbx.netsapiens.records import Record, is_yes, text_of

ALWAYS = "*"
_LAST = 99


def dnd_of(rules: Sequence[Record]) -> bool:
    """Whether the rule in force has it set. Platforms that do not say which that is: the first that is enabled."""
    active = [rule for rule in rules if is_yes(rule, "is-active")]
    enabled = [rule for rule in rules if text_of(rule, "enabled").lower() != "no"]
    for rule in sorted(active or enabled, key=_order)[:1]:
        switch = rule.get("do-not-disturb")
        return isinstance(switch, dict) and is_yes(switch, "enabled")
    return False


def time_frames(rules: Sequence[Record]) -> list[str]:
    """The names of all rules: whoever wants quiet wants it whichever is in force. Without any, the one for always."""
    return [name for rule in rules if (name := text_of(rule, "time-frame"))] or [ALWAYS]


def rule_with_dnd(on: bool) -> dict[str, object]:
    """What changes a rule so."""
    return {"do-not-disturb": {"enabled": "yes" if on else "no"}}


def _order(rule: Record) -> int:
    text = text_of(rule, "order")
    return int(text) if text.isdecimal() else _LAST
