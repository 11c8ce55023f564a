"""The pages of the second factor: enter a code, set up an app, see and change what one has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import segno
from django import forms
from django.core import signing
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from django_otp import login as mark_verified
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from portal.base.second_factor import (
    RECOVERY_CODES,
    CodeRefused,
    check,
    codes_left,
    has_second_factor,
    key_in_letters,
    key_url,
    must_have_one,
    new_key,
    remove,
    renew_codes,
    set_up,
)

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django_otp.models import Device

KEY_SALT = "portal.base.second_factor"
KEY_AGE = 3600  # how long the page with the QR code may lie open
# "Remember me" and a password manager's hands off; a phone offers digits, and the code where it knows it.
CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}


def code_field(label: Any, help_text: Any = "", **attributes: str) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=40, widget=forms.TextInput(attrs=CODE | attributes)
    )


class CodeForm(forms.Form):
    code = code_field(_("Code"), _("The six digits that your app shows, or one of your recovery codes."))


class SetUpForm(forms.Form):
    key = forms.CharField(widget=forms.HiddenInput, max_length=200)
    code = code_field(_("The six digits that the app shows now"))


class ReplaceForm(SetUpForm):
    current = code_field(_("Code of the app that you have used until now, or a recovery code"), autocomplete="off")
    field_order = ["key", "current", "code"]


@method_decorator(sensitive_post_parameters(), name="dispatch")
class CodeView(FormView[forms.Form]):
    """Something that a code opens."""

    def next_url(self) -> str:
        """Where the person was going: a page of ours, that will be read and nothing else."""
        wanted = self.request.POST.get("next") or self.request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )
        return wanted if is_ours else reverse("wagtailadmin_home")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(next=self.next_url(), **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            return self.act(form.cleaned_data)
        except CodeRefused as refused:
            form.add_error(self.field_of(refused), str(refused))
            return self.form_invalid(form)

    def field_of(self, refused: CodeRefused) -> str:
        return "code"

    def act(self, given: dict[str, Any]) -> HttpResponse:
        raise NotImplementedError

    def vouch(self, device: Device) -> None:
        """From here on the session is worth more, so it gets another number."""
        mark_verified(self.request, device)
        self.request.session.cycle_key()

    def show_codes(self, codes: list[str]) -> HttpResponse:
        return render(self.request, "base/second_factor/codes.html", {"codes": codes, "next": self.next_url()})


class CheckView(CodeView):
    """After the password: the code."""

    form_class = CodeForm
    template_name = "base/second_factor/check.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user: Any = request.user
        if not user.is_verified() and has_second_factor(user):
            return super().dispatch(request, *args, **kwargs)
        if not user.is_verified() and must_have_one(user):
            return redirect(reverse("second_factor_set_up", query={"next": self.next_of(request)}))
        return redirect(self.next_of(request))

    def next_of(self, request: HttpRequest) -> str:
        self.setup(request)
        return self.next_url()

    def get_form(self, form_class: Any = None) -> forms.Form:
        form = super().get_form(form_class)
        form.fields["code"].widget.attrs["autofocus"] = ""
        return form

    def act(self, given: dict[str, Any]) -> HttpResponse:
        self.vouch(check(self.request.user, given["code"]))
        return redirect(self.next_url())


class SetUpView(CodeView):
    """An app for the first time, or another one; nothing is stored before a code proves that the app has the key.

    Until then the key is in the page alone, signed, so that looking changes nothing.
    """

    template_name = "base/second_factor/set_up.html"
    proven = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user: Any = request.user
        self.replaces = has_second_factor(user)
        if self.replaces and not user.is_verified():
            return redirect("second_factor_check")
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type[forms.Form]:
        return ReplaceForm if self.replaces else SetUpForm

    def get_initial(self) -> dict[str, Any]:
        return {"key": signing.dumps([self.request.user.pk, new_key()], salt=KEY_SALT)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        is_outdated = False
        key = self.key_in(form["key"].value() or "")
        if not key:  # lay open too long
            is_outdated = True
            form = context["form"] = self.get_form_class()(initial=self.get_initial())
            key = self.key_in(form["key"].value())
        url = key_url(self.request.user, key)
        return {
            **context,
            "is_outdated": is_outdated,
            "picture": segno.make(url, error="m", micro=False).svg_data_uri(scale=4, border=4, light="#fff"),
            "letters": key_in_letters(key),
            "key_url": url,
            "must": must_have_one(self.request.user),
            "replaces": self.replaces,
        }

    def key_in(self, signed: str) -> str:
        """The key that this page was made with, for this person; nothing after an hour."""
        try:
            user, key = signing.loads(signed, salt=KEY_SALT, max_age=KEY_AGE)
        except signing.BadSignature:
            return ""
        return str(key) if user == self.request.user.pk else ""

    def act(self, given: dict[str, Any]) -> HttpResponse:
        key = self.key_in(given["key"])
        if not key:
            raise CodeRefused(gettext("This page was open for too long. Please begin again."))
        if self.replaces:
            check(self.request.user, given["current"])
            self.proven = True
        device, codes = set_up(self.request.user, key, given["code"], replaces=self.replaces)
        self.vouch(device)
        return self.show_codes(codes)

    def field_of(self, refused: CodeRefused) -> str:
        return "current" if self.replaces and not self.proven else "code"


class OwnFactorView(WagtailAdminTemplateMixin, CodeView):
    """What one has, and what one may do with it: new recovery codes; for editors, go back to the password."""

    form_class = CodeForm
    template_name = "base/second_factor/own.html"
    page_title = _("Second factor")
    header_icon = "key"
    _show_breadcrumbs = True

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        account = {"url": reverse("wagtailadmin_account"), "label": gettext("Account")}
        return [*self.breadcrumbs_items, account, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return super().get_context_data(
            has_one=has_second_factor(user),
            must=must_have_one(user),
            left=codes_left(user),
            of=RECOVERY_CODES,
            set_up_url=reverse("second_factor_set_up", query={"next": reverse("second_factor")}),
            **kwargs,
        )

    def act(self, given: dict[str, Any]) -> HttpResponse:
        user = self.request.user
        check(user, given["code"])
        if "remove" not in self.request.POST:
            return self.show_codes(renew_codes(user))
        remove(user)
        messages.success(self.request, gettext("The password alone lets you in again."))
        return redirect("second_factor")
