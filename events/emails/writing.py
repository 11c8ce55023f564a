"""How a mail to a registrant is registered, withheld and previewed, and what letters share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from events.availability import availability_of
from events.calendar import single
from events.letters import About, Change, Letter, Way, message_of
from events.links import manage_url
from events.models import Registration
from events.models.admission import QuotaBy
from events.models.event import CALLED_OFF, State
from events.models.registration import RegistrationState
from events.seating import held_until, told_to
from events.told import changes_between, reader_time, when_said, where_said
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


def is_back(cause: Cause) -> bool:
    return cause.event.live or is_off(cause)


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
