"""A program that was told to stop ends with the code that it chooses, wherever the signal found it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.gateway import ROOT

_PROGRAM = """
import sys
from cli.signals import end_by_ourselves, end_in_order_on_signals

numbers = end_in_order_on_signals()
try:
    exec("import signal; print('in a text', flush=True); signal.pause()")
except KeyboardInterrupt:
    end_by_ourselves()
    sys.exit(128 + numbers[0])
"""


def test_a_signal_in_the_middle_of_an_executed_text_does_not_choose_the_exit_code(tmp_path: Path) -> None:
    """As dataclasses execute one, when a module that has some is imported."""
    (tmp_path / "interrupted.py").write_text(_PROGRAM)
    paths = os.pathsep.join((str(tmp_path), str(ROOT)))
    running = subprocess.Popen(
        [sys.executable, "-m", "interrupted"], env=os.environ | {"PYTHONPATH": paths}, stdout=subprocess.PIPE
    )
    with running:
        assert running.stdout
        assert running.stdout.readline() == b"in a text\n"
        running.terminate()
        assert running.wait(60) == 128 + signal.SIGTERM
