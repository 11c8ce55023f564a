"""Since when a public file says what it says: the same bytes have the same date, other bytes a later one.

The newest date of the rows would not do: a fact that is unpublished takes its date along, a vocabulary has none,
and a translation comes with the code. So the digest of what was last given out is remembered.
"""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from portal.base.models import Edition

SECOND = dt.timedelta(seconds=1)  # what HTTP dates can tell apart


def changed_at(name: str, content: bytes) -> dt.datetime:
    """Since when the file of this name has this content; it is written down when it is first asked for."""
    digest = sha256(content).hexdigest()
    known = Edition.objects.filter(name=name).first()
    if known is None or known.digest != digest:
        known = renewed(name, digest)
    return known.changed_at


@transaction.atomic
def renewed(name: str, digest: str) -> Edition:
    now = timezone.now().replace(microsecond=0)
    rows = Edition.objects.select_for_update(of=("self",))
    row, _is_new = rows.get_or_create(name=name, defaults={"digest": digest, "changed_at": now})
    if row.digest != digest:
        row.digest, row.changed_at = digest, max(now, row.changed_at + SECOND)
        row.save()
    return row
