"""Neutral addresses: each thing is reachable in every language, translated or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from home.models import Cite, CitePage, Project, ProjectPage, TrainingModule, TrainingModulePage
from portal.base.neutral import neutral, published_or_404

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def cite(request: HttpRequest, slug: str) -> HttpResponse:
    found = Cite.objects.shown().at(slug)
    if found is None:
        raise Http404
    if found.slug != slug:
        return redirect(found, permanent=True)
    return neutral(request, found, CitePage)


@require_safe
def project(request: HttpRequest, pk: int) -> HttpResponse:
    return neutral(request, published_or_404(Project.objects.shown(), pk=pk), ProjectPage)


@require_safe
def module(request: HttpRequest, pk: int) -> HttpResponse:
    return neutral(request, published_or_404(TrainingModule.objects.shown(), pk=pk), TrainingModulePage)
