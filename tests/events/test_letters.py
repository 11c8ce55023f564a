"""Every mail in all languages: complete, in one language, with nothing left open."""

import datetime as dt
import re

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.utils import translation

from events.letters import Letter, Way, message_of
from events.models import Event
from portal.base.models import OutgoingMail
from portal.base.outbox import renderers
from tests.events.mails import DATED, NOON, SCENES, Reader, Scene, html_of, in_language, make_agendas, require_same
from tests.factories import event_page, make_event

pytestmark = pytest.mark.django_db

TITLE = "Ǥẋẏ 2027"  # in no language
PLACE = {"place_name": "Xyz 12", "address": "Qwx 3", "city": "Paris", "country": "FR"}
NO_PLACE = dict.fromkeys(PLACE, "")
FULL = {**PLACE, "contact_email": "accueil@example.org"}
ONLINE = {"is_online": True, "online_link": "https://meet.example.org/x"}
SECOND_DAY = dt.date(2027, 3, 12)
VARIANTS = {
    "on-site": FULL,
    "without-contact-and-place": NO_PLACE,
    "online": {**NO_PLACE, **ONLINE, "contact_email": "accueil@example.org"},
    "online-without-link": {**FULL, "is_online": True},
    "hybrid": {**FULL, **ONLINE},
    "several-days": {**FULL, "ends_on": SECOND_DAY},
    "whole-day": {**FULL, "precision": "day"},
    "whole-days": {**FULL, "precision": "day", "ends_on": SECOND_DAY},
    "other-zone": {**FULL, "timezone": "Asia/Kolkata", "city": "Mumbai", "country": "IN"},
    "planned": {**FULL, "state": "planned"},
    "month": {**FULL, "precision": "month"},
    "year": {**FULL, "precision": "year"},
    "unknown": {**FULL, "precision": "unknown"},
}
INTEREST = {"month", "year", "unknown"}  # nobody has a seat; people leave their address
LANGUAGES = [code for code, _name in settings.LANGUAGES]
OPEN = re.compile(r"%\(|\{\{|\{%|\}\}|%\}|\bNone\b|\(\)|\.\.|\s[,.]|,,|, ,|[^\S\n ]|…")
SENTENCE = re.compile(r"(?<=[.?!:])\s|\n|: ")
WORDS = 3  # fewer may be the same in two languages: "Online"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def agendas():
    return make_agendas("fr", "en")


def played(event, clock, name, *, way="on-site", rules=None):
    """The mails that a scene leaves in the outbox."""
    SCENES[name](Scene(Event.objects.get(pk=event.pk), clock, way=way, rules=rules or {}))
    return list(OutgoingMail.objects.waiting().order_by("pk"))


def in_all_languages(mail):
    """The same mail in each language, as its reader gets it."""
    found = {}
    for language in LANGUAGES:
        row = in_language(mail, language)
        with translation.override(language):
            found[language] = renderers[mail.kind](row)
    return found


def fragments(message, own):
    """The sentences of a mail, with what they name, but without what no translator writes."""
    parts = [message.subject, *SENTENCE.split(message.body)]
    found = {" ".join(part.split()).strip(".:?!") for part in parts}
    return {part for part in found if is_said(part, own)}


def is_said(part, own):
    words = [word for word in re.findall(r"[^\W\d_]{2,}", part) if word not in own]
    return len(words) >= WORDS and "://" not in part


def check(messages, own):
    """Nothing is open in any language; in those with a complete catalogue no English is left, and no French.

    What has no translation is shown in the language of the site, or as it stands in the code.
    """
    said = {language: fragments(messages[language], own) for language in ("en", settings.LANGUAGE_CODE)}
    for language, message in messages.items():
        read = require_same(message)
        whole = f"{message.subject}\n{message.body}\n{read.text}"
        assert OPEN.findall(whole.replace("\xa0", "").replace("\u202f", "")) == [], whole
        assert (read.language, "\n" in message.subject) == (language, False)
        assert [line for line in message.body.splitlines() if line.strip() in {".", ":", "-", "–"}] == []
        if language in settings.COMPLETE_LANGUAGES:
            text = " ".join(f"{message.subject} {message.body}".split())
            foreign = {part for other, parts in said.items() if other != language for part in parts}
            assert sorted(part for part in foreign if part in text) == [], (language, text)


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_mail_is_whole_in_every_language(variant, agendas, clock):
    facts = VARIANTS[variant]
    event = make_event(TITLE, in_days=60, **facts)
    event_page(agendas["fr"], event, TITLE)
    way = "online" if variant.startswith("online") else "on-site"
    own = {*TITLE.split(), *" ".join(PLACE.values()).split(), "Cités", "des", "métiers", "Lorem", "ipsum", "dolor"}
    own |= {"Maria", "João", "accueil", "example", "org", "Zala", "Sofia", "Bulgaria"}
    own |= {"Venez", "avec", "votre", "badge", "Bring", "your"}
    kinds = set()

    for name in SCENES:
        if variant in INTEREST and name in DATED:
            continue
        with transaction.atomic():
            for mail in played(event, clock, name, way=way, rules={"takes_interest": variant in INTEREST}):
                messages = in_all_languages(mail)
                if messages["en"] is not None:
                    kinds.add(mail.kind)
                    check(messages, own)
            transaction.set_rollback(True)
        clock.move_to(NOON, tick=False)

    if variant not in INTEREST:
        assert kinds == {kind for kind, made in renderers.items() if made.__module__.startswith("events.emails.")}


def test_title_in_another_language_is_marked(agendas, clock):
    event = make_event(in_days=60, **FULL)
    event_page(agendas["fr"], event, "Rencontre")
    SCENES["confirmed"](Scene(event, clock))
    [mail] = OutgoingMail.objects.waiting()

    marked = {code: Reader(html_of(message)).languages for code, message in in_all_languages(mail).items()}

    site = ("fr", "Cités des métiers")
    assert marked == {code: [site] if code == "fr" else [site, ("fr", "Rencontre")] for code in LANGUAGES}


def test_title_is_in_the_readers_language_where_there_are_words(agendas, clock):
    event = make_event(in_days=60, **FULL)
    event_page(agendas["fr"], event, "Rencontre")
    event_page(agendas["en"], event, "Meeting")
    SCENES["confirmed"](Scene(event, clock))
    [mail] = OutgoingMail.objects.waiting()

    titles = {
        code: message.subject.split(": ")[-1].split("\xa0: ")[-1] for code, message in in_all_languages(mail).items()
    }

    assert titles == {code: "Meeting" if code == "en" else "Rencontre" for code in LANGUAGES}


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("fr", "jeudi 11 mars 2027. "),
        ("en", "Thursday, 11 March 2027. "),
        ("de", "Donnerstag, 11. März 2027. "),
        ("bg", "четвъртък, 11 март 2027\u202fг. "),
    ],
)
def test_dates_are_in_the_readers_language(language, day, agendas, clock):
    event = make_event(TITLE, in_days=60, **FULL)
    SCENES["confirmed"](Scene(event, clock))
    [mail] = OutgoingMail.objects.waiting()

    body = in_all_languages(mail)[language].body

    assert [line for line in body.splitlines() if line.startswith(day)] != []


# --- the form of a letter
def letter(**parts):
    with translation.override("en"):
        return message_of(Letter(subject="S", **parts), "maria@example.org")


def test_letter_without_anything_is_its_end():
    message = letter()

    assert (message.subject, message.body, message.reply_to, message.attachments) == (
        "S",
        "Cités des métiers\nhttp://127.0.0.1:8000\n",
        [],
        [],
    )
    require_same(message)


def test_letter_is_in_this_order():
    message = letter(
        greeting="Dear",
        intro="Intro",
        paragraphs=["First", "Second"],
        quote="Quote",
        button=Way("Button", "https://example.org/b"),
        ways=[Way("Way", "https://example.org/w")],
        after=["After"],
    )

    assert message.body == (
        "Dear\n\nIntro\n\nFirst\n\nSecond\n\nQuote\n\nButton:\nhttps://example.org/b\n\nWay:\nhttps://example.org/w\n\n"
        "After\n\nCités des métiers\nhttp://127.0.0.1:8000\n"
    )
    assert require_same(message).text == (
        "S Cités des métiers Dear Intro First Second Quote Button Way After http://127.0.0.1:8000"
    )


def test_own_words_keep_their_lines_and_lose_what_is_around_them():
    message = letter(quote=" \r\nOne  \r\n\r\n\r\n\r\nTwo\rThree\n\n")

    assert message.body.startswith("One\n\nTwo\nThree\n\nCités")


def test_html_begins_with_its_type_and_loads_nothing():
    html = html_of(letter(paragraphs=["One"]))

    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert re.findall(r"src=|url\(|@import|<link|<img", html) == []
