"""Files that a person names on the command line."""

import stat
from pathlib import Path

from therapyflows.core.errors import Invalid


def require_readable(file: Path) -> None:
    """Raise FileNotFoundError, IsADirectoryError or PermissionError at once; Invalid for a pipe, which would hang."""
    if not file.is_dir() and not stat.S_ISREG(file.stat().st_mode):
        raise Invalid("not_a_file", f"{file} is no regular file; name a recording or a transcript.")
    with file.open("rb"):
        pass
