"""The neutral address of a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.http import require_safe

from portal.base.neutral import neutral, published_or_404
from practices.models import Practice, PracticePage

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def practice(request: HttpRequest, pk: int) -> HttpResponse:
    return neutral(request, published_or_404(Practice.objects.shown(), pk=pk), PracticePage)
