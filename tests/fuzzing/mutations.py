"""Inputs made of others by chance."""

import random

from tests.fuzzing.targets import WORDS

MOST_BYTES = 60_000


def mutated(data: bytes, chance: random.Random) -> bytes:
    """With one to thirty pieces put in, taken out, repeated, turned round or replaced."""
    out = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 3, 8, 30])):
        start = chance.randrange(len(out) + 1)
        end = min(len(out), start + chance.choice([1, 1, 2, 5, 40, 400]))
        match chance.randrange(6):
            case 0:
                del out[start:end]
            case 1:
                out[start:start] = chance.choice(WORDS)
            case 2:
                out[start:end] = chance.choice(WORDS)
            case 3:
                out[start:start] = out[start:end] * chance.choice([1, 2, 20])
            case 4:
                out[start:end] = chance.randbytes(end - start)
            case _:
                out[start:end] = out[start:end][::-1]
    return bytes(out[:MOST_BYTES])
