"""The page where somebody sets a password from a mail, in the language of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.template.response import TemplateResponse
from django.utils import translation
from wagtail.admin.views.account import PasswordResetConfirmView

from portal.base.accounts import chosen_language
from portal.base.languages import current_language

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class ChoosePasswordView(PasswordResetConfirmView):
    """Django comes to `get` and `post` with a good link only: any other says nothing about an account."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override(chosen_language(self.user) or current_language()):
            return rendered(super().get(request, *args, **kwargs))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override(chosen_language(self.user) or current_language()):
            return rendered(super().post(request, *args, **kwargs))


def rendered(response: HttpResponse) -> HttpResponse:
    return response.render() if isinstance(response, TemplateResponse) else response
