"""Note formats as data files.  A new format is a new YAML file in this folder, or in the practice's own."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from therapyflows.core.errors import Invalid
from therapyflows.core.session_note.model import Template, TemplateSection

_KEY = "abcdefghijklmnopqrstuvwxyz0123456789_"
_LINES = ["mental_status", "risk"]
_practice: dict[str, Template] = {}
"""The practice's own, set once when a process starts; they win over the product's."""


@lru_cache(maxsize=1)
def template_keys() -> tuple[str, ...]:
    """Keys of the note formats that exist, e.g. ``("birp", "dap", "girp", "soap")``."""
    folder = files(__package__)
    shipped = {entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".yaml")}
    return tuple(sorted(shipped | set(_practice)))


@lru_cache(maxsize=32)
def load_template(key: str) -> Template:
    """The template with this key (any case).

    Raises:
        Invalid: ``unknown_template``, naming the keys that exist.
    """
    name = key.strip().lower()
    if name not in template_keys():
        raise Invalid("unknown_template", "no such note format; there are " + ", ".join(template_keys()))
    if name in _practice:
        return _practice[name]
    return _template(name, yaml.safe_load((files(__package__) / f"{name}.yaml").read_text("utf-8")))


def use_practice_formats(texts: Mapping[str, str]) -> None:
    """The practice's formats, YAML by key: new ones, or other titles and guidance for sections of one of the product's.

    Raises Invalid (``format_unusable``), naming the file; then nothing is changed.
    """
    before = dict(_practice)
    _practice.clear()
    _forget()
    try:
        _practice.update({key: _practices(key, text) for key, text in texts.items()})
    except Invalid:
        _practice.update(before)
        raise
    finally:
        _forget()


def is_practices(key: str) -> bool:
    return key in _practice


def _forget() -> None:
    template_keys.cache_clear()
    load_template.cache_clear()


def _practices(key: str, text: str) -> Template:
    try:
        if not key or set(key) - set(_KEY):
            raise ValueError("key")
        data = yaml.safe_load(text)
        made = _changed(load_template(key), data) if key in template_keys() else _template(key, data)
        lines = sorted(line for section in made.sections for line in section.required_lines)
        topics = [topic for section in made.sections for topic in section.accepts]
        if lines != _LINES or len(topics) != len(set(topics)) or not made.title:
            raise ValueError("lines")
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError):
        words = "A note format of the practice cannot be used: see the page on note templates."
        raise Invalid("format_unusable", words, format=key) from None
    return made


def _changed(shipped: Template, data: Mapping[str, Any]) -> Template:
    """Titles and guidance may be others; sections, and what belongs where, stay."""
    new = {section["key"]: section for section in data.get("sections", ())}
    if set(new) - {section.key for section in shipped.sections}:
        raise ValueError("a section that the format does not have")
    sections = tuple(
        TemplateSection(
            key=section.key,
            title=str(new.get(section.key, {}).get("title", section.title)),
            guidance=str(new.get(section.key, {}).get("guidance", section.guidance)),
            accepts=section.accepts,
            required_lines=section.required_lines,
        )
        for section in shipped.sections
    )
    return Template(key=shipped.key, title=str(data.get("title", shipped.title)), sections=sections)


def _template(key: str, data: Mapping[str, Any]) -> Template:
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
    return Template(key=key, title=data["title"], sections=sections)


def section_for(template: Template, topic: str) -> str:
    """Key of the section that takes this topic; the first section when none does."""
    return next((section.key for section in template.sections if topic in section.accepts), template.sections[0].key)
