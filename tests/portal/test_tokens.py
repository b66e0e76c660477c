"""Contrast of the design tokens, light and dark: text 4.5 : 1, dots and borders of controls 3 : 1 (WCAG 2.2, AA)."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "portal" / "tokens.css").read_text()
PAIRS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--presence-([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", TOKENS)
}
GROUNDS = ("ground", "surface", "raised")

TEXT = [
    *(("ink", on) for on in (*GROUNDS, "accent-soft", "danger-soft")),
    *(("ink-soft", on) for on in (*GROUNDS, "accent-soft")),
    *(("accent", on) for on in (*GROUNDS, "accent-soft")),
    *(("danger", on) for on in ("surface", "danger-soft")),
    ("green", "surface"),
    ("accent-ink", "accent"),
    ("accent-ink", "accent-strong"),
    ("own-ink", "own"),
    ("notice-ink", "notice-soft"),
    ("ground", "ink"),
]
SIGNS = [
    *((dot, on) for dot in ("green", "red", "blue", "grey") for on in (*GROUNDS, "accent-soft")),
    *(("on-dot", dot) for dot in ("green", "red")),
    ("on-dot", "accent"),
    *(("line-control", on) for on in ("ground", "surface")),
]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("least", "pairs"), [(4.5, TEXT), (3.0, SIGNS)], ids=["text", "signs"])
def test_tokens_are_told_apart(scheme: int, least: float, pairs: list[tuple[str, str]]) -> None:
    measured = {pair: contrast(PAIRS[pair[0]][scheme], PAIRS[pair[1]][scheme]) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in measured.items() if ratio < least} == {}
