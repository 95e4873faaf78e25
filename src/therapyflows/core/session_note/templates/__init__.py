"""Note formats as data files.  A new format is a new YAML file in this folder."""

from functools import lru_cache
from importlib.resources import files

import yaml

from therapyflows.core.errors import Invalid
from therapyflows.core.session_note.model import Template, TemplateSection


@lru_cache(maxsize=1)
def template_keys() -> tuple[str, ...]:
    """Keys of the note formats that exist, e.g. ``("birp", "dap", "girp", "soap")``."""
    folder = files(__package__)
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".yaml")))


@lru_cache(maxsize=32)
def load_template(key: str) -> Template:
    """The template with this key (any case).

    Raises:
        Invalid: ``unknown_template``, naming the keys that exist.
    """
    name = key.strip().lower()
    if name not in template_keys():
        raise Invalid("unknown_template", "no such note format; there are " + ", ".join(template_keys()))
    data = yaml.safe_load((files(__package__) / f"{name}.yaml").read_text("utf-8"))
    sections = tuple(
        TemplateSection(
            key=section["key"],
            title=section["title"],
            guidance=section["guidance"],
            accepts=tuple(section["accepts"]),
            required_lines=tuple(section.get("required_lines", ())),
        )
        for section in data["sections"]
    )
    return Template(key=name, title=data["title"], sections=sections)


def section_for(template: Template, topic: str) -> str:
    """Key of the section that takes this topic; the first section when none does."""
    return next((section.key for section in template.sections if topic in section.accepts), template.sections[0].key)
