"""Which detections are replaced when several cover the same text."""

from collections.abc import Iterable

from therapyflows.governance.phi.model import Detection


def resolve(detections: Iterable[Detection]) -> list[Detection]:
    """Disjoint detections in order, together covering every character that any detector found.

    Overlapping ones become one, typed by the surest of them, and by the longest among equally sure ones.
    """
    resolved: list[list[Detection]] = []
    reach = -1
    for found in sorted((d for d in detections if d.end > d.start), key=lambda d: (d.start, -d.end)):
        if found.start < reach:
            resolved[-1].append(found)
        else:
            resolved.append([found])
        reach = max(reach, found.end)
    return [_merge(group) for group in resolved]


def _merge(group: list[Detection]) -> Detection:
    best = min(group, key=lambda d: (d.source, d.start - d.end))
    return Detection(min(d.start for d in group), max(d.end for d in group), best.type, best.entity, best.source)
