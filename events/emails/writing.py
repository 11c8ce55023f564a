"""How a mail to a registrant is registered, withheld and previewed, and what letters share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from events.availability import availability_of
from events.emails.cause import Cause, as_in, state_before, title_of
from events.itip import REQUEST
from events.letters import About, Letter, Way, message_of
from events.models import Registration
from events.models.admission import QuotaBy
from events.told import reader_time, when_said, where_said
from portal.base.languages import current_language
from portal.base.outbox import renders

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.mail import EmailMultiAlternatives

    from events.itip import CalendarMessage
    from events.models import Event
    from portal.base.models import OutgoingMail

    Writer = Callable[[Cause], Letter]

writers: dict[str, tuple[Writer, tuple[str, ...]]] = {}
KINDS: dict[str, Any] = {}  # names of the kinds, for organisers


def writes(
    kind: str, name: Any, *states: str, unless: Callable[[Cause], bool] = lambda cause: False
) -> Callable[[Writer], Writer]:
    """Register what writes a kind of mail.

    The mail is withheld unless the registration is in one of the states, and if its cause is void: `unless`.
    """

    def register(writer: Writer) -> Writer:
        writers[kind] = writer, states
        KINDS[kind] = name

        @renders(kind)
        def render(mail: OutgoingMail) -> EmailMultiAlternatives | None:
            found = Registration.objects.select_related("event", "event__admission", "event__cite", "event__project")
            row = found.filter(pk=mail.params.get("registration")).first()
            if row is None or row.erased_at or (states and (row.state not in states or row.email != mail.to)):
                return None
            cause = Cause(row, mail.to, mail.params)
            return None if unless(cause) else message_of(writer(cause), mail.to)

        return writer

    return register


def preview(kind: str, registration: Registration, **params: Any) -> EmailMultiAlternatives:
    """The mail as the registrant would get it in the active language, with a link that opens nothing."""
    writer, states = writers[kind]
    url = f"{settings.SITE_URL}{reverse('registration', args=['…'])}"
    params = {"was": state_before(registration), **params}
    return message_of(writer(Cause(as_in(states, registration), registration.email, params, url)), registration.email)


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
        after=[*asks_nothing(more.get("invitation")), *more.pop("after", []), *questions(cause.event)],
        reply_to=cause.event.contact_email,
        **more,
    )


def asks_nothing(invitation: CalendarMessage | None) -> list[str]:
    """What the buttons are worth that programs show beside an invitation."""
    if invitation is None or invitation.method != REQUEST:
        return []
    return [
        _(
            "This mail puts the event into your calendar. You need not answer it, and a “no” in your calendar does not"
            " give your seat back."
        )
    ]


def intro_of(event: Event) -> str:
    """The organisers' opening lines, where they are written in the reader's language."""
    admission = event.admission_or_none
    return admission.mail_intro.get(current_language(), "") if admission else ""


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
