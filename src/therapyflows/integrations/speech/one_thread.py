"""Matrix products on one thread.

The voice encoder multiplies small matrices thousands of times.  On two threads OpenBLAS spends five to ten times the
processor time, most of it waiting in a spin, as soon as anything else runs on the machine.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

_PREFIXES = ("scipy_openblas", "openblas")
_SUFFIXES = ("64_", "")


@contextmanager
def one_thread() -> Iterator[None]:
    """Within the block numpy's OpenBLAS uses one thread.  With another matrix library nothing changes."""
    functions = _thread_functions()
    if functions is None:
        yield
        return
    read, write = functions
    before = int(read())
    write(1)
    try:
        yield
    finally:
        write(before)


@lru_cache(maxsize=1)
def _thread_functions() -> tuple[Any, Any] | None:
    """How to read and set the number of threads of the OpenBLAS that numpy's wheel brings."""
    package = Path(np.__file__).parent
    for path in sorted([*package.parent.glob("numpy.libs/*openblas*"), *package.glob(".dylibs/*openblas*")]):
        library = ctypes.CDLL(str(path))
        for prefix in _PREFIXES:
            for suffix in _SUFFIXES:
                read = getattr(library, f"{prefix}_get_num_threads{suffix}", None)
                write = getattr(library, f"{prefix}_set_num_threads{suffix}", None)
                if read is not None and write is not None:
                    return read, write
    return None
