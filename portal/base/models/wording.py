from __future__ import annotations

from django.db import models
from wagtail.models import Page, Revision


class Wording(models.Model):
    """What the public words of a page say, and so which translations are older than their original.

    Not fields of the page, which revisions write over.
    """

    page = models.OneToOneField(Page, on_delete=models.CASCADE, primary_key=True, related_name="wording")
    # A digest of each part of the original's words, "" where there are none: of an original as it is public, of a
    # translation as it was made from them.
    parts = models.JSONField(default=dict)
    # The original's revision with those words; of a translation the latest one that it says in full.
    revision = models.ForeignKey(Revision, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)  # when an original last said something else than before
    outdated_since = models.DateTimeField(null=True, db_index=True)  # of translations
    is_unreviewed = models.BooleanField(default=False)  # it holds words of a machine that nobody has read over

    def __str__(self) -> str:
        return f"{self.page_id}: {self.outdated_since or 'up to date'}"

    def differences(self, original: Wording) -> list[str]:
        """The parts of the original that this translation does not have as they are now."""
        return [name for name, digest in original.parts.items() if self.parts.get(name, "") != digest]


class Agreement(models.Model):
    """Who saved this revision says: it means the same as the page in its other languages.

    Of an original, that its change is a small correction; of a translation, that it is up to date.
    """

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, primary_key=True, related_name="agreement")

    def __str__(self) -> str:
        return str(self.revision_id)
