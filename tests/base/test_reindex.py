"""The index says with which analysis it was made."""

import pytest
from wagtail.models import Page
from wagtail.search.models import IndexEntry

from portal.base import reindex

pytestmark = pytest.mark.django_db


def test_index_is_outdated_until_it_is_written_with_this_analysis(monkeypatch):
    before = reindex.is_outdated()
    IndexEntry.objects.all().delete()

    reindex.index_anew()

    assert [before, reindex.is_outdated(), IndexEntry.objects.count()] == [True, False, Page.objects.count()]
    monkeypatch.setattr(reindex, "ANALYSIS_VERSION", reindex.ANALYSIS_VERSION + 1)
    assert reindex.is_outdated()
