"""The registration form as people, robots and attackers fill it in."""

import datetime as dt

import pytest
import time_machine
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from events.fields import SALT, stamp
from events.limits import PER_ADDRESS, PER_NETWORK
from events.models import Choice, Question, Registration
from events.publication import change_state
from events.registration import confirm
from portal.base.models import OutgoingMail
from tests.events.publishing import change, unpublish
from tests.events.sending import (
    LANGUAGES,
    PRIVATE,
    errors,
    everything,
    filled,
    form_url,
    group_url,
    in_state,
    kinds,
    masked,
    notices,
    old_stamp,
    people,
    registered,
    send,
    soup,
    words,
)
from tests.factories import admit, event_page, make_cite, make_event, make_project, make_tree
from tests.filled_forms import posted

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(minute=10, second=0, microsecond=0)  # an hour ends long after
DAY = dt.timedelta(days=1)
ADDRESS = "Enter an e-mail address like name@example.org"
ONE_LINE = "Please write this on one line, without control characters."
COUNTRY = "Choose the country that you come from"
WAY = "Choose how you will take part"
LATE = "This page was open for a long time. Nothing is lost: please send it once more."
LOOK = "events/registered.html"


@pytest.fixture
def event():
    event = make_event("Rencontre")
    admit(event, 10)
    return event


def registrations():
    return list(
        Registration.objects.order_by("pk").values_list("name", "email", "organisation", "country", "language", "way")
    )


MARIA = ("Maria", "maria@example.org", "Cité de Porto", "PT", "pt", "on-site")


def ask(event, kind="text", *codes, label="Question", **fields):
    question = Question.objects.create(
        event=event, kind=kind, labels={"en": label}, purposes={"en": "Because."}, **fields
    )
    for code in codes:
        Choice.objects.create(question=question, code=code, labels={"en": code.upper()})
    return question


def name(question):
    return f"question-{question.uuid.hex}"


def hint(page, name):
    return words(page.select_one(f"#id_{name}_helptext"))


# --- the form


def test_form_asks_in_the_language_of_the_page(client, event):
    response = client.get(form_url(event))

    assert response.status_code == 200
    data = posted(response, "form.form")
    del data["csrfmiddlewaretoken"], data["stamp"]
    assert data == {"name": [""], "email": [""], "organisation": [""], "country": "", "language": "en", "website": [""]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_form_and_what_comes_of_it_are_there_in_every_language(client, event, language):
    path = form_url(event, language)

    found = [client.get(path), client.post(path, {}), client.post(path, filled())]

    assert [response.status_code for response in found] == [200, 422, 200]
    assert [soup(response).html["lang"] for response in found] == [language] * 3


def test_form_is_kept_by_no_cache_and_no_search_engine(client, event):
    found = [client.get(form_url(event)), client.post(form_url(event), {}), send(client, event)]

    for response in found:
        assert {name: response[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")} == {
            "Cache-Control": PRIVATE,
            "Referrer-Policy": "same-origin",
            "X-Robots-Tag": "noindex",
        }
        assert soup(response).select_one("meta[name=robots]")["content"] == "noindex"


def test_form_sets_the_cookie_against_other_sites_and_no_other(client, event):
    client.get(form_url(event))
    send(client, event)

    assert list(client.cookies) == ["csrftoken"]
    assert client.cookies["csrftoken"]["httponly"] is True


def test_form_says_why_each_thing_is_asked_and_when_it_is_deleted(client):
    day = timezone.localdate() + 30 * DAY
    event = make_event(starts_on=day, languages=["fr", "bg"])
    admit(event, asks_access=True, asks_diet=True, asks_interpretation=True)
    ask(event, label="Shirt", retention="logistics")
    kept = ask(event, label="Title", retention="evidence")

    page = soup(client.get(form_url(event)))

    fields = page.select("form.form .field")
    assert [words(field.select_one("label, legend")).removesuffix(" (optional)") for field in fields] == [
        "Your name",
        "E-mail address",
        "Organisation or Cité",
        "Country",
        "What do you need to take part?",
        "What should the kitchen know?",
        "From which languages do you need interpretation?",
        "Shirt",
        "Title",
        "Language of our mails",
    ]
    hints = [words(field.select_one(".hint")) for field in fields]
    assert [text for text in hints if "Deleted on" not in text] == []
    soon = [text.split("Deleted on ")[1] for text in hints]
    assert len({soon[index] for index in (4, 5, 6, 7)}) == 1
    assert len({soon[index] for index in (0, 1, 2, 3, 8, 9)}) == 1
    assert str((day + 30 * DAY).year) in soon[4]
    assert str(day.year + 3) in soon[0]
    assert hint(page, name(kept)).startswith("Because. ")


def test_form_says_when_it_is_deleted_without_a_date(client):
    event = make_event(precision="unknown", starts_on=None, start_time=None, end_time=None)
    admit(event, takes_interest=True, asks_diet=True)

    page = soup(client.get(form_url(event)))

    assert hint(page, "diet").endswith("Deleted 30 days after the event.")
    assert hint(page, "name").endswith("Deleted when the organisers’ duty to keep evidence ends.")


def test_form_asks_of_needs_only_what_the_event_asks(client, event):
    page = soup(client.get(form_url(event)))

    assert page.select("[name=access_needs], [name=diet], [name=interpretation], [name^=question]") == []


def test_form_does_not_take_what_it_does_not_ask(client, event):
    other = ask(make_event("other"), label="Elsewhere")
    withdrawn = ask(event, withdrawn=True)

    more = {"access_needs": "x", "diet": "x", "interpretation": "fr", name(other): "x", name(withdrawn): "x"}
    more |= {"state": "confirmed", "seat": "1", "uuid": "x", "event": "999", "channel": "organiser", "way": "online"}
    response = client.post(form_url(event), filled(**more))

    row = Registration.objects.get()
    assert response.status_code == 200
    assert (row.access_needs, row.diet, row.interpretation, row.answers.count()) == ("", "", [], 0)
    assert (row.event, row.state, row.channel, row.way) == (event, "pending", "form", "on-site")


def test_form_asks_for_no_interpretation_where_no_language_is_known(client):
    event = make_event(languages=[])
    admit(event, asks_interpretation=True)

    assert soup(client.get(form_url(event))).select("[name=interpretation]") == []


def test_form_keeps_needs_and_answers(client):
    event = make_event(languages=["fr", "bg"])
    admit(event, asks_access=True, asks_diet=True, asks_interpretation=True)
    text, one = ask(event), ask(event, "choice", "c1", "c2")
    several, yes_no = ask(event, "choices", "c1", "c2", "c3"), ask(event, "yes-no")
    answers = {name(text): "one\r\ntwo", name(one): "c2", name(several): ["c1", "c3"], name(yes_no): "no"}

    response = send(
        client, event, access_needs="a ramp\r\nlarge print", diet="no nuts", interpretation=["bg"], **answers
    )

    row = Registration.objects.get()
    assert response.status_code == 200
    assert (row.access_needs, row.diet, row.interpretation) == ("a ramp\r\nlarge print", "no nuts", ["bg"])
    assert dict(row.answers.values_list("question", "value")) == {
        text.pk: "one\r\ntwo",
        one.pk: "c2",
        several.pk: ["c1", "c3"],
        yes_no.pk: False,
    }


@pytest.mark.parametrize("kind", ["text", "choice", "choices", "yes-no"])
def test_question_that_must_be_answered_says_so_beside_it_and_above(client, event, kind):
    question = ask(event, kind, "c1", label="Which <b>bold</b> one?", is_required=True)

    response = send(client, event)

    said = "Please answer: Which <b>bold</b> one?"
    page = soup(response)
    assert (response.status_code, errors(response), people()) == (422, {name(question): [said]}, [])
    link = page.select_one("#errors a")
    assert words(link) == words(page.select_one(".field.wrong .error")) == said
    assert page.select_one(link["href"])["name"] == name(question)


@pytest.mark.parametrize("kind", ["text", "choice", "choices", "yes-no"])
def test_question_that_may_be_left_open_is(client, event, kind):
    question = ask(event, kind, "c1")

    response = send(client, event, **{name(question): ""} if kind == "text" else {})

    assert (response.status_code, Registration.objects.get().answers.count()) == (200, 0)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("choice", "c9"),
        ("choice", "gone"),
        ("choice", ["c1", "gone"]),
        ("choice", "\x00"),
        ("choices", ["c1", "gone"]),
        ("choices", "C1"),
        ("yes-no", "maybe"),
        ("yes-no", "True"),
        ("text", "x\x00"),
        ("text", "x" * 1001),
        ("text", "\u202ex"),
    ],
    ids=ascii,
)
def test_question_is_not_answered_by_what_is_not_offered(client, event, kind, value):
    question = ask(event, kind, "c1", "gone")
    question.choices.filter(code="gone").update(withdrawn=True)

    response = send(client, event, **{name(question): value})

    assert (response.status_code, list(errors(response)), people()) == (422, [name(question)], [])


def test_question_that_is_withdrawn_is_not_asked_nor_is_a_choice(client, event):
    ask(event, label="Old", is_required=True, withdrawn=True)
    question = ask(event, "choices", "c1", "c2")
    question.choices.filter(code="c2").update(withdrawn=True)

    page = client.get(form_url(event))

    assert [box["value"] for box in soup(page).select("[name^=question]")] == ["c1"]
    assert b"Old" not in page.content


def test_question_in_another_language_is_marked_so(client, event):
    question = Question.objects.create(
        event=event, kind="choices", labels={"fr": "Régime <i>"}, purposes={"fr": "Pour la cuisine <i>."}
    )
    Choice.objects.create(question=question, code="c1", labels={"fr": "végétarien <i>"})
    Choice.objects.create(question=question, code="c2", labels={"en": "vegan"})
    text = Question.objects.create(event=event, labels={"fr": "Titre"}, purposes={"en": "For the badge."})

    page = soup(client.get(form_url(event)))

    box = page.select_one(f"[name={name(question)}]").find_parent("fieldset")
    assert box.legend["lang"] == "fr"
    assert words(box.legend).startswith("Régime <i>")
    assert [(label.get("lang"), words(label)) for label in box.select("label")] == [
        ("fr", "Végétarien <i>"),
        (None, "Vegan"),
    ]
    why = box.select_one(".hint [lang=fr]")
    assert words(why) == "Pour la cuisine <i>."
    assert hint(page, name(text)).startswith("For the badge. Deleted on ")
    assert page.select_one(f"#id_{name(text)}_helptext [lang]") is None
    assert page.select_one(f"label[for=id_{name(text)}]")["lang"] == "fr"


@pytest.mark.parametrize("seats", [(10, 0), (0, 10)])
def test_form_asks_how_only_where_there_is_a_choice(client, seats):
    event = make_event(is_online=True)
    admit(event, *seats)

    assert "way" not in posted(client.get(form_url(event)), "form.form")


def test_form_offers_both_ways(client):
    event = make_event(is_online=True)
    admit(event, 1, 1)

    assert posted(client.get(form_url(event)), "form.form")["way"] == ["on-site"]


def test_form_offers_the_waiting_list_of_a_full_way(client):
    event = make_event(is_online=True)
    admit(event, 1, 1)
    registered(event, "first@example.org")

    response = client.get(form_url(event))
    send(client, event, way="on-site")
    send(client, event, way="online", email="third@example.org")

    page = soup(response)
    labels = [words(box.find_parent(class_="check").label) for box in page.select("[name=way]")]
    assert labels == ["On site (full: waiting list)", "Online"]
    assert posted(response, "form.form")["way"] == ["online"]
    assert list(Registration.objects.order_by("pk").values_list("way", "seat")) == [
        ("on-site", 1),
        ("on-site", None),
        ("online", 1),
    ]


@pytest.mark.parametrize("number", [3, 30])
def test_form_asks_the_database_a_few_times(client, django_assert_num_queries, number):
    tree = make_tree("fr")["fr"]
    event = make_event(cite=make_cite(), project=make_project(), languages=["fr", "en"])
    event_page(tree["agenda"], event)
    admit(event, 2, asks_access=True, asks_interpretation=True)
    for index in range(3):
        ask(event, "choices", "c1", "c2", label=f"Q{index}")
    for index in range(number):
        confirm(registered(event, f"p{index}@example.org").pk)
    client.get(form_url(event))

    with django_assert_num_queries(12):
        client.get(form_url(event))


@pytest.mark.parametrize(
    ("waiting", "said"),
    [(0, "0 people wait."), (1, "1 person waits."), (3, "3 people wait.")],
)
def test_form_of_a_full_event_says_how_the_waiting_list_works(client, waiting, said):
    event = make_event()
    admit(event, 1)
    for index in range(1 + waiting):
        confirm(registered(event, f"p{index}@example.org").pk)
    registered(event, "unconfirmed@example.org")

    response = client.get(form_url(event))

    assert notices(response)[0].startswith(f"This event is full. You can join the waiting list. {said} Seats that")
    assert "36 hours" in notices(response)[0]
    assert words(soup(response).select_one("form.form button")) == "Join the waiting list"


def test_form_of_a_full_event_puts_on_the_waiting_list(client):
    event = make_event()
    admit(event, 1)
    registered(event, "first@example.org")

    send(client, event)
    row = confirm(Registration.objects.get(email="maria@example.org").pk)

    assert (row.state, row.seat) == ("waiting", None)


def test_form_without_a_date_takes_interest(client):
    event = make_event(precision="month")
    admit(event, 0, takes_interest=True)

    page, response = client.get(form_url(event)), send(client, event)

    assert notices(page)[0].startswith("The date is not known yet. Leave your address")
    assert words(soup(page).select_one("form.form button")) == "Tell me when the date is known"
    assert (response.status_code, people()) == (200, [("maria@example.org", "pending")])
    assert confirm(Registration.objects.get().pk).state == "waiting"


def test_form_says_that_the_organisers_decide(client):
    event = make_event()
    admit(event, 1, needs_approval=True)

    page = client.get(form_url(event))
    send(client, event)

    assert notices(page) == ["The organisers decide about each registration, and write to you."]
    assert Registration.objects.get().seat is None
    assert confirm(Registration.objects.get().pk).state == "awaiting"


def test_form_suggests_organisations_of_the_network_and_nobody_s_else(client, event):
    make_cite("porto")
    registered(event, organisation="Secret & Co")

    response = client.get(form_url(event))

    assert [option["value"] for option in soup(response).select("#organisations option")] == ["Cité porto"]
    assert b"Secret" not in response.content


# --- what comes of it


def test_registering_holds_a_seat_and_sends_one_mail(client, event, django_capture_on_commit_callbacks, mailoutbox):
    with django_capture_on_commit_callbacks(execute=True):
        response = send(client, event)

    assert (response.status_code, response.templates[0].name) == (200, LOOK)
    assert (registrations(), people()) == ([MARIA], [("maria@example.org", "pending")])
    assert [message.to for message in mailoutbox] == [["maria@example.org"]]
    assert kinds() == ["registration_pending"]


def test_registering_says_until_when_to_confirm_and_what_if_no_mail_comes(client):
    event = make_event(starts_on=dt.date(2027, 3, 1), contact_email="org@example.org")
    admit(event)

    with time_machine.travel(dt.datetime(2027, 1, 10, 12, 10, tzinfo=dt.UTC), tick=False):
        response = send(client, event)
    with time_machine.travel(dt.datetime(2027, 2, 27, 12, 10, tzinfo=dt.UTC), tick=False):
        soon = send(client, event, email="other@example.org")

    said = (
        "We have written to maria@example.org. Open the mail and confirm by Monday, 11 January 2027, 13:10 in"
        " Paris (UTC+1). Until then your seat, or your place on the waiting list, is kept."
    )
    assert notices(response) == [said]
    assert "Saturday, 27 February 2027, 15:10" in notices(soon)[0]
    links = [link["href"] for link in soup(response).select("main .prose a")]
    assert links[:3] == [form_url(event), "/en/my-registrations/", "mailto:org@example.org"]


def test_registering_tidies_what_was_typed(client, event):
    send(client, event, name="  Zoe\u0301  ", email=" Maria@Example.ORG ", organisation="")

    assert registrations() == [("Zoé", "maria@example.org", "", "PT", "pt", "on-site")]


@pytest.mark.parametrize(
    "email",
    [
        "o'neill+cite@example.org",
        "a" * 64 + "@example.org",
        "maria@bücher.example",
        "maria@" + ".".join(["d" * 61] * 3) + ".org",
        '"<script>alert(1)</script>"@example.org',
    ],
)
def test_registering_takes_every_address_that_can_be(client, event, email):
    response = send(client, event, email=email)

    assert (response.status_code, [row[1] for row in registrations()]) == (200, [email])
    assert b"<script>alert" not in response.content


def test_registering_keeps_html_as_text(client, event, django_capture_on_commit_callbacks, mailoutbox):
    evil = "<script>alert(1)</script>{{ 7|add:7 }}%s"

    with django_capture_on_commit_callbacks(execute=True):
        again = send(client, event, name=evil, organisation=evil, country="")
        send(client, event, name=evil, organisation=evil)

    assert b"<script>alert" not in again.content
    assert posted(again, "form.form")["name"] == [evil]
    mail = mailoutbox[0]
    assert evil in mail.body
    assert [part for part, kind in mail.alternatives if "<script>alert" in part] == []
    assert evil not in str(mail.message()["Subject"])


@pytest.fixture
def found_before(client):
    """What a stranger sees who registers an address, by how that stands already."""

    def look(state):
        event = make_event()
        if state in STATES:
            in_state(event, state)
        for _time in range(PER_ADDRESS if state == "too often" else 0):
            client.post("/en/my-registrations/", {"email": "maria@example.org"})
        for index in range(2 if state == "too many begun" else 0):  # the page of "unknown" has begun one
            other = make_event(f"other {index}")
            admit(other, 1)
            registered(other)
        admit(event, 3)
        return event, client.post(form_url(event), filled(name="Somebody", language="en"))

    return look


STATES = ["pending", "awaiting", "confirmed", "waiting", "offered", "cancelled", "refused", "expired"]


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("state", [*STATES, "too often", "too many begun"])
def test_second_try_looks_as_the_first(found_before, state):
    first_event, first = found_before("unknown")
    event, second = found_before(state)

    assert (first.status_code, second.status_code) == (200, 200)
    numbers = (
        f"/event/{first_event.pk}/",
        f"/event/{event.pk}/",
        f"/event/{first_event.pk}.ics",
        f"/event/{event.pk}.ics",
    )
    assert masked(first, *numbers) == masked(second, *numbers)
    assert sorted(first.headers) == sorted(second.headers)


@pytest.mark.parametrize("state", ["pending", "awaiting", "confirmed", "waiting", "offered"])
def test_second_try_changes_nothing_and_mails_the_link_again(found_before, state):
    event, _response = found_before(state)

    row = Registration.objects.get(email="maria@example.org")
    assert (row.event, row.name) == (event, "Maria")
    assert kinds()[-1] == ("registration_pending" if state == "pending" else "registration_again")


@pytest.mark.parametrize("state", ["refused", "expired"])
def test_second_try_after_the_end_is_a_new_registration(found_before, state):
    found_before(state)

    assert people()[-2:] == [("maria@example.org", state), ("maria@example.org", "pending")]


@time_machine.travel(NOW, tick=False)
def test_tries_mail_the_link_again_once_an_hour(client, event):
    for _time in range(4):
        send(client, event)

    assert kinds() == ["registration_pending"] * 2  # the first, and one again
    assert len(people()) == 1


@time_machine.travel(NOW, tick=False)
def test_an_address_over_its_limit_is_told_the_same_and_mailed_nothing(client):
    found = []
    for index in range(PER_ADDRESS + 1):
        event = make_event(f"event {index}")
        admit(event, 1)
        found.append(send(client, event).status_code)
        row = Registration.objects.filter(event=event).first()
        if row:
            confirm(row.pk)

    assert found == [200] * (PER_ADDRESS + 1)
    assert Registration.objects.count() == PER_ADDRESS


def test_a_refused_try_does_not_count_against_an_address(client, event):
    for _time in range(PER_ADDRESS + 1):
        send(client, event, country="")

    send(client, event)

    assert len(people()) == 1


def test_an_address_with_three_unconfirmed_may_begin_no_more(client):
    for index in range(4):
        event = make_event(f"event {index}")
        admit(event, 1)
        response = send(client, event)

    assert (response.status_code, len(people())) == (200, 3)


# --- from one network


def from_network(client, event, address, *, times=1, **fields):
    for index in range(times):
        response = client.post(
            form_url(event), filled(**({"email": f"p{index}@example.org"} | fields)), REMOTE_ADDR=address
        )
    return response


@time_machine.travel(NOW, tick=False)
def test_a_network_over_its_limit_keeps_what_was_typed(client, event):
    from_network(client, event, "8.8.8.8", times=PER_NETWORK // 10, stamp=stamp(), country="PT", email="x@example.org")
    before = everything()

    values = {"name": "Zoé <b>", "organisation": "A & B", "country": "BG", "language": "de"}
    response = from_network(client, event, "8.8.8.8", email="maria@example.org", **values)

    data = posted(response, "form.form")
    assert (response.status_code, everything()) == (429, before)
    assert {key: data[key][0] if isinstance(data[key], list) else data[key] for key in values} == values
    assert data["email"] == ["maria@example.org"]
    assert soup(response).title.text.strip().startswith("Error:")
    assert notices(response)[0].startswith("This was not possible Very many registrations come from your network")
    assert response["Cache-Control"] == PRIVATE
    other = from_network(client, event, "8.8.4.4", email="other@example.org")
    assert other.status_code == 200
    with time_machine.travel(NOW + dt.timedelta(hours=1), tick=False):
        assert (
            client.post(form_url(event), data | {"email": "maria@example.org"}, REMOTE_ADDR="8.8.8.8").status_code
            == 200
        )


@time_machine.travel(NOW, tick=False)
def test_a_private_network_is_a_proxy_s_and_has_no_limit(client, event):
    response = from_network(client, event, "10.0.0.1", times=31, stamp=stamp())

    assert response.status_code == 200


@time_machine.travel(NOW, tick=False)
def test_a_robot_in_the_pot_does_not_use_up_the_network(client, event):
    from_network(client, event, "8.8.8.8", times=31, stamp=stamp(), website="x")

    assert from_network(client, event, "8.8.8.8").status_code == 200


# --- robots


@time_machine.travel(NOW, tick=False)
def test_a_robot_sees_what_a_person_sees(client, event):
    person = send(client, event, email="maria@example.org")
    before = everything()
    robot = send(client, event, email="robot@example.org", website="https://spam.example")

    assert masked(person, "maria@example.org") == masked(robot, "robot@example.org")
    assert everything() == before


def test_pot_is_for_robots_alone(client, event):
    pot = soup(client.get(form_url(event))).select_one(".pot")

    assert pot["aria-hidden"] == "true"
    box = pot.input
    assert (box["tabindex"], box["autocomplete"], box["name"]) == ("-1", "off", "website")
    assert words(pot.label) == "Leave this field empty"


@pytest.mark.parametrize(
    "forged",
    ["", "x", "1:2:3", "é", signing.dumps(1.0, salt="another"), signing.dumps({}, salt=SALT), "x" * 100_000],
    ids=range(7),
)
def test_form_without_its_stamp_is_asked_for_once_more_and_then_taken(client, event, forged):
    first = send(client, event, stamp=forged)
    again = client.post(form_url(event), posted(first, "form.form"))

    assert (first.status_code, errors(first)) == (422, {"stamp": [LATE]})
    assert words(soup(first).select_one("#errors li")) == LATE
    assert (again.status_code, registrations()) == (200, [MARIA])


def test_form_that_was_open_for_days_is_asked_for_once_more(client, event):
    with time_machine.travel(timezone.now() - 25 * DAY / 24, tick=False):
        stamped = stamp()
    response = send(client, event, stamp=stamped)
    missing = client.post(form_url(event), {key: value for key, value in filled().items() if key != "stamp"})

    assert [errors(found) for found in (response, missing)] == [{"stamp": [LATE]}] * 2
    assert people() == []


def test_form_sent_at_once_is_taken(client, event):
    form = posted(client.get(form_url(event)), "form.form") | {
        key: value for key, value in filled().items() if key != "stamp"
    }

    assert (client.post(form_url(event), form).status_code, registrations()) == (200, [MARIA])


def test_form_sent_twice_gives_one_seat(client):
    event = make_event()
    admit(event, 1)
    form = posted(client.get(form_url(event)), "form.form") | filled()

    found = [client.post(form_url(event), form) for _time in range(2)]

    assert [response.status_code for response in found] == [200, 200]
    assert registrations() == [MARIA]


def test_form_sent_again_after_going_back_with_another_address_is_another(client):
    event = make_event()
    admit(event, 2)
    form = posted(client.get(form_url(event)), "form.form") | filled()

    client.post(form_url(event), form)
    client.post(form_url(event), form | {"email": "right@example.org"})

    assert people() == [("maria@example.org", "pending"), ("right@example.org", "pending")]


def test_registering_is_safe_from_other_sites(event):
    response = send(Client(enforce_csrf_checks=True), event)

    assert (response.status_code, registrations()) == (403, [])
    assert (soup(response).html["lang"], words(soup(response).h1)) == ("en", "Please send it again")


# --- what is refused


def test_form_that_is_empty_says_what_is_missing(client, event):
    response = client.post(form_url(event), {})

    assert (response.status_code, errors(response)) == (
        422,
        {
            "name": ["Enter your name"],
            "email": [ADDRESS],
            "country": [COUNTRY],
            "language": ["This field is required."],
            "stamp": [LATE],
        },
    )


def test_errors_are_said_first_and_beside_each_field(client):
    event = make_event(is_online=True, languages=["fr"])
    admit(event, 1, 1, asks_interpretation=True)
    for kind in ("text", "choice", "choices", "yes-no"):
        ask(event, kind, "c1", label=kind, is_required=True)

    response = client.post(form_url(event), {"interpretation": "xx", "stamp": old_stamp()})

    page = soup(response)
    summary = page.select_one("main .notice")
    assert (summary["id"], summary["role"], summary["tabindex"]) == ("errors", "alert", "-1")
    assert words(summary.h2) == "We could not register you yet"
    assert page.title.text.strip().startswith("Error:")
    links = summary.select("a")
    assert len(links) == len(summary.select("li")) == 10
    targets = [page.select_one(link["href"]) for link in links]
    assert None not in targets
    assert [words(target.find_parent(class_="field").select_one(".error")) for target in targets] == [
        words(link) for link in links
    ]
    for target in targets:
        described = (target.get("aria-describedby") or target.find_parent("fieldset")["aria-describedby"]).split()
        assert [page.find(id=each) is None for each in described] == [False] * len(described)
        assert any(each.endswith("_error") for each in described)


def test_form_keeps_what_was_typed(client):
    event = make_event(is_online=True, languages=["fr", "bg", "de"])
    admit(event, 1, 1, asks_access=True, asks_diet=True, asks_interpretation=True)
    text, one = ask(event), ask(event, "choice", "c1", "c2")
    several, yes_no = ask(event, "choices", "c1", "c2", "c3"), ask(event, "yes-no")
    values = {
        "name": ["Maria <b>"],
        "email": ["no address"],
        "organisation": ['The "Cité" & co'],
        "country": "PT",
        "language": "pt",
        "way": ["online"],
        "access_needs": "</textarea><script>",
        "diet": ["'"],
        "interpretation": ["fr", "de"],
        name(text): "&amp;",
        name(one): ["c2"],
        name(several): ["c1", "c3"],
        name(yes_no): ["no"],
    }

    response = send(client, event, **values)

    data = posted(response, "form.form")
    assert (response.status_code, list(errors(response))) == (422, ["email"])
    texts = {key: value.lstrip("\n") for key, value in data.items() if isinstance(value, str)}  # a browser drops it too
    assert {key: (data | texts)[key] for key in values} == values
    assert soup(response).title.text.strip().startswith("Error:")


LONG = "x" * 10_240


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": ""}, {"name": ["Enter your name"]}),
        ({"name": "   "}, {"name": ["Enter your name"]}),
        ({"name": "Maria\nBcc: all@example.org"}, {"name": [ONE_LINE]}),
        ({"name": "Maria\r\nSilva"}, {"name": [ONE_LINE]}),
        ({"name": "Maria\x1b[31m"}, {"name": [ONE_LINE]}),
        ({"name": "Maria\x85Silva"}, {"name": [ONE_LINE]}),
        ({"name": "Maria\u2028Silva"}, {"name": [ONE_LINE]}),
        ({"name": "\u202eairaM"}, {"name": [ONE_LINE]}),
        ({"name": "Ma\u200bria"}, {"name": [ONE_LINE]}),
        ({"name": "Maria\x00"}, {"name": [ONE_LINE]}),
        ({"name": LONG}, {"name": ["Ensure this value has at most 120 characters (it has 10240)."]}),
        ({"organisation": "x\x00"}, {"organisation": [ONE_LINE]}),
        ({"organisation": "a\tb"}, {"organisation": [ONE_LINE]}),
        ({"organisation": LONG}, {"organisation": ["Ensure this value has at most 200 characters (it has 10240)."]}),
        ({"email": "maria"}, {"email": [ADDRESS]}),
        ({"email": "root@localhost"}, {"email": [ADDRESS]}),
        ({"email": "root@[127.0.0.1]"}, {"email": [ADDRESS]}),
        ({"email": "root@127.0.0.1"}, {"email": [ADDRESS]}),
        ({"email": "a@example.org, b@example.org"}, {"email": [ADDRESS]}),
        ({"email": "maria@example.org\nBcc: x@example.org"}, {"email": [ADDRESS]}),
        ({"email": '"\x01"@example.org'}, {"email": [ADDRESS]}),
        ({"email": '"\x7f"@example.org'}, {"email": [ADDRESS]}),
        ({"country": ""}, {"country": [COUNTRY]}),
        ({"country": "XX"}, {"country": [COUNTRY]}),
        ({"country": "pt"}, {"country": [COUNTRY]}),
        ({"country": "EU"}, {"country": [COUNTRY]}),
        ({"country": LONG}, {"country": [COUNTRY]}),
        ({"country": "P\x00"}, {"country": [COUNTRY]}),
        ({"language": "xx"}, {"language": ["Select a valid choice. xx is not one of the available choices."]}),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, dict) and len(repr(value)) < 60 else None,
)
def test_form_with_a_bad_value_is_refused_in_words(client, event, fields, expected):
    response = send(client, event, **fields)

    assert (response.status_code, errors(response)) == (422, expected)
    assert (registrations(), OutgoingMail.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    "email", ["x\x00@example.org", f"{LONG}@example.org", "m@" + "İ" * 60 + "." + "İ" * 60 + ".org" + "é" * 9999]
)
def test_form_with_an_address_that_no_column_holds_is_refused(client, event, email):
    response = send(client, event, email=email)

    assert (response.status_code, list(errors(response))) == (422, ["email"])
    assert registrations() == []


def test_form_with_an_address_that_grows_in_lower_case_is_refused(client, event):
    # Two letters in lower case: 245 characters become more than a column holds.
    address = f"m@{'.'.join(['İ' * 60] * 4)}.org"[:254]
    assert len(address) < 254 < len(address.lower())

    response = send(client, event, email=address)

    assert (response.status_code, list(errors(response)), registrations()) == (422, ["email"], [])


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"name=%FF%FE&email=%00", "application/x-www-form-urlencoded", 422),
        (b"\x00\xff\xfe", "application/x-www-form-urlencoded", 422),
        (b"name=Maria", "application/x-www-form-urlencoded; charset=nonsense", 422),
        (b"--x\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=x", 422),
        (b"nothing of the kind", "multipart/form-data", 400),
        (b'{"name": "Maria"}', "application/json", 422),
        (b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nx', "multipart/form-data; boundary=", 400),
        (b"x", "multipart/form-data; boundary=" + "x" * 500, 400),
        (b"name=Maria", "text/plain; charset", 422),
        (b"name=Maria", "\xff;;;=", 422),
        (b"name=%5Cud800", "application/x-www-form-urlencoded; charset=utf-16", 400),
        (b"name=%5Cud800", "application/x-www-form-urlencoded; charset=unicode_escape", 400),
        (b"&".join([b"name=x"] * 10_001), "application/x-www-form-urlencoded", 400),
        (b"name=" + b"x" * 3_000_000, "application/x-www-form-urlencoded", 400),
    ],
    ids=[
        "broken-utf8",
        "bytes",
        "charset",
        "cut",
        "no-boundary",
        "json",
        "empty-boundary",
        "long-boundary",
        "no-value",
        "garbage",
        "utf-16",
        "escape",
        "many-fields",
        "large",
    ],
)
def test_form_that_is_no_form_is_refused(client, event, body, content_type, status):
    response = client.generic("POST", form_url(event), body, content_type=content_type)

    assert (response.status_code, registrations()) == (status, [])


@pytest.mark.parametrize(
    ("facts", "window", "expected"),
    [
        ({"starts_on": timezone.localdate() - DAY}, {}, "This event is over."),
        ({"state": "cancelled"}, {}, "This event has been cancelled."),
        ({"state": "postponed"}, {}, "This event has been postponed; its new date is not known yet."),
        ({"precision": "month"}, {}, "The date of this event is to be confirmed; nobody can register yet."),
        ({}, {"opens_at": timezone.now() + DAY}, "Registration has not opened yet."),
        ({}, {"closes_at": timezone.now() - DAY}, "Registration has closed."),
        ({}, {"seats_on_site": 0}, "There is no registration for this event here."),
    ],
    ids=["over", "cancelled", "postponed", "vague", "early", "late", "none"],
)
def test_registering_where_nobody_can_is_refused_with_the_reason(client, facts, window, expected):
    event = make_event(**facts)
    admit(event, **window)

    page, response = client.get(form_url(event)), send(client, event)

    assert (page.status_code, posted(page, "form.form")) == (200, {})
    assert (response.status_code, response.context["refusal"], posted(response, "form.form")) == (422, expected, {})
    assert expected in soup(response).select_one("#errors").text
    assert registrations() == []


def test_registering_is_for_invited_people_alone(client):
    event = make_event()
    admit(event, by_invitation=True)

    page, response = client.get(form_url(event)), send(client, event)

    assert (page.status_code, posted(page, "form.form"), people()) == (200, {}, [])
    assert (response.status_code, response.context["refusal"]) == (
        422,
        "Only people who were invited can register for this event.",
    )


@pytest.mark.parametrize(
    ("facts", "window"),
    [
        ({"starts_on": timezone.localdate() - DAY}, {}),
        ({"state": "cancelled"}, {}),
        ({"state": "postponed"}, {}),
        ({"precision": "month"}, {}),
        ({}, {"opens_at": timezone.now() + DAY}),
        ({}, {"closes_at": timezone.now() - DAY}),
        ({}, {"seats_on_site": 0}),
        ({}, {"by_invitation": True}),
    ],
    ids=["over", "cancelled", "postponed", "vague", "early", "late", "none", "invited"],
)
@pytest.mark.parametrize("to", [form_url, group_url], ids=["one", "group"])
def test_page_where_nobody_can_register_says_so_and_leads_on(client, facts, window, to):
    event = make_event(**facts)
    admit(event, **window)

    page = client.get(to(event))

    assert (page.status_code, posted(page, "form.form")) == (200, {})
    assert notices(page) != []
    main = soup(page).main
    assert main.select_one(f'a[href="/en/event/{event.pk}/"]') is not None


@pytest.mark.parametrize("state", ["pending", "confirmed"])
def test_a_known_address_is_refused_as_a_stranger_where_nobody_can_register(client, state):
    event = make_event()
    in_state(event, state)
    admit(event, 1, closes_at=timezone.now() - DAY)

    known, unknown = send(client, event), send(client, event, email="other@example.org")

    assert known.status_code == unknown.status_code == 422
    assert masked(known, "maria@example.org") == masked(unknown, "other@example.org")


def test_registering_without_an_admission_is_refused(client):
    event = make_event()

    assert send(client, event).context["refusal"] == "There is no registration for this event here."


def test_registering_after_the_event_was_cancelled_is_refused(client, event):
    form = posted(client.get(form_url(event)), "form.form") | filled()
    change_state(event.pk, "cancelled")

    response = client.post(form_url(event), form)

    assert (response.status_code, response.context["refusal"]) == (422, "This event has been cancelled.")


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "testserver:99999999"},
        {"HTTP_X_FORWARDED_FOR": "' OR 1=1, \xff"},
        {"HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_ACCEPT_LANGUAGE": "de;q=x,*;q=2,-,;;;=" + "a" * 5000},
        {"HTTP_REFERER": "https://evil.example/", "HTTP_ORIGIN": "null"},
        {"HTTP_COOKIE": "csrftoken=\xff; sessionid=x; =; ;;"},
        {"CONTENT_LENGTH": "5"},
        {"CONTENT_LENGTH": "-1"},
        {"CONTENT_LENGTH": "x"},
        {"REMOTE_ADDR": "x"},
        {"HTTP_CONTENT_ENCODING": "gzip"},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
    ],
    ids=range(13),
)
def test_form_with_hostile_headers_gets_an_answer(event, headers):
    client = Client(raise_request_exception=False)

    found = [client.get(form_url(event), **headers), client.post(form_url(event), filled(), **headers)]

    assert {response.status_code for response in found} <= {200, 400, 422}
    assert [response for response in found if b"evil.example" in response.content] == []
    assert [soup(response).html["lang"] for response in found] == ["en", "en"]


@pytest.mark.parametrize("field", ["name", "email", "stamp", "csrfmiddlewaretoken", "unknown"])
def test_form_with_ten_megabytes_is_refused_clearly(event, field):
    client = Client(raise_request_exception=False)

    response = send(client, event, **{field: "x" * 10_000_000})

    assert (response.status_code, registrations()) == (400, [])
    assert words(soup(response).h1) == "We could not read this request"


def test_form_with_lists_where_one_value_is_asked_takes_the_last(client, event):
    send(client, event, name=["A", "Maria"], country=["XX", "PT"], email=["x", "maria@example.org"])

    assert registrations() == [MARIA]


def test_form_with_a_file_where_text_is_asked_is_refused(client, event):
    response = send(client, event, name=SimpleUploadedFile("x.txt", b"Maria"))

    assert (response.status_code, list(errors(response))) == (422, ["name"])


def hidden_ones():
    tree = make_tree("fr")["fr"]
    private = make_event("private")
    page = event_page(tree["agenda"], private)
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    found = [
        make_event("draft", live=False),
        make_event("withdrawn", state="withdrawn"),
        private,
        make_event("unpublished"),
    ]
    for event in found:
        admit(event)
    unpublish(found[-1])
    return found


def test_registering_for_what_is_not_shown_is_not_found(client):
    events = hidden_ones()

    found = [(client.get(form_url(event)).status_code, send(client, event).status_code) for event in events]

    assert (found, registrations()) == ([(404, 404)] * 4, [])


@pytest.mark.parametrize("number", [0, 999, 2**63 - 1, 2**63, 10**40])
def test_registering_for_what_does_not_exist_is_not_found(client, number):
    response = client.get(f"/en/event/{number}/register/")

    assert response.status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_form_is_got_or_posted(client, event, method):
    response = getattr(client, method)(form_url(event))

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


def test_form_is_not_read_by_head(client, event):
    response = client.head(form_url(event))

    assert (response.status_code, response.content, registrations()) == (200, b"", [])


def test_form_of_an_unpublished_draft_shows_the_published_facts(client, event):
    change(event, city="Lyon")
    drafted = event.get_latest_revision_as_object()
    drafted.city = "Secret"
    drafted.save_revision()

    assert b"Secret" not in client.get(form_url(event)).content


@pytest.mark.parametrize("to", [form_url, group_url], ids=["one", "group"])
def test_form_that_comes_too_late_is_answered_with_the_way_back(client, to):
    """The refusal stands where the form was, so something has to lead on."""
    event = make_event()
    admit(event)
    data = posted(client.get(to(event)), "form.form")
    admit(event, closes_at=timezone.now() - DAY)

    response = client.post(to(event), data | {"name": "Maria", "email": "maria@example.org", "country": "PT"})

    below = soup(response).select(".split p > a")
    assert response.status_code == 422
    assert [(link.text, link["href"]) for link in below if link["href"].startswith("/en/event/")] == [
        ("Back to the event", f"/en/event/{event.pk}/")
    ]
