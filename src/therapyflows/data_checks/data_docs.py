"""Data Docs for the practice: the pages of Great Expectations about a batch, without any value of a form.

The pages as they come load scripts and styles from half a dozen hosts.  Ours load nothing: a practice's quality report
opens offline and tells nobody that it was opened.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from therapyflows.data_checks.intake import SUITE, intake_suite
from therapyflows.data_checks.model import Check
from therapyflows.data_checks.running import quiet_context, validate

if TYPE_CHECKING:
    import pandas as pd

_FROM_ELSEWHERE = re.compile(
    r"<script\b[^>]*\bsrc=[\"'](?:https?:)?//[^>]*>\s*</script>|<link\b[^>]*\bhref=[\"'](?:https?:)?//[^>]*>"
    r"|<img\b[^>]*\bsrc=[\"'](?:https?:)?//[^>]*>|<footer\b.*?</footer>|<a\b[^>]*\bhref=[\"'](?:https?:)?//[^>]*>.*?</a>",
    re.IGNORECASE | re.DOTALL,
)
_HEAD = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self' data: 'unsafe-inline'\">\n"
    "<style>body{font:16px/1.5 sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #bbb;padding:.3rem .6rem;text-align:left;"
    "vertical-align:top}nav ol{list-style:none;padding:0}img{max-height:2.5rem}.btn{border:1px solid #888;"
    "padding:.2rem .6rem}footer,.modal,.btn-group{display:none}</style>\n"
)


def write_data_docs(frame: "pd.DataFrame", folder: Path, checks: Sequence[Check] | None = None) -> Path:
    """Write the pages into the folder; returns the page to open.  Values never leave the frame: counts alone do.

    ``checks``: over the frame; None: those of intake forms.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    context = quiet_context()
    for site in list(context.get_site_names()):
        context.delete_data_docs_site(site)
    context.add_data_docs_site(
        "practice",
        {
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "show_cta_footer": False},
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
        },
    )
    validate(context, SUITE, intake_suite()[1] if checks is None else checks, frame)
    context.build_data_docs(site_names=["practice"])
    for page in folder.rglob("*.html"):
        page.write_text(_by_itself(page.read_text("utf-8")), "utf-8")
    return folder / "index.html"


def _by_itself(page: str) -> str:
    return _FROM_ELSEWHERE.sub("", page).replace("<head>", f"<head>\n{_HEAD}", 1)
