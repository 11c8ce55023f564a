"""Every mail to registrants: a function a kind, rendered when it is sent, in the registrant's language.

A mail whose cause is void by then (the seat was cancelled, the offer has ended) is not sent.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.availability import availability_of
from events.calendar import single
from events.letters import About, Change, Letter, Way, message_of
from events.links import address_token, manage_url
from events.models import Registration
from events.models.admission import QuotaBy
from events.models.event import CALLED_OFF, State
from events.models.registration import ACTIVE, Delegation, Invitation, RegistrationState
from events.seating import OFFER_HOLD, OFFER_HOLD_SOON, PENDING_HOLD, PENDING_HOLD_SOON, held_until, note, told_to
from events.seating import mail as queue_registration_mail
from events.told import changes_between, reader_time, when_said, where_said
from events.waiting import position
from events.when import moment
from portal.base.languages import Text, current_language
from portal.base.outbox import renders
from portal.base.pages import with_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.mail import EmailMultiAlternatives

    from events.models import Event
    from portal.base.models import OutgoingMail

    Writer = Callable[["Cause"], Letter]

S = RegistrationState
KEPT_FOR = dt.timedelta(minutes=30)  # the link to all registrations of an address


@dataclass
class Cause:
    """What a mail is made from. `manage_url` is left out of previews, which must not hold a link that works."""

    registration: Registration
    params: dict[str, Any] = field(default_factory=dict)
    url: str = ""

    @property
    def event(self) -> Event:
        return self.registration.event

    @cached_property
    def manage_url(self) -> str:
        return self.url or manage_url(self.registration)

    @cached_property
    def title(self) -> Text:
        return title_of(self.event)

    @cached_property
    def changes(self) -> list[Change]:
        before = self.params.get("before", {})
        return changes_between(self.event, before, told_to(self.registration), self.registration.country)

    def held(self, usual: dt.timedelta, soon: dt.timedelta) -> str:
        """Until when the seat or rank is held, by the event's clock; in a preview from now if nothing is held."""
        until = self.registration.held_until or held_until(self.event, timezone.now(), usual, soon)
        return moment(until, self.event)


def title_of(event: Event) -> Text:
    return with_words([event])[0].title


writers: dict[str, Writer] = {}
KINDS: dict[str, Any] = {}  # names of the kinds, for organisers


def writes(
    kind: str, name: Any, *states: str, unless: Callable[[Cause], bool] = lambda cause: False
) -> Callable[[Writer], Writer]:
    """Register what writes a kind of mail.

    The mail is withheld unless the registration is in one of the states, and if its cause is void: `unless`.
    """

    def register(writer: Writer) -> Writer:
        writers[kind] = writer
        KINDS[kind] = name

        @renders(kind)
        def render(mail: OutgoingMail) -> EmailMultiAlternatives | None:
            found = Registration.objects.select_related("event", "event__admission", "event__cite", "event__project")
            row = found.filter(pk=mail.params.get("registration")).first()
            if row is None or row.erased_at or (states and (row.state not in states or row.email != mail.to)):
                return None
            cause = Cause(row, mail.params)
            return None if unless(cause) else message_of(writer(cause), mail.to)

        return writer

    return register


def preview(kind: str, registration: Registration, **params: Any) -> EmailMultiAlternatives:
    """The mail as the registrant would get it in the active language, with a link that opens nothing."""
    url = f"{settings.SITE_URL}{reverse('registration', args=['…'])}"
    return message_of(writers[kind](Cause(registration, params, url)), registration.email)


# --- when there is nothing to say any more
def does_not_take_place(event: Event) -> bool:
    return event.is_over or event.state in CALLED_OFF


def is_off(cause: Cause) -> bool:
    return does_not_take_place(cause.event)


def has_ended(cause: Cause) -> bool:
    """Whether what the mail asks for can be done no more."""
    until = cause.registration.held_until
    return until is None or until <= timezone.now() or is_off(cause)


def is_on(cause: Cause) -> bool:
    return cause.event.state not in CALLED_OFF or cause.event.is_over


def is_no_change(cause: Cause) -> bool:
    return is_off(cause) or bool(cause.params.get("before") and not cause.changes)


def is_not_near(cause: Cause) -> bool:
    """Whether the event to be reminded of does not begin any more when it should have."""
    event = cause.event
    is_coming = event.begins_at is not None and event.begins_at > timezone.now()
    is_moved = cause.params.get("begins") not in {None, event.begins_at and event.begins_at.isoformat()}
    return not takes_place(event) or not is_coming or is_moved


def takes_place(event: Event) -> bool:
    """Whether calendars show it: published, with a date, neither postponed nor cancelled."""
    return event.live and event.state in {State.PLANNED, State.CONFIRMED} and event.has_exact_date


# --- what letters share
def dear(name: str) -> str:
    return _("Dear %(name)s,") % {"name": name}


def about_event(event: Event, country: str = "") -> About:
    """When and where, in the event's time; for a reader from a country with another time in that as well."""
    lines = [when_said(event), reader_time(event, country), where_said(event)]
    return About(
        title=title_of(event),
        lines=[line for line in lines if line],
        url=settings.SITE_URL + event.get_absolute_url() if event.is_shown else "",
    )


def questions(event: Event) -> list[str]:
    if not event.contact_email:
        return []
    return [_("Questions? Write to %(email)s.") % {"email": event.contact_email}]


def letter(cause: Cause, subject: str, *paragraphs: str, button: str = "", **more: Any) -> Letter:
    """A letter about one registration, with the event's facts, a greeting and the address for questions."""
    row = cause.registration
    return Letter(
        subject=subject % {"title": cause.title},
        greeting=dear(row.name),
        paragraphs=[text for text in paragraphs if text],
        about=about_event(cause.event, row.country),
        button=Way(button, cause.manage_url) if button else None,
        after=[*more.pop("after", []), *questions(cause.event)],
        reply_to=cause.event.contact_email,
        **more,
    )


def intro_of(event: Event) -> str:
    """The organisers' opening lines, where they are written in the reader's language."""
    admission = event.admission_or_none
    return admission.mail_intro.get(current_language(), "") if admission else ""


def calendar_of(event: Event) -> bytes:
    """The event as calendars have it; also one that is cancelled there."""
    entry = event.calendar_entries.filter(language=current_language()).first()
    return single(bytes(entry.body)) if entry else b""


def online_ways(cause: Cause) -> list[Way]:
    event, row = cause.event, cause.registration
    if row.way != "online" or not event.online_link:
        return []
    return [Way(_("Your link to take part. Please do not pass it on"), event.online_link)]


def online_words(cause: Cause) -> str:
    if cause.registration.way != "online":
        return ""
    return "" if cause.event.online_link else _("You take part online. We send you the link before the event.")


def yours_alone() -> str:
    return _("This link is yours alone: whoever has it can change your registration.")


def line_rules(cause: Cause) -> list[str]:
    """How the waiting list works, as the person needs to know it."""
    if not cause.event.has_exact_date:
        return [_("As soon as the date is fixed, seats are offered in the order in which people registered.")]
    return [
        order_said(cause.event),
        _(
            "When a seat becomes free, we write to the next person, who has 36 hours to accept; 4 hours in the last two"
            " days before the event."
        ),
    ]


def order_said(event: Event) -> str:
    admission = event.admission_or_none
    if admission is None or not admission.has_quota(timezone.now()):
        return _(
            "The rule: seats are offered in the order in which people registered. Nobody who comes later overtakes you."
        )
    if admission.quota_by == QuotaBy.COUNTRY:
        return _(
            "The rule: seats are offered in the order in which people registered, as long as the share of their"
            " country is not used up."
        )
    return _(
        "The rule: seats are offered in the order in which people registered, as long as the share of their"
        " organisation is not used up."
    )


def again_ways(event: Event) -> list[Way]:
    """To the form, if one may register now."""
    if not event.is_shown or not availability_of([event])[event.pk].takes_people:
        return []
    return [Way(_("Register again"), settings.SITE_URL + reverse("register", args=[event.pk]))]


# --- coming in
@writes("registration_pending", gettext_lazy("confirm your address"), S.PENDING, unless=has_ended)
def registration_pending(cause: Cause) -> Letter:
    row = cause.registration
    until = {"moment": cause.held(PENDING_HOLD, PENDING_HOLD_SOON)}
    if row.seat:
        held = _("A seat is held for you until %(moment)s. Please confirm your registration by then.") % until
    elif row.event.admission_or_none and row.event.admission.needs_approval:
        held = _("The organisers decide about each registration. Please confirm yours by %(moment)s.") % until
    elif not row.event.has_exact_date:
        held = _("The date is not known yet. Please confirm by %(moment)s that you want to be told.") % until
    else:
        held = (
            _(
                "All seats are taken. Your place on the waiting list is kept until %(moment)s. Please confirm your"
                " registration by then."
            )
            % until
        )
    return letter(
        cause,
        _("Please confirm: %(title)s"),
        held,
        button=_("Confirm my registration"),
        after=[
            _(
                "If it was not you, there is nothing to do: without confirmation nothing is kept for you, and your"
                " details are deleted after 7 days."
            )
        ],
    )


@writes("registration_awaiting", gettext_lazy("awaiting approval"), S.AWAITING, unless=is_off)
def registration_awaiting(cause: Cause) -> Letter:
    return letter(
        cause,
        _("We have your registration: %(title)s"),
        _("Thank you. The organisers decide about each registration, and we write to you when they have."),
        _("You have no seat yet. Please do not book a journey before you hear from us."),
        button=_("See or change my registration"),
        after=[yours_alone()],
    )


@writes("registration_confirmed", gettext_lazy("seat confirmed"), S.CONFIRMED, unless=is_off)
def registration_confirmed(cause: Cause) -> Letter:
    return seat_letter(cause, _("You are registered: %(title)s"), _("You have a seat at this event."))


def seat_letter(cause: Cause, subject: str, *paragraphs: str) -> Letter:
    return letter(
        cause,
        subject,
        *paragraphs,
        online_words(cause),
        _("You cannot come? Please give the seat back: somebody else will be glad of it."),
        intro=intro_of(cause.event),
        button=_("See, change or cancel my registration"),
        ways=[*online_ways(cause), *calendar_ways(cause.event)],
        after=[yours_alone()],
        calendar=calendar_of(cause.event) if takes_place(cause.event) else b"",
    )


def calendar_ways(event: Event) -> list[Way]:
    if not takes_place(event):
        return []
    return [Way(_("Put it into your calendar"), settings.SITE_URL + reverse("feed-event", args=[event.pk]))]


@writes("registration_waiting", gettext_lazy("on the waiting list"), S.WAITING, unless=is_off)
def registration_waiting(cause: Cause) -> Letter:
    if not cause.event.has_exact_date:
        return letter(
            cause,
            _("We will tell you the date: %(title)s"),
            _("You are on the list of people who want to come. The date of this event is not known yet."),
            *line_rules(cause),
            button=_("See or change my registration"),
            after=[yours_alone()],
        )
    return letter(
        cause,
        _("You are on the waiting list: %(title)s"),
        place_in_line(cause),
        _("You have no seat yet. Please do not book a journey before you hear from us."),
        *line_rules(cause),
        button=_("See my place in line, or leave the list"),
        after=[yours_alone()],
    )


def place_in_line(cause: Cause) -> str:
    place = position(cause.registration)
    if place <= 1:
        return _("All seats are taken. You are the next in line.")
    return ngettext(
        "All seats are taken. %(ahead)s person is before you in line.",
        "All seats are taken. %(ahead)s people are before you in line.",
        place - 1,
    ) % {"ahead": place - 1}


@writes("registration_again", gettext_lazy("link sent again"), *ACTIVE, unless=is_off)
def registration_again(cause: Cause) -> Letter:
    return letter(
        cause,
        _("You were registered already: %(title)s"),
        _("Somebody has just registered this address once more. You are registered already, and nothing has changed."),
        status_sentence(cause),
        button=_("See or change my registration"),
        after=[_("If it was not you, there is nothing to do."), yours_alone()],
    )


def status_sentence(cause: Cause) -> str:
    sentences = {
        S.PENDING: _("Your address is not confirmed yet."),
        S.AWAITING: _("The organisers have not decided yet."),
        S.CONFIRMED: _("You have a seat at this event."),
        S.WAITING: _("You are on the waiting list."),
        S.OFFERED: _("A seat is offered to you."),
    }
    return sentences.get(S(cause.registration.state), "")


# --- the waiting list
@writes("registration_offered", gettext_lazy("seat offered"), S.OFFERED, unless=has_ended)
def registration_offered(cause: Cause) -> Letter:
    return letter(
        cause,
        _("A seat for you: %(title)s"),
        _("A seat has become free, and it is yours if you want it."),
        accept_by(cause),
        intro=intro_of(cause.event),
        button=_("Accept or decline the seat"),
        after=[yours_alone()],
    )


def accept_by(cause: Cause) -> str:
    return _("Please accept it by %(moment)s. After that it goes to the next person on the list.") % {
        "moment": cause.held(OFFER_HOLD, OFFER_HOLD_SOON)
    }


@writes("offer_expired", gettext_lazy("offer has ended"), S.EXPIRED, unless=is_off)
def offer_expired(cause: Cause) -> Letter:
    ways = again_ways(cause.event)
    return letter(
        cause,
        _("The offer of a seat has ended: %(title)s"),
        _("You did not accept the seat in time, so it is offered to the next person on the list."),
        _("You are not on the list any more. If you still want to come, please register again.")
        if ways
        else _("You are not on the list any more."),
        ways=ways,
    )


# --- what organisers decide
def said_why(cause: Cause) -> list[str]:
    return [_("The organisers write:")] if cause.params.get("why") else []


@writes("registration_approved", gettext_lazy("approved"), S.CONFIRMED, S.WAITING, unless=is_off)
def registration_approved(cause: Cause) -> Letter:
    if cause.registration.state == S.CONFIRMED:
        return seat_letter(
            cause,
            _("Your registration is approved: %(title)s"),
            _("The organisers have approved your registration. You have a seat at this event."),
        )
    return letter(
        cause,
        _("Your registration is approved, you are on the waiting list: %(title)s"),
        _("The organisers have approved your registration."),
        place_in_line(cause),
        *line_rules(cause),
        button=_("See my place in line, or leave the list"),
        after=[yours_alone()],
    )


@writes("registration_refused", gettext_lazy("not accepted"), S.REFUSED)
def registration_refused(cause: Cause) -> Letter:
    return letter(
        cause,
        _("Your registration was not accepted: %(title)s"),
        _("The organisers could not accept your registration for this event."),
        *said_why(cause),
        quote=cause.params.get("why", ""),
    )


@writes("registration_cancelled", gettext_lazy("registration cancelled"), S.CANCELLED)
def registration_cancelled(cause: Cause) -> Letter:
    row = cause.registration
    if cause.params.get("by") == "organiser":
        return letter(
            cause,
            _("Your registration is cancelled: %(title)s"),
            _("The organisers have cancelled your registration for this event."),
            *said_why(cause),
            quote=cause.params.get("why", ""),
        )
    ways = again_ways(cause.event)
    if row.can_undo:
        return letter(
            cause,
            _("You have cancelled: %(title)s"),
            _("You have cancelled your registration. Was it a mistake? You can undo it for ten minutes."),
            button=_("Undo"),
            ways=ways,
        )
    return letter(cause, _("You have cancelled: %(title)s"), _("You have cancelled your registration."), ways=ways)


# --- seats that change hands
@writes(
    "registration_received",
    gettext_lazy("seat received from a colleague"),
    *(S.CONFIRMED, S.WAITING, S.AWAITING, S.OFFERED),
    unless=is_off,
)
def registration_received(cause: Cause) -> Letter:
    state = cause.registration.state
    has_seat = state == S.CONFIRMED
    return letter(
        cause,
        _("A colleague has registered you: %(title)s"),
        _("A colleague has registered you for this event, or given you a place."),
        place_in_line(cause) if state == S.WAITING else status_sentence(cause),
        accept_by(cause) if state == S.OFFERED else "",
        online_words(cause) if has_seat else "",
        _("You cannot or do not want to come? Please decline, so that somebody else can."),
        intro=intro_of(cause.event),
        button=_("See, change or decline"),
        ways=[*online_ways(cause), *calendar_ways(cause.event)] if has_seat else [],
        after=[yours_alone()],
        calendar=calendar_of(cause.event) if has_seat and takes_place(cause.event) else b"",
    )


@writes("registration_handed_over", gettext_lazy("seat handed over"))
def registration_handed_over(cause: Cause) -> Letter:
    made = letter(
        cause,
        _("Your place went to a colleague: %(title)s"),
        _("Your place at this event was given to a colleague. You are not registered any more."),
        after=[_("Your old link does not work any more.")],
    )
    made.greeting = dear(cause.params.get("name") or cause.registration.name)  # the row has another name now
    return made


# --- the event
@writes("event_changed", gettext_lazy("change of the event"), *ACTIVE, unless=is_no_change)
def event_changed(cause: Cause) -> Letter:
    event = cause.event
    if event.state == State.POSTPONED and cause.params.get("before", {}).get("state") != State.POSTPONED:
        return letter(
            cause,
            _("Postponed: %(title)s"),
            _("The event that you registered for has been postponed, and its new date is not known yet."),
            _("You keep your place, and we write to you again."),
            changes=[change for change in cause.changes if change.label != _("State")],
            button=_("See or change my registration"),
            calendar=calendar_of(event),
        )
    return letter(
        cause,
        _("Changed: %(title)s"),
        _("Something has changed about the event that you registered for:")
        if cause.changes
        else _("Something has changed about the event that you registered for. This is how it stands now:"),
        changes=cause.changes,
        button=_("See or change my registration"),
        ways=calendar_ways(event),
        after=[_("You cannot come any more? Please cancel, so that somebody else can have your place.")],
        calendar=calendar_of(event),
    )


@writes("event_cancelled", gettext_lazy("event cancelled"), *ACTIVE, unless=is_on)
def event_cancelled(cause: Cause) -> Letter:
    if cause.event.state == State.WITHDRAWN:
        said = _("The event that you registered for does not take place. You need not do anything.")
    else:
        said = _("The event that you registered for has been cancelled. You need not do anything.")
    return letter(cause, _("Cancelled: %(title)s"), said, calendar=calendar_of(cause.event))


@writes("registration_reminder", gettext_lazy("reminder"), S.CONFIRMED, unless=is_not_near)
def registration_reminder(cause: Cause) -> Letter:
    return seat_letter(cause, _("Soon: %(title)s"), _("The event that you registered for is near. You have a seat."))


@writes("registration_message", gettext_lazy("message from the organisers"), *ACTIVE)
def registration_message(cause: Cause) -> Letter:
    made = letter(
        cause,
        "%(title)s",
        _("The organisers of this event write to you:"),
        quote=cause.params.get("text", ""),
        button=_("See or change my registration"),
    )
    made.subject = " – ".join(part for part in (cause.params.get("subject", ""), str(cause.title)) if part)
    return made


def queue_message(row: Registration, *, subject: str, text: str, user: Any) -> None:
    """Queue an organiser's own words to somebody; call it inside a transaction."""
    line = note(row, "message", user=user)
    queue_registration_mail(row, "registration_message", line, subject=subject, text=text)


@renders("organiser_returned")
def organiser_returned(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """To an organiser, in the organiser's language."""
    found = [
        model.objects.select_related("event").filter(pk=mail.params.get(name), erased_at=None).first()
        for name, model in (("registration", Registration), ("delegation", Delegation), ("invitation", Invitation))
    ]
    row: Any = next((row for row in found if row is not None), None)
    if row is None:
        return None
    made = Letter(
        subject=_("A mail came back: %(title)s") % {"title": row.event.name},
        greeting=_("Good day,"),
        paragraphs=[
            _("Our mail to %(name)s (%(email)s) could not be delivered.") % {"name": row.name, "email": row.email}
        ],
    )
    if isinstance(row, Registration):
        made.paragraphs.append(
            _("No seat is offered to this address any more until you send a mail again from the page below.")
        )
        url = reverse("events:registration", args=[row.event_id, row.pk])
    else:
        url = reverse("events:registrations", args=[row.event_id])
    made.button = Way(_("See the registration"), settings.SITE_URL + url)
    return message_of(made, mail.to)


# --- groups, guests, and all registrations of an address
@renders("delegation_pending")
def delegation_pending(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    group = Delegation.objects.select_related("event").filter(pk=mail.params["delegation"]).first()
    if group is None or group.erased_at or group.confirmed_at or does_not_take_place(group.event):
        return None
    if group.held_until is None or group.held_until <= timezone.now():
        return None
    made = group_letter(
        group,
        _("Please confirm your group: %(title)s"),
        _("You have registered colleagues for this event. Please confirm it by %(moment)s; until then it is kept.")
        % {"moment": moment(group.held_until, group.event)},
        button=_("Confirm the group"),
    )
    made.after.insert(0, _("If it was not you, there is nothing to do."))
    return message_of(made, mail.to)


@renders("delegation_confirmed")
def delegation_confirmed(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    group = Delegation.objects.select_related("event").filter(pk=mail.params["delegation"]).first()
    if group is None or group.erased_at or does_not_take_place(group.event):
        return None
    made = group_letter(
        group,
        _("Your group is registered: %(title)s"),
        _("Your colleagues have been told, each in a mail with a link to decline."),
        _("On the page of your group you see how each one stands, and can put another person in a place."),
        button=_("See my group"),
    )
    made.after.insert(0, _("This link is yours alone: whoever has it can change your group."))
    return message_of(made, mail.to)


def group_letter(group: Delegation, subject: str, *paragraphs: str, button: str) -> Letter:
    event = group.event
    return Letter(
        subject=subject % {"title": title_of(event)},
        greeting=dear(group.name),
        paragraphs=list(paragraphs),
        about=about_event(event, group.country),
        button=Way(button, manage_url(group)),
        after=questions(event),
        reply_to=event.contact_email,
    )


@renders("invitation")
def invitation(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    guest = Invitation.objects.select_related("event").filter(pk=mail.params["invitation"]).first()
    if guest is None or guest.revoked_at or guest.erased_at or does_not_take_place(guest.event):
        return None
    event = guest.event
    made = Letter(
        subject=_("You are invited: %(title)s") % {"title": title_of(event)},
        greeting=dear(guest.name) if guest.name else _("Good day,"),
        paragraphs=[_("The organisers invite you to this event. Registering takes one minute and needs no account.")],
        intro=intro_of(event),
        about=about_event(event),
        button=Way(_("Register"), manage_url(guest)),
        after=[_("This invitation is for you alone."), *questions(event)],
        reply_to=event.contact_email,
    )
    return message_of(made, mail.to)


@renders("registration_links")
def registration_links(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """One link to all that is registered under the address; it works for a short time after this mail has left."""
    found: Any = Registration.objects.filter(pk=mail.params.get("registration"), email=mail.to).first()
    found = found or Delegation.objects.filter(pk=mail.params.get("delegation"), email=mail.to).first()
    if found is None:
        return None
    url = settings.SITE_URL + reverse("my-registrations-of", args=[address_token(found)])
    made = Letter(
        subject=_("Your registrations"),
        greeting=_("Good day,"),
        paragraphs=[
            _("You asked for the link to all that is registered under this address. It works for %(minutes)s minutes.")
            % {"minutes": KEPT_FOR.seconds // 60},
        ],
        button=Way(_("See my registrations"), url),
        after=[_("This link is yours alone. If you did not ask for it, there is nothing to do.")],
    )
    return message_of(made, mail.to)
