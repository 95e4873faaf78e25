"""The characters of an uploaded text file, whatever wrote it."""

NOT_TEXT = (b"%PDF-", b"{\\rtf", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How PDF, RTF, docx/odt and the old doc begin, whatever the file's name says."""


def decoded(content: bytes) -> str | None:
    """The text; None when the file is none.

    UTF-8, UTF-16 with its mark, or Windows-1252 and Latin-1, which older dictation software still writes.
    """
    if content.startswith(NOT_TEXT):
        return None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = _single_byte(content)
    return None if "\x00" in text else text


def _single_byte(content: bytes) -> str:
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")
