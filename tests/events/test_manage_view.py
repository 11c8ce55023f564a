"""What the link in a registrant's mails opens: to see, change, hand over and cancel, by buttons alone."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from events.approval import approve
from events.changing import change as change_registration
from events.erasure import erase
from events.handover import hand_over
from events.limits import PER_ADDRESS
from events.links import new_digest, token_of
from events.models import AuditLine, Choice, Question, Registration
from events.publication import change_state
from events.registration import accept, cancel, confirm
from portal.base.models import OutgoingMail
from tests.events.publishing import change, unpublish
from tests.events.sending import (
    LANGUAGES,
    PRIVATE,
    buttons,
    errors,
    everything,
    in_state,
    kinds,
    manage_url,
    masked,
    notices,
    people,
    registered,
    soup,
    words,
)
from tests.factories import admit, event_page, make_event, make_tree, stored
from tests.filled_forms import posted

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
STATES = ["pending", "awaiting", "confirmed", "waiting", "offered", "cancelled", "refused", "expired"]
ACTS = ["confirm", "accept", "cancel", "undo", "switch", "change", "hand-over", "erase"]
OVER = "This registration is not in force any more."


@pytest.fixture
def registration():
    return in_state(make_event("Rencontre"), "confirmed")


def press(client, row, act="", **fields):
    return client.post(manage_url(row), {"act": act, **fields} if act else fields)


def told(row, **fields):
    return {"name": row.name, "organisation": "", "country": row.country, "language": row.language, **fields}


def colleague(email="zoe@example.org", name="Zoé"):
    return {"colleague-name": name, "colleague-email": email}


def facts(response):
    return {words(row.dt): words(row.dd) for row in soup(response).select("main dl.facts")[0].select("div")}


# --- seeing it


@pytest.mark.parametrize(
    ("state", "said", "acts"),
    [
        (
            "pending",
            "One step is left: please confirm. Your seat is held until",
            ["confirm", "change", "cancel", "erase"],
        ),
        ("awaiting", "The organisers have not decided yet.", ["change", "calendar-add", "cancel", "erase"]),
        ("confirmed", "You are registered. See you on", ["change", "hand-over", "calendar-add", "cancel", "erase"]),
        (
            "waiting",
            "You are on the waiting list. You are the next in line.",
            ["change", "calendar-add", "cancel", "erase"],
        ),
        (
            "offered",
            "A seat is yours, if you want it. Accept it by",
            ["accept", "cancel", "change", "calendar-add", "cancel", "erase"],
        ),
        ("cancelled", "You have cancelled. Was it a mistake? Your place is kept until", ["undo", "erase"]),
        ("refused", "The organisers could not accept this registration.", ["erase"]),
        ("expired", "The time for this registration is over", ["erase"]),
    ],
)
def test_page_says_how_things_stand_and_has_the_buttons_for_it(client, state, said, acts):
    row = in_state(make_event(), state)

    response = client.get(manage_url(row))

    found = soup(response).select("main form [name=act]")
    assert (row.state, response.status_code) == (state, 200)
    assert notices(response)[0].startswith(said)
    assert [element["value"] for element in found] == acts


def test_page_shows_what_was_told(client):
    event = make_event(languages=["fr", "bg"])
    admit(event, 1, asks_access=True, asks_diet=True, asks_interpretation=True)
    question = Question.objects.create(event=event, kind="choice", labels={"fr": "Quoi"}, purposes={"en": "x"})
    Choice.objects.create(question=question, code="c1", labels={"en": "This <b>"})
    row = registered(
        event,
        organisation="A <b>",
        access_needs="ramp\nprint",
        diet="no nuts",
        interpretation=("bg",),
        answers={question.pk: "c1"},
    )

    response = client.get(manage_url(row))

    assert facts(response) == {
        "Name": "Maria",
        "E-mail": "maria@example.org",
        "Organisation or Cité": "A <b>",
        "Country": "Portugal",
        "Takes part": "On site",
        "Language of our mails": "Français",
        "What you need to take part": "ramp print",
        "For the kitchen": "no nuts",
        "Needs interpretation from": "Bulgarian",
        "Quoi": "This <b>",
    }


def test_page_says_how_many_are_before(client):
    event = make_event()
    admit(event, 1)
    rows = [confirm(registered(event, f"p{index}@example.org").pk) for index in range(4)]

    found = [notices(client.get(manage_url(row)))[0] for row in rows[1:]]

    assert found == [
        "You are on the waiting list. You are the next in line. 3 people wait.",
        "You are on the waiting list. 1 person is before you. 3 people wait.",
        "You are on the waiting list. 2 people are before you. 3 people wait.",
    ]


def test_page_names_nobody_else(client, registration):
    admit(registration.event, 3)
    confirm(registered(registration.event, "secret@example.org", name="Secret").pk)

    content = client.get(manage_url(registration)).content

    assert b"secret" not in content.lower()


@pytest.mark.parametrize("state", STATES)
def test_page_is_for_one_reader_alone(client, state):
    response = client.get(manage_url(in_state(make_event(), state)))

    assert {name: response[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")} == {
        "Cache-Control": PRIVATE,
        # With "no-referrer" browsers post without an Origin, and the button would be refused.
        "Referrer-Policy": "same-origin",
        "X-Robots-Tag": "noindex",
    }
    assert list(response.cookies) == ["csrftoken"]


def test_page_sends_its_address_to_nobody(client, registration):
    page = soup(client.get(manage_url(registration)))

    token = token_of(registration)
    links = [element.get("href") or element.get("src") or "" for element in page.select("[href], [src]")]
    assert [link for link in links if link.startswith(("http:", "https:", "//")) and token in link] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_opens_in_every_language_without_a_tree(client, registration, language):
    path = manage_url(registration, language)

    found = [client.get(path), client.post(path, {"act": "change"}), client.get(f"/{language}/registration/x/")]

    assert [(response.status_code, soup(response).html["lang"]) for response in found] == [
        (200, language),
        (422, language),
        (404, language),
    ]


@pytest.mark.parametrize("number", [3, 30])
def test_page_asks_the_database_a_few_times(client, django_assert_num_queries, number):
    event = make_event(languages=["fr"])
    event_page(make_tree("fr")["fr"]["agenda"], event)
    admit(event, 2)
    rows = [confirm(registered(event, f"p{index}@example.org").pk) for index in range(number)]
    client.get(manage_url(rows[-1]))

    path = manage_url(rows[-1])
    with django_assert_num_queries(14):
        client.get(path)


# --- reading changes nothing

QUERIES = ["", *(f"?act={act}" for act in ACTS), "?done=changed", "?confirm=1&accept=1", "?_method=POST&act=cancel"]


@pytest.mark.parametrize("state", ["pending", "offered", "confirmed", "cancelled"])
def test_reading_changes_nothing(client, state):
    row = in_state(make_event(), state)
    path, before = manage_url(row), everything()

    found = [getattr(client, how)(f"{path}{query}").status_code for how in ("get", "head") for query in QUERIES]

    assert (set(found), everything()) == ({200}, before)


@pytest.mark.parametrize("method", ["options", "put", "patch", "delete", "trace"])
def test_page_is_got_or_posted(client, registration, method):
    path, before = manage_url(registration), everything()

    response = getattr(client, method)(f"{path}?act=cancel")

    assert (response.status_code, response["Allow"], everything()) == (405, "GET, HEAD, POST", before)


def test_page_answers_head_without_a_body(client, registration):
    assert client.head(manage_url(registration)).content == b""


WRONG = ["x", "x" * 32, "x" * 5000, "%00", "%ff", "..%2f", "é", "None", "a%2Fb", "'; DROP TABLE x; --", "%E2%80%AE"]


@pytest.mark.parametrize("token", WRONG, ids=range(len(WRONG)))
@pytest.mark.parametrize("page", ["registration", "delegation", "invitation", "my-registrations"])
def test_wrong_token_is_not_found(registration, token, page):
    client, before = Client(raise_request_exception=False), everything()

    found = [client.get(f"/en/{page}/{token}/"), client.post(f"/en/{page}/{token}/", {"act": "cancel"})]

    assert {response.status_code for response in found} <= {404, 400, 405}
    assert everything() == before


def test_page_does_not_open_by_anything_but_the_token(client, registration):
    token = token_of(registration)
    guesses = [
        registration.token_digest,
        registration.uuid,
        registration.pk,
        token[:-1],
        token[:-1] + "%3D",
        token + "A",
    ]

    found = [client.get(f"/en/registration/{guess}/") for guess in guesses]

    assert [response.status_code for response in found] == [404] * len(guesses)
    assert words(soup(found[0]).h1) == "This link does not work any more"
    assert soup(found[0]).select_one("main a.button")["href"] == "/en/my-registrations/"
    assert found[0]["Cache-Control"] == PRIVATE


def test_tokens_of_one_kind_open_no_other(client, registration):
    token = token_of(registration)

    found = [
        client.get(f"/en/{page}/{token}/").status_code for page in ("delegation", "invitation", "my-registrations")
    ]

    assert found == [404] * 3


@pytest.mark.parametrize("end", ["version", "handed over", "erased"])
def test_page_does_not_open_by_an_ended_link(client, registration, end):
    old = manage_url(registration)
    if end == "version":
        registration.link_version += 1
        registration.token_digest = new_digest(registration)
        registration.save()
    elif end == "handed over":
        hand_over(registration.pk, name="Zoé", email="zoe@example.org")
    else:
        erase(registration.pk)
    before = everything()

    found = [client.get(old), client.post(old, {"act": "cancel"}), client.get(f"{old}data.json")]

    assert ([response.status_code for response in found], everything()) == ([404] * 3, before)


# --- how the event stands


def test_page_of_an_event_that_is_over_says_so_and_has_no_button(client, registration):
    path = manage_url(registration)
    with time_machine.travel(registration.event.ends_at, tick=False):
        page = client.get(path)
        for act in ("confirm", "accept", "cancel", "undo"):
            client.post(path, {"act": act})

    assert (notices(page)[0], buttons(page)) == ("This event is over.", ["erase"])
    assert stored(registration).state == "confirmed"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("cancelled", ["This event has been cancelled. Everyone registered has been told."]),
        ("withdrawn", ["This event has been cancelled."]),
        (
            "postponed",
            ["You have a seat at this event.", "This event has been postponed. The new date is not known yet."],
        ),
    ],
)
def test_page_does_not_look_forward_to_what_was_called_off(client, registration, state, said):
    path = manage_url(registration)
    change_state(registration.event_id, state)

    assert notices(client.get(path)) == said


@pytest.mark.parametrize("state", ["pending", "offered"])
def test_page_asks_for_no_step_for_a_cancelled_event(client, state):
    event = make_event()
    row = in_state(event, state)
    change_state(event.pk, "cancelled")

    page = client.get(manage_url(row))

    assert set(buttons(page)) & {"confirm", "accept"} == set()


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_page_leads_to_the_form_only_where_it_takes_people(client, state):
    event = make_event()
    row = in_state(event, state)

    found = []
    for _step in range(2):
        links = soup(client.get(manage_url(row))).select(f'main a[href="/en/event/{event.pk}/register/"]')
        found.append([words(link) for link in links])
        admit(event, 1, closes_at=timezone.now() - DAY)

    assert found == [["Register again"], []]


@pytest.mark.parametrize("act", ["unpublished", "withdrawn", "cancelled", "postponed", "vague"])
def test_page_stays_open_whatever_becomes_of_the_event(client, registration, act):
    event = registration.event
    if act == "unpublished":
        unpublish(event)
    elif act == "vague":
        change(event, precision="unknown", starts_on=None, start_time=None, end_time=None)
    else:
        change_state(event.pk, act)

    found = client.get(manage_url(registration)), press(client, registration, "cancel")

    assert [response.status_code for response in found] == [200, 302]
    assert stored(registration).state == "cancelled"


# --- buttons


@pytest.mark.parametrize(
    ("state", "act", "then"),
    [
        ("pending", "confirm", "confirmed"),
        ("pending", "cancel", "cancelled"),
        ("awaiting", "cancel", "cancelled"),
        ("confirmed", "cancel", "cancelled"),
        ("waiting", "cancel", "cancelled"),
        ("offered", "accept", "confirmed"),
        ("offered", "cancel", "cancelled"),
        ("cancelled", "undo", "confirmed"),
    ],
)
def test_button_does_what_it_says_and_twice_is_once(client, state, act, then):
    row = in_state(make_event(), state)
    form = posted(client.get(manage_url(row)), f'form:has([value="{act}"])') | {"act": act}
    found = client.post(manage_url(row), form)
    once = (stored(row).state, len(kinds()), AuditLine.objects.count())

    again = client.post(manage_url(row), form)

    assert (found.status_code, found["Location"], stored(row).state) == (302, manage_url(row), then)
    assert (again.status_code, stored(row).state, len(kinds()), AuditLine.objects.count()) == (302, *once)


LEGAL = {
    ("pending", "confirm"), ("pending", "cancel"), ("awaiting", "cancel"), ("confirmed", "cancel"),
    ("waiting", "cancel"), ("offered", "accept"), ("offered", "cancel"), ("cancelled", "undo"),
    ("confirmed", "hand-over"),
}  # fmt: skip
ILLEGAL = [
    (state, act)
    for state in STATES
    for act in ("confirm", "accept", "cancel", "undo", "switch", "change", "hand-over")
    if (state, act) not in LEGAL and not (act == "change" and state in STATES[:5])
]


@pytest.mark.parametrize(("state", "act"), ILLEGAL)
def test_act_that_is_not_possible_changes_nothing_and_says_so(state, act):
    client = Client(raise_request_exception=False)
    row = in_state(make_event(), state)
    path, before = manage_url(row), everything()

    response = client.post(path, {"act": act, **told(row, name="Other"), **colleague()})

    assert everything() == before
    if response.status_code != 302:
        assert response.status_code == 422
        assert notices(response)[0].startswith("This was not possible ")
        assert soup(response).title.text.strip().startswith("Error:")


@pytest.mark.parametrize(
    "data",
    [{}, {"act": ""}, {"act": "CANCEL"}, {"act": "delete"}, {"act": "\x00"}, {"act": ["cancel", "x"]}, {"cancel": "1"}],
    ids=range(7),
)
def test_another_act_changes_nothing(client, registration, data):
    before = everything()

    response = client.post(manage_url(registration), data)

    assert (response.status_code, response["Location"], everything()) == (302, manage_url(registration), before)


def test_pending_whose_time_is_over_comes_in_no_more(client):
    event = make_event()
    row = in_state(event, "pending")
    with time_machine.travel(timezone.now() + dt.timedelta(hours=25), tick=False):
        page = client.get(manage_url(row))
        press(client, row, "confirm")
        after = client.get(manage_url(row))

    assert notices(page)[0] == "The time to confirm is over. Please register again."
    assert "confirm" not in buttons(page)
    assert (stored(row).state, notices(after)[0][:37]) == ("expired", "The time for this registration is ove")


def test_offer_whose_time_is_over_is_gone(client):
    row = in_state(make_event(), "offered")
    with time_machine.travel(timezone.now() + dt.timedelta(hours=37), tick=False):
        page = client.get(manage_url(row))
        response = press(client, row, "accept")

    gone = "This offer has ended; the seat went to the next person on the list."
    assert (notices(page)[0], "accept" in buttons(page)) == (gone, False)
    assert (response.status_code, notices(response)[0]) == (422, f"This was not possible {gone}")
    assert stored(row).state == "expired"


def test_undo_is_over_after_ten_minutes(client):
    row = in_state(make_event(), "cancelled")
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=11), tick=False):
        page = client.get(manage_url(row))
        response = press(client, row, "undo")

    assert (buttons(page), notices(page)) == (["erase"], ["This registration is cancelled."])
    assert (response.status_code, stored(row).state) == (422, "cancelled")


def test_button_is_safe_from_other_sites(registration):
    path, before = manage_url(registration), everything()

    found = [Client(enforce_csrf_checks=True).post(path, {"act": act}) for act in ACTS]

    assert ([response.status_code for response in found], everything()) == ([403] * len(ACTS), before)
    assert words(soup(found[0]).h1) == "Please send it again"


def test_link_of_one_registration_leaves_another_alone(client, registration):
    admit(registration.event, 2)
    other = confirm(registered(registration.event, "other@example.org").pk)

    press(client, other, "cancel", registration=registration.pk, uuid=registration.uuid, pk=registration.pk)

    assert [stored(row).state for row in (registration, other)] == ["confirmed", "cancelled"]


def test_page_is_open_after_a_change_of_the_sites_key(client, registration, settings):
    path = manage_url(registration)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a newer key"

    found = client.get(path), client.post(path, {"act": "cancel"})

    assert [response.status_code for response in found] == [200, 302]
    assert found[1]["Location"] == path


# --- changing it


def test_change_is_kept_and_said(client, registration):
    form = posted(client.get(manage_url(registration)), 'form:has([value="change"])')

    response = client.post(manage_url(registration), form | {"name": " Zoe\u0301 ", "country": "BG", "language": "bg"})
    page = client.get(response["Location"])

    row = stored(registration)
    assert (row.name, row.country, row.language, row.email) == ("Zoé", "BG", "bg", "maria@example.org")
    assert notices(page)[0] == "Your changes are saved."
    line = AuditLine.objects.filter(registration=row, what="changed").get()
    assert line.data == {"fields": ["country", "language", "name"]}


def test_change_with_errors_says_them_and_keeps_the_rest(client, registration):
    response = press(client, registration, "change", **told(registration, name="", organisation="<b>", country="XX"))

    page = soup(response)
    assert (response.status_code, list(errors(response, "change_form"))) == (422, ["name", "country"])
    assert page.title.text.strip().startswith("Error:")
    assert [words(link) for link in page.select("#errors a")] == [
        "Enter your name",
        "Choose the country that you come from",
    ]
    assert None not in [page.select_one(link["href"]) for link in page.select("#errors a")]
    assert page.select_one('[value="change"]').find_parent("details").has_attr("open")
    assert posted(response, 'form:has([value="change"])')["organisation"] == ["<b>"]
    assert stored(registration).name == "Maria"


def test_change_takes_no_other_field(client, registration):
    more = {"email": "evil@example.org", "state": "waiting", "seat": "9", "way": "online", "access_needs": "x"}

    press(client, registration, "change", **told(registration), **more)

    row = stored(registration)
    assert (row.email, row.state, row.seat, row.way, row.access_needs) == (
        "maria@example.org",
        "confirmed",
        1,
        "on-site",
        "",
    )


def test_change_to_a_country_without_seats_is_refused_and_keeps_what_was_typed(client):
    event = make_event()
    admit(event, 5, quota_by="country", quota_each=1)
    confirm(registered(event, "bg@example.org", country="BG").pk)
    row = confirm(registered(event).pk)

    response = press(client, row, "change", **told(row, country="BG", name="Zoé"))

    form = posted(response, 'form:has([value="change"])')
    assert (response.status_code, stored(row).country) == (422, "PT")
    assert notices(response)[0] == "This was not possible The seats of this country or organisation are all taken."
    assert (form["country"], form["name"]) == ("BG", ["Zoé"])
    assert soup(response).select_one('[value="change"]').find_parent("details").has_attr("open")


def asked(event, kind, *codes, **fields):
    question = Question.objects.create(event=event, kind=kind, labels={"en": "Q"}, purposes={"en": "y"}, **fields)
    for code in codes:
        Choice.objects.create(question=question, code=code, labels={"en": code})
    return question


@pytest.mark.parametrize(
    ("kind", "value"), [("text", "one\r\ntwo"), ("choice", "c2"), ("choices", ["c1", "c2"]), ("yes-no", False)]
)
@pytest.mark.parametrize("is_withdrawn", [False, True], ids=["asked", "withdrawn"])
def test_change_keeps_the_answers_that_nobody_touched(client, kind, value, is_withdrawn):
    event = make_event()
    admit(event, 1)
    question = asked(event, kind, "c1", "c2", is_required=True)
    row = confirm(registered(event, answers={question.pk: value}).pk)
    question.choices.update(withdrawn=True)
    Question.objects.update(withdrawn=is_withdrawn)

    form = posted(client.get(manage_url(row)), 'form:has([value="change"])')
    if kind == "text":
        form = {name: text.removeprefix("\n") if isinstance(text, str) else text for name, text in form.items()}
    response = client.post(manage_url(row), form | {"name": "Zoé"})

    assert (response.status_code, stored(row).name) == (302, "Zoé")
    assert list(row.answers.values_list("value", flat=True)) == [value]


@pytest.mark.parametrize("kind", ["text", "choice", "choices", "yes-no"])
@pytest.mark.parametrize("is_withdrawn", [False, True], ids=["asked", "withdrawn"])
def test_change_takes_an_answer_back(client, kind, is_withdrawn):
    event = make_event()
    admit(event, 1)
    question = asked(event, kind, "c1", is_required=is_withdrawn)
    row = confirm(registered(event, answers={question.pk: {"choices": ["c1"], "yes-no": True}.get(kind, "c1")}).pk)
    Question.objects.update(withdrawn=is_withdrawn)
    name = f"question-{question.uuid.hex}"

    box = soup(client.get(manage_url(row))).select(f'[name="{name}"]')
    response = press(client, row, "change", **told(row), **({} if kind == "choices" else {name: ""}))

    assert len(box) >= 1
    if kind in {"choice", "yes-no"}:
        assert box[0]["value"] == ""
    assert (response.status_code, row.answers.count()) == (302, 0)


def test_change_takes_needs_back_that_are_asked_no_more(client):
    event = make_event(languages=["fr"])
    admit(event, 1, asks_access=True, asks_diet=True, asks_interpretation=True)
    row = confirm(registered(event, access_needs="ramp", diet="no nuts", interpretation=("fr",)).pk)
    admit(event, 1, asks_access=False, asks_diet=False, asks_interpretation=False)

    form = posted(client.get(manage_url(row)), 'form:has([value="change"])')
    del form["interpretation"]
    client.post(manage_url(row), form | {"access_needs": "", "diet": [""]})
    after = posted(client.get(manage_url(row)), 'form:has([value="change"])')

    row = stored(row)
    assert (row.access_needs, row.diet, row.interpretation) == ("", "", [])
    assert set(after) & {"access_needs", "diet", "interpretation"} == set()


# --- the other way


@pytest.fixture
def both_ways():
    event = make_event(is_online=True)
    admit(event, 1, 1)
    return confirm(registered(event).pk)


def test_switching_goes_there_and_back(client, both_ways):
    found = []
    for _time in range(2):
        press(client, both_ways, "switch")
        found.append(stored(both_ways).way)

    assert found == ["online", "on-site"]


def test_switching_to_a_full_way_is_refused(client, both_ways):
    confirm(registered(both_ways.event, "other@example.org", way="online").pk)

    page, response = client.get(manage_url(both_ways)), press(client, both_ways, "switch")

    assert "No seat is left in the other way of taking part: online." in words(soup(page).main)
    assert (response.status_code, stored(both_ways).way, stored(both_ways).seat) == (422, "on-site", 1)


# --- handing it over


def test_handing_over_ends_the_link_and_tells_both(client, registration):
    path = manage_url(registration)

    response = press(client, registration, "hand-over", **colleague(" ZOE@example.org"))

    row = stored(registration)
    assert (response.status_code, response.templates[0].name) == (200, "events/handed_over.html")
    assert (row.name, row.email, row.state, row.seat) == ("Zoé", "zoe@example.org", "confirmed", 1)
    assert client.get(path).status_code == 404
    assert token_of(row) not in response.content.decode()
    mails = OutgoingMail.objects.order_by("-pk").values_list("kind", "to")[:2]
    assert set(mails) == {
        ("registration_handed_over", "maria@example.org"),
        ("registration_received", "zoe@example.org"),
    }


@pytest.mark.parametrize("state", ["pending", "confirmed", "waiting"])
@time_machine.travel(timezone.now(), tick=False)
def test_handing_over_does_not_tell_who_was_registered(client, state):
    pages = []
    for known in (False, True):
        event = make_event()
        admit(event, 2 if state != "waiting" else 1)
        row = confirm(registered(event).pk)
        if known:
            other = registered(event, "zoe@example.org")
            if state != "pending":
                confirm(other.pk)
        response = press(client, row, "hand-over", **colleague())
        pages.append(masked(response, f"/event/{event.pk}/", f"/event/{event.pk}.ics", f"/{row.uuid}/"))

    assert pages[0] == pages[1]


def test_handing_over_with_errors_keeps_what_was_typed(client, registration):
    response = press(client, registration, "hand-over", **colleague("no address", "Zoé <b>"))

    page = soup(response)
    assert (response.status_code, list(errors(response, "colleague_form"))) == (422, ["email"])
    assert None not in [page.select_one(link["href"]) for link in page.select("#errors a")]
    assert posted(response, 'form:has([value="hand-over"])')["colleague-name"] == ["Zoé <b>"]
    assert page.select_one('[value="hand-over"]').find_parent("details").has_attr("open")


@pytest.mark.parametrize(
    "name", ["x\r\nBcc: y@example.org", "buy at evil.com", "http://x", "\x00", "\u202ex", "x" * 121], ids=ascii
)
def test_handing_over_carries_no_message_to_a_stranger(client, registration, name):
    before = everything()

    response = press(client, registration, "hand-over", **colleague(name=name))

    assert (response.status_code, everything()) == (422, before)


def test_handing_over_to_oneself_is_a_change_of_name(client, registration):
    response = press(client, registration, "hand-over", **colleague("maria@example.org", "Maria Zoé"))

    row = stored(registration)
    assert (response["Location"], row.name) == (f"{manage_url(row)}?done=changed", "Maria Zoé")


def test_handing_over_too_often_is_refused_and_keeps_what_was_typed(client, registration):
    for _time in range(PER_ADDRESS):
        client.post("/en/my-registrations/", {"email": "maria@example.org"})

    response = press(client, registration, "hand-over", **colleague())

    assert (response.status_code, stored(registration).email) == (422, "maria@example.org")
    assert notices(response)[0] == (
        "This was not possible This was done too often within the hour. Please try again later."
    )
    assert posted(response, 'form:has([value="hand-over"])')["colleague-email"] == ["zoe@example.org"]


def test_handing_over_is_over_with_the_deadline(client, registration):
    path = manage_url(registration)
    admit(registration.event, 1, closes_at=timezone.now() - DAY)

    page, response = client.get(path), press(client, registration, "hand-over", **colleague())

    assert ("hand-over" in buttons(page), response.status_code, stored(registration).name) == (False, 422, "Maria")


def test_newcomer_sees_nothing_of_who_was_there_before(client):
    event = make_event()
    admit(event, 1, asks_access=True)
    row = registered(event, name="Predecessor", access_needs="a secret", email="before@example.org")
    row = confirm(row.pk)
    change_registration(row.pk, answers={}, name="Predecessor two")

    press(client, row, "hand-over", **colleague())

    content = client.get(manage_url(row)).content + client.get(f"{manage_url(row)}data.json").content
    assert [word for word in (b"Predecessor", b"secret", b"before@") if word in content] == []


# --- deleting it


@pytest.mark.parametrize("state", STATES)
def test_deleting_closes_the_page_for_good(client, state):
    row = in_state(make_event(), state)
    path = manage_url(row)

    found = [client.post(path, {"act": "erase"}), client.get(path), client.post(path, {"act": "erase"})]

    row = stored(row)
    assert [response.status_code for response in found] == [200, 404, 404]
    assert words(soup(found[0]).h1) == "Your data is deleted"
    assert (row.name, row.email, row.is_active) == ("", "", False)
    assert (found[0]["Cache-Control"], found[0]["X-Robots-Tag"]) == (PRIVATE, "noindex")


# --- what no person sends


@pytest.mark.parametrize("act", ["change", "hand-over", "confirm"])
@pytest.mark.parametrize("field", ["name", "colleague-email", "act", "csrfmiddlewaretoken"])
def test_ten_megabytes_are_refused_clearly(registration, act, field):
    client = Client(raise_request_exception=False)
    before = everything()

    response = client.post(manage_url(registration), {"act": act, **told(registration), field: "x" * 10_000_000})

    assert (response.status_code, everything()) == (400, before)
    assert words(soup(response).h1) == "We could not read this request"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"act=%00", "application/x-www-form-urlencoded"),
        (b"act=%FF%FE", "application/x-www-form-urlencoded"),
        (b'{"act": "cancel"}', "application/json"),
        (b"act=cancel", "text/plain"),
        (b"--x\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data; boundary=x"),
    ],
    ids=range(6),
)
def test_what_is_no_form_changes_nothing(registration, body, content_type):
    client, before = Client(raise_request_exception=False), everything()

    response = client.generic("POST", manage_url(registration), body, content_type=content_type)

    assert (response.status_code in {302, 400, 422}, everything()) == (True, before)


def test_person_decided_upon_is_confirmed(client):
    row = in_state(make_event(), "awaiting")
    approve(row.pk, user=None)

    assert notices(client.get(manage_url(row)))[0].startswith("You are registered.")


def test_seat_of_who_declines_goes_on(client):
    row = in_state(make_event(), "offered")
    press(client, row, "cancel")

    assert people()[-1] == ("maria@example.org", "cancelled")
    with pytest.raises(Exception, match="ended"):
        accept(row.pk)
    assert Registration.objects.seated().count() == 0


def test_cancelling_frees_the_seat_after_the_undo(client, registration):
    press(client, registration, "cancel")
    row = stored(registration)

    with time_machine.travel(timezone.now() + dt.timedelta(minutes=11), tick=False):
        confirm(registered(row.event, "next@example.org").pk)

    assert people() == [("maria@example.org", "cancelled"), ("next@example.org", "confirmed")]
    assert cancel(registration.pk).state == "cancelled"
