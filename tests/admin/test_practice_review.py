"""Contributing a practice in the admin: the draft with help and checklist, the review, the dashboard, the refusals."""

from __future__ import annotations

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import Comment, GroupApprovalTask, TaskState, Workflow, WorkflowTask

from portal.base.models import OutgoingMail
from practices.examples import EXAMPLES, HELP
from practices.models import Practice, PracticePage
from practices.models.review import decide, review_of
from practices.reviewing import submit
from tests import factories
from tests.admin.conftest import logged_in, told
from tests.factories import stored
from tests.filled_forms import posted as posted_fields
from tests.practices.reviewed import make_reviewer, make_sheet

pytestmark = pytest.mark.django_db

JSON = {"HTTP_ACCEPT": "application/json"}


def posted(answer):
    """With what Wagtail's editor adds for blocks; lists in which nothing is chosen send nothing."""
    fields = {"body-count": "0", "documents-count": "0"} | posted_fields(answer)
    return {name: value for name, value in fields.items() if value or name not in {"taken_up_by", "events"}}


@pytest.fixture
def sheet(porto):
    return make_sheet(porto, porto.pages.get())


@pytest.fixture
def reviewer(trees):
    return logged_in(make_reviewer())


def user_of(client):
    return client.get("/admin/").wsgi_request.user


def hub(sheet):
    return f"/admin/practices/{sheet.practice.pk}/"


def edit(sheet):
    return reverse("wagtailadmin_pages:edit", args=[sheet.page.pk])


def buttons(client, sheet):
    page = BeautifulSoup(client.get(hub(sheet)).content, "html.parser")
    return [" ".join(button.text.split()) for button in page.select(".hub form button.button")]


def is_public(sheet):
    return (stored(sheet.practice).live, stored(sheet.page).live)


def status(sheet):
    review = review_of(sheet.practice)
    return review and review.status


def decide_url(sheet):
    return reverse("practices:decide", args=[sheet.practice.pk, review_of(sheet.practice).current_task_state_id])


# --- the draft


def test_each_part_has_help_and_an_example(editor, sheet):
    for address, names in (
        (edit(sheet), ["title", "question", "summary", "context", "steps", "partners", "results", "transfer"]),
        (f"/admin/practices/edit/{sheet.practice.pk}/", ["name", "target_groups", "contact_email", "licence"]),
    ):
        page = BeautifulSoup(editor.get(address).content, "html.parser")
        text = page.get_text()
        examples = "".join(details.p.get_text() for details in page.select("details.example"))
        with translation.override("en"):
            assert [name for name in names if str(HELP[name]) not in text] == []
            assert [name for name in names if "".join(EXAMPLES[name].splitlines()) not in examples] == []


def test_limits_can_be_seen(editor, sheet):
    page = BeautifulSoup(editor.get(edit(sheet)).content, "html.parser")

    assert page.select_one("[name=title]")["maxlength"] == "100"
    assert page.select_one("[name=summary]")["maxlength"] == "300"


def test_a_long_title_is_refused_in_words(editor, sheet):
    answer = editor.post(edit(sheet), posted(editor.get(edit(sheet))) | {"title": "x" * 101})

    assert "At most 100 characters" in answer.content.decode()
    assert stored(sheet.page).get_latest_revision_as_object().title == "Premier accueil"


def test_a_long_working_title_makes_a_page_all_the_same(editor, porto):
    address = "/admin/practices/add/"
    editor.post(address, posted(editor.get(address)) | {"name": "x" * 150})

    assert PracticePage.objects.get().title == "x" * 100


def test_autosave_saves_the_draft(editor, sheet):
    sent = posted(editor.get(edit(sheet))) | {"question": "Et maintenant ?"}

    answer = editor.post(edit(sheet), sent, **JSON)

    assert answer.json()["success"]
    assert stored(sheet.page).get_latest_revision_as_object().question == "Et maintenant ?"
    assert is_public(sheet) == (False, False)


def test_the_checklist_follows_what_is_saved(editor, porto):
    sheet = make_sheet(porto, porto.pages.get(), question="", results="<p></p>")

    def missing(address):
        page = BeautifulSoup(editor.get(address).content, "html.parser")
        return [link.text for link in page.select(".help-info li a")]

    before = [missing(address) for address in (edit(sheet), hub(sheet), f"/admin/practices/edit/{sheet.practice.pk}/")]
    draft = stored(sheet.page).get_latest_revision_as_object()
    draft.question = "Comment ?"
    draft.save_revision()

    assert before == [["The question it answers", "Results and evidence"]] * 3
    assert missing(edit(sheet)) == ["Results and evidence"]


def test_the_checklist_is_renewed_when_the_browser_saves_of_itself(editor, porto):
    sheet = make_sheet(porto, porto.pages.get(), question="", results="<p></p>")

    def missing(address, **changed):
        answer = editor.post(address, posted(editor.get(address)) | changed, **JSON).json()
        sent = answer["html"].replace("template", "div")  # in which BeautifulSoup finds nothing
        return [link.text for link in BeautifulSoup(sent, "html.parser").select("#practice-checklist li a")]

    facts = f"/admin/practices/edit/{sheet.practice.pk}/"

    assert missing(edit(sheet), question="Comment ?") == ["Results and evidence"]
    assert missing(facts, contact_email="") == ["E-mail for questions", "Results and evidence"]


def test_a_translation_has_no_checklist(editor, porto):
    sheet = make_sheet(porto, porto.pages.get(), live=True)
    english = factories.cite_page(
        porto.pages.get().get_parent().get_translation(factories.locale("en")), porto, slug="porto-en"
    )
    factories.make_user("again", cite=porto)  # gives the team rights on the new page
    key = sheet.page.translation_key
    page = factories.practice_page(english, sheet.practice, "First welcome", live=False, translation_key=key)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])

    form = editor.get(address)
    answer = editor.post(address, posted(form) | {"question": "How?"}, **JSON).json()

    assert answer["success"]
    assert "practice-checklist" not in form.content.decode() + answer["html"]


def test_each_line_of_the_checklist_leads_to_its_field(editor, porto):
    sheet = make_sheet(porto, porto.pages.get(), question="", context="")
    page = BeautifulSoup(editor.get(hub(sheet)).content, "html.parser")

    for link in page.select("#hub-checklist-content dt a"):
        address, _sign, name = link["href"].partition("#")
        assert BeautifulSoup(editor.get(address).content, "html.parser").find(id=name), link["href"]


def test_who_cannot_submit_yet_is_told_why(editor, porto):
    sheet = make_sheet(porto, porto.pages.get(), question="")

    assert buttons(editor, sheet) == []
    assert "10 of 11 required parts are written." in editor.get(hub(sheet)).content.decode()


def test_the_form_says_what_reviewers_ask_for(editor, reviewer, sheet):
    editor.post(hub(sheet) + "submit/")
    reviewer.post(decide_url(sheet), {"action": "reject", "comment": "How was it counted?"})

    for address in (edit(sheet), f"/admin/practices/edit/{sheet.practice.pk}/"):
        page = BeautifulSoup(editor.get(address).content, "html.parser")
        assert "How was it counted?" in page.select_one("#practice-checklist").text


def test_the_hub_shows_editors_what_is_empty(editor, sheet):
    page = BeautifulSoup(editor.get(hub(sheet)).content, "html.parser")

    rows = {
        row.text.strip(): row.find_next_sibling("dd").text.strip() for row in page.select("#hub-checklist-content dt")
    }

    assert {name: rows[name] for name in ("Context", "Resources needed", "Documents", "Licence")} == {
        "Context": "written",
        "Resources needed": "empty (optional)",
        "Documents": "empty (optional)",
        "Licence": "empty (optional)",
    }


# --- the way


def test_the_whole_way_by_the_buttons_of_the_hub(editor, reviewer, sheet):
    first = buttons(editor, sheet)
    submitted = told(editor.post(hub(sheet) + "submit/"))
    waiting = [buttons(client, sheet) for client in (editor, reviewer)]
    rejected = told(reviewer.post(decide_url(sheet), {"action": "reject", "comment": "How was it counted?"}))
    asked = editor.get(hub(sheet)).content.decode()
    editor.post(hub(sheet) + "submit/")
    approved = told(reviewer.post(decide_url(sheet), {"action": "approve"}))

    assert first == ["Submit for review"]
    assert submitted[-1] == "Submitted: the reviewers are told. You will get a mail."
    take_back = "Take it back from review"
    assert waiting == [
        [take_back],
        ["Approve: publish the facts and the text", "Ask for changes"],
    ]
    assert rejected[-1] == "Sent back with your comment."
    assert "How was it counted?" in asked
    assert approved[-1] == "“Premier accueil” is public now."
    assert is_public(sheet) == (True, True)


def test_the_buttons_of_the_page_lead_the_same_way(editor, reviewer, sheet):
    submitted = editor.post(edit(sheet), posted(editor.get(edit(sheet))) | {"action-submit": "1"})
    form = posted(reviewer.get(edit(sheet)))
    name = {"action-workflow-action": "1", "workflow-action-name": "approve"}
    approved = reviewer.post(edit(sheet), form | {"title": "Mieux dit"} | name)

    assert (submitted["Location"], approved["Location"]) == (hub(sheet), hub(sheet))
    assert is_public(sheet) == (True, True)
    assert stored(sheet.page).title == "Mieux dit"


def test_the_page_says_what_is_missing_when_it_is_submitted(editor, reviewer, porto):
    sheet = make_sheet(porto, porto.pages.get())
    draft = stored(sheet.practice).get_latest_revision_as_object()
    draft.target_groups = []
    draft.save_revision()
    sent = posted(editor.get(edit(sheet))) | {"question": "", "action-submit": "1"}

    answer = editor.post(edit(sheet), sent).content.decode()

    assert "Needed before it goes to the reviewers." in answer
    assert "Missing in the facts: For whom" in answer
    assert status(sheet) is None


def test_a_refusal_without_a_reason_is_said(editor, reviewer, sheet):
    editor.post(hub(sheet) + "submit/")

    said = told(reviewer.post(decide_url(sheet), {"action": "reject"}))

    assert said[-1] == "Nothing was decided. Say what shall be changed."
    assert status(sheet) == "in_progress"


def test_wagtails_own_buttons_decide_as_well(editor, reviewer, sheet):
    editor.post(hub(sheet) + "submit/")
    state = review_of(sheet.practice).current_task_state
    act = reverse("wagtailadmin_pages:workflow_action", args=[sheet.page.pk, "reject", state.pk])

    without = reviewer.post(act, {"comment": ""})
    between = status(sheet)
    reviewer.post(act, {"comment": "Why?"})

    assert (without.status_code, between, status(sheet)) == (302, "in_progress", "needs_changes")


def test_reviewers_see_what_changed_since_the_public_version(editor, reviewer, porto):
    sheet = make_sheet(porto, porto.pages.get(), live=True)
    for thing, name, value in ((sheet.page, "summary", "Autrement."), (sheet.practice, "authors", "Ana")):
        draft = stored(thing).get_latest_revision_as_object()
        setattr(draft, name, value)
        draft.save_revision()
    editor.post(hub(sheet) + "submit/")

    page = BeautifulSoup(reviewer.get(hub(sheet)).content, "html.parser")
    links = [link["href"] for link in page.select("#hub-review-section p > a")]

    shown = [reviewer.get(link).content.decode() for link in links]
    assert ["Ana" in shown[0], "Autrement." in shown[1]] == [True, True]


# --- who may not


def forged(client, sheet):
    """Everything that would publish, with what it needs."""
    page, practice = sheet.page, sheet.practice
    form, facts_form = posted(client.get(edit(sheet))), posted(client.get(f"/admin/practices/edit/{practice.pk}/"))
    day = {"go_live_at": "2020-01-01 10:00"}
    yield edit(sheet), form | {"action-publish": "1"}
    yield edit(sheet), form | day | {"action-publish": "1"}
    yield f"/admin/practices/edit/{practice.pk}/", facts_form | {"action-publish": "1"}
    yield f"/admin/practices/edit/{practice.pk}/", facts_form | day | {"action-publish": "1"}
    yield f"/admin/practices/{practice.pk}/publish/", {"page": [page.pk]}
    yield f"/admin/bulk/wagtailcore/page/publish/?id={page.pk}", {"include_descendants": "on"}
    yield f"/admin/bulk/wagtailcore/page/publish/?id={page.get_parent().pk}", {"include_descendants": "on"}
    yield f"/admin/api/main/pages/{page.pk}/action/publish/", {}
    yield f"/admin/localize/page/{page.pk}/convert_to_alias/", {}
    review = review_of(practice)
    if review is not None:
        state = review.current_task_state_id
        yield reverse("practices:decide", args=[practice.pk, state]), {"action": "approve"}
        for name in ("workflow_action", "collect_workflow_action_data"):
            yield reverse(f"wagtailadmin_pages:{name}", args=[page.pk, "approve", state]), {"comment": "x"}
        yield edit(sheet), form | {"action-workflow-action": "1", "workflow-action-name": "approve"}


@pytest.mark.parametrize("is_submitted", [False, True])
def test_no_forged_request_of_an_editor_publishes(editor, trees, sheet, is_submitted):
    make_reviewer()
    if is_submitted:
        submit(sheet.practice, user_of(editor))

    for address, data in forged(editor, sheet):
        editor.post(address, data)
        assert is_public(sheet) == (False, False), address
    assert status(sheet) == ("in_progress" if is_submitted else None)


def test_an_old_revision_is_not_published_by_an_editor(editor, reviewer, porto):
    sheet = make_sheet(porto, porto.pages.get(), live=True)
    old = sheet.page.latest_revision
    draft = stored(sheet.page).get_latest_revision_as_object()
    draft.title = "Nouvel accueil"
    draft.save_revision().publish()
    revert = reverse("wagtailadmin_pages:revisions_revert", args=[sheet.page.pk, old.pk])

    sent = posted(editor.get(revert)) | {"action-publish": "1", "revision": str(old.pk)}
    editor.post(revert, sent)
    editor.post(edit(sheet), sent)

    assert stored(sheet.page).title == "Nouvel accueil"


@pytest.mark.parametrize("act", ["submit", "take-back", "check"])
def test_other_cites_do_nothing(sheet, editor, reviewer, lyon, act):
    stranger = logged_in(factories.make_user("stranger", cite=lyon))
    if act == "take-back":
        submit(sheet.practice, user_of(editor))
    if act == "check":
        factories.publish(sheet.practice)
    before = status(sheet)

    answer = stranger.post(f"{hub(sheet)}{act}/")

    assert (answer.status_code, status(sheet), stored(sheet.practice).checked_on) == (403, before, None)


def test_a_reviewer_decides_only_about_the_practice_that_the_address_names(editor, reviewer, porto):
    one, two = (make_sheet(porto, porto.pages.get(), name) for name in ("Une", "Deux"))
    editor.post(hub(one) + "submit/")
    state = review_of(one.practice).current_task_state_id

    answer = reviewer.post(reverse("practices:decide", args=[two.practice.pk, state]), {"action": "approve"})

    assert (answer.status_code, is_public(one), is_public(two)) == (404, (False, False), (False, False))


@pytest.mark.parametrize("act", ["submit", "take-back", "check"])
def test_looking_changes_nothing(editor, reviewer, sheet, act):
    assert editor.get(f"{hub(sheet)}{act}/").status_code == 405


# --- the dashboard


def to_do(client):
    page = BeautifulSoup(client.get("/admin/").content, "html.parser")
    return [(item.a.text, item.a["href"]) for item in page.select("#to-do-section li")]


def test_the_dashboard_says_whose_turn_it_is(editor, reviewer, sheet):
    editor.post(hub(sheet) + "submit/")
    waits = [line for line in to_do(reviewer) if "review" in line[0]]
    none = [line for line in to_do(editor) if "review" in line[0]]
    reviewer.post(decide_url(sheet), {"action": "reject", "comment": "Why?"})

    text = "The practice “Premier accueil” of Cité porto waits for a review."
    assert (waits, none) == ([(text, hub(sheet))], [])
    assert ("The reviewers ask for changes in the practice “Premier accueil”.", hub(sheet)) in to_do(editor)


def test_the_dashboard_asks_as_much_for_one_practice_as_for_three(editor, reviewer, porto):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            reviewer.get("/admin/")
        return len(asked)

    counts = []
    for names in (["a"], ["b", "c"]):
        for name in names:
            submit(make_sheet(porto, porto.pages.get(), name).practice, user_of(editor))
        reviewer.get("/admin/")
        counts.append(queries())

    assert counts[0] == counts[1]


def test_checked_today_from_the_dashboard(editor, porto):
    practice = factories.make_practice("Accueil", cite=porto)
    Practice.objects.update(first_published_at=timezone.now() - dt.timedelta(days=6 * 365))
    page = BeautifulSoup(editor.get("/admin/").content, "html.parser")
    address = page.select_one("#to-do-section form[action*=practices]")["action"]

    answer = editor.post(address, {"then": "dashboard"})

    assert (answer["Location"], told(answer)) == ("/admin/", ["“Accueil” is checked today. Thank you!"])
    assert stored(practice).checked_on == timezone.localdate()


# --- mails of Wagtail


def test_wagtail_sends_nothing_itself(editor, reviewer, porto, sheet, settings):
    """Neither for our workflow nor for one of its own; and a comment waits in the outbox."""
    factories.make_user("colleague", cite=porto)
    settings.EMAIL_BACKEND = "nowhere.Backend"  # any sending would break
    task = GroupApprovalTask.objects.create(name="Other")
    task.groups.add(user_of(reviewer).groups.get())
    workflow = Workflow.objects.create(name="Other")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    workflow.start(porto.pages.get(), user_of(editor)).current_task_state.specific.approve()
    comment = {
        "comments-TOTAL_FORMS": "1",
        "comments-INITIAL_FORMS": "0",
        "comments-0-text": "Which year?",
        "comments-0-contentpath": "title",
        **dict.fromkeys(("comments-0-id", "comments-0-position", "comments-0-DELETE", "comments-0-resolved"), ""),
        "comments-0-replies-TOTAL_FORMS": "0",
        "comments-0-replies-INITIAL_FORMS": "0",
    }
    saved = editor.post(edit(sheet), posted(editor.get(edit(sheet))) | comment)

    assert saved.status_code == 302
    assert Comment.objects.get().text == "Which year?"
    assert list(OutgoingMail.objects.values_list("kind", "to")) == [("page_comments", "colleague@example.org")]
    assert mail.outbox == []
    assert TaskState.objects.get().status == "approved"


def test_reviewers_find_their_way(reviewer, sheet, editor):
    editor.post(hub(sheet) + "submit/")

    opened = [
        reviewer.get(address).status_code for address in ("/admin/", "/admin/practices/", hub(sheet), edit(sheet))
    ]

    assert opened == [200, 200, 200, 200]
    facts = f"/admin/practices/edit/{sheet.practice.pk}/"
    saved = reviewer.post(facts, posted(reviewer.get(facts)) | {"authors": "Ana"})
    assert (saved.status_code, stored(sheet.practice).get_latest_revision_as_object().authors) == (302, "Ana")
    assert decide(review_of(sheet.practice).current_task_state, user_of(reviewer), "approve") is None
