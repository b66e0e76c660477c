"""Temporary folders which the embedded servers can use."""

import os
import tempfile
from pathlib import Path


def make_data_folder() -> Path:
    """A new temporary folder. pytest's own ones are closed to other accounts, the one of the servers among them."""
    folder = Path(tempfile.mkdtemp(prefix="presence-test-"))
    if os.geteuid() == 0:
        folder.chmod(0o711)
    return folder
