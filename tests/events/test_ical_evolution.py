"""The checks between two feeds are worth something only if they find each fault."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.events.ical_evolution import State, filter_problems, history_problems, language_problems
from tests.events.test_calendar import ALL_DAY, OTHER_UID, TIMED, UID, feed

CALLED_OFF = replace(TIMED, status="CANCELLED", cancelled_prefix="Annulé : ")
NEWER = TIMED.modified + timedelta(hours=1)
BEFORE = feed(TIMED, ALL_DAY)
EARLY, LATE = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 20, tzinfo=UTC)
ALL_OVER = datetime(2027, 2, 1, tzinfo=UTC)


def news(entry=TIMED, **changed):
    return feed(replace(entry, **{"modified": NEWER, **changed}), ALL_DAY)


def found_in(*feeds, last=LATE):
    moments = [EARLY + number * (last - EARLY) / (len(feeds) - 1) for number in range(len(feeds))]
    return history_problems([State(*state) for state in zip(moments, feeds, strict=True)])


@pytest.mark.parametrize(
    "after",
    [
        BEFORE,
        news(title="Autre titre"),
        news(sequence=3, start=TIMED.start + timedelta(days=1), end=TIMED.end + timedelta(days=1)),
        news(CALLED_OFF, sequence=3),
        news(sequence=4),
        feed(TIMED, ALL_DAY, replace(TIMED, uid=UID.replace("0", "1"))),
    ],
)
def test_what_may_happen_is_no_problem(after):
    assert found_in(BEFORE, after) == []


@pytest.mark.parametrize(
    ("problem", "after"),
    [
        ("E01 vanished", feed(ALL_DAY)),
        ("E02 SEQUENCE falls", news(sequence=1)),
        ("E04 another time, zone or status, but SEQUENCE does not rise", news(start=TIMED.start - timedelta(hours=1))),
        ("E04 another time, zone or status, but SEQUENCE does not rise", news(CALLED_OFF)),
        ("E06 CREATED changes", news(title="Autre", created=TIMED.created + timedelta(days=1))),
        ("E05 nothing changes but DTSTAMP", BEFORE.replace(b"DTSTAMP:202602", b"DTSTAMP:202603")),
        ("E05 nothing changes but LAST-MODIFIED", BEFORE.replace(b"MODIFIED:202602", b"MODIFIED:202603")),
        ("E03 DTSTAMP does not rise", news(title="Autre").replace(b"DTSTAMP:20260201T1130", b"DTSTAMP:20260201T1030")),
        ("E03 LAST-MODIFIED does not rise", news(title="Autre").replace(b"ED:20260201T1130", b"ED:20260201T1030")),
    ],
)
def test_each_fault_of_an_event_is_found(problem, after):
    assert found_in(BEFORE, after) == [f"{problem} ({UID})"]


def test_a_feed_that_differs_without_reason_is_found():
    after = feed(TIMED, ALL_DAY, name="Autre nom")

    assert found_in(BEFORE, after) == ["E05 no event differs, but the feed does"]


def test_an_event_that_stays_for_ever_is_found():
    told = f"E01 still there, 90 days after its end ({UID})"

    assert found_in(BEFORE, BEFORE, last=ALL_OVER) == [told, f"E01 still there, 90 days after its end ({OTHER_UID})"]
    assert found_in(BEFORE, feed(), last=ALL_OVER) == []


def test_an_event_that_returns_as_if_it_had_never_been_away_is_found():
    away = feed(ALL_DAY)

    assert found_in(BEFORE, away, BEFORE)[1:] == [f"E02 back without a higher SEQUENCE ({UID})"]
    assert found_in(BEFORE, away, news(sequence=3))[1:] == []


@pytest.mark.parametrize(
    ("problem", "other"),
    [
        ([], feed(replace(TIMED, title="Meeting", title_language="en"), ALL_DAY, language="en", name="All")),
        (["E07 not the same events in the same order"], feed(ALL_DAY, TIMED)),
        (["E07 not the same events in the same order"], feed(TIMED)),
        ([f"E07 SEQUENCE differs ({UID})"], news(sequence=3)),
        ([f"E07 STATUS differs ({UID})"], news(status="TENTATIVE").replace(b"TRANSPARENT", b"OPAQUE", 1)),
        ([f"E07 GEO differs ({UID})"], news(latitude=1)),
        ([f"E07 DTEND differs ({UID})"], news(end=TIMED.end + timedelta(hours=1))),
    ],
)
def test_each_fault_between_languages_is_found(problem, other):
    assert language_problems(BEFORE, other) == problem


@pytest.mark.parametrize(
    ("problem", "part"),
    [
        ([], feed(ALL_DAY, name="Jours")),
        ([], feed()),
        (["E07 not some of the events in the same order"], feed(ALL_DAY, TIMED)),
        (["E07 not some of the events in the same order"], feed(replace(ALL_DAY, uid=UID.replace("0", "1")))),
        ([f"E07 the entry differs ({UID})"], news(title="Autre")),
    ],
)
def test_each_fault_of_a_filter_is_found(problem, part):
    assert filter_problems(BEFORE, part) == problem
