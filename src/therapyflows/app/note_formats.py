"""The practice's own note formats, from the folder that the settings name."""

from functools import lru_cache
from pathlib import Path

from therapyflows.core.errors import Invalid
from therapyflows.core.session_note.templates import use_practice_formats


@lru_cache(maxsize=1)
def use_formats_in(folder: Path | None) -> None:
    """Once a process.  Raises Invalid (``format_unusable``) for a folder or a file that cannot be used."""
    if folder is None:
        return
    try:
        texts = {path.stem: path.read_text("utf-8") for path in sorted(folder.iterdir()) if path.suffix == ".yaml"}
    except (OSError, UnicodeDecodeError):
        raise Invalid("format_unusable", "The folder of the practice's note formats cannot be read.") from None
    use_practice_formats(texts)
