"""Temporary folders which the embedded servers can use."""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ENOUGH = 1_000_000_000


def make_data_folder() -> Path:
    """A new temporary folder. pytest's own ones are closed to other accounts, the one of the servers among them."""
    folder = Path(tempfile.mkdtemp(prefix="presence-test-", dir=_MEMORY if _memory_serves() else None))
    if os.geteuid() == 0:
        folder.chmod(0o711)
    return folder


def _memory_serves() -> bool:
    """Whether there is room in memory: a data folder is a thousand small files, slow to make on many disks."""
    return (
        os.access(_MEMORY, os.W_OK)
        and shutil.disk_usage(_MEMORY).free > _ENOUGH
        and not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC  # the programs may have to be copied into the folder
    )
