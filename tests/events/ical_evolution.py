"""What may become of a feed (research, section 3, part E), own implementation.

From one state to the next, from one language or filter to another; in bytes, as a client has them. Each problem begins
with the number of its check.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tests.events.ical_lines import Component, Property, parse
from tests.events.ical_readers import by_us

STAMPS = ("DTSTAMP", "LAST-MODIFIED")
UNSEEN = {*STAMPS, "CREATED", "SEQUENCE"}
TIMES = ("DTSTART", "DTEND")
FACTS = ("UID", "SEQUENCE", "STATUS", "TRANSP", "GEO", *TIMES)  # the same in every language


class State(NamedTuple):
    """A feed as it was fetched at some moment."""

    at: dt.datetime
    data: bytes


def history_problems(states: Sequence[State], *, past: dt.timedelta = dt.timedelta(days=90)) -> list[str]:
    """Tell what a client that fetched all of these states was not prepared for.

    Events stay for `past` after their end, cancelled ones too, and are gone afterwards.
    """
    found = [problem for state in states for problem in _window_problems(state, past)]
    for before, after in pairwise(states):
        found += _step_problems(before, after, past)
    return [*found, *_return_problems(states)]


def language_problems(feed: bytes, other: bytes) -> list[str]:
    """E07 between two languages: the same events in the same order, and the same facts of each."""
    mine, others = _events(feed), _events(other)
    if list(mine) != list(others):
        return ["E07 not the same events in the same order"]
    return [
        f"E07 {name} differs ({uid})" for uid in mine for name in FACTS if mine[uid].all(name) != others[uid].all(name)
    ]


def filter_problems(whole: bytes, part: bytes) -> list[str]:
    """E07 between two feeds of one language: a filter takes away and changes nothing."""
    all_events, some = _events(whole), _events(part)
    kept = [uid for uid in all_events if uid in some]
    found = ["E07 not some of the events in the same order"] if list(some) != kept else []
    return found + [f"E07 the entry differs ({uid})" for uid in kept if some[uid] != all_events[uid]]


def _events(data: bytes) -> dict[str, Component]:
    return {event.value("UID"): event for event in parse(data)[0][0].named("VEVENT")}


def _ends(data: bytes) -> dict[str, dt.datetime]:
    """When events are over; whole days last longest in the west."""
    return {uid: _end(reading.end) for uid, reading in by_us(data).items()}


def _end(end: dt.date) -> dt.datetime:
    if isinstance(end, dt.datetime):
        return end
    return dt.datetime.combine(end, dt.time(12), dt.UTC)


def _window_problems(state: State, past: dt.timedelta) -> Iterator[str]:
    for uid, end in _ends(state.data).items():
        if end + past + dt.timedelta(days=1) < state.at:
            yield f"E01 still there, {past.days} days after its end ({uid})"


def _step_problems(before: State, after: State, past: dt.timedelta) -> Iterator[str]:
    old, new, ends = _events(before.data), _events(after.data), _ends(before.data)
    for uid in old:
        if uid not in new and ends[uid] + past - dt.timedelta(days=1) > after.at:
            yield f"E01 vanished ({uid})"
        elif uid in new:
            yield from (f"{problem} ({uid})" for problem in _event_problems(old[uid], new[uid]))
    if old == new and before.data != after.data:
        yield "E05 no event differs, but the feed does"


def _event_problems(old: Component, new: Component) -> Iterator[str]:
    rise = int(new.value("SEQUENCE")) - int(old.value("SEQUENCE"))
    if rise < 0:
        yield "E02 SEQUENCE falls"
    if rise <= 0 and any(old.all(name) != new.all(name) for name in ("STATUS", *TIMES)):
        yield "E04 another time, zone or status, but SEQUENCE does not rise"
    if old.value("CREATED") != new.value("CREATED"):
        yield "E06 CREATED changes"
    yield from _stamp_problems(old, new, is_changed=rise != 0 or _seen(old) != _seen(new))


def _stamp_problems(old: Component, new: Component, *, is_changed: bool) -> Iterator[str]:
    for name in STAMPS:
        if is_changed and not old.value(name) < new.value(name):
            yield f"E03 {name} does not rise"
        if not is_changed and old.value(name) != new.value(name):
            yield f"E05 nothing changes but {name}"


def _seen(event: Component) -> list[Property]:
    return [found for found in event.properties if found.name not in UNSEEN]


def _return_problems(states: Sequence[State]) -> Iterator[str]:
    """What was gone may come back, but not as if it had never been away."""
    last: dict[str, int] = {}
    gone: set[str] = set()
    for state in states:
        sequences = {uid: int(event.value("SEQUENCE")) for uid, event in _events(state.data).items()}
        for uid in gone & set(sequences):
            if sequences[uid] <= last[uid]:
                yield f"E02 back without a higher SEQUENCE ({uid})"
        last |= sequences
        gone = set(last) - set(sequences)
