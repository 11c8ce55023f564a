"""An event's own questions: added, changed, withdrawn, and never so that an answer changes its sense."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from events.models import AuditLine, Question
from events.questions import Offered, QuestionRefused, ask_again, save_question, withdraw_question
from tests.admin.conftest import told
from tests.admin.people import registered
from tests.factories import admit, make_event, stored
from tests.filled_forms import posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(porto):
    event = make_event("Formation", cite=porto)
    admit(event)
    return event


def address(event, rest=""):
    return f"/admin/events/{event.pk}/questions/{rest}"


def make_question(event, kind="choice", **fields):
    return save_question(
        Question(event=event),
        choices=[Offered("", {"en": "Monday"}), Offered("", {"en": "Tuesday"})],
        user=None,
        **{"kind": kind, "labels": {"en": "Which day?"}, "purposes": {"en": "Meals"}, **fields},
    )


def answered(event, question, value="c1"):
    return registered(event, answers={question.pk: value})


def choices(question):
    return list(question.choices.values_list("code", "withdrawn", "labels__en"))


def test_question_is_added_in_several_languages_with_its_answers(editor, event):
    form = posted(editor.get(address(event, "add/")), ".hub-form")
    filled = {
        "kind": "choices",
        "labels_fr": "Quels jours ?",
        "labels_en": "Which days?",
        "purposes_fr": "Repas",
        "retention": "logistics",
        "is_required": "on",
        "choice-0-labels_fr": "Lundi",
        "choice-0-labels_en": "Monday",
        "choice-2-labels_fr": "Mardi",
    }

    answer = editor.post(address(event, "add/"), form | filled)

    question = Question.objects.get()
    assert (answer["Location"], told(answer)) == (address(event), ["The question is saved; the form asks it at once."])
    assert (question.kind, question.labels) == ("choices", {"fr": "Quels jours ?", "en": "Which days?"})
    assert (question.is_required, question.sort_order) == (True, 1)
    assert list(question.choices.values_list("code", "labels")) == [
        ("c1", {"fr": "Lundi", "en": "Monday"}),
        ("c2", {"fr": "Mardi"}),
    ]
    assert AuditLine.objects.get(what="question").data["act"] == "added"


def test_question_is_edited_and_answers_keep_their_codes(editor, event):
    question = make_question(event)
    answered(event, question)
    form = posted(editor.get(address(event, f"{question.pk}/")), ".hub-form")

    editor.post(
        address(event, f"{question.pk}/"),
        form
        | {"labels_en": "What day?", "choice-0-is_removed": "on", "choice-1-is_removed": "on"}
        | {"choice-2-labels_en": "Friday"},
    )

    assert stored(question).labels == {"en": "What day?"}
    assert choices(question) == [("c1", True, "Monday"), ("c3", False, "Friday")]  # nobody had chosen Tuesday
    assert AuditLine.objects.filter(what="question").count() == 2


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"kind": "choice", "labels_en": "x", "purposes_en": "y"}, "Give at least one answer to choose from."),
        ({"kind": "text", "purposes_en": "y"}, "This field is required."),
    ],
)
def test_form_says_what_is_missing_and_keeps_the_rest(editor, event, data, expected):
    form = posted(editor.get(address(event, "add/")), ".hub-form")

    answer = editor.post(address(event, "add/"), form | {"retention": "logistics"} | data)

    page = BeautifulSoup(answer.content, "html.parser")
    said = [" ".join(text.text.split()) for text in page.select(".error-message, .errorlist li")]
    assert (answer.status_code, said, Question.objects.count()) == (422, [expected], 0)
    assert page.select_one("[name=purposes_en]")["value"] == "y"


def test_kind_stays_once_somebody_has_answered(event):
    question = make_question(event)
    answered(event, question)

    with pytest.raises(QuestionRefused):
        save_question(question, choices=[], user=None, kind="text")

    assert stored(question).kind == "choice"


def test_answers_are_not_kept_longer_than_people_were_told(event):
    question = make_question(event, kind="text")
    answered(event, question, "No milk")

    with pytest.raises(QuestionRefused):
        save_question(question, choices=[], user=None, retention="evidence")

    save_question(question, choices=[], user=None, retention="logistics", labels={"en": "Diet?"})
    assert (stored(question).retention, stored(question).labels) == ("logistics", {"en": "Diet?"})


def test_question_that_nobody_answered_is_deleted(editor, event):
    question = make_question(event)

    answer = editor.post(address(event, f"{question.pk}/withdraw/"))

    assert (told(answer), Question.objects.count()) == (["Nobody had answered the question; it is deleted."], 0)


def test_answered_question_is_withdrawn_and_asked_again(editor, event):
    question = make_question(event)
    answered(event, question)

    said = [told(editor.post(address(event, f"{question.pk}/withdraw/")))[-1] for _time in range(2)]

    assert said == [
        "The question is asked no more; the answers that were given stay.",
        "The question is asked again.",
    ]
    assert [line.data["act"] for line in AuditLine.objects.filter(what="question").order_by("pk")] == [
        "added",
        "withdrawn",
        "asked again",
    ]


def test_list_shows_kind_choices_and_what_is_withdrawn(editor, event):
    question = make_question(event, is_required=True)
    other = make_question(event, kind="text", labels={"en": "Why?"})
    answered(event, other, "So")
    withdraw_question(other, user=None)

    page = BeautifulSoup(editor.get(address(event)).content, "html.parser")

    rows = [[" ".join(cell.text.split()) for cell in row.select("th, td")][:3] for row in page.select("tbody tr")]
    assert rows == [
        ["Which day? must be answered", "one of several: Monday, Tuesday", "deleted soon after the event"],
        ["Why? asked no more", "text", "deleted soon after the event"],
    ]
    ask_again(other, user=None)
    assert stored(question).withdrawn is False


def test_answers_are_counted_or_listed(editor, event):
    several, text = make_question(event, kind="choices"), make_question(event, kind="text", labels={"en": "Why?"})
    registered(event, "a@example.org", answers={several.pk: ["c1", "c2"], text.pk: "Because"})
    registered(event, "b@example.org", answers={several.pk: ["c2"]})

    page = BeautifulSoup(editor.get(f"/admin/events/{event.pk}/registrations/numbers/").content, "html.parser")

    table = next(table for table in page.select("table") if table.caption.text == "Which day?")
    assert [[cell.text for cell in row.select("th, td")] for row in table.select("tbody tr")] == [
        ["Tuesday", "2", "0"],
        ["Monday", "1", "0"],
    ]
    assert [item.text for item in page.select(".hub-numbers section li")] == ["Because"]


def test_question_of_another_event_is_not_found(editor, porto, lyon, event):
    question = make_question(make_event("Theirs", cite=lyon))

    answers = [
        editor.get(address(event, f"{question.pk}/")).status_code,
        editor.post(address(event, f"{question.pk}/withdraw/")).status_code,
    ]

    assert (answers, Question.objects.count()) == ([404, 404], 1)


def test_more_answers_than_there_can_be_are_not_made(editor, event):
    data = {"kind": "text", "choice-TOTAL_FORMS": "99999", "choice-INITIAL_FORMS": "0"}

    answer = editor.post(f"/admin/events/{event.pk}/questions/add/", data)

    assert (answer.status_code, len(answer.context["rows"].forms)) == (422, 100)
