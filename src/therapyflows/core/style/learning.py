"""From pairs to habits.  Pure: the same pairs give the same habits, and pairs that are deleted leave none behind.

A habit needs several lines of several clients, and that the clinician does it in most of the lines where they could:
what stands in the notes of one client alone is that client's, not the clinician's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import median

from therapyflows.core.style.differences import Exchange, exchanges, words_of
from therapyflows.core.style.model import Added, Dropped, Learned, Pair, PairSet, Wording
from therapyflows.core.style.safety import carries_facts, names_somebody
from therapyflows.core.style.terms import form_of, kind_of, same_term
from therapyflows.core.style.wording import QUOTED

LINES, CLIENTS, CLIENTS_OF_A_TERM = 4, 3, 2
"""The least a habit needs; an abbreviation of the field holds nothing of a client and needs fewer clients."""
MOSTLY = 0.6
"""Share of the lines in which they could have that they must have done it."""
DROPPED_MOSTLY, DROPPED_LINES = 0.8, 6
_WORDED = frozenset({"reported", "observed", "plan", "history", "clinician"})
"""Kinds of line whose wording counts.  Risk and mental status are worded by the product on purpose."""


def learn(sets: Iterable[PairSet]) -> Learned:
    """The habits of the one person whose pairs these are."""
    notes = tuple(sets)
    approved = [p.approved for note in notes for p in note.pairs if p.approved and p.kind in _WORDED]
    lines = [sum(1 for p in note.pairs if p.approved) for note in notes]
    enough = len(notes) >= LINES
    return Learned(
        wordings=_wordings(notes),
        dropped=_dropped(notes),
        added=_added(notes),
        words_a_line=round(median(len(text.split()) for text in approved)) if enough and approved else None,
        lines_a_note=round(median(lines)) if enough else None,
        notes=len(notes),
        clients=len({note.client_id for note in notes}),
    )


def _wordings(notes: Sequence[PairSet]) -> tuple[Wording, ...]:
    seen: dict[Exchange, list[str]] = defaultdict(list)
    for note, pair in _changed(notes):
        for exchange in {e for found in exchanges(pair.drafted or "", pair.approved or "") for e in _candidates(found)}:
            seen[exchange].append(note.client_id)
    merged = _merged(seen)
    drafted = [(p.drafted or "", p.kind) for note in notes for p in note.pairs if p.drafted and p.approved]
    texts = [_spaced(text) for text, kind in drafted if kind in _WORDED]
    found = [w for exchange, clients in merged.items() if (w := _wording(exchange, clients, texts))]
    return tuple(sorted(_general(_one_each(found)), key=lambda w: (-w.seen, w.drafted)))


def _candidates(found: Exchange) -> Iterable[Exchange]:
    """The exchange wherever it may be, and before the word that follows it here."""
    yield Exchange(found.drafted, found.instead, found.at_start)
    if found.followed_by:
        words = (f"{found.drafted} {found.followed_by}", f"{found.instead} {found.followed_by}")
        yield Exchange(*words, found.at_start)


def _general(found: Sequence[Wording]) -> list[Wording]:
    """Without those that a shorter wording does already."""
    return [w for w in found if not any(_covers(other, w) for other in found)]


def _covers(general: Wording, special: Wording) -> bool:
    rest = special.drafted.removeprefix(general.drafted)
    return rest.startswith(" ") and special.instead == general.instead + rest


def _changed(notes: Sequence[PairSet]) -> Iterable[tuple[PairSet, Pair]]:
    for note in notes:
        for pair in note.pairs:
            if pair.drafted and pair.approved and pair.drafted != pair.approved and pair.kind in _WORDED:
                yield note, pair


def _merged(seen: dict[Exchange, list[str]]) -> dict[Exchange, list[str]]:
    """An exchange that also happens inside of lines is one that may happen anywhere."""
    merged: dict[Exchange, list[str]] = defaultdict(list)
    for exchange, clients in seen.items():
        inside = Exchange(exchange.drafted, exchange.instead, False)
        merged[inside if exchange.at_start and inside in seen else exchange] += clients
    return merged


def _wording(exchange: Exchange, clients: Sequence[str], texts: Sequence[str]) -> Wording | None:
    phrase = _spaced(exchange.drafted)
    of = sum(text.startswith(phrase) if exchange.at_start else phrase in text for text in texts)
    term = same_term(exchange.drafted, exchange.instead)
    several = len(set(clients)) >= (CLIENTS_OF_A_TERM if term else CLIENTS)
    if len(clients) < LINES or not several or len(clients) < MOSTLY * of:
        return None
    if carries_facts(exchange.drafted, exchange.instead):
        return None
    if not term and (names_somebody(exchange.drafted) or names_somebody(exchange.instead)):
        return None
    kind = kind_of(exchange.drafted, exchange.instead)
    return Wording(
        exchange.drafted,
        exchange.instead,
        kind,
        exchange.at_start,
        len(clients),
        max(of, len(clients)),
        len(set(clients)),
    )


def _one_each(found: Iterable[Wording]) -> list[Wording]:
    """For one phrase the wording that was seen most."""
    best: dict[str, Wording] = {}
    for wording in sorted(found, key=lambda w: -w.seen):
        best.setdefault(wording.drafted.lower(), wording)
    return list(best.values())


def _spaced(text: str) -> str:
    """Words between single blanks, without quotations, so that whole words are found by ``in``."""
    return f" {' '.join(words_of(QUOTED.sub(' ', text))).lower()} "


def _dropped(notes: Sequence[PairSet]) -> tuple[Dropped, ...]:
    gone: dict[str, list[str]] = defaultdict(list)
    there: Counter[str] = Counter()
    for note in notes:
        for pair in note.pairs:
            form = form_of(pair.drafted) if pair.drafted and pair.kind in _WORDED else None
            if form is not None:
                there[form] += 1
                gone[form] += [note.client_id] if pair.approved is None else []
    return tuple(
        Dropped(form, len(clients), there[form], len(set(clients)))
        for form, clients in sorted(gone.items())
        if len(clients) >= max(DROPPED_LINES, DROPPED_MOSTLY * there[form]) and len(set(clients)) >= CLIENTS
    )


def _added(notes: Sequence[PairSet]) -> tuple[Added, ...]:
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for note in notes:
        for pair in note.pairs:
            if pair.approved and not pair.drafted:
                seen[pair.section, " ".join(pair.approved.split())].append(note.client_id)
    return tuple(
        Added(section, text, len(clients), len(set(clients)))
        for (section, text), clients in sorted(seen.items(), key=lambda item: -len(item[1]))
        if len(clients) >= LINES and len(set(clients)) >= CLIENTS and not names_somebody(text)
    )
