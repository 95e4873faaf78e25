"""Plays the clinician at the review application: signs in, opens the draft, changes a sentence, approves."""

import re
import time
from dataclasses import dataclass

from therapyflows.app.demo.browser import Browser, Page
from therapyflows.core.errors import TherapyFlowsError

CORRECTION = " Client and therapist agreed that this is progress."


class StoryBroke(TherapyFlowsError):
    """A step of the story did not happen."""


@dataclass(frozen=True)
class Login:
    name: str
    password: str


def wait_until(what: str, check: "object", *, seconds: float) -> object:
    """Poll until ``check()`` is true-ish; raises StoryBroke that names what did not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := check():  # type: ignore[operator]
            return value
        time.sleep(0.5)
    raise StoryBroke("story_broke", f"This did not happen within {seconds:.0f} s: {what}.")


class Clinician:
    """One person with a browser."""

    def __init__(self, review_url: str) -> None:
        self.review_url = review_url
        self.browser = Browser()

    def sign_in(self, login: Login) -> Page:
        """Through the EHR's login page and back."""
        page = self.browser.open(f"{self.review_url}/login/start")
        return self.browser.send(page, page.form("/oauth/login"), login=login.name, password=login.password)

    def waiting_drafts(self) -> list[str]:
        """Draft ids in the queue, oldest first."""
        links = self.browser.open(f"{self.review_url}/").links
        return list(dict.fromkeys(m[1] for link in links if (m := re.fullmatch(r"/drafts/([^/?#]+)", link))))

    def correct_one_sentence(self, draft_id: str) -> str:
        """Append a sentence to the first statement; returns the statement as it is now."""
        page = self._open(draft_id)
        form = page.form("/edit")
        corrected = form.fields["text"].strip() + CORRECTION
        self.browser.send(page, form, text=corrected)
        return corrected

    def settle_open_statements(self, draft_id: str) -> int:
        """Remove every statement that the checks do not find supported; returns how many."""
        removed = 0
        while keep := [a for a in self._open(draft_id).button_actions if a.endswith("/keep")]:
            page = self._open(draft_id)
            form = page.form(keep[0].removesuffix("/keep") + "/edit")
            form.action = keep[0].removesuffix("/keep") + "/remove"
            self.browser.send(page, form)
            removed += 1
        return removed

    def approve(self, draft_id: str) -> None:
        page = self._open(draft_id)
        self.browser.send(page, page.form("/approve"), attested="yes")

    def state_of(self, draft_id: str) -> dict[str, object]:
        return self.browser.json(f"{self.review_url}/drafts/{draft_id}/state")

    def _open(self, draft_id: str) -> Page:
        return self.browser.open(f"{self.review_url}/drafts/{draft_id}")
