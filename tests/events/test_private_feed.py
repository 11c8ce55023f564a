"""The private feed over HTTP: what is in it, for whom, and what a polling client gets."""

import datetime as dt
import gzip
import hashlib

import pytest
import time_machine
from django.test import Client, override_settings

from events.changing import switch
from events.erasure import erase
from events.handover import hand_over
from events.links import address_token, token_of
from events.models import CalendarSubscription, Event, Registration
from events.private_calendars import Owner, choose_language, revoke, subscription_for
from events.publication import change_state
from events.registration import cancel, register
from tests.events.ical_checklist import problems
from tests.events.ical_evolution import State, history_problems
from tests.events.private_calendars import ask, of_all, of_one, path_of, told, vevents
from tests.events.publishing import change, unpublish
from tests.events.sending import in_state
from tests.factories import admit, applicant, come, event_page, make_event, make_tree, stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def open_event(name="Rencontre", seats=1, **fields):
    event = make_event(name, **fields)
    admit(event, seats)
    return event


@pytest.fixture
def row():
    return come(open_event())


# --- what is in it


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("pending", []),
        ("awaiting", [("TENTATIVE", "Awaiting approval: Rencontre")]),
        ("confirmed", [("CONFIRMED", "Rencontre")]),
        ("waiting", [("TENTATIVE", "Waiting list: Rencontre")]),
        ("offered", [("TENTATIVE", "Seat offered: Rencontre")]),
        ("cancelled", [("CANCELLED", "Cancelled: Rencontre")]),
        ("refused", [("CANCELLED", "Cancelled: Rencontre")]),
        ("expired", []),
    ],
)
@pytest.mark.parametrize("make", [of_one, lambda row: of_all(row.email)], ids=["one", "all"])
def test_states_are_told_apart(client, clock, state, said, make):
    row = in_state(make_event(), state)
    calendar = make(row)
    clock.shift(DAY)

    found = ask(client, calendar)

    assert [(status, title) for status, _sequence, title in told(client, calendar)] == said
    assert problems(found.content, kind="private") == []


def test_calendar_of_one_registration_holds_that_one_alone(client, row):
    come(open_event("Another"))

    one, every = of_one(row), of_all()

    assert [title for *_rest, title in told(client, one)] == ["Rencontre"]
    assert [title for *_rest, title in told(client, every)] == ["Rencontre", "Another"]


def test_calendar_says_nothing_of_others_nor_of_the_person(client):
    event = open_event(seats=3, contact_name="Centre", contact_email="team@example.org")
    row = come(event, name="Maria Silva")
    come(event, "other@example.org", name="Other Person")
    calendar = of_all()

    text = ask(client, calendar).content.decode().replace("\r\n ", "")

    hidden = ["Maria", "Silva", "Other", "example.org", token_of(row), token_of(calendar), "registration/", "SOURCE"]
    assert [word for word in hidden if word in text] == []
    assert f"URL:http://127.0.0.1:8000/en/event/{event.pk}/\r\n" in text


@pytest.mark.parametrize("language", ["fr", "en", "bg"])
def test_calendar_speaks_the_language_chosen_for_it_whatever_the_client_says(client, row, language):
    calendar = of_all(language=language)

    found = ask(client, calendar, accept_language="de", cookie="django_language=it")

    assert f"NAME;LANGUAGE={language}:" in found.content.decode()
    assert f"http://127.0.0.1:8000/{language}/event/{row.event_id}/" in found.content.decode()
    assert found.get("Content-Language") is None


def test_calendar_has_a_name_and_the_words_of_its_language(client, row):
    tree = make_tree("fr", "en")
    event_page(tree["fr"]["agenda"], row.event, "Une rencontre")
    event_page(tree["en"]["agenda"], row.event, "A meeting")

    one, every, french = of_one(row), of_all(), of_one(row, "fr")

    assert b"\r\nX-WR-CALNAME:My registration: Cit\xc3\xa9s des m\xc3\xa9tiers\r\n" in ask(client, one).content
    assert b"\r\nX-WR-CALNAME:My registrations: Cit\xc3\xa9s des m\xc3\xa9tiers\r\n" in ask(client, every).content
    assert [told(client, calendar)[0][2] for calendar in (one, french)] == ["A meeting", "Une rencontre"]


def test_event_without_a_date_is_not_in_it_and_the_calendar_is_whole(client):
    event = make_event(precision="month")
    admit(event, 1, takes_interest=True)
    calendar = of_one(come(event))

    found = ask(client, calendar)

    assert (told(client, calendar), problems(found.content, kind="private")) == ([], [])
    assert b"BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\n" in found.content


@pytest.mark.parametrize(("days", "number"), [(89, 1), (92, 0)])
def test_calendar_goes_back_as_far_as_public_ones(client, clock, row, days, number):
    calendar = of_all()
    clock.move_to(stored(row.event).ends_at + days * DAY)

    assert len(told(client, calendar)) == number


def test_several_registrations_for_one_event_are_one_entry_that_goes_on(client, clock):
    event = open_event(seats=5)
    calendar, seen = of_all(come(event).email), []
    for act in (lambda: None, cancel_first, lambda: come(event), cancel_first):
        act()
        clock.shift(DAY)
        (entry,) = vevents(client, calendar)
        seen.append((entry.value("STATUS"), entry.value("SEQUENCE"), entry.value("CREATED"), entry.value("UID")))

    uid, first = str(event.uuid), "20270110T120000Z"
    assert seen == [
        ("CONFIRMED", "0", first, uid),
        ("CANCELLED", "1", first, uid),
        ("CONFIRMED", "2", first, uid),
        ("CANCELLED", "3", first, uid),
    ]


def cancel_first():
    cancel(Registration.objects.active().get().pk)


def test_registration_not_confirmed_yet_hides_no_cancelled_one(client, row):
    calendar = of_all()
    cancel(row.pk, user=None)

    register(row.event_id, applicant())

    assert told(client, calendar) == [("CANCELLED", 1, "Cancelled: Rencontre")]


def test_link_to_take_part_comes_and_goes_with_the_way(client):
    event = make_event(is_online=True, online_link="https://meet.example/room")
    admit(event, seats_on_site=1, seats_online=1)
    row = come(event, way="online")
    calendar = of_one(row)
    before = vevents(client, calendar)

    switch(row.pk, "on-site")

    links = [found[0].value("CONFERENCE") for found in (before, vevents(client, calendar))]
    assert links == ["https://meet.example/room", ""]


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("is_used", [True, False])
def test_calendar_asks_the_database_a_few_times(client, django_assert_num_queries, number, is_used):
    tree = make_tree("fr", "en")
    for index in range(number):
        event = open_event(f"Rencontre {index}", in_days=30 + index)
        event_page(tree["fr"]["agenda"], event)
        come(event)
    calendar = of_all()
    path = path_of(calendar)
    client.get(path)
    if not is_used:
        CalendarSubscription.objects.update(last_used_on=None)

    with django_assert_num_queries(6 if is_used else 7):
        client.get(path)


def test_calendar_of_one_asks_for_the_registration_with_it(client, django_assert_num_queries, row):
    path = path_of(of_one(row))
    client.get(path)

    with django_assert_num_queries(5):
        client.get(path)


# --- how it changes


def test_each_change_raises_what_calendars_look_at(client, clock):
    """Move, cancellation, coming back, unpublishing and another language; and nothing where nothing changed."""
    event = open_event(seats=5)
    tree = make_tree("fr", "en")
    event_page(tree["fr"]["agenda"], event, "Une rencontre")
    event_page(tree["en"]["agenda"], event, "A meeting")
    row = come(event)
    calendar, seen, states = of_all(), [], []
    owner = Owner("maria@example.org")
    steps = [
        (lambda: None, "CONFIRMED"),
        (lambda: change(event, starts_on=event.starts_on + DAY), "CONFIRMED"),
        (lambda: retranslate(event), "CONFIRMED"),
        (lambda: cancel(row.pk), "CANCELLED"),
        (lambda: come(event), "CONFIRMED"),
        (lambda: choose_language(owner, calendar.uuid, "fr"), "CONFIRMED"),
        (lambda: choose_language(owner, calendar.uuid, "en"), "CONFIRMED"),
        (lambda: unpublish(event), "CANCELLED"),
        (lambda: stored(event).get_latest_revision().publish(), "CONFIRMED"),
        (lambda: change_state(event.pk, "cancelled"), "CANCELLED"),
        (lambda: change_state(event.pk, "confirmed"), "CONFIRMED"),
    ]
    for act, _status in steps:
        act()
        clock.shift(dt.timedelta(hours=1))
        now = (response := ask(client, calendar)).content
        clock.shift(dt.timedelta(hours=1))
        again = ask(client, calendar)
        assert (again.content, again["ETag"], again["Last-Modified"]) == (
            now,
            response["ETag"],
            response["Last-Modified"],
        )
        states.append(State(dt.datetime.now(dt.UTC), now))
        assert problems(now, kind="private") + history_problems(states) == []
        (entry,) = vevents(client, calendar)
        seen.append((entry.value("UID"), entry.value("STATUS")))

    assert seen == [(str(event.uuid), status) for _act, status in steps]


def retranslate(event):
    page = event.pages.get(locale__language_code="en")
    page.title = "Another title"
    page.save_revision().publish()


def test_another_language_within_one_second_is_seen(client):
    come(open_event())
    owner, calendar, seen = Owner("maria@example.org"), of_all(), []
    for language in ("en", "fr", "en", "bg"):
        choose_language(owner, calendar.uuid, language)
        found = ask(client, calendar)
        seen.append((vevents(client, calendar)[0].value("LAST-MODIFIED")[-7:], found["Last-Modified"][-12:]))

    assert seen == [
        ("120000Z", "12:00:00 GMT"),
        ("120001Z", "12:00:01 GMT"),
        ("120002Z", "12:00:02 GMT"),
        ("120003Z", "12:00:03 GMT"),
    ]


def test_what_leaves_the_calendar_raises_last_modified(client, clock):
    event = open_event(seats=5)
    row = come(event)
    come(open_event("Other"))
    calendar = of_all()
    first = ask(client, calendar)
    clock.shift(DAY)

    hand_over(row.pk, name="Ana", email="ana@example.org")
    second = ask(client, calendar, if_modified_since=first["Last-Modified"])
    clock.move_to(stored(event).ends_at + 91 * DAY)
    third = ask(client, calendar, if_modified_since=second["Last-Modified"])

    assert [(found.status_code, found["Last-Modified"]) for found in (first, second, third)] == [
        (200, "Sun, 10 Jan 2027 12:00:00 GMT"),
        (200, "Mon, 11 Jan 2027 12:00:00 GMT"),
        (200, "Tue, 11 May 2027 16:00:00 GMT"),
    ]
    assert [found.content.count(b"BEGIN:VEVENT") for found in (first, second, third)] == [2, 1, 0]


def test_sequence_goes_on_for_who_gave_a_seat_away_and_comes_again(client):
    event = open_event(seats=5)
    row = come(event)
    come(open_event("Other"))
    calendar = of_all()
    cancel(row.pk, user=None)
    row = come(event)
    before = told(client, calendar)[0]

    hand_over(row.pk, name="Ana", email="ana@example.org")
    come(event)

    assert (before, told(client, calendar)[0]) == (("CONFIRMED", 2, "Rencontre"), ("CONFIRMED", 4, "Rencontre"))


def test_sequence_goes_on_for_who_was_erased_and_comes_again(client):
    event = open_event(seats=5)
    row = come(event)
    come(open_event("Other"))
    calendar = of_all()

    erase(row.pk)
    gone = told(client, calendar)
    come(event)

    assert gone == [("CONFIRMED", 0, "Other")]
    assert told(client, calendar)[0] == ("CONFIRMED", 2, "Rencontre")


# --- HTTP


def test_answer_is_for_one_person_and_leaves_no_trace(client, row):
    response = ask(client, of_one(row))

    expected = HEADERS | {
        "ETag": f'"{hashlib.sha256(response.content).hexdigest()[:32]}"',
        "Content-Length": str(len(response.content)),
    }
    assert {name: response.headers.get(name) for name in expected} == expected
    assert (response.status_code, dict(response.cookies)) == (200, {})


HEADERS = {
    "Content-Type": "text/calendar; charset=utf-8",
    "Content-Disposition": 'inline; filename="my-registrations.ics"',
    "Cache-Control": "private, no-cache",
    "Last-Modified": "Sun, 10 Jan 2027 12:00:00 GMT",
    "Vary": "Accept-Encoding",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Access-Control-Allow-Origin": None,
    "Content-Language": None,
    "Content-Encoding": None,
}


def test_client_that_has_it_gets_304_without_a_body(client, row):
    path = path_of(of_one(row))
    first = client.get(path)
    zipped = client.get(path, headers={"accept-encoding": "gzip"})

    for headers in (
        {"if-none-match": first["ETag"]},
        {"if-none-match": f'"x", W/{first["ETag"]}'},
        {"if-none-match": "*"},
        {"if-none-match": zipped["ETag"], "accept-encoding": "gzip"},
        {"if-modified-since": first["Last-Modified"]},
    ):
        found = client.get(path, headers=headers)
        assert (found.status_code, found.content, found["Cache-Control"], found["Referrer-Policy"]) == (
            304,
            b"",
            "private, no-cache",
            "no-referrer",
        )
    assert client.get(path, headers={"if-none-match": '"x"'}).status_code == 200
    assert (gzip.decompress(zipped.content), zipped["ETag"] != first["ETag"]) == (first.content, True)


def test_head_is_get_without_the_body(client, row):
    path = path_of(of_one(row))
    found, head = client.get(path), client.head(path)

    assert (head.status_code, head.content, dict(head.headers)) == (200, b"", dict(found.headers))


def test_what_the_client_adds_changes_nothing(client, row):
    path = path_of(of_one(row))
    plain = client.get(path)
    found = [
        client.get(f"{path}?x=1&language=de"),
        client.get(path, headers={"user-agent": "Google-Calendar-Importer", "accept": "image/png"}),
        client.get(path, headers={"cookie": "sessionid=x; csrftoken=y"}),
    ]

    assert [(response.status_code, response.content) for response in found] == [(200, plain.content)] * 3


def test_calendar_is_only_read(row):
    path = path_of(of_one(row))
    strict = Client(enforce_csrf_checks=True)

    found = [getattr(strict, method)(path) for method in ("post", "put", "patch", "delete")]

    assert [(response.status_code, response["Allow"]) for response in found] == [(405, "GET, HEAD")] * 4


def test_frequent_questions_are_never_refused(client, row):
    path = path_of(of_one(row))

    assert {client.get(path).status_code for _time in range(400)} == {200}


def test_use_is_noted_by_the_day(client, clock, row):
    calendar = of_one(row)
    before = stored(calendar).last_used_on
    ask(client, calendar)
    first = stored(calendar)
    clock.shift(dt.timedelta(hours=11))
    ask(client, calendar)
    same = stored(calendar)
    clock.shift(dt.timedelta(hours=11))
    ask(client, calendar)

    assert (before, first.last_used_on, stored(calendar).last_used_on) == (
        None,
        dt.date(2027, 1, 10),
        dt.date(2027, 1, 11),
    )
    assert [getattr(same, field.attname) for field in same._meta.fields] == [
        getattr(first, field.attname) for field in first._meta.fields
    ]


# --- who may not


@pytest.mark.parametrize("make", [of_one, lambda row: of_all(row.email)], ids=["one", "all"])
def test_token_is_not_kept(row, make):
    calendar = make(row)
    token = token_of(calendar)

    values = [str(value) for value in CalendarSubscription.objects.values_list()]
    assert [token in value for value in values] == [False]
    assert stored(calendar).token_digest == hashlib.sha256(token.encode()).hexdigest()


def test_token_that_is_none_is_not_found(client, row):
    calendar = of_one(row)
    token = token_of(calendar)
    wrong = [
        token[:-1],
        token + "x",
        token.swapcase(),
        token_of(row),  # of the page where registrations are managed
        address_token(row),
        calendar.token_digest,
        calendar.uuid.hex,
        "x",
        "é",
        "%F0%9F%98%80",
        "%ff%fe",
        "..",
        "x" * 10_000,
        " ",
        "'; DROP TABLE events_event; --",
    ]

    found = [client.get(f"/calendar/my/{text}.ics") for text in wrong]

    assert [response.status_code for response in found] == [404] * len(wrong)
    assert {tuple(response.cookies) for response in found} == {()}
    assert client.get("/calendar/my/.ics").status_code == 404
    assert client.get(f"/calendar/my/{token}").status_code == 404
    assert client.get("/calendar/my/%00.ics").status_code == 400


def test_calendar_token_opens_no_other_thing(client, row):
    token = token_of(of_one(row))
    places = ["registration", "delegation", "invitation", "my-registrations"]

    assert [client.get(f"/en/{place}/{token}/").status_code for place in places] == [404] * 4


def test_token_of_one_opens_nothing_of_another(client, row):
    other = come(open_event("Other"), "other@example.org")

    assert [told(client, of_one(each))[0][2] for each in (row, other)] == ["Rencontre", "Other"]


def test_former_key_still_opens(client, row):
    with override_settings(SECRET_KEY="former"):
        path = path_of(calendar := of_one(row))
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["former"]):
        kept = (client.get(path).status_code, path_of(calendar) == path)
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[]):
        shown = path_of(calendar)
        lost = (client.get(path).status_code, client.get(shown).status_code)

    assert (kept, lost) == ((200, True), (404, 200))


GONE = (
    "This calendar address is not in force any more. Remove it from your calendar; the link in our mails lets you make "
    "another.\n"
)


@pytest.mark.parametrize("make", [of_one, lambda row: of_all(row.email)], ids=["one", "all"])
@pytest.mark.parametrize("end", ["revoked", "handed over", "handed over to a known one", "erased", "no rule ended it"])
def test_calendar_that_has_ended_is_gone_for_good(client, row, make, end):
    calendar = make(row)
    owner = Owner(row.email, stored(row) if calendar.registration else None)
    path = path_of(calendar)
    ended = client.get(path).status_code
    if end == "revoked":
        revoke(owner, calendar.uuid)
    elif end == "erased":
        erase(row.pk)
    elif end == "no rule ended it":
        Registration.objects.update(email="ana@example.org", link_version=2)
    else:
        if end == "handed over to a known one":
            admit(row.event, 2)
            come(row.event, "ana@example.org")
        hand_over(row.pk, name="Ana", email="ana@example.org")

    found = client.get(path)

    # Who gave the seat to somebody known keeps the cancelled registration, which the address's calendar shows.
    is_kept = end == "handed over to a known one" and calendar.registration is None
    assert (ended, found.status_code) == (200, 200 if is_kept else 410)
    if is_kept:
        assert told(client, calendar) == [("CANCELLED", 1, "Cancelled: Rencontre")]
    else:
        names = ("Content-Type", "Content-Language", "Cache-Control", "X-Robots-Tag", "Referrer-Policy", "Vary")
        assert [found.get(name) for name in names] == [
            "text/plain; charset=utf-8",
            "en",
            "private, no-cache",
            "noindex",
            "no-referrer",
            None,
        ]
        assert (found.content.decode(), dict(found.cookies)) == (GONE, {})
        assert (client.head(path).status_code, client.head(path).content) == (410, b"")


def test_newcomer_s_calendar_is_another_one(client, row):
    former = path_of(of_one(row))
    hand_over(row.pk, name="Ana", email="ana@example.org")

    own = of_one(row)

    assert (client.get(former).status_code, told(client, own)) == (410, [("CONFIRMED", 1, "Rencontre")])


def test_calendar_of_an_address_lives_as_long_as_something_of_it_is_left(client, row):
    other = come(open_event("Other"))
    calendar = of_all()

    erase(row.pk)
    first = told(client, calendar)
    erase(other.pk)

    assert (first, ask(client, calendar).status_code) == ([("CONFIRMED", 0, "Other")], 410)


def test_subscription_is_found_by_its_token_alone(row):
    calendar = of_one(row)

    assert (subscription_for(token_of(calendar)), subscription_for("")) == (calendar, None)
    assert Event.objects.count() == 1
