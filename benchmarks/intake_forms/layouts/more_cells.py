"""Forms put together by chance (see ``_mixed``): the third part of the phrases, asked by cells."""

from functools import partial

from ._mixed import draw as mixed

draw = partial(mixed, half="more", way="cells")
