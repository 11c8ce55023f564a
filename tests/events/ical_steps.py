"""The checklist between two states of one calendar (research, section 3, part E)."""

from collections.abc import Iterator

from tests.events.ical_lines import Component, Property, parse

# What these say is not seen; what is left is.
UNSEEN = {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "CREATED"}
# Another one of these is another appointment (RFC 5546 2.1.4).
TELLING = ("DTSTART", "DTEND", "STATUS")


def evolution_problems(before: bytes, after: bytes, *, may_vanish: bool = False) -> list[str]:
    """Tell what a client that knows `before` would get wrong when it reads `after`."""
    old, new = _events(before), _events(after)
    vanished = [] if may_vanish else [f"E01 {uid} just vanished" for uid in old if uid not in new]
    return [*vanished, *(problem for uid in old if uid in new for problem in _problems(uid, old[uid], new[uid]))]


def _events(data: bytes) -> dict[str, Component]:
    components, _problems = parse(data)
    return {event.value("UID"): event for event in components[0].named("VEVENT")}


def _problems(uid: str, old: Component, new: Component) -> Iterator[str]:
    risen = int(new.value("SEQUENCE")) - int(old.value("SEQUENCE"))
    if risen < 0:
        yield f"E02 SEQUENCE of {uid} fell"
    stamps = [(name, old.value(name), new.value(name)) for name in ("LAST-MODIFIED", "DTSTAMP")]
    is_same = _seen(old) == _seen(new)
    if not is_same:
        yield from (f"E03 {name} of {uid} did not rise" for name, was, now in stamps if now <= was)
    if any(_only(old, name) != _only(new, name) for name in TELLING) and not risen:
        yield f"E04 SEQUENCE of {uid} did not rise"
    if any(now < was for _name, was, now in stamps):
        yield f"E03 a time stamp of {uid} fell"
    if old.value("CREATED") != new.value("CREATED"):
        yield f"E06 CREATED of {uid} changed"


def _seen(event: Component) -> list[tuple[str, str, str]]:
    return sorted(_written(found) for found in event.properties if found.name not in UNSEEN)


def _only(event: Component, name: str) -> list[tuple[str, str, str]]:
    return [_written(found) for found in event.all(name)]


def _written(found: Property) -> tuple[str, str, str]:
    return found.name, str(sorted(found.parameters.items())), found.value
