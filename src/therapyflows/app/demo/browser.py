"""Just enough of a browser to use server-rendered pages as a person does: links, forms, cookies, redirects."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


@dataclass
class Form:
    """A form of a page with the values it would send."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.form_actions: list[str] = []
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "form":
            self.forms.append(Form(values.get("action", "")))
        if tag == "button" and "formaction" in values:
            self.form_actions.append(values["formaction"])
        if tag == "input" and self.forms and "name" in values and values.get("type") != "checkbox":
            self.forms[-1].fields[values["name"]] = values.get("value", "")
        if tag == "textarea" and self.forms and "name" in values:
            self._area = values["name"]
            self.forms[-1].fields[self._area] = ""

    def handle_data(self, data: str) -> None:
        if self._area is not None and self.forms:
            self.forms[-1].fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None


@dataclass
class Page:
    """What a person sees: the address, the text, links and forms."""

    url: str
    text: str
    forms: list[Form]
    links: list[str]
    button_actions: list[str]

    def form(self, ending: str) -> Form:
        """The first form whose action ends so.  Raises LookupError when there is none."""
        for form in self.forms:
            if form.action.endswith(ending):
                return form
        raise LookupError(f"no form {ending}")


class Browser:
    """Keeps cookies, follows redirects, sends forms with the Origin that a browser would send."""

    def __init__(self) -> None:
        self._http = httpx.Client(follow_redirects=True, timeout=30)

    def open(self, url: str) -> Page:
        return self._page(self._http.get(url))

    def send(self, page: Page, form: Form, **values: str) -> Page:
        """Fill in and submit; raises httpx.HTTPStatusError when the server refuses."""
        target = urljoin(page.url, form.action)
        origin = "{0.scheme}://{0.host}:{0.port}".format(httpx.URL(page.url))
        answer = self._http.post(target, data={**form.fields, **values}, headers={"Origin": origin})
        return self._page(answer)

    def json(self, url: str) -> dict[str, object]:
        answer = self._http.get(url)
        answer.raise_for_status()
        body: dict[str, object] = answer.json()
        return body

    def close(self) -> None:
        self._http.close()

    @staticmethod
    def _page(answer: httpx.Response) -> Page:
        answer.raise_for_status()
        reader = _Reader()
        reader.feed(answer.text)
        return Page(str(answer.url), answer.text, reader.forms, reader.links, reader.form_actions)
