"""What people of a given name are also called, and the given names behind a nickname (the package ``nicknames``)."""

from functools import lru_cache

from nicknames import NickNamer


def nicknames_of(name: str) -> set[str]:
    """``margaret`` -> ``peggy``, ``meg``, ...; empty for a name that is not known."""
    return _table().nicknames_of(name)


def full_forms_of(name: str) -> set[str]:
    """``peggy`` -> ``margaret``, ...; empty for a name that is not known."""
    return _table().canonicals_of(name)


@lru_cache(maxsize=1)
def _table() -> NickNamer:
    """Loaded once: reading it takes longer than a form."""
    return NickNamer()
