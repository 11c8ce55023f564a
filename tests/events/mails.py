"""Mails as their readers get them: made by the rules, delivered by the outbox, and read again."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from django.core import mail as sent
from django.utils import timezone
from icalendar import Calendar
from wagtail.models import Page

from events.approval import approve, refuse
from events.delegation import confirm_group, register_group
from events.emails import queue_message
from events.handover import hand_over
from events.invitation import invite
from events.links import token_of
from events.models import AgendaPage
from events.models.registration import Delegation, Invitation, Registration
from events.publication import change_state
from events.registration import cancel, register
from events.reminders import queue_reminders
from events.waiting import settle_all
from home.models import HomePage
from portal.base.models import OutgoingMail
from portal.base.outbox import deliver, message_id, queue_mail, tell_handlers
from tests.events.publishing import change, unpublish
from tests.factories import admit, applicant, come, locale, make_page, make_user, stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.models import Event

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SITE = "http://127.0.0.1:8000"
VOID_TAGS = {"br", "meta"}
SPACE = re.compile(r"\s+")
LINK_IN_TEXT = re.compile(r"https?://\S+")
URL = re.compile(r"^https?://\S+$", re.MULTILINE)


def deliver_all() -> list[Any]:
    """Send what waits, as the worker does, and give the messages of this time."""
    before = len(sent.outbox)
    for pk in list(OutgoingMail.objects.waiting().order_by("pk").values_list("pk", flat=True)):
        deliver(pk)
    return sent.outbox[before:]


def delivered(kind: str) -> Any:
    """The one message of this kind among those that wait now."""
    row = OutgoingMail.objects.waiting().get(kind=kind)
    return next(message for message in deliver_all() if message.extra_headers["Message-ID"] == message_id(row))


def states(kind: str) -> list[str]:
    """What became of the mails of a kind, in order."""
    return [str(row.state) for row in OutgoingMail.objects.filter(kind=kind).order_by("pk")]


def link(row: Any) -> str:
    name = {"Registration": "registration", "Delegation": "delegation", "Invitation": "invitation"}[type(row).__name__]
    return f"{SITE}/{row.language}/{name}/{token_of(stored(row))}/"


class Reader(HTMLParser):
    """Reads a mail's HTML strictly: each tag is closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.links: list[tuple[str, str]] = []  # address and words
        self.languages: list[tuple[str, str]] = []  # of elements in another language, and their words
        self.tags: set[str] = set()
        self.empty: list[str] = []
        self.text = ""
        self.language = ""
        self.marks: list[tuple[str, dict[str, str | None], int]] = []
        self.feed(html)
        self.close()
        assert self.open == []
        self.text = squeezed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert len(found) == len(attrs), attrs
        self.tags.add(tag)
        if tag == "html":
            self.language = found["lang"] or ""
        if tag in VOID_TAGS:
            self.text += " "
            return
        self.open.append(tag)
        self.marks.append((tag, found, len(self.text)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        _tag, attrs, begin = self.marks.pop()
        words = squeezed(self.text[begin:])
        if tag == "a":
            self.links.append((attrs["href"] or "", words))
        if tag in {"p", "dd", "dt", "li", "a", "blockquote", "title"} and not words:
            self.empty.append(tag)
        if "lang" in attrs and tag != "html":
            self.languages.append((attrs["lang"] or "", words))
        if tag != "a":
            self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += data


def squeezed(text: str) -> str:
    return SPACE.sub(" ", text).strip()


def html_of(message: Any) -> str:
    (html, kind), *_calendar = message.alternatives
    assert kind == "text/html"
    return str(html)


def require_same(message: Any) -> Reader:
    """The HTML says what the text says, line by line, with the same links."""
    read = Reader(html_of(message))
    for line in message.body.splitlines():
        words = squeezed(line).removesuffix(":") if line.endswith(":") else squeezed(line)
        assert URL.match(words) or words in read.text, words
    links = {address for address, _words in read.links if not address.startswith("mailto:")}
    assert links - set(LINK_IN_TEXT.findall(message.body)) == set()
    assert links >= set(URL.findall(message.body))
    assert read.empty == []
    assert read.tags & {"img", "script", "style", "link", "h1", "form"} == set()
    return read


def calendar_in(message: Any) -> tuple[str, Any]:
    """The METHOD and the VEVENT of an invitation."""
    _html, (text, kind) = message.alternatives
    calendar = Calendar.from_ical(text.encode())
    assert (kind, message.attachments) == (f"text/calendar; method={calendar['METHOD']}", [])
    [found] = calendar.events
    return str(calendar["METHOD"]), found


def file_in(message: Any) -> Any:
    """The VEVENT that is attached, where the mail server carries no invitations."""
    assert [kind for _content, kind in message.alternatives] == ["text/html"]
    [(name, text, kind)] = message.attachments
    calendar = Calendar.from_ical(text.encode())
    assert (name, kind, "METHOD" in calendar) == ("event.ics", "text/calendar", False)
    [found] = calendar.events
    return found


def is_plain(message: Any) -> bool:
    """Whether a mail has nothing for a calendar."""
    return not message.attachments and [kind for _content, kind in message.alternatives] == ["text/html"]


# --- every mail there is, made by the rules
@dataclass
class Scene:
    """An event with its registrants, on which the rules are played."""

    event: Event
    clock: Any
    way: str = "on-site"
    country: str = "PT"
    language: str = "en"
    rules: dict[str, Any] = field(default_factory=dict)

    def seats(self, number: int = 10, **rules: Any) -> None:
        online = number if self.way == "online" or self.event.is_online else 0
        admit(self.event, number if self.way == "on-site" else 0, online, **{**self.rules, **rules})

    def register(self, email: str = "maria@example.org", **fields: Any) -> Any:
        words = {"way": self.way, "country": self.country, "language": self.language, **fields}
        return register(self.event.pk, applicant(email, **words))

    def come(self, email: str = "maria@example.org", **fields: Any) -> Any:
        words = {"way": self.way, "country": self.country, "language": self.language, **fields}
        return come(self.event, email, **words)

    def person(self, email: str = "maria@example.org") -> Any:
        return applicant(email, way=self.way, country=self.country, language=self.language)


def make_agendas(*codes: str) -> dict[str, Any]:
    """An agenda in each language, without the rest of the site."""
    agendas = {}
    for code in codes:
        home = make_page(Page.get_first_root_node(), HomePage, f"Home {code}", locale=locale(code), slug=f"home-{code}")
        agendas[code] = make_page(home, AgendaPage, f"Agenda {code}")
    return agendas


def forget() -> None:
    """What was queued so far is not what the scene is about."""
    OutgoingMail.objects.waiting().update(withheld_at=timezone.now())


def pending(scene: Scene) -> None:
    scene.seats()
    scene.register()


def pending_without_seat(scene: Scene) -> None:
    scene.seats(1)
    scene.come("first@example.org")
    forget()
    scene.register()


def pending_approval(scene: Scene) -> None:
    scene.seats(needs_approval=True)
    scene.register()


def awaiting(scene: Scene) -> Any:
    scene.seats(needs_approval=True)
    row = scene.come()
    OutgoingMail.objects.filter(kind="registration_pending").update(withheld_at=timezone.now())
    return row


def confirmed(scene: Scene) -> Any:
    scene.seats(mail_intro={"en": "Bring your badge.", "fr": "Venez avec votre badge."})
    row = scene.come()
    OutgoingMail.objects.filter(kind="registration_pending").update(withheld_at=timezone.now())
    return row


def waiting(scene: Scene) -> Any:
    scene.seats(1)
    first = scene.come("first@example.org")
    forget()
    row = scene.come()
    OutgoingMail.objects.filter(kind="registration_pending").update(withheld_at=timezone.now())
    return first, row


def waiting_behind_others(scene: Scene) -> None:
    scene.seats(1)
    for number in range(4):
        scene.come(f"{number}@example.org")
    forget()
    scene.come()


def waiting_with_quota(scene: Scene) -> None:
    scene.seats(1, quota_by="country", quota_each=1)
    scene.come("first@example.org", country="FR")
    forget()
    scene.come()


def again(scene: Scene) -> None:
    confirmed(scene)
    forget()
    scene.register()


def offered(scene: Scene) -> Any:
    first, row = waiting(scene)
    forget()
    cancel(first.pk, user=make_user())
    OutgoingMail.objects.filter(kind="registration_cancelled").update(withheld_at=timezone.now())
    return row


def offer_expired(scene: Scene) -> None:
    offered(scene)
    forget()
    scene.clock.shift(37 * HOUR)
    settle_all()


def approved(scene: Scene) -> Any:
    row = awaiting(scene)
    forget()
    approve(row.pk, user=make_user())
    return row


def approved_to_wait(scene: Scene) -> None:
    scene.seats(1, needs_approval=True)
    user = make_user()
    approve(scene.come("first@example.org").pk, user=user)
    row = scene.come()
    forget()
    approve(row.pk, user=user)


def refused(scene: Scene) -> None:
    row = awaiting(scene)
    forget()
    refuse(row.pk, user=make_user(), why="Lorem ipsum dolor.")


def cancelled(scene: Scene) -> None:
    row = confirmed(scene)
    forget()
    cancel(row.pk)


def cancelled_for_good(scene: Scene) -> None:
    cancelled(scene)
    scene.clock.shift(dt.timedelta(minutes=11))


def cancelled_by_organiser(scene: Scene) -> None:
    row = confirmed(scene)
    forget()
    cancel(row.pk, user=make_user(), why="Lorem ipsum dolor.")


def handed_over(scene: Scene) -> Any:
    row = confirmed(scene)
    forget()
    return hand_over(row.pk, name="João", email="joao@example.org")


def group_pending(scene: Scene) -> Any:
    scene.seats()
    return register_group(scene.event.pk, scene.person(), [("João", "joao@example.org"), ("Ana", "ana@example.org")])


def group_confirmed(scene: Scene) -> None:
    group = group_pending(scene)
    forget()
    confirm_group(group.pk)


def group_waiting(scene: Scene) -> None:
    scene.seats(1)
    scene.come("first@example.org")
    group = register_group(scene.event.pk, scene.person(), [("João", "joao@example.org")])
    assert group
    forget()
    confirm_group(group.pk)


def group_awaiting(scene: Scene) -> None:
    scene.seats(needs_approval=True)
    group = register_group(scene.event.pk, scene.person(), [("João", "joao@example.org")])
    assert group
    forget()
    confirm_group(group.pk)


def invited(scene: Scene) -> None:
    scene.seats(by_invitation=True, mail_intro={"en": "We look forward to you.", "fr": "Au plaisir."})
    invite(scene.event.pk, [("Maria", "maria@example.org")], language=scene.language, user=make_user())


def invited_without_name(scene: Scene) -> None:
    invite(scene.event.pk, [("", "maria@example.org")], language=scene.language, user=make_user())


def moved(scene: Scene) -> None:
    confirmed(scene)
    forget()
    change(
        scene.event,
        precision="time",
        starts_on=dt.date(2027, 3, 1),
        ends_on=None,
        start_time=dt.time(10),
        end_time=dt.time(12),
        timezone="Europe/Sofia",
        place_name="Zala 1",
        address="",
        city="Sofia",
        country="BG",
        is_online=not scene.event.is_online,
    )


def postponed(scene: Scene) -> None:
    confirmed(scene)
    forget()
    change_state(scene.event.pk, "postponed")


def back_again(scene: Scene) -> None:
    confirmed(scene)
    change_state(scene.event.pk, "postponed")
    deliver_all()
    change_state(scene.event.pk, "confirmed")


def event_cancelled(scene: Scene) -> None:
    confirmed(scene)
    forget()
    change_state(scene.event.pk, "cancelled")


def event_withdrawn(scene: Scene) -> None:
    confirmed(scene)
    forget()
    change_state(scene.event.pk, "withdrawn")


def hidden(scene: Scene) -> None:
    confirmed(scene)
    forget()
    unpublish(scene.event)
    scene.clock.shift(HOUR)


def reminded(scene: Scene) -> None:
    confirmed(scene)
    forget()
    begins = stored(scene.event).begins_at
    if begins:
        OutgoingMail.objects.update(created_at=begins - 10 * DAY)
        scene.clock.move_to(begins - 47 * HOUR, tick=False)
        queue_reminders()


def messaged(scene: Scene) -> None:
    row = confirmed(scene)
    forget()
    queue_message(row, subject="Lorem", text="Lorem ipsum\r\n\r\nDolor sit.", user=make_user())


def links_asked_for(scene: Scene) -> None:
    row = confirmed(scene)
    forget()
    queue_mail(
        key=f"registration_links:{row.uuid}",
        kind="registration_links",
        to=row.email,
        language=row.language,
        params={"registration": row.pk},
        about=row.uuid,
    )


def returned(scene: Scene) -> None:
    confirmed(scene)
    make_user("coordinator", is_coordinator=True)
    [mail] = OutgoingMail.objects.filter(kind__in=("registration_confirmed", "registration_waiting"))
    forget()
    tell_handlers(mail)


SCENES: dict[str, Callable[[Scene], Any]] = {
    made.__name__: made
    for made in (
        *(pending, pending_without_seat, pending_approval, awaiting, confirmed, waiting, waiting_behind_others),
        *(waiting_with_quota, again, offered, offer_expired, approved, approved_to_wait, refused),
        *(cancelled, cancelled_for_good, cancelled_by_organiser, handed_over),
        *(group_pending, group_confirmed, group_waiting, group_awaiting, invited, invited_without_name),
        *(moved, postponed, back_again, event_cancelled, event_withdrawn, hidden, reminded, messaged),
        *(links_asked_for, returned),
    )
}
DATED = {
    *("pending_without_seat", "waiting_with_quota", "offered", "offer_expired", "approved_to_wait", "handed_over"),
    *("group_waiting",),
}  # scenes that need seats


def in_language(mail: OutgoingMail, language: str) -> OutgoingMail:
    """The same mail to somebody who reads another language."""
    for model, name in ((Registration, "registration"), (Delegation, "delegation"), (Invitation, "invitation")):
        model.objects.filter(pk=mail.params.get(name)).update(language=language)
    mail.language = language
    return mail
