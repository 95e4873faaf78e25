from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from therapyflows.integrations.documents.intake import straighten


@pytest.fixture(scope="module")
def page(drawn: Callable[..., Any]) -> Any:
    from intake_forms.rendering import rasterized

    return rasterized(drawn("typed_export", 61, fillable=False)[2])[1]


@pytest.mark.parametrize("degrees", [-3.0, 0.0, 3.0])
def test_a_skewed_page_is_not_one_on_its_side(page: Any, degrees: float) -> None:
    from intake_forms.rendering import turned

    skewed = turned(page, degrees)
    assert not straighten.lies_on_its_side(skewed)
    assert straighten.lies_on_its_side(np.ascontiguousarray(np.rot90(skewed)))
    assert straighten.skew_of(skewed) == pytest.approx(-degrees, abs=0.15)


def test_a_shadow_is_no_edge_of_the_sheet(page: Any) -> None:
    shadow = np.linspace(1.0, 0.6, page.shape[0], dtype=np.float32)[:, None]
    shaded = (page * shadow).astype(np.uint8)
    assert straighten.cut_out_sheet(shaded).shape == page.shape


def test_a_sheet_on_a_dark_table_is_cut_out(page: Any) -> None:
    table = np.full((page.shape[0] + 600, page.shape[1] + 500), 40, np.uint8)
    table[300:-300, 250:-250] = page
    height, width = straighten.cut_out_sheet(table).shape
    assert (abs(height - page.shape[0]) < 30, abs(width - page.shape[1]) < 30) == (True, True)
