"""Pages of an event that are not words: register, alone, as a guest or as a group."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.forms import formset_factory
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from events.availability import availability_of
from events.delegation import MAX_COLLEAGUES, register_group
from events.display import event_context
from events.forms import ColleagueForm, Colleagues, GroupForm, RegistrationForm, people_in
from events.limits import is_address_over, is_network_over
from events.links import invitation_for, token_of
from events.models import Event, EventPage
from events.registration import RegistrationRefused, pending_until
from events.registration import register as register_applicant
from events.waiting import waiting_count
from portal.base.neutral import neutral, published_or_404
from portal.base.pages import with_words

if TYPE_CHECKING:
    from typing import Any

    from django.forms import BaseFormSet
    from django.http import HttpRequest, HttpResponse

    from events.forms import StampedForm
    from events.models.registration import Invitation

FIRST_ROWS, MORE_ROWS = 3, 5  # of colleagues to fill in


@require_safe
def event(request: HttpRequest, pk: int) -> HttpResponse:
    return neutral(request, published_or_404(Event.objects.shown(), pk=pk), EventPage)


def shown_event(pk: int) -> Event:
    rows = Event.objects.shown().select_related("cite", "project", "admission")
    found: Event = published_or_404(rows, pk=pk)
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, pk: int) -> HttpResponse:
    return registration_form(request, shown_event(pk))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The form for somebody whom the organisers have invited; the address is known."""
    guest = invitation_for(token)
    if guest is None:
        return dead_link(request)
    return registration_form(request, shown_event(guest.event_id), guest)


def dead_link(request: HttpRequest) -> HttpResponse:
    """A link that opens nothing, or nothing any more, with the way to a new one."""
    return render(request, "events/dead_link.html", {"noindex": True}, status=HTTPStatus.NOT_FOUND)


def registration_form(request: HttpRequest, found: Event, guest: Invitation | None = None) -> HttpResponse:
    """The form, and what came of it; everything is asked for anew by the rule, under its lock."""
    availability = availability_of([found])[found.pk]
    data = request.POST if request.method == "POST" else None
    form = RegistrationForm(data, event=found, availability=availability, invitation=guest)
    refusal, status = "", HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            if is_too_much(request, form):
                status = HTTPStatus.TOO_MANY_REQUESTS
            else:
                try:
                    return accept(request, found, form, guest)
                except RegistrationRefused as error:
                    refusal = str(error)
                    availability = availability_of([found])[found.pk]
    context = page_context(request, found, availability) | {"form": form, "refusal": refusal, "guest": guest}
    context["is_too_much"] = status == HTTPStatus.TOO_MANY_REQUESTS
    context["is_open"] = availability.takes_people or (guest is not None and availability.status == "invited")
    return private(render(request, "events/register.html", context, status=status))


def page_context(request: HttpRequest, found: Event, availability: Any) -> dict[str, Any]:
    return event_context(found, availability) | {
        "entry": with_words([found], request)[0],
        "waiting": waiting_count(found) if availability.status in {"full", "interest"} else 0,
        "noindex": True,
    }


def is_too_much(request: HttpRequest, form: StampedForm, people: int = 1) -> bool:
    return not form.is_robot and is_network_over(request, age=form.age, people=people)


def accept(request: HttpRequest, found: Event, form: RegistrationForm, guest: Invitation | None) -> HttpResponse:
    """Register, and show the same page whether or not the address was registered before.

    Only the mail tells; so nobody learns here who takes part.
    """
    applicant = form.applicant()
    # A guest's link proves the address already: nobody can use up its limit for him.
    if not form.is_robot and (guest is not None or not is_address_over(applicant.email)):
        row = register_applicant(found.pk, applicant, invitation=guest)
        if guest is not None and row is not None:
            return redirect(reverse("registration", args=[token_of(row)]))
    return look_in_mail(request, found, applicant.email)


def look_in_mail(request: HttpRequest, found: Event, email: str, *, is_group: bool = False) -> HttpResponse:
    context = event_context(found) | {
        "entry": with_words([found], request)[0],
        "email": email,
        "until": pending_until(found),
        "is_group": is_group,
        "noindex": True,
    }
    return private(render(request, "events/registered.html", context))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """Several colleagues at once; more rows are a button, which loses nothing."""
    found = shown_event(pk)
    availability = availability_of([found])[found.pk]
    if request.method != "POST":
        return group_page(request, found, GroupForm(event=found, availability=availability), ColleagueRows())
    if "more" in request.POST:
        form = GroupForm(initial=first_values(request.POST), event=found, availability=availability)
        return group_page(request, found, form, more_rows(request.POST))
    form = GroupForm(request.POST, event=found, availability=availability)
    colleagues = rows_sent(request.POST)
    people = people_named(form, colleagues)
    if not people:
        return group_page(request, found, form, colleagues, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if is_too_much(request, form, len(people)):
        return group_page(request, found, form, colleagues, status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        return accept_group(request, found, form, people)
    except RegistrationRefused as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return group_page(request, found, form, colleagues, refusal=str(error), status=status)


def rows_sent(data: Any) -> Any:
    """The rows as they were sent; empty ones where no page of ours sent them."""
    rows = ColleagueRows(data)
    return rows if rows.management_form.is_valid() else ColleagueRows()


def people_named(form: GroupForm, colleagues: BaseFormSet[ColleagueForm]) -> list[tuple[str, str]]:
    """Everybody of the group; nobody if something is wrong, which the forms then say."""
    if not (form.is_valid() & colleagues.is_valid()):
        if form.is_valid() and not colleagues.is_bound:
            form.add_error(None, form.fields["stamp"].error_messages["required"])
        return []
    people = form.everybody(people_in(colleagues))
    if not people:
        form.add_error(None, _("Enter at least one colleague, or that you take part yourself."))
    return people


def group_page(
    request: HttpRequest,
    found: Event,
    form: GroupForm,
    colleagues: BaseFormSet[ColleagueForm],
    *,
    refusal: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    # What refused has seen other seats than the form was made with.
    availability = availability_of([found])[found.pk] if refusal else form.availability
    context = page_context(request, found, availability) | {
        "form": form,
        "colleagues": colleagues,
        "refusal": refusal,
        "is_too_much": status == HTTPStatus.TOO_MANY_REQUESTS,
    }
    return private(render(request, "events/register_group.html", context, status=status))


def first_values(data: Any) -> dict[str, Any]:
    return {name: data.get(name) for name in GroupForm.base_fields if name not in {"stamp", "website"}} | {
        "way": data.get("way")
    }


def more_rows(data: Any) -> BaseFormSet[ColleagueForm]:
    """The rows as they were typed, and five more."""
    rows = ColleagueRows(data)
    shown = min(rows.total_form_count(), MAX_COLLEAGUES) if rows.management_form.is_valid() else FIRST_ROWS
    typed = [{name: data.get(f"form-{place}-{name}", "") for name in ("name", "email")} for place in range(shown)]
    extra = min(shown + MORE_ROWS, MAX_COLLEAGUES)
    longer = formset_factory(ColleagueForm, formset=Colleagues, extra=extra, max_num=MAX_COLLEAGUES)
    return longer(initial=typed)


ColleagueRows = formset_factory(
    ColleagueForm,
    formset=Colleagues,
    extra=FIRST_ROWS,
    max_num=MAX_COLLEAGUES,
    absolute_max=MAX_COLLEAGUES,
    validate_max=True,
)


def accept_group(request: HttpRequest, found: Event, form: GroupForm, people: list[tuple[str, str]]) -> HttpResponse:
    coordinator = form.applicant()
    if not form.is_robot and not is_address_over(coordinator.email):
        register_group(found.pk, coordinator, people)
    return look_in_mail(request, found, coordinator.email, is_group=True)


def private(response: HttpResponse) -> HttpResponse:
    """A page about a person: in no cache, no index, and no Referer that leaves the site."""
    response.headers["Referrer-Policy"] = "same-origin"  # without an Origin the buttons would be refused
    response.headers["X-Robots-Tag"] = "noindex"
    return response
