"""Mails leave through the outbox: a row with the cause, then a task that renders and sends what is there.

At least once: a worker that dies between sending and noting it leaves a row that is tried again, with the same
Message-ID, so that clients may fold the two. In order: rows are taken oldest first, and while the server cannot
be reached only the oldest is tried. With a second server for invitations (see portal.base.mail_servers) that holds for
both together: what one of them stops waits with all others, so that the order stays one. Logs and errors name rows,
never an address or a token.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import logging
import re
import smtplib
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused, AnymailUnsupportedFeature
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone, translation
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from portal.base.mail_servers import connection_for
from portal.base.models import OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.mail import EmailMessage

    Renderer = Callable[[OutgoingMail], EmailMessage | None]
    Handler = Callable[[OutgoingMail], None]

CLAIM = dt.timedelta(minutes=5)  # longer than any sending takes: EMAIL_TIMEOUT is 10 seconds
MAX_ATTEMPTS = 15  # failures of one mail; with the pauses below about two days
PATIENCE = 5  # tries, half an hour, until a mail on which a server that answers always breaks lets others pass
LONGEST_OUTAGE_PAUSE = dt.timedelta(minutes=10)
SHIFT_SECONDS = 5  # one task sends no longer, so that a worker told to stop does so between two mails
NOTING_PAUSES = (0, 1, 3, 10, 30)
PERMANENT = 500  # from here on SMTP's replies mean never, below it later (RFC 5321 section 4.2.1)
CLOSING = 421  # "service not available, closing transmission channel"
# The server refuses us, not the person: it wants a password, or has a policy (RFC 3463: X.7.X).
POLICY = re.compile(r"\b5\.7\.\d")
NO_LOGIN = 530
TOO_LARGE = {452, 552}
OURS = {401, 402, 403, 408, 429}  # HTTP: key, bill, rights, patience, rate
# Headers that a service answers with an error: Mailjet's send-0011; MailerSend has them for its largest customers.
REFUSED = {"Mailjet": {"Message-ID"}, "MailerSend": {"Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"}}
ASKED_FOR = {"Postmark": {"X-PM-KeepID": "true"}}  # without it Postmark writes a Message-ID of its own
# The server was reached, and spoke of this mail.
ANSWERS = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, AnymailRecipientsRefused)
# Addresses, links, and what may be a token.
SECRETS = re.compile(r"\S*@\S+|\w+://\S+|[\w-]{24,}")

renderers: dict[str, Renderer] = {}
handlers: list[Handler] = []
logger = logging.getLogger(__name__)


class Blame(enum.Enum):
    """Why a mail did not go."""

    SERVER = "nothing can go now"
    MAIL = "this mail cannot go now"
    PERSON = "this mail will never reach the person"


def renders(kind: str) -> Callable[[Renderer], Renderer]:
    """Register the function that turns an outbox row of this kind into a message.

    It returns None if there is nothing to say any more (the seat is cancelled, say): the mail is withheld.
    """

    def register(renderer: Renderer) -> Renderer:
        renderers[kind] = renderer
        return renderer

    return register


def when_returned(handler: Handler) -> Handler:
    """Register a function that is called once for a mail that did not reach the person, or was complained of.

    It runs in the transaction that notes it.
    """
    handlers.append(handler)
    return handler


def tell_handlers(mail: OutgoingMail) -> None:
    for handler in handlers:
        handler(mail)


# --- queueing


def queue_mail(
    *,
    key: str,
    kind: str,
    to: str,
    language: str,
    params: dict[str, Any],
    about: UUID | None = None,
    at: dt.datetime | None = None,
) -> OutgoingMail:
    """Put a mail into the outbox, once per key, to leave at once or `at` a time.

    Call it inside the transaction of its cause.
    """
    mail, created = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "to": to,
            "language": language,
            "params": params,
            "about": about,
            "next_try_at": at or timezone.now(),
        },
    )
    if created:
        transaction.on_commit(wake)
    return mail


@task(backend="mail", queue_name="mail")
def drain_task() -> int:
    return drain()


def wake() -> None:
    """Have a worker look into the outbox; call it after commit. A task that is waiting will see what is there."""
    tasks = DBTaskResult.objects.ready().filter(backend_name=drain_task.backend, task_path=drain_task.module_path)
    if not tasks.exists():
        drain_task.enqueue()


def retry_due() -> int:
    """Wake a worker if mails are due: those that failed, and those whose worker died. Return how many are."""
    number = OutgoingMail.objects.sendable(timezone.now()).count()
    if number:
        wake()
    return number


# --- sending


def drain() -> int:
    """Send what is due, oldest first; return how many were tried."""
    end = time.monotonic() + SHIFT_SECONDS
    tried = 0
    while (mail := claim_next()) is not None:
        try:
            attempt(mail)
        except Exception as error:  # noqa: BLE001 it is tried again when the claim ends; the others must not wait
            logger.error("mail %s: what came of it is not noted: %s", mail.pk, place(error))  # noqa: TRY400 no secrets
        tried += 1
        if time.monotonic() >= end:
            wake()
            break
    return tried


def claim_next() -> OutgoingMail | None:
    """Take the mail in hand whose turn it is; None if none is due."""
    while True:
        due = OutgoingMail.objects.in_turn(timezone.now()).values_list("pk", flat=True)
        mail_id = due.first()
        if mail_id is None:
            return None
        if mail := claim(mail_id):  # another worker may have been faster
            return mail


def claim(mail_id: int) -> OutgoingMail | None:
    """Take one mail in hand, for a few minutes; None if it is not due or somebody else has it."""
    now = timezone.now()
    with transaction.atomic():
        mail = OutgoingMail.objects.select_for_update(of=("self",)).sendable(now).filter(pk=mail_id).first()
        if mail is not None:
            mail.claimed_until = now + CLAIM
            mail.attempts += 1
            mail.save(update_fields=["claimed_until", "attempts"])
    return mail


def deliver(mail_id: int) -> str:
    """Send this mail if it is due; return what came of it."""
    mail = claim(mail_id)
    return attempt(mail) if mail else "nothing to do"


def attempt(mail: OutgoingMail) -> str:
    """Render and send a claimed mail; no database lock is held while the mail server is asked."""
    try:
        with translation.override(mail.language):
            message = renderers[mail.kind](mail)
    except Exception as error:  # noqa: BLE001 a mail that cannot be made must not stop the others
        logger.error("mail %s (%s) cannot be made: %s", mail.pk, mail.kind, place(error))  # noqa: TRY400 no secrets
        return note_failure(mail, error, Blame.MAIL)
    if message is None:
        note(mail, withheld_at=timezone.now(), waits_for_server=False)
        return "withheld"
    return send(mail, message)


def send(mail: OutgoingMail, message: EmailMessage) -> str:
    is_open = False
    server = None
    try:
        server = message.connection = connection_for(message)
        add_headers(mail, message, getattr(server, "esp_name", ""))
        server.open()
        is_open = True
        provider_id = hand_over(message)
    except Exception as error:  # noqa: BLE001 whatever it is, the mail stays
        whose = blame(error) if is_open else Blame.SERVER
        return note_failure(mail, error, whose, is_certain=not is_open)
    finally:
        if server is not None:
            with suppress(Exception):  # the mail is with the server, or it is not: a farewell changes nothing
                server.close()
    persist(lambda: note_sent(mail, provider_id or message_id(mail)))
    return "sent"


def add_headers(mail: OutgoingMail, message: EmailMessage, service: str) -> None:
    ours = {
        "Message-ID": message_id(mail),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        **ASKED_FOR.get(service, {}),
    }
    for name, value in ours.items():
        if name not in REFUSED.get(service, ()):
            message.extra_headers.setdefault(name, value)
    vars(message)["metadata"] = {"mail": reference(mail)}  # Anymail's; comes back with each event


def hand_over(message: EmailMessage) -> str:
    """Give a message to the server; return the provider's number for it, if there is one."""
    try:
        number = message.send()
    except AnymailUnsupportedFeature:  # found before anything is sent; some services carry no metadata
        vars(message).pop("metadata")
        number = message.send()
    if not number:
        raise ValueError("no recipient")
    found = getattr(getattr(message, "anymail_status", None), "message_id", None)
    return str(found or "")


# --- what came of it


def blame(error: Exception) -> Blame:
    """Whose fault it is that a server which could be opened did not take a mail."""
    if isinstance(error, AnymailRecipientsRefused):
        return Blame.PERSON
    if isinstance(error, AnymailAPIError):
        code = http_status(error)
        return Blame.SERVER if code is None or code in OURS or code >= PERMANENT else Blame.MAIL
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min((blame_reply(*reply) for reply in error.recipients.values()), key=list(Blame).index)
    if isinstance(error, smtplib.SMTPSenderRefused):  # our address, which all mails have
        return Blame.MAIL if error.smtp_code in TOO_LARGE else Blame.SERVER
    if isinstance(error, smtplib.SMTPDataError):
        return blame_reply(error.smtp_code, error.smtp_error)
    return Blame.SERVER if is_servers(error) else Blame.MAIL


def is_servers(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPException):  # the others are of smtplib's own making: SMTPUTF8 missing, say
        return isinstance(error, smtplib.SMTPServerDisconnected | smtplib.SMTPResponseException)
    return isinstance(error, OSError)


def blame_reply(code: int, reply: bytes | str) -> Blame:
    if code == CLOSING:
        return Blame.SERVER
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    # A refusal by policy may concern our settings as well as the person: not for ever.
    is_policy = code == NO_LOGIN or POLICY.search(text)
    return Blame.MAIL if code < PERMANENT or is_policy else Blame.PERSON


def http_status(error: AnymailAPIError) -> int | None:
    if isinstance(error.response, dict):  # boto3's way
        return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return error.status_code


def note(mail: OutgoingMail, **fields: Any) -> bool:
    """Write down what came of a try, unless somebody else has the mail by now, or knows that it went."""
    rows = OutgoingMail.objects.filter(pk=mail.pk, attempts=mail.attempts, sent_at=None)
    for name, value in fields.items():
        setattr(mail, name, value)
    return bool(rows.update(claimed_until=None, **fields))


def note_sent(mail: OutgoingMail, number: str) -> None:
    """Write down that the server has it; and since the server can be reached, all that waited for it is due."""
    with transaction.atomic():
        OutgoingMail.objects.filter(pk=mail.pk).update(
            sent_at=Coalesce(F("sent_at"), timezone.now()),
            message_id=number[:200],
            claimed_until=None,
            waits_for_server=False,
            server_failures=0,
            last_error="",
        )
        release()


def release() -> None:
    held = OutgoingMail.objects.waiting().filter(waits_for_server=True)
    held.update(waits_for_server=False, server_failures=0, next_try_at=timezone.now())


def note_failure(mail: OutgoingMail, error: Exception, whose: Blame, *, is_certain: bool = False) -> str:
    mail.last_error = without_secrets(error)
    if whose is Blame.SERVER:
        persist(lambda: note_unreachable(mail, is_certain=is_certain))
    else:
        persist(lambda: note_refusal(mail, whose, is_answer=isinstance(error, ANSWERS)))
    return mail.last_error


def note_unreachable(mail: OutgoingMail, *, is_certain: bool) -> None:
    """The mail waits, and with it all others; it is never given up for this.

    If the server breaks on it again and again but answers, it may be the mail: then it waits alone.
    """
    failures = mail.server_failures + 1
    is_alone = failures > PATIENCE and not is_certain
    wait = pause(failures) if is_alone else min(pause(failures), LONGEST_OUTAGE_PAUSE)
    note(
        mail,
        server_failures=failures,
        waits_for_server=not is_alone,
        next_try_at=timezone.now() + wait,
        last_error=mail.last_error,
    )


def note_refusal(mail: OutgoingMail, whose: Blame, *, is_answer: bool) -> None:
    now = timezone.now()
    failures = mail.failures + 1
    is_final = whose is Blame.PERSON or failures >= MAX_ATTEMPTS
    with transaction.atomic():
        is_noted = note(
            mail,
            failures=failures,
            server_failures=0,
            waits_for_server=False,
            next_try_at=now + pause(failures),
            gave_up_at=now if is_final else None,
            last_error=mail.last_error,
        )
        if is_answer:
            release()
        if is_noted and is_final and is_answer:
            tell_handlers(mail)


def persist(act: Callable[[], None]) -> None:
    """Do this even if the database is busy or starts anew meanwhile: what is not noted is sent twice."""
    for seconds in NOTING_PAUSES:
        try:
            return act()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block:
                raise
            logger.warning("outbox: the database does not answer (%s)", type(error).__name__)
            connection.close_if_unusable_or_obsolete()
            time.sleep(seconds)
    return act()


def pause(failures: int) -> dt.timedelta:
    """How long to wait after so many failures: a minute, two, four… at most eight hours."""
    return min(dt.timedelta(minutes=2 ** min(failures - 1, 9)), dt.timedelta(hours=8))


# --- names that tell nothing


def digest(mail: OutgoingMail) -> str:
    return hashlib.sha256(mail.key.encode()).hexdigest()[:32]


def message_id(mail: OutgoingMail) -> str:
    """The same Message-ID for each try of one mail (RFC 5322 section 3.6.4)."""
    return f"<{digest(mail)}@{urlsplit(settings.SITE_URL).hostname}>"


def reference(mail: OutgoingMail) -> str:
    """What a provider is told of a mail, and tells us again with its events."""
    return f"{mail.pk}-{digest(mail)}"


def without_secrets(error: object) -> str:
    """An error in one line, without addresses, links and tokens."""
    text = " ".join(SECRETS.sub("…", storable(error)).split())
    name = f"{type(error).__name__}: " if isinstance(error, Exception) else ""
    return f"{name}{text}"[:500]


def storable(value: object) -> str:
    """What somebody else said, without what a database refuses: NUL and halves of characters."""
    return str(value).replace("\0", "").encode(errors="replace").decode()


def place(error: Exception) -> str:
    """Where an error was raised; its text may hold an address."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"
