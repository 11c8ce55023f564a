"""Facts and words are published together, or nothing of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from wagtail.permissions import policy_registry

from portal.base.addresses import settle_address
from portal.base.models import Agreement
from portal.base.outdated import missing_passages, work_on

if TYPE_CHECKING:
    from portal.base.facts import Fact

NAMED = 3  # passages that a refusal names


def say(error: ValidationError, fact: Any) -> str:
    """The errors of a draft in one line, with the names of the fields."""
    lines = getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages})
    parts = []
    for name, texts in lines.items():
        known = {field.name: field for field in fact._meta.get_fields()}
        label = str(getattr(known.get(name), "verbose_name", ""))
        parts.append(f"{label}: {' '.join(texts)}" if label else " ".join(texts))
    return "; ".join(parts)


@transaction.atomic
def publish_all(fact: Fact, chosen: list[int], user: Any, *, is_correction: bool = False) -> None:
    """Publish a fact and some of its texts, or nothing; after a small correction translations stay up to date.

    Who may publish texts but not the facts, as editors may those of a reviewed practice, leaves the facts as they are.
    Raises ValidationError if a draft is not complete, PermissionDenied if the user may not publish it.
    """
    row = type(fact)._default_manager.select_for_update(of=("self",)).get(pk=fact.pk)
    if not policy_registry.get(row).user_has_permission_for_instance(user, "publish", row):
        if not chosen or not row.live:
            raise PermissionDenied
    elif row.latest_revision is None or row.has_unpublished_changes or not row.live:
        publish_latest(row, user)
    for page in row.pages.filter(pk__in=chosen):
        if not page.permissions_for_user(user).can_publish():
            raise PermissionDenied
        publish_words(page, user, is_correction=is_correction)


def publish_words(page: Any, user: Any, *, is_correction: bool = False) -> None:
    """A translation is published as its segments are now, which its latest draft does not hold."""
    work = work_on(page)
    if work is not None:
        if not work.is_complete:
            raise ValidationError(still_missing(page, missing_passages(work)))
        settle_address(work.translation, page, user)
        work.translation.save_target(user=user, publish=False)
        page = type(page).objects.get(pk=page.pk)
    elif is_correction and not page.is_translation and page.latest_revision:
        Agreement.objects.get_or_create(revision=page.latest_revision)
    publish_latest(page, user)


def still_missing(page: Any, passages: list[str]) -> str:
    """That a translation is not complete, and where."""
    named = [Truncator(text).chars(60) for text in passages[:NAMED]]
    return ngettext(
        "“%(what)s” is not wholly translated yet. %(number)s passage is missing: %(passages)s",
        "“%(what)s” is not wholly translated yet. %(number)s passages are missing: %(passages)s",
        len(passages),
    ) % {
        "what": page.draft_title,
        "number": len(passages),
        "passages": " · ".join([*named, "…"] if len(passages) > NAMED else named),
    }


def publish_latest(thing: Any, user: Any) -> None:
    """Wagtail's publishing validates nothing, so the draft is checked first."""
    draft = checked_draft(thing, user)
    revision = thing.latest_revision or draft.save_revision(user=user)
    revision.publish(user=user, skip_permission_checks=True)


def checked_draft(thing: Any, user: Any) -> Any:
    """The latest draft; ValidationError if it is locked for the user or not complete."""
    lock = thing.get_lock()
    if lock and lock.for_user(user):
        raise ValidationError(gettext("“%(what)s” is locked.") % {"what": thing})
    draft = thing.get_latest_revision_as_object()
    draft.full_clean()
    return draft
