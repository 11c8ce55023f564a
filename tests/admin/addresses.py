"""Every address of the admin, filled with the rows of the Cité that nobody else may touch.

The patterns come from the resolver. What stands for each argument is listed here; an argument that is not
makes the tests fail, so that a view that a later Wagtail or a later issue adds is never forgotten.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.urls import URLPattern, get_resolver
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.models import Page

from practices.models.review import review_of
from tests.admin.world import Branch, World, override, segment

# Rows that the addresses below an event name; also tried below an event whose they are not.
BELOW_EVENT = ("registration", "question", "invitation")


@dataclass(frozen=True)
class Pattern:
    name: str  # with its namespaces; the route where it has none
    route: str
    arguments: tuple[str, ...]

    @property
    def namespace(self) -> str:
        return self.name.rpartition(":")[0]


def admin_patterns() -> list[Pattern]:
    return list(walk(get_resolver(), "", ()))


def walk(resolver: Any, route: str, namespaces: tuple[str, ...]) -> Iterator[Pattern]:
    for entry in resolver.url_patterns:
        path = route + str(entry.pattern)
        if not isinstance(entry, URLPattern):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from walk(entry, path, inner)
        elif path.startswith("admin/"):
            regex = entry.pattern.regex
            assert regex.groups == len(regex.groupindex), f"{path} has an argument without a name"
            name = ":".join([*namespaces, entry.name]) if entry.name else path
            yield Pattern(name, path, tuple(regex.groupindex))


def addresses(pattern: Pattern, world: World, queries: list[str]) -> list[str]:
    """The pattern with foreign rows, and with foreign rows below an own one where it has several arguments.

    Lists are asked with each query besides.
    """
    foreign = arguments(pattern, world, world.foreign)
    found = [fill(pattern, row) for row in foreign]
    first = next(iter(pattern.arguments), "")
    if any(
        name.startswith(("revision_id", "task_state", "string_", "overridable_", "dest", "person", *BELOW_EVENT))
        for name in pattern.arguments
    ):
        own = arguments(pattern, world, world.own)[0][first]
        found += [fill(pattern, {**row, first: own}) for row in foreign]
    if not pattern.arguments:
        found = [address + query for address in found for query in queries]
    return list(dict.fromkeys(found))


def fill(pattern: Pattern, row: dict[str, Any]) -> str:
    route = pattern.route
    for name in pattern.arguments:
        value = str(getattr(row[name], "pk", row[name]))
        # An argument is <int:name> or (?P<name>…); none of Wagtail's expressions nests parentheses.
        route = re.sub(rf"<(\w+:)?{name}>|\(\?P<{name}>[^)]*\)", lambda _found, value=value: value, route)
    path = "/" + route.replace("^.*/$", "nothing/").replace("\\.", ".").replace("^", "").replace("$", "")
    return f"{path}?{row['?']}" if "?" in row else path


def arguments(pattern: Pattern, world: World, branch: Branch) -> list[dict[str, Any]]:
    """For each row of the branch that a namespace is about: what stands for the pattern's arguments."""
    found = []
    for subject, choice in itertools.product(subjects(world, branch, pattern), choices(pattern.namespace)):
        known = {**choice, **subject}
        unknown = set(pattern.arguments) - set(known)
        assert not unknown, f"nothing stands for {unknown} of {pattern.name} ({pattern.route})"
        row = {name: known[name] for name in (*pattern.arguments, "?") if name in known}
        if row not in found:
            found.append(row)
    return found


def choices(namespace: str) -> list[dict[str, Any]]:
    """Acts that an address names, and the like."""
    acts = ["approve", "reject"]
    if namespace == "wagtailadmin_api:pages":
        acts = ["copy", "copy_for_translation", "create_alias", "delete", "move", "publish", "unpublish"]
    return [{"action_name": act, "mode": mode} for act in acts for mode in ("", "form")]


def subjects(world: World, branch: Branch, pattern: Pattern) -> list[dict[str, Any]]:
    """The rows of a branch that a pattern is about, each with what belongs to it."""
    namespace = pattern.namespace
    if "action" in pattern.arguments:
        return bulk_actions(world, branch)
    if "model_name" in pattern.arguments:
        page = about_page(branch.page, world, branch)
        return [{**page, "session_id": world.session, **named} for named in about_models(world, branch)]
    facts = {
        "cites": [branch.cite],
        "events": [branch.event, branch.draft_event],
        "practices": [branch.practice, branch.reviewed],
        "projects": [world.project],
        "modules": [world.module],
    }
    others = {
        **{f"vocabulary-{term._meta.model_name}": {"pk": term} for term in world.terms},
        "registrations": {"pk": branch.registration},
        "wagtailadmin_api:images": {"pk": branch.image},
        "wagtailadmin_api:documents": {"pk": branch.document},
        "wagtailadmin_collections": {"pk": branch.team.collection, "collection_id": branch.team.collection},
        "wagtailadmin_editing_sessions": {"session_id": world.session},
        "wagtailredirects": {"redirect_id": world.redirect},
        "wagtailimages": {
            "image_id": branch.image,
            "uploaded_file_id": world.uploads["image"],
            "filter_spec": "max-9x9",
        },
        "wagtailimages_chooser": {"pk": branch.image, "image_id": branch.image},
        "wagtaildocs": {
            "document_id": branch.document,
            "doc_id": branch.document,
            "uploaded_file_id": world.uploads["document"],
        },
        "wagtaildocs_chooser": {"pk": branch.document},
        "wagtaillocales": {"pk": world.trees["en"]["home"].locale},
        "wagtailusers_users": {"pk": branch.editor},
        "wagtailusers_groups": {"pk": branch.team.group},
    }
    if namespace in facts:
        below = {name: getattr(branch, name) for name in BELOW_EVENT}
        below |= {"person": branch.editor, "task_state": review_of(branch.reviewed).current_task_state}
        return [about_fact(fact) | below for fact in facts[namespace]]
    if namespace == "wagtailadmin_workflows":
        workflow = {"workflow_pk": world.workflow, "page_pk": branch.draft_page, "task_id": world.task}
        return [{**workflow, "pk": world.workflow}, {**workflow, "pk": world.task}]
    if namespace in others:
        return [others[namespace]]
    return [about_page(page, world, branch) for page in pages(branch)]


def bulk_actions(world: World, branch: Branch) -> list[dict[str, Any]]:
    """Every action that is registered for a model, with the rows that the query names."""
    bulk_action_registry.get_bulk_actions_for_model("", "")  # fills the registry
    rows = {(row["app_label"], row["model_name"]): row["pk"] for row in about_models(world, branch)}
    return [
        {"app_label": app, "model_name": model, "action": action, "?": f"id={rows[app, model].pk}"}
        for app, models in bulk_action_registry.actions.items()
        for model, actions in models.items()
        for action in actions
    ]


def about_models(world: World, branch: Branch) -> list[dict[str, Any]]:
    """Where an address names a model: translations of snippets, editing sessions, lists of tags."""
    rows = [
        *(
            branch.cite,
            branch.event,
            branch.practice,
            world.project,
            world.module,
            branch.registration,
            branch.image,
            branch.document,
        ),
        *(branch.page, branch.event_page, Page.objects.get(pk=branch.page.pk), branch.editor, world.task),
    ]
    return [
        {"app_label": row._meta.app_label, "app_name": row._meta.app_label, "model_name": row._meta.model_name}
        | {"pk": row, "object_id": row}
        for row in rows
    ]


def about_fact(fact: Any) -> dict[str, Any]:
    first = "live" if fact.live else "earliest"
    return {"pk": fact, "revision_id": fact.latest_revision, "revision_id_a": first, "revision_id_b": "latest"}


def about_page(page: Any, world: World, branch: Branch) -> dict[str, Any]:
    is_reviewed = page == branch.reviewed_page
    return {
        **dict.fromkeys(("pk", "page_id", "parent_page_id", "page_to_move_id"), page),
        "destination_id": branch.page,
        "revision_id": page.latest_revision,
        "revision_id_a": "live" if page.live else "earliest",
        "revision_id_b": "latest",
        "workflow_state_id": world.task_state.workflow_state,
        "task_id": world.task,
        "task_state_id": review_of(branch.reviewed).current_task_state if is_reviewed else world.task_state,
        "translation_id": branch.translation,
        "translation_source_id": branch.translation.source,
        "string_segment_id": segment(branch),
        "overridable_segment_id": override(branch),
        "content_type_app_name": "events",
        "content_type_model_name": "eventpage",
        "uidb64": urlsafe_base64_encode(force_bytes(branch.editor.pk)),
        "token": default_token_generator.make_token(world.own.editor),  # good for somebody else
    }


def pages(branch: Branch) -> list[Any]:
    return [branch.event_page, branch.draft_page, branch.page, branch.translated, branch.reviewed_page]
