"""Whose approval needs a co-signature.  The table in ``cosign.yaml``, or the practice's own of the same form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

SUPPORTED = ("session-note",)
"""Workflows that have a page for it."""


@dataclass(frozen=True, slots=True)
class CosignRules:
    """The table as read."""

    in_force: str
    workflows: frozenset[str]
    credentials: Mapping[str, str]
    """Credential, as compared, to its name."""

    def needs(self, credential: str | None, workflow: str) -> bool:
        """Whether an approval by somebody with this credential waits for a supervisor.

        A credential may be several, ``MA, LPC-A``: one that needs it is enough.  None on file needs none: the list says
        who does, so that a practice that keeps no credentials is not brought to a stand.
        """
        if workflow not in self.workflows or credential is None:
            return False
        parts = {credential, *re.split(r"[,;/\s]+", credential)}
        return any(_compared(part) in self.credentials for part in parts)

    def needing(self, credential: str | None) -> frozenset[str]:
        """The workflows in which an approval by somebody with this credential waits for a supervisor."""
        return frozenset(workflow for workflow in self.workflows if self.needs(credential, workflow))


@lru_cache(maxsize=1)
def default_rules() -> CosignRules:
    return read_rules((files(__package__) / "cosign.yaml").read_text("utf-8"))


def read_rules(text: str) -> CosignRules:
    """Raises ValueError for a file that is not such a table."""
    try:
        data = yaml.safe_load(text)
        workflows = frozenset(data["workflows"])
        credentials = {_compared(str(key)): str(name) for key, name in data["credentials"].items()}
        rules = CosignRules(str(data["in_force"]), workflows, credentials)
    except (TypeError, KeyError, AttributeError, yaml.YAMLError):
        raise ValueError("not a table of co-signatures") from None
    if unknown := workflows - set(SUPPORTED):
        raise ValueError(f"no co-signature for the workflow {min(unknown)}")
    return rules


def _compared(credential: str) -> str:
    return re.sub(r"[^a-z0-9]", "", credential.casefold())
