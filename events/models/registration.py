from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Max, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.models.admission import Question, Way
from events.models.event import Event
from home.countries import country_choices, country_name
from portal.base.analysis import fold
from portal.base.labels import CodesField
from portal.base.languages import language_choices


class RegistrationState(models.TextChoices):
    PENDING = "pending", _("address not confirmed")
    AWAITING = "awaiting", _("awaiting approval")
    CONFIRMED = "confirmed", pgettext_lazy("registration", "confirmed")
    WAITING = "waiting", _("on the waiting list")
    OFFERED = "offered", _("seat offered")
    CANCELLED = "cancelled", pgettext_lazy("registration", "cancelled")
    REFUSED = "refused", pgettext_lazy("registration", "refused")
    EXPIRED = "expired", pgettext_lazy("registration", "expired")


S = RegistrationState
# Every way a registration may go, and no other.
TRANSITIONS: dict[str, frozenset[str]] = {
    S.PENDING: frozenset({S.AWAITING, S.CONFIRMED, S.WAITING, S.CANCELLED, S.EXPIRED}),
    S.AWAITING: frozenset({S.CONFIRMED, S.WAITING, S.REFUSED, S.CANCELLED}),
    S.WAITING: frozenset({S.OFFERED, S.CONFIRMED, S.REFUSED, S.CANCELLED}),
    S.OFFERED: frozenset({S.CONFIRMED, S.WAITING, S.CANCELLED, S.EXPIRED}),
    S.CONFIRMED: frozenset({S.CANCELLED}),
    S.CANCELLED: frozenset({S.CONFIRMED, S.WAITING, S.AWAITING}),  # undone
    S.REFUSED: frozenset({S.CONFIRMED, S.WAITING}),  # organisers may think again
    S.EXPIRED: frozenset(),
}
ACTIVE = (S.PENDING, S.AWAITING, S.CONFIRMED, S.WAITING, S.OFFERED)  # an address has one of these per event
SEATED = (S.CONFIRMED, S.OFFERED)  # states that always hold a seat
# What a person's own calendar shows of each state, as the STATUS of an entry; of the others nothing was ever told.
SHOWN: dict[str, str] = {
    S.AWAITING: "TENTATIVE",
    S.WAITING: "TENTATIVE",
    S.OFFERED: "TENTATIVE",
    S.CONFIRMED: "CONFIRMED",
    S.CANCELLED: "CANCELLED",
    S.REFUSED: "CANCELLED",
    S.EXPIRED: "CANCELLED",
}
UNSEATED = (S.AWAITING, S.WAITING, S.REFUSED, S.EXPIRED)  # states that never do; the others may


class Channel(models.TextChoices):
    """How a registration came in."""

    FORM = "form", _("the form")
    INVITATION = "invitation", _("an invitation")
    DELEGATION = "delegation", _("a group")
    ORGANISER = "organiser", _("the organisers")


class Linked(models.Model):
    """Something that a link in a mail opens; see events.links. Only the digest of its token is stored."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    link_version = models.PositiveIntegerField(default=1, editable=False)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)

    link_purpose: ClassVar[bytes]
    link_url_name: ClassVar[str]
    language: Any

    class Meta:
        abstract = True


class Delegation(Linked):
    """Several colleagues that one person registers at once; that person need not take part."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="delegations")
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, choices=country_choices)
    language = models.CharField(_("language of the mails"), max_length=10, choices=language_choices)
    created_at = models.DateTimeField(_("registered at"), auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, editable=False)  # the coordinator's address is
    held_until = models.DateTimeField(null=True, editable=False)
    # Colleagues who had a registration already keep that; the coordinator must not learn which.
    others = models.JSONField(default=list, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    link_purpose: ClassVar = b"events.delegation.link"
    link_url_name: ClassVar = "delegation"

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("group")
        verbose_name_plural = _("groups")

    def __str__(self) -> str:
        return self.name


class Invitation(Linked):
    """A guest who may register for an event that is not open to everybody; the link proves the address."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="invitations")
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    language = models.CharField(_("language of the mails"), max_length=10, choices=language_choices)
    created_at = models.DateTimeField(_("invited at"), auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    link_purpose: ClassVar = b"events.invitation.link"
    link_url_name: ClassVar = "invitation"

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "email"], condition=~Q(email=""), name="one_invitation_per_address"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def seated(self) -> RegistrationQuerySet:
        """Those that hold a seat: confirmed, offered, and for a while what is pending or was just cancelled."""
        return self.filter(seat__isnull=False)

    def active(self) -> RegistrationQuerySet:
        return self.filter(state__in=ACTIVE)

    def in_line(self) -> RegistrationQuerySet:
        """The waiting list, the first who came first."""
        return self.filter(state=S.WAITING).order_by("ranked_at", "pk")

    def overdue(self, now: dt.datetime) -> RegistrationQuerySet:
        """Those whose time is up: a seat held for a confirmation, an offer, an undo."""
        return self.filter(held_until__lte=now)

    def named(self, words: str) -> RegistrationQuerySet:
        """Those whose name, address or organisation holds the words, in any case and with or without accents.

        Not asked of the database: SQLite knows no other letters than A to Z to be two cases of one.
        """
        wanted = fold(words.casefold())
        texts = self.order_by().values_list("pk", "name", "email", "organisation")
        return self.filter(pk__in=[pk for pk, *each in texts if any(wanted in fold(text.casefold()) for text in each)])


class Registration(Linked):
    """A person who wants to take part in an event. Written by the rules of this app alone.

    `seat` is a number from 1 to the seats of its `way`, or None: two people can never have the same.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="registrations", verbose_name=_("event"))
    state = models.CharField(_("state"), max_length=20, choices=RegistrationState)
    way = models.CharField(_("takes part"), max_length=10, choices=Way, default=Way.ON_SITE)
    channel = models.CharField(_("came by"), max_length=12, choices=Channel, default=Channel.FORM)
    seat = models.PositiveIntegerField(null=True, editable=False)
    ranked_at = models.DateTimeField(_("rank"), default=timezone.now, editable=False)  # the first POST
    held_until = models.DateTimeField(null=True, editable=False, db_index=True)
    state_before = models.CharField(max_length=20, blank=True, editable=False)  # what an undo goes back to

    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)  # lower case, without spaces
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    organisation_key = models.CharField(max_length=200, blank=True, editable=False)  # see events.organisations
    country = models.CharField(_("country"), max_length=2, choices=country_choices)
    language = models.CharField(_("language of the mails"), max_length=10, choices=language_choices)
    access_needs = models.CharField(_("access needs"), max_length=500, blank=True)
    diet = models.CharField(_("diet"), max_length=200, blank=True)
    interpretation = CodesField(_("needs interpretation from"), choices=language_choices)

    delegation = models.ForeignKey(
        Delegation, on_delete=models.SET_NULL, null=True, related_name="registrations", verbose_name=_("group")
    )
    created_at = models.DateTimeField(_("registered at"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    email_confirmed_at = models.DateTimeField(null=True, editable=False)
    bounced_at = models.DateTimeField(null=True, editable=False)  # our mail came back; no offer goes there
    told = models.JSONField(default=dict, editable=False)  # the facts as last told; see Event.told
    # Of the entry in the person's own calendar: what it adds to the event's SEQUENCE, and when it last changed. None
    # as long as the person was told of no place or rank.
    calendar_steps = models.PositiveIntegerField(default=0, editable=False)
    calendar_changed_at = models.DateTimeField(null=True, editable=False)
    logistics_erased_at = models.DateTimeField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)  # what is left is a count

    link_purpose: ClassVar = b"events.registration.link"
    link_url_name: ClassVar = "registration"

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        indexes = [models.Index(fields=["event", "state", "ranked_at"], name="registration_line")]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "email"],
                condition=Q(state__in=ACTIVE) & ~Q(email=""),
                name="one_active_per_address",
            ),
            models.UniqueConstraint(
                fields=["event", "way", "seat"], condition=Q(seat__isnull=False), name="one_person_per_seat"
            ),
            models.CheckConstraint(condition=Q(seat=None) | Q(seat__gte=1), name="seats_are_counted_from_one"),
            models.CheckConstraint(
                condition=~Q(state__in=SEATED) | Q(seat__isnull=False), name="confirmed_and_offered_hold_a_seat"
            ),
            models.CheckConstraint(condition=~Q(state__in=UNSEATED) | Q(seat=None), name="those_who_wait_hold_no_seat"),
            models.CheckConstraint(
                condition=~Q(state__in=(S.PENDING, S.OFFERED)) | Q(held_until__isnull=False),
                name="what_is_held_has_an_end",
            ),
            models.CheckConstraint(condition=Q(email=Lower(F("email"))), name="registration_address_in_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name or f"{_('erased')} {self.pk}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def country_name(self) -> str:
        return country_name(self.country) if self.country else ""

    def show_in_calendar(self, now: dt.datetime, *, before: str = "") -> None:
        """Note that something changed which the person's own calendar shows; `before` is the state it showed.

        Another STATUS raises the SEQUENCE (RFC 5546 section 2.1.4), and LAST-MODIFIED always rises, also within one
        second. What ends before anything was told stays out of calendars. The caller saves.
        """
        if self.calendar_changed_at is None and SHOWN.get(self.state) in {None, "CANCELLED"}:
            return
        if before and self.calendar_changed_at and SHOWN.get(before) != SHOWN.get(self.state):
            self.calendar_steps += 1
            if SHOWN.get(before) == "CANCELLED":  # another registration of the address may have come and gone meanwhile
                self.calendar_steps = max(self.calendar_steps, first_step(self.event, self.email))
        self.touch_calendar(now)

    def touch_calendar(self, now: dt.datetime) -> None:
        """Let LAST-MODIFIED of the own entry rise, by a second at least. The caller saves."""
        last = self.calendar_changed_at
        now = now.replace(microsecond=0)
        self.calendar_changed_at = max(now, last + dt.timedelta(seconds=1)) if last else now

    @property
    def can_undo(self) -> bool:
        """Whether the cancelled seat or rank is still kept."""
        is_kept = self.held_until is not None and self.held_until > timezone.now()
        return self.state == S.CANCELLED and bool(self.state_before) and is_kept


def first_step(event: Event, email: str) -> int:
    """Where `calendar_steps` begin: higher than what calendars of this address have seen of the event before.

    Whose a registration was that is erased or has been handed over is not known any more: it may have been theirs.
    """
    may_be_theirs = Q(email=email) | Q(email="") | Q(link_version__gt=1)
    seen = event.registrations.filter(may_be_theirs, calendar_changed_at__isnull=False)
    last: int | None = seen.aggregate(last=Max("calendar_steps"))["last"]
    return 0 if last is None else last + 1


class Answer(models.Model):
    """What somebody answered: text, a choice's code, a list of codes, or true or false."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    value = models.JSONField()

    class Meta:
        ordering = ["question__sort_order", "question_id"]
        constraints = [models.UniqueConstraint(fields=["registration", "question"], name="one_answer_per_question")]

    def __str__(self) -> str:
        return self.said

    @property
    def said(self) -> str:
        return self.question.said(self.value)


class AuditLine(models.Model):
    """Who changed what of an event's admission or registrations, when, and why. Never edited.

    `data` holds states, numbers and reasons, never a name or an address.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="audit_lines")
    registration = models.ForeignKey(Registration, on_delete=models.SET_NULL, null=True, related_name="audit_lines")
    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    who = models.CharField(max_length=20)  # registrant, organiser, system
    what = models.CharField(max_length=60)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.what}"
