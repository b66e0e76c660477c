"""Running our Python as another user of the machine, which only root can do."""

import functools
import os
import pwd
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]


def as_user(name: str) -> dict[str, Any]:
    """The arguments of Popen which make a program run as this user."""
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


@functools.cache
def python_for(name: str) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """An interpreter which this user can run, and the environment in which it finds everything we use.

    Root's own interpreter may lie below a private home; then the machine's one of the same version takes its place.
    None where there is none, or where the user cannot reach the checkout.
    """
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": f"{CHECKOUT}:{sysconfig.get_path('purelib')}",
        "PYTHONSAFEPATH": "1",
    }
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for interpreter in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        try:
            subprocess.run(
                [interpreter, "-c", "import storage.embedded"],
                check=True,
                cwd="/",
                env=environment,
                capture_output=True,
                **as_user(name),
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return interpreter, tuple(environment.items())
    return None
