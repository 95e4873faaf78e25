"""Forms put together by chance (see ``_mixed``): the kept half of the phrases, asked by table."""

from functools import partial

from ._mixed import draw as mixed

draw = partial(mixed, half="kept", way="table")
