"""Handbooks are made by a worker of their own, some time after what is in them was published, and stored.

Publishing says that all are due in half a minute; those that are due already stay so, and so many publications are one
making. The worker looks at each: where its data have the digest of the stored file there is nothing to make. A file is
stored under a new name before the row names it, so that readers have the old one until then, and nobody ever half of
one; what no row names is swept away later.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from practices.handbook import of_chapter, sheets_of
from practices.models import Chapter, Handbook
from practices.models.handbook import FOLDER
from practices.typesetting import typeset

if TYPE_CHECKING:
    from collections.abc import Iterator

PAUSE = dt.timedelta(seconds=30)  # between a publication and the making; more published meanwhile come along
LONGEST = dt.timedelta(minutes=15)  # that a making may take until another worker believes the first one dead
LONGEST_TYPESETTING = 600  # seconds
LONGEST_PAUSE = dt.timedelta(hours=6)  # after failures
MAX_SHEETS = 500  # of one file: about a gigabyte while it is made
SHIFT_SECONDS = 60  # after which a worker that was told to stop does so, between two makings
LINE_END = "\n"
KEPT = dt.timedelta(hours=1)  # a file that no row names: somebody may be reading it, or about to name it

logger = logging.getLogger(__name__)


def changed(pause: dt.timedelta = PAUSE) -> None:
    """Say that what the handbooks say may be different now; they are made in a while, once."""
    at = timezone.now() + pause
    Handbook.objects.filter(Q(due_at=None) | Q(due_at__gt=at)).update(due_at=at, failures=0)
    transaction.on_commit(wake)


def wake() -> None:
    """Have the worker look in a while; a task that waits already will see what is due then."""
    tasks = DBTaskResult.objects.filter(status="READY", task_path=build_task.module_path)
    if not tasks.exists():
        build_task.using(run_after=timezone.now() + PAUSE).enqueue()


@task(backend="handbook", queue_name="handbook")
def build_task() -> int:
    return build_due()


def make_due() -> int:
    """What `tick` does each minute: wake a worker where something is due. Return how much is."""
    number = Handbook.objects.due(timezone.now()).count()
    if number:
        wake_now()
    return number


def wake_now() -> None:
    tasks = DBTaskResult.objects.ready().filter(task_path=build_task.module_path)
    if not tasks.exists():
        build_task.enqueue()


def look_again() -> None:
    """What `tick` does each hour: labels of vocabularies and the like have no publication that would say so."""
    ensure_rows()
    changed()
    sweep()


def ensure_rows() -> None:
    """One row for each language, and for each language and chapter."""
    chapters = [None, *Chapter.objects.values_list("pk", flat=True)]
    wanted = {(language, chapter) for language, _name in settings.LANGUAGES for chapter in chapters}
    missing = wanted - set(Handbook.objects.values_list("language", "chapter"))
    rows = [Handbook(language=language, chapter_id=pk, due_at=timezone.now()) for language, pk in missing]
    Handbook.objects.bulk_create(rows, ignore_conflicts=True)


def build_due() -> int:
    """Look at what is due, one after the other; return at how many."""
    end = time.monotonic() + SHIFT_SECONDS
    ensure_rows()
    seen = 0
    while (handbook := claim_next()) is not None:
        try:
            build(handbook)
        except Exception as error:
            logger.exception("handbook %s cannot be made", handbook)
            note_failure(handbook, error)
        seen += 1
        if time.monotonic() >= end:
            transaction.on_commit(wake_now)
            break
    return seen


def claim_next() -> Handbook | None:
    """Take in hand what is due the longest, whole handbooks before chapters of the same age."""
    now = timezone.now()
    with transaction.atomic():
        rows = Handbook.objects.select_for_update(of=("self",)).select_related("chapter")
        handbook: Handbook | None = rows.due(now).first()
        if handbook is not None:
            handbook.due_at = now + LONGEST
            handbook.turn += 1
            handbook.save(update_fields=["due_at", "turn"])
    return handbook


def build(handbook: Handbook) -> None:
    with translation.override(handbook.language):
        number = sheets_of(handbook.chapter).count()
        fresh = of_chapter(handbook.chapter) if number <= MAX_SHEETS else None
        if fresh is None:
            note(handbook, file="", digest="", built_at=None, sheets=number, pages=0, bytes=0)
            return
        digest = fresh.digest
        if digest == handbook.digest and default_storage.exists(handbook.file.name):
            note(handbook)
            return
        made = typeset(fresh, seconds=LONGEST_TYPESETTING)
    name = f"{FOLDER}/{filename(handbook, digest[:12])}"
    stored = default_storage.save(name, ContentFile(made.pdf))
    note(
        handbook,
        file=stored,
        digest=digest,
        built_at=timezone.now(),
        sheets=fresh.sheets,
        pages=made.pages,
        bytes=len(made.pdf),
    )


def filename(handbook: Handbook, suffix: str = "") -> str:
    """What the file is called: vademecum-fr-partnerships.pdf."""
    parts = ("vademecum", handbook.language, handbook.chapter.code if handbook.chapter else "", suffix)
    return "-".join(part for part in parts if part) + ".pdf"


def own(handbook: Handbook) -> Any:
    """The row, unless another worker has begun since: what it makes is newer."""
    return Handbook.objects.filter(pk=handbook.pk, turn=handbook.turn)


def note(handbook: Handbook, **fields: Any) -> None:
    """Write down what was made; it stays due where something was published since this was begun."""
    rows = own(handbook)
    with transaction.atomic():
        rows.update(failures=0, last_error="", **fields)
        rows.filter(due_at=handbook.due_at).update(due_at=None)


def note_failure(handbook: Handbook, error: Exception) -> None:
    failures = handbook.failures + 1
    pause = min(dt.timedelta(minutes=2 ** min(failures, 9)), LONGEST_PAUSE)
    rows = own(handbook)
    rows.update(failures=failures, last_error=f"{type(error).__name__}: {error}"[:2000])
    rows.filter(due_at=handbook.due_at).update(due_at=timezone.now() + pause)


def sweep() -> int:
    """Delete files that no row names, an hour after they were written; return how many."""
    try:
        _folders, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return 0
    known = set(Handbook.objects.exclude(file="").values_list("file", flat=True))
    limit = timezone.now() - KEPT
    old = [name for name in (f"{FOLDER}/{each}" for each in names) if name not in known and is_older(name, limit)]
    for name in old:
        default_storage.delete(name)
    return len(old)


def is_older(name: str, limit: dt.datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < limit
    except FileNotFoundError:
        return False


def stale() -> Iterator[str]:
    """For `audit`: what is stored and not due, and is not what would be made now."""
    for handbook in Handbook.objects.filter(due_at=None).select_related("chapter"):
        with translation.override(handbook.language):
            is_too_much = sheets_of(handbook.chapter).count() > MAX_SHEETS
            fresh = None if is_too_much else of_chapter(handbook.chapter)
        digest = fresh.digest if fresh else ""
        if digest != handbook.digest:
            yield f"handbook {handbook} is not what would be made now"
        elif handbook.file and not default_storage.exists(handbook.file.name):
            yield f"handbook {handbook}: its file is gone"
    for handbook in Handbook.objects.exclude(failures=0).select_related("chapter"):
        yield f"handbook {handbook} could not be made: {handbook.last_error.partition(LINE_END)[0]}"
