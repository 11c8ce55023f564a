"""The hub of a fact: texts by language, one button for all, and the acts on an event."""

from __future__ import annotations

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from wagtail_localize.models import TranslationSource

from events.admission import change_admission
from events.models import AuditLine, Event, EventPage
from events.models.event import State
from events.publication import TRANSITIONS, change_state
from tests import factories
from tests.admin.conftest import logged_in, told
from tests.admin.people import registered
from tests.events.publishing import draft
from tests.factories import admit, make_event, stored
from tests.filled_forms import posted
from tests.translating import begin, fill, rewrite
from tests.translating import translated as translated_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(porto):
    return make_event("Formation", cite=porto, original_language="")


def hub_of(event):
    return f"/admin/events/{event.pk}/"


def act(client, event, name, **data):
    """Press a button of the hub, and read what it says then."""
    answer = client.post(f"{hub_of(event)}{name}/", data)
    assert answer["Location"] == hub_of(event)
    return told(answer)


# --- texts by language


@pytest.fixture
def original(porto, event):
    return factories.event_page(porto.pages.get(), event, "Formation")


@pytest.fixture
def translated(trees, porto, original):
    """The same text in English, public."""
    factories.cite_page(trees["en"]["network"], porto, "Cité porto", translation_key=porto.pages.get().translation_key)
    return translated_page(original)


def state_of_words(client, event):
    return {row["code"]: row["state"] for row in client.get(hub_of(event)).context["words"]}


def test_words_are_missing_then_drafted_then_public(editor, porto, event):
    states = [state_of_words(editor, event)]

    begun = editor.post(f"{hub_of(event)}words/")
    states.append(state_of_words(editor, event))
    page = EventPage.objects.get()
    act(editor, event, "publish", page=page.pk)
    states.append(state_of_words(editor, event))
    stored(page).save_revision(changed=True)
    states.append(state_of_words(editor, event))

    assert begun["Location"] == f"/admin/pages/{page.pk}/edit/"
    assert states == [{"fr": state, "en": "missing"} for state in ("missing", "draft", "live", "changed")]


def test_translation_is_outdated_once_other_words_of_the_original_are_public(editor, event, original, translated):
    before = state_of_words(editor, event)
    changed = rewrite(original, summary="Deux jours.")

    answer = editor.get(hub_of(event))

    row = next(row for row in answer.context["words"] if row["code"] == "en")
    source = TranslationSource.objects.get()
    compare = f"/admin/pages/{original.pk}/revisions/compare/{original.live_revision_id}...{changed.live_revision_id}/"
    assert (before, row["state"], row["changes"]) == ({"fr": "live", "en": "live"}, "outdated", ["summary"])
    assert row["translate_url"] == f"/admin/localize/update/{source.pk}/"
    assert BeautifulSoup(answer.content, "html.parser").select_one(f'a[href="{compare}"]').text == "What changed"
    assert editor.get(compare).status_code == 200


def test_small_correction_is_published_in_the_hub_without_outdating_translations(editor, event, original, translated):
    draft_page = stored(original)
    draft_page.title = "Formations"
    draft_page.save_revision()

    act(editor, event, "publish", page=original.pk, small_correction="on")

    assert (stored(original).title, state_of_words(editor, event)) == ("Formations", {"fr": "live", "en": "live"})


def test_hub_publishes_a_translation_with_its_segments_once_all_are_there(editor, event, porto, original, trees):
    factories.cite_page(trees["en"]["network"], porto, "Cité porto", translation_key=porto.pages.get().translation_key)
    translation = begin(original)
    page = translation.get_target_instance()
    unready = act(editor, event, "publish", page=page.pk)
    fill(translation, prefix="English ")
    row = next(row for row in editor.get(hub_of(event)).context["words"] if row["code"] == "en")

    act(editor, event, "publish", page=page.pk)

    assert unready == ["Not published. “Formation” is not wholly translated yet. 1 passage is missing: Formation"]
    assert (row["state"], row["label"], row["is_ready"]) == ("draft", "in translation", True)
    assert (stored(page).title, stored(page).live) == ("English Formation", True)


def test_missing_text_is_begun_as_a_translation_where_it_has_a_place(editor, trees, porto, event, original):
    links = [words_link(editor, event, "en")]
    factories.cite_page(trees["en"]["network"], porto, "Cité porto", translation_key=porto.pages.get().translation_key)
    links.append(words_link(editor, event, "en"))

    assert links == ["", f"/admin/localize/submit/page/{original.pk}/?select_locale=en"]


def words_link(client, event, code):
    return next(row["translate_url"] for row in client.get(hub_of(event)).context["words"] if row["code"] == code)


def test_words_have_no_place_without_a_page_of_the_cite(event, porto):
    porto.pages.get().delete()
    client = logged_in(factories.make_user("editor", cite=porto))

    said = act(client, event, "words")

    assert said == ["There is no page below which you may write. Ask the coordinator."]


# --- one button for facts and texts


def test_incomplete_draft_is_not_published_and_says_why(editor, porto, event):
    page = factories.event_page(porto.pages.get(), event, "Formation", live=False)
    drafted = stored(event).get_latest_revision_as_object()
    drafted.starts_on = None
    drafted.save_revision(clean=False)

    said = act(editor, event, "publish", page=page.pk)

    assert said == ["Not published. first day: Give the first day, or choose “to be confirmed”."]
    assert (stored(event).starts_on, stored(page).live) == (event.starts_on, False)


def test_texts_of_another_fact_are_not_published_with_it(editor, porto, event):
    other = make_event("Other", cite=porto)
    page = factories.event_page(porto.pages.get(), other, "Other", live=False)

    act(editor, event, "publish", page=page.pk)

    assert stored(page).live is False


def test_nothing_is_published_of_what_a_colleague_has_locked(editor, event):
    draft(event, city="Braga")
    row = stored(event)
    row.locked, row.locked_by = True, factories.make_user("colleague")
    row.save()

    said = act(editor, event, "publish")

    assert (said, stored(event).city) == (["Not published. “Formation” is locked."], "Paris")


def test_hub_of_a_fact_that_is_not_there_is_not_found(editor):
    answers = [editor.get(address).status_code for address in ("/admin/events/999/", f"/admin/events/{2**63}/")]

    assert answers == [404, 404]


def test_comparison_with_a_nonsense_number_is_not_found(editor):
    assert editor.get("/admin/events/history/nonsense/revisions/compare/live...latest/").status_code == 404


# --- state


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_state_buttons(editor, event, before, after):
    Event.objects.filter(pk=event.pk).update(state=before)
    allowed = after in TRANSITIONS[before]

    page = BeautifulSoup(editor.get(hub_of(event)).content, "html.parser")
    said = act(editor, event, "state", state=after, why="Because")

    assert bool(page.select(f"button[name=state][value={after}]")) == allowed
    assert said == [f"The event is now: {after}." if allowed else f"An event that is {before} cannot become this."]
    assert stored(event).state == (after if allowed else before)


def test_state_that_does_not_exist_changes_nothing(editor, event):
    said = act(editor, event, "state", state="exploded", why="x" * 400)

    assert (len(said), stored(event).state, AuditLine.objects.count()) == (1, State.CONFIRMED, 0)


# --- seats


def admission_errors(client, event, **data):
    """Send the form of seats and rules with a mistake, and read what stands beside it."""
    answer = client.post(f"{hub_of(event)}admission/", {"seats_on_site": "1", "seats_online": "0"} | data)
    page = BeautifulSoup(answer.content, "html.parser")
    assert answer.status_code == 422
    return [" ".join(said.text.split()) for said in page.select(".error-message, .errorlist li")]


def test_admission_is_asked_in_the_zone_of_the_event(editor, event):
    Event.objects.filter(pk=event.pk).update(timezone="Indian/Reunion")

    said = act(
        editor, event, "admission", seats_on_site="12", seats_online="3", opens_at="2027-01-10 09:00", closes_at=""
    )

    admission = stored(event).admission
    shown = BeautifulSoup(editor.get(hub_of(event)).content, "html.parser").select_one("[name=opens_at]")["value"]
    assert said == ["Seats and rules are changed."]
    assert (admission.seats_on_site, admission.seats_online, admission.closes_at) == (12, 3, None)
    assert (admission.opens_at, shown) == (dt.datetime(2027, 1, 10, 5, tzinfo=dt.UTC), "2027-01-10 09:00")


def test_fewer_seats_than_people_are_refused_with_their_number(editor, event):
    admit(event, 5)
    for name in ("maria", "joao"):
        registered(event, f"{name}@example.org")

    errors = admission_errors(editor, event)

    assert errors == ["2 people have a seat already (on site); fewer seats are not possible."]
    assert stored(event).admission.seats_on_site == 5


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"seats_on_site": "-1"}, "Ensure this value is greater than or equal to 0."),
        ({"seats_on_site": "many"}, "Enter a whole number."),
        ({"opens_at": "soon"}, "Enter a valid date/time."),
        (
            {"opens_at": "2027-03-28 02:30"},  # clocks in Paris skip it
            (
                "2027-03-28 02:30:00 couldn’t be interpreted in time zone Europe/Paris; "
                "it may be ambiguous or it may not exist."
            ),
        ),
        ({"opens_at": "0001-01-01 00:00"}, "Is this year right?"),  # before all time, in UTC
        ({"closes_at": "9999-12-31 23:59"}, "Is this year right?"),
        ({"quota_by": "country", "quota_until": "0001-01-01 00:00"}, "Is this year right?"),
        ({"keep_until": "0207-12-31"}, "Is this year right?"),
        (
            {"opens_at": "2027-01-02 00:00", "closes_at": "2027-01-01 00:00"},
            "Registration must close after it opens.",
        ),
    ],
)
def test_admission_refuses_what_makes_no_sense(editor, event, data, expected):
    errors = admission_errors(editor, event, **data)

    assert (errors, stored(event).admission_or_none) == ([expected], None)


def test_form_with_a_mistake_keeps_what_was_typed(editor, event):
    answer = editor.post(f"{hub_of(event)}admission/", {"seats_on_site": "many", "seats_online": "7"})

    page = BeautifulSoup(answer.content, "html.parser")
    assert [page.select_one(f"[name={name}]")["value"] for name in ("seats_on_site", "seats_online")] == ["many", "7"]


def test_all_rules_are_set_in_the_hub(editor, event):
    form = {
        **posted(editor.get(hub_of(event)), ".hub-form"),
        "seats_on_site": "20",
        "seats_online": "0",
        "quota_by": "country",
        "quota_each": "3",
        "quota_until": "2027-01-10 12:00",
        "keep_until": "2035-12-31",
        "mail_intro_fr": "Bonjour",
        **dict.fromkeys(("needs_approval", "by_invitation", "takes_interest"), "on"),
        **dict.fromkeys(("asks_access", "asks_diet", "asks_interpretation"), "on"),
        "quota-0-country": "PT",
        "quota-0-seats": "2",
        "quota-1-country": "IT",
        "quota-1-seats": "0",
    }

    said = act(editor, event, "admission", **form)

    admission = stored(event).admission
    assert said == ["Seats and rules are changed."]
    assert all(getattr(admission, name) for name in ("needs_approval", "by_invitation", "takes_interest"))
    assert all(getattr(admission, name) for name in ("asks_access", "asks_diet", "asks_interpretation"))
    assert (admission.quota_by, admission.quota_each, admission.keep_until) == ("country", 3, dt.date(2035, 12, 31))
    assert admission.quota_until == dt.datetime(2027, 1, 10, 11, tzinfo=dt.UTC)
    assert (admission.mail_intro, dict(admission.quotas.values_list("key", "seats"))) == (
        {"fr": "Bonjour"},
        {"PT": 2, "IT": 0},
    )
    assert AuditLine.objects.get(what="admission").user.username == "editor"


def test_exceptions_are_shown_again_and_go_with_an_empty_row(editor, porto, event):
    change = {"seats_on_site": 5, "seats_online": 0, "opens_at": None, "closes_at": None, "quota_by": "organisation"}
    change_admission(event.pk, **change, quotas={"cite:porto": 1, "mission locale": 2})
    form = posted(editor.get(hub_of(event)), ".hub-form")
    rows = [(*form[f"quota-{row}-organisation"], *form[f"quota-{row}-seats"]) for row in range(2)]

    act(editor, event, "admission", **form | {"quota-0-organisation": "", "quota-0-seats": ""})

    assert rows == [("Cité porto", "1"), ("mission locale", "2")]
    assert dict(stored(event).admission.quotas.values_list("key", "seats")) == {"mission locale": 2}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"country": "PT", "organisation": "IHK", "seats": "1"}, "Name either a country or an organisation."),
        ({"seats": "1"}, "Name either a country or an organisation."),
        ({"country": "PT"}, "Give the number of seats."),
    ],
)
def test_exception_names_one_of_both_and_a_number(editor, event, row, expected):
    form = posted(editor.get(hub_of(event)), ".hub-form") | {"quota_by": "country"}

    errors = admission_errors(editor, event, **form | {f"quota-0-{name}": value for name, value in row.items()})

    assert (errors, stored(event).admission_or_none) == ([expected], None)


@pytest.fixture
def registration(event):
    admit(event)
    return registered(event)


# --- a new event like this one


def test_duplicate_has_the_facts_but_no_dates_people_and_texts(editor, porto, event, original, registration):
    draft(event, city="Braga", place_name="Casa", languages=["pt"], online_link="https://example.org/secret")

    answer = editor.post(f"{hub_of(event)}duplicate/")

    copy = Event.objects.exclude(pk=event.pk).get()
    assert answer["Location"] == f"/admin/events/edit/{copy.pk}/"
    assert (copy.name, copy.cite, copy.kind, copy.city, copy.place_name, copy.languages) == (
        "Copy of Formation",
        porto,
        "training",
        "Braga",
        "Casa",
        ["pt"],
    )
    assert (copy.live, copy.state, copy.sequence, copy.online_link) == (False, State.PLANNED, 0, "")
    assert (copy.starts_on, copy.ends_on, copy.start_time, copy.end_time, copy.begins_at) == (None,) * 5
    assert (copy.uuid != event.uuid, copy.registrations.count(), copy.pages.count()) == (True, 0, 0)
    assert copy.admission_or_none is None


def test_duplicate_opens_in_the_form(editor, event):
    copy = editor.post(f"{hub_of(event)}duplicate/")["Location"]

    page = BeautifulSoup(editor.get(copy).content, "html.parser")

    assert page.select_one("[name=name]")["value"] == "Copy of Formation"


def test_duplicate_of_a_long_name_fits(editor, event):
    Event.objects.filter(pk=event.pk).update(name="x" * 200)
    draft(event, name="x" * 200)

    editor.post(f"{hub_of(event)}duplicate/")

    assert len(Event.objects.exclude(pk=event.pk).get().name) == 200


@pytest.mark.parametrize("act_name", ["publish", "words", "state", "admission", "duplicate"])
def test_acts_are_for_those_whose_event_it_is(lyon, event, act_name):
    client = logged_in(factories.make_user("other", cite=lyon))

    answer = client.post(f"{hub_of(event)}{act_name}/", {"state": "cancelled"})

    assert (answer.status_code, Event.objects.count(), stored(event).state) == (403, 1, State.CONFIRMED)
    assert Client().post(f"{hub_of(event)}{act_name}/")["Location"].startswith("/admin/login/")


def test_withdrawn_event_has_no_more_buttons(editor, event):
    change_state(event.pk, State.WITHDRAWN)

    page = BeautifulSoup(editor.get(hub_of(event)).content, "html.parser")

    assert page.select("button[name=state]") == []


def test_more_exceptions_than_there_can_be_are_not_made(editor, event):
    """Whoever asks for a hundred thousand rows would keep a server busy for a minute."""
    data = {"seats_on_site": "1", "seats_online": "0", "quota-TOTAL_FORMS": "99999", "quota-INITIAL_FORMS": "0"}

    answer = editor.post(f"{hub_of(event)}admission/", data)

    assert (answer.status_code, len(answer.context["exceptions"].forms)) == (422, 200)


def test_country_of_an_exception_is_a_labelled_choice(editor, event):
    admit(event, 5, quota_by="country", quotas={"PT": 2})

    page = BeautifulSoup(editor.get(hub_of(event)).content, "html.parser")

    select = page.select_one("[name=quota-0-country]")
    assert [option["value"] for option in select.select("[selected]")] == ["PT"]
    assert page.select_one(f"label[for={select['id']}]").text.split() == ["Country"]


# --- advice


def test_hub_and_editor_say_what_was_overlooked(editor, event, original):
    hub, form = editor.get(hub_of(event)), editor.get(f"/admin/pages/{original.pk}/edit/")

    assert "The working languages are not given" in hub.content.decode()
    assert "There is no summary" in form.content.decode()


def test_editor_checks_pictures_too(editor, original):
    form = BeautifulSoup(editor.get(f"/admin/pages/{original.pk}/edit/").content, "html.parser")

    configuration = form.find(id="checker-axe-configuration").get_text()
    assert '"image-alt"' in configuration
    assert "A picture has no alternative text" in configuration
