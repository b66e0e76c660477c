"""How commands that run until they are told to stop hear of it, from wherever they were started."""

import signal
from types import FrameType


def end_in_order_on_signals() -> list[int]:
    """SIGINT, SIGTERM and SIGHUP unwind the stack, unless a server handles them itself meanwhile.

    All become a SIGINT, since that is the one which asyncio turns into a cancellation; an exception out of a handler
    would leave a running loop and its threads half-finished. Returns a list to which the first number will be added.
    """
    numbers: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        numbers.append(number)
        signal.raise_signal(signal.SIGINT)

    # A shell starts what runs in its background with SIGINT ignored, and Python leaves it so.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        # A closed terminal asks as SIGTERM does; while serving, that lets the clients go gently.
        signal.signal(signal.SIGHUP, lambda _number, _frame: signal.raise_signal(signal.SIGTERM))
    return numbers


def end_by_ourselves() -> None:
    """After a KeyboardInterrupt that was caught: the exit code becomes the one that we choose.

    Python remembers one that left a text which it executed (dataclasses and named tuples are made of such texts, when
    their module is imported), and at its end dies of SIGINT, whoever caught it. The next text makes it forget.
    """
    exec("")  # noqa: S102
