"""Every target of the fuzzer with its seeds, among them all former findings, and the same others each time."""

import random

import pytest

from tests.fuzzing.mutations import mutated
from tests.fuzzing.targets import SEEDS, TARGETS

TRIED = 150


@pytest.mark.parametrize("name", TARGETS)
def test_wrong_input_is_refused_and_nothing_worse(name: str) -> None:
    seeds, chance = SEEDS[name](), random.Random(name)  # noqa: S311 - the same in every run
    for seed in seeds:
        TARGETS[name](seed)
    for _ in range(TRIED):
        TARGETS[name](mutated(chance.choice(seeds), chance))
