"""Facts: one language-neutral row, edited as a snippet with drafts; published facts are live everywhere at once.

Wagtail publishes a revision by writing all its fields over the live row, and validates nothing. So a fact says
which fields no revision may write (`kept`) and which children have an identity of their own
(`identified_children`), and `save` restores both under a lock.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self

from django import forms
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Left, Length
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel
from wagtail.models import DraftStateMixin, LockableMixin, Orderable, PageViewRestriction, RevisionMixin
from wagtail.permissions import policy_registry

from portal.base.labels import LabelsField
from portal.base.languages import Text, pick
from portal.base.permissions import ANY, COORDINATE, is_coordinator


def restrictions_above() -> models.QuerySet[Any]:
    """View restrictions on a page or above it, for a subquery in a query of pages."""
    return PageViewRestriction.objects.filter(
        page__path=Left(OuterRef("path"), Length("page__path"), output_field=models.CharField())
    )


class FactQuerySet(models.QuerySet[Any]):
    def published(self) -> Self:
        """What the public may see: live facts, but for those whose words somebody has made private."""
        return self.without_private_words().filter(live=True)

    def without_private_words(self) -> Self:
        pages = self.model._meta.get_field("pages").related_model.objects
        name = self.model._meta.get_field("pages").field.name
        private = pages.filter(Exists(restrictions_above()), live=True, **{name: OuterRef("pk")})
        return self.filter(~Exists(private))

    def shown(self) -> Self:
        """What lists, search and the sitemap show; an app may leave out more."""
        return self.published()


def has_protecting_rows(row: models.Model) -> bool:
    """Whether a foreign key with PROTECT points to this row (Wagtail asks its reference index, not the database)."""
    relations: list[Any] = [field for field in row._meta.related_objects if field.on_delete is models.PROTECT]
    return any(field.related_model._base_manager.filter(**{field.field.name: row.pk}).exists() for field in relations)


class FactForm(WagtailAdminModelForm):
    """Gives rows that were added in one page load, and so came with the same uuid, each its own.

    Before anything is validated, since two rows of one fact must not have the same.
    """

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data is not None:
            data = with_own_uuids(data, self._meta.model.identified_children)
        super().__init__(data, *args, **kwargs)
        if self.for_user is not None and not is_coordinator(self.for_user):
            self.limit_choices()
            self.keep_what_is_not_asked()

    def limit_choices(self) -> None:
        """The owner is one of the user's own; other facts to point to are public, the user's own, or chosen already."""
        for name, field in self.fields.items():
            model = getattr(getattr(field, "queryset", None), "model", None)
            if model is None or not issubclass(model, Fact):
                continue
            own = policy_registry.get_by_type(model).instances_user_has_any_permission_for(self.for_user, ANY)
            if name == self._meta.model.owner_field:
                kept = Q(pk__in=self.chosen(name))  # reviewers of a practice have none of their own
                field.required, field.empty_label = True, None
                field.queryset = model.objects.filter(Q(pk__in=own.values("pk")) | kept)
            else:
                allowed = (own, model.objects.published(), model.objects.filter(pk__in=self.chosen(name)))
                field.queryset = model.objects.filter(reduce(or_, (Q(pk__in=rows.values("pk")) for rows in allowed)))

    def chosen(self, name: str) -> list[Any]:
        value = self.initial.get(name)
        rows = value if isinstance(value, Iterable) and not isinstance(value, str) else [value]
        return [getattr(row, "pk", row) for row in rows if row is not None]

    def keep_what_is_not_asked(self) -> None:
        """Fields for coordinators stay as in the latest draft, also where an older revision is taken up again."""
        missing = set(self._meta.field_permissions or {}) - set(self.fields)
        if self.instance.pk and missing:
            latest = self._meta.model._default_manager.get(pk=self.instance.pk).get_latest_revision_as_object()
            for name in missing:
                setattr(self.instance, name, getattr(latest, name))

    def _post_clean(self) -> None:
        self.instance.may_have_gaps = self.is_deferred_validation
        super()._post_clean()

    def get_field_updates_for_resave(self) -> list[tuple[str, str]]:
        """Tell the open page, after an autosave, the uuids that its rows have now."""
        names = self._meta.model.identified_children
        rows = (row for name in names if name in self.formsets for row in self.formsets[name].forms)
        uuids = ((row.add_prefix("uuid"), str(row.instance.uuid)) for row in rows)
        return [*super().get_field_updates_for_resave(), *uuids]


def with_own_uuids(data: Any, children: Iterable[str]) -> Any:
    """What was posted, but with a new uuid in each row that has none, or that of a row before it."""
    data = data.copy()
    for name in children:
        seen = {""}
        for key in [key for key in data if re.fullmatch(rf"{name}-\d+-uuid", key)]:
            if data[key] in seen:
                data[key] = str(uuid.uuid4())
            seen.add(data[key])
    return data


class Fact(DraftStateMixin, LockableMixin, RevisionMixin, ClusterableModel):
    """Base of Cite, Event, Practice and Project."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    original_language = models.CharField(max_length=10, blank=True, editable=False)
    is_demonstration = models.BooleanField(
        _("demonstration"), default=False, help_text=_("Shown to make the portal's working visible; not real.")
    )

    # Fields that no form edits; a revision never writes them.
    kept: ClassVar[tuple[str, ...]] = ("uuid", "original_language")
    identified_children: ClassVar[tuple[str, ...]] = ()
    may_have_gaps = False  # while the form saves a draft; what is published is checked again
    owner_field: ClassVar[str] = ""  # whose it is: an editor chooses among his own

    objects = FactQuerySet.as_manager()
    base_form_class = FactForm

    class Meta:
        abstract = True

    def with_content_json(self, content: dict[str, Any]) -> Any:
        restored = super().with_content_json(content)
        restored.keep(self)
        return restored

    def keep(self, stored: Any) -> None:
        """Take over from the stored row what no revision and no form may write."""
        for name in self.kept:
            setattr(self, name, getattr(stored, name))

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            if self.pk and not kwargs.get("update_fields"):
                stored = type(self)._default_manager.select_for_update(of=("self",)).filter(pk=self.pk).first()
                if stored is not None:
                    self.before_overwrite(stored)
            super().save(*args, **kwargs)

    def before_overwrite(self, stored: Any) -> None:
        """The stored row is locked and about to be overwritten by this one."""
        self.keep(stored)
        for name in self.identified_children:
            self.keep_children(name)

    def keep_children(self, name: str) -> None:
        """Match children by uuid, since a revision may know no primary key, or an old one.

        One that something points to is withdrawn and stays; others go.
        """
        relation = self._meta.get_field(name)
        stored = {row.uuid: row for row in relation.related_model.objects.filter(**{relation.field.name: self.pk})}
        rows = list(getattr(self, name).all())
        for row in rows:
            if row.uuid in stored:
                row.pk = stored[row.uuid].pk
        for row in stored.values():
            if row.pk not in {kept.pk for kept in rows} and row.is_referenced():
                row.withdrawn = True
                rows.append(row)
        setattr(self, name, rows)

    def is_deletable(self) -> bool:
        """Only what was never public and nothing points to: no page, no registration, no other fact."""
        if self.first_published_at:
            return False
        return not has_protecting_rows(self)

    @property
    def approved_schedule(self) -> bool:
        """Whether it will be published later; a list has looked for all its rows at once."""
        known = vars(self).get("is_scheduled")
        return bool(super().approved_schedule if known is None else known)

    @property
    def is_shown(self) -> bool:
        """Whether this row would be among `shown`, private words aside."""
        return bool(self.live)

    @property
    def working_title(self) -> Text:
        """What stands for the words where there are none."""
        return Text(str(self), self.original_language)


class FactChild(Orderable):
    """A child that other rows may point to: its uuid is the same in every revision."""

    uuid = models.UUIDField(default=uuid.uuid4, editable=True, blank=True)
    withdrawn = models.BooleanField(default=False, editable=False)

    class Meta(Orderable.Meta):
        abstract = True

    def is_referenced(self) -> bool:
        return has_protecting_rows(self)


def coordinators_panel(name: str) -> FieldPanel:
    """A field that only coordinators are asked for."""
    return FieldPanel(name, permission=COORDINATE)


def uuid_panel() -> FieldPanel:
    return FieldPanel("uuid", widget=forms.HiddenInput, classname="w-hidden")


class SourceLine(Orderable):
    """Where a fact is from, as a reader may look it up."""

    title = models.CharField(_("title"), max_length=300)
    url = models.URLField(_("address"), max_length=500, blank=True)
    as_of = models.CharField(_("date"), max_length=20, blank=True, help_text=_("For example 2019 or 2019-01-24."))

    panels = ["title", "url", "as_of"]

    class Meta(Orderable.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.title


class FigureLine(Orderable):
    """A figure as somebody published it: what it counts, its value, when and where."""

    labels = LabelsField(_("what it says"))
    values = LabelsField(_("value"))
    as_of = models.CharField(_("date"), max_length=20, blank=True)
    source_title = models.CharField(_("source"), max_length=300)
    source_url = models.URLField(_("address of the source"), max_length=500, blank=True)

    panels = ["labels", "values", "as_of", "source_title", "source_url"]

    class Meta(Orderable.Meta):
        abstract = True

    @property
    def label(self) -> Text:
        return pick(self.labels)

    @property
    def value(self) -> Text:
        return pick(self.values)


__all__ = [
    "Fact",
    "FactChild",
    "FactForm",
    "FactQuerySet",
    "FigureLine",
    "SourceLine",
    "coordinators_panel",
    "uuid_panel",
]
