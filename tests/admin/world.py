"""Two Cités: one whose editor tries everything, and one whose rows nobody else may read or change.

Every text of the second carries a mark, so that an answer that holds one of its rows is found by the mark.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import GroupApprovalTask, Locale, Page, UploadedFile, Workflow, WorkflowPage, WorkflowTask
from wagtail_localize.models import (
    OverridableSegment,
    StringSegment,
    Translation,
    TranslationContext,
    TranslationSource,
)

from events.invitation import invite
from events.models import Question
from events.questions import save_question
from home.models import PartnerKind, Pole, Principle, SkillArea, TargetGroup
from home.models.team import ensure_team
from portal.base.models import PortalImage
from practices.groups import ensure_reviewers
from practices.models import Chapter
from practices.reviewing import submit
from tests import factories
from tests.admin.people import registered
from tests.practices.reviewed import make_sheet

# In titles of pages, which some lists of Wagtail show by design; and in everything else, which none may show.
PAGE, FACT, PERSON, FILE = "zpagesecret", "zfactsecret", "zpersonsecret", "zfilesecret"
NAME = "znamesecret"  # of a public Cité
MARKS = (PAGE, FACT, PERSON, FILE, NAME)


@dataclass
class Branch:
    """A Cité with what hangs on it."""

    cite: Any
    page: Any
    translated: Any  # the same page in English, made by wagtail-localize
    translation: Any
    event: Any  # public, with a changed draft and registrations
    draft_event: Any
    event_page: Any
    draft_page: Any
    practice: Any
    reviewed: Any  # public, with a changed draft that is in review
    reviewed_page: Any
    registration: Any
    question: Any
    invitation: Any
    image: Any
    document: Any
    editor: Any
    team: Any


@dataclass
class World:
    trees: dict[str, dict[str, Any]]
    own: Branch
    foreign: Branch
    coordinator: Any
    superuser: Any
    project: Any
    module: Any
    redirect: Any
    workflow: Any
    task: Any
    task_state: Any
    uploads: dict[str, Any]
    session: Any
    terms: list[Any]
    people: dict[str, Any]


def make_world() -> World:
    trees = factories.make_tree("fr", "en")
    own = make_branch(trees, "porto", *["own"] * 5)
    foreign = make_branch(trees, "lyon", *MARKS)
    coordinator = factories.make_user(f"coordinator{PERSON}", is_coordinator=True)
    project = factories.make_project(name=f"Project {FACT}", acronym=f"P{FACT}", live=False)
    redirect = Redirect.objects.create(old_path=f"/{PAGE}", redirect_page=Page.objects.get(pk=foreign.page.pk))
    workflow, task, task_state = start_workflow(foreign, coordinator)
    superuser = get_user_model().objects.create_superuser("root", "root@example.org", "password")
    return World(
        trees=trees,
        own=own,
        foreign=foreign,
        coordinator=coordinator,
        superuser=superuser,
        project=project,
        module=factories.make_module(f"Module {FACT}", live=False),
        redirect=redirect,
        workflow=workflow,
        task=task,
        task_state=task_state,
        uploads={"image": make_upload(PortalImage, superuser), "document": make_upload(Document, superuser)},
        session=EditingSession.objects.create(
            user=coordinator, content_object=foreign.event, last_seen_at=timezone.now()
        ),
        terms=[
            model.objects.get_or_create(code=f"term-{model._meta.model_name}", defaults={"labels": {"fr": "Terme"}})[0]
            for model in (Pole, TargetGroup, PartnerKind, Principle, Chapter, SkillArea)
        ]
        + [factories.make_skill("term-skill", area="term-skillarea")],
        people={
            "editor": own.editor,
            "without Cité": make_outsider("nobody", "access_admin"),
            "without rights": factories.make_user("stranger"),
            "anonymous": None,
        },
    )


def make_branch(
    trees: dict[str, dict[str, Any]], slug: str, page: str, fact: str, person: str, file: str, name: str
) -> Branch:
    cite = factories.make_cite(slug, official_name=f"Cité {name}", bearer=f"Bearer {fact}")
    redraft(cite, bearer=f"Changed {fact}")
    team = ensure_team(cite)
    editor = factories.make_user(f"{slug}{person}", cite=cite)
    cite_page = factories.cite_page(trees["fr"]["network"], cite, f"Cité {page}", slug=slug)
    translation = translate(cite_page, "en", editor)
    overridable(translation.source)
    # What is public has no mark but in the link that only people with a seat are told.
    event = factories.make_event("Event", cite=cite, online_link=f"https://example.org/{fact}", is_online=True)
    factories.admit(event)
    registration = registered(event, f"{person}@example.org", name=f"Maria {person}")
    question = save_question(
        Question(event=event), choices=[], user=None, labels={"fr": f"Question {fact}"}, purposes={"fr": fact}
    )
    guests = [(f"Guest {person}", f"guest{person}@example.org")]
    invitation = invite(event.pk, guests, language="fr", user=None)[0]
    redraft(event, name=f"Changed {fact}")
    draft_event = factories.make_event(f"Draft {fact}", cite=cite, live=False)
    practice = make_sheet(cite, cite_page, f"Practice {page}", name=f"Practice {fact}").practice
    reviewed = make_sheet(cite, cite_page, f"Reviewed {page}", name="Reviewed", live=True)
    redraft(reviewed.practice, authors=f"Changed {fact}")
    ensure_reviewers()
    submit(reviewed.practice, editor)
    event_page = factories.event_page(cite_page, event, f"Event {page}")
    image = PortalImage.objects.create(
        title=f"Image {file}", file=get_test_image_file(), collection=team.collection, uploaded_by_user=editor
    )
    document = Document.objects.create(
        title=f"Document {file}",
        file=ContentFile(b"text", f"{slug}.txt"),
        collection=team.collection,
        uploaded_by_user=editor,
    )
    return Branch(
        cite=stored(cite),
        page=stored(cite_page),
        translated=cite_page.get_translation(Locale.objects.get(language_code="en")),
        translation=translation,
        event=stored(event),
        draft_event=draft_event,
        event_page=event_page,
        draft_page=factories.event_page(cite_page, draft_event, f"Draft {page}", live=False),
        practice=practice,
        reviewed=stored(reviewed.practice),
        reviewed_page=stored(reviewed.page),
        registration=registration,
        question=question,
        invitation=invitation,
        image=image,
        document=document,
        editor=editor,
        team=team,
    )


def stored(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def redraft(fact: Any, **changes: Any) -> None:
    """A draft over the public row."""
    changed = stored(fact).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(changed, name, value)
    changed.save_revision()


def translate(page: Any, code: str, user: Any) -> Translation:
    source, _created = TranslationSource.update_or_create_from_instance(page)
    translation = Translation.objects.create(source=source, target_locale=Locale.objects.get(language_code=code))
    translation.save_target(user=user, publish=False)
    return translation


def segment(branch: Branch) -> Any:
    return StringSegment.objects.filter(source=branch.translation.source).first()


def overridable(source: TranslationSource) -> OverridableSegment:
    """A value that translators may replace, as a link in a text is."""
    context = TranslationContext.objects.create(object=source.object, path="summary")
    return OverridableSegment.objects.create(source=source, context=context, order=99, data_json=json.dumps(PAGE))


def override(branch: Branch) -> Any:
    return OverridableSegment.objects.filter(source=branch.translation.source).first()


def start_workflow(branch: Branch, user: Any) -> tuple[Any, Any, Any]:
    workflow = Workflow.objects.create(name="Workflow")
    task = GroupApprovalTask.objects.create(name="Task")
    task.groups.add(branch.team.group)
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.create(workflow=workflow, page=Page.objects.get(pk=branch.draft_page.pk))
    state = workflow.start(branch.draft_page, user)
    return workflow, task, state.current_task_state


def make_upload(model: type[Any], user: Any) -> Any:
    file = get_test_image_file() if model is PortalImage else SimpleUploadedFile("upload.txt", b"text")
    return UploadedFile.objects.create(
        for_content_type=ContentType.objects.get_for_model(model), file=file, uploaded_by_user=user
    )


def make_outsider(name: str, codename: str) -> Any:
    user = factories.make_user(name)
    user.user_permissions.add(Permission.objects.get(codename=codename))
    return user
