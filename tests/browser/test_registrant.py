"""From the event to the seat, to the mail, to the link in it, and back: on every device, with and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.client import Client
from tests.browser.conftest import OpenWindow, Staged
from tests.browser.crawl import language_of
from tests.browser.mails import mails_to, manage_link, wait_for_mails, words_of
from tests.server import PortalServer

CLOCK = re.compile(r"\d\d:\d\d")
SEATS = re.compile(r"(\d+) of \d+ seats? left")


def seats_left(client: Client, event: int) -> int:
    """As the public page says it; 0 if it says that the event is full."""
    words = client.get(f"/en/event/{event}/").words("main aside")
    found = SEATS.search(words)
    assert found or "Full" in words
    return int(found[1]) if found else 0


def fill(page: Page, *, name: str, email: str, country: str = "PT", language: str = "") -> None:
    page.locator("#id_name").fill(name)
    page.locator("#id_email").fill(email)
    page.locator("#id_country").select_option(country)
    if language:
        page.locator("#id_language").select_option(language)


def send(page: Page, button: str = "form.form button") -> Response:
    with page.expect_response(lambda response: response.request.method == "POST") as answer:
        page.locator(button).first.click()
    page.wait_for_load_state()
    return answer.value


def act(page: Page, name: str) -> None:
    """Press the button of an act; where it is folded away, unfold it first."""
    button = page.locator(f"form:has(input[value={name}]) button, button[value={name}]").first
    folded = page.locator(f"details.ask:has(input[value={name}]):not([open]) > summary")
    if folded.count():
        folded.first.click()
    with page.expect_response(lambda response: response.request.method == "POST"):
        button.click()
    page.wait_for_load_state()


def come(page: Page, server: PortalServer, event: int, address: str, *, language: str = "en") -> str:
    """Register, open the mail, confirm; give the link."""
    page.goto(f"/{language}/event/{event}/register/")
    fill(page, name=address.split("@", maxsplit=1)[0], email=address)
    assert send(page).status == 200
    link = manage_link(wait_for_mails(server, address)[0])
    page.goto(link)
    act(page, "confirm")
    return link


def set_seats(server: PortalServer, event: int, seats: int, online: int = 0) -> None:
    """What an organiser does in the admin."""
    code = (
        "from events.admission import change_admission; "
        f"change_admission({event}, seats_on_site={seats}, seats_online={online}, opens_at=None, closes_at=None)"
    )
    server.manage("shell", "-v", "0", "-c", code)


DEVICES = pytest.mark.parametrize(
    ("phone", "javascript", "page_language", "mail_language"),
    [(False, True, "fr", "fr"), (False, False, "fr", "en"), (True, True, "en", "fr"), (True, False, "en", "en")],
    ids=["desktop", "desktop without script", "phone", "phone without script"],
)


@DEVICES
def test_somebody_registers_confirms_and_cancels(
    open_window: OpenWindow,
    portal_server: PortalServer,
    client: Client,
    staged: Staged,
    *,
    phone: bool,
    javascript: bool,
    page_language: str,
    mail_language: str,
):
    address = f"ana.{page_language}.{mail_language}.{phone}@example.org".lower()
    before = seats_left(client, staged.open)
    page = open_window(phone=phone, javascript=javascript)

    page.goto(f"/{page_language}/event/{staged.open}/")
    page.locator("main aside a.button:not(.quiet)").click()
    fill(page, name="Ana Ribeiro d’Ângelo", email=f"  {address.upper()} ", language=mail_language)
    answer = send(page)

    assert answer.status == 200
    expect(page.locator("main .notice.ok")).to_contain_text(address)
    (mail,) = wait_for_mails(portal_server, address)
    assert seats_left(client, staged.open) == before - 1  # held until then
    words = words_of(mail)
    assert language_of(words) == mail_language
    assert "Ana Ribeiro d’Ângelo" in words
    link = manage_link(mail)
    assert link.startswith(f"{portal_server.url}/{mail_language}/registration/")

    page.goto(link)
    expect(page.locator("html")).to_have_attribute("lang", mail_language)
    expect(page.locator("main .notice.warn").first).to_be_visible()
    act(page, "confirm")
    expect(page.locator("main .notice.ok").first).to_be_visible()
    confirmed = wait_for_mails(portal_server, address, 2)[1]
    assert language_of(words_of(confirmed)) == mail_language
    assert manage_link(confirmed) == link
    kinds = [part.get_content_type() for part in confirmed.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html", "text/calendar"]

    act(page, "cancel")
    expect(page.locator("main .notice.warn").first).to_be_visible()
    wait_for_mails(portal_server, address, 3)  # one that is undone before it leaves is withheld
    act(page, "undo")
    expect(page.locator("main .notice.ok").first).to_be_visible()
    wait_for_mails(portal_server, address, 4)
    act(page, "cancel")
    assert seats_left(client, staged.open) == before - 1  # kept for ten minutes
    assert [language_of(words_of(mail)) for mail in wait_for_mails(portal_server, address, 5)] == [mail_language] * 5


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_somebody_waits_is_offered_a_seat_takes_it_and_hands_it_over(
    open_window: OpenWindow, portal_server: PortalServer, *, phone: bool, javascript: bool
):
    mark = f"{phone}{javascript}".lower()
    holder, waiter, colleague = (f"{name}.{mark}@example.org" for name in ("holder", "waiter", "colleague"))
    page = open_window(phone=phone, javascript=javascript)
    event = int(make_event_for(portal_server, mark))
    come(page, portal_server, event, holder)
    link = come(page, portal_server, event, waiter)
    expect(page.locator("main")).to_contain_text("You are the next in line")

    set_seats(portal_server, event, 2)
    offer = wait_for_mails(portal_server, waiter, 3)[2]
    assert manage_link(offer) == link
    page.goto(link)
    expect(page.locator("main")).to_contain_text("A seat is yours")
    act(page, "accept")
    expect(page.locator("main .notice.ok").first).to_contain_text("You are registered")

    page.locator("details:has(input[value=change]) > summary").click()
    page.locator("details:has(input[value=change]) [name=name]").fill("Somebody Else’s Name")
    act(page, "change")
    expect(page.locator("dl.facts").first).to_contain_text("Somebody Else’s Name")

    page.locator("details:has(input[value=hand-over]) > summary").click()
    page.locator("[name=colleague-name]").fill("Colleague")
    page.locator("[name=colleague-email]").fill(colleague)
    act(page, "hand-over")
    expect(page.locator("main .notice.ok")).to_contain_text(colleague)

    received = wait_for_mails(portal_server, colleague)[0]
    assert manage_link(received) != link
    page.goto(manage_link(received))
    expect(page.locator("main")).to_contain_text("You are registered")
    act(page, "cancel")
    expect(page.locator("main")).to_contain_text("You have cancelled")


def make_event_for(server: PortalServer, mark: str) -> str:
    """An event of its own with one seat."""
    code = (
        "from tests.factories import admit, make_event; "
        f"event = make_event('Walk {mark}', is_demonstration=True); admit(event, 1); print(event.pk)"
    )
    return server.manage("shell", "-v", "0", "-c", code).stdout.split()[-1]


def test_an_old_link_says_what_to_do(page: Page, staged: Staged, browser_errors: list[str]):
    page.goto(staged.manage_url.rstrip("/")[:-3] + "abc/")
    browser_errors.clear()  # Chromium calls a 404 an error

    page.locator("main a.button").click()

    expect(page).to_have_url(re.compile("/my-registrations/$"))


def test_a_group_is_registered_and_one_name_replaced(
    page: Page, portal_server: PortalServer, client: Client, staged: Staged
):
    before = seats_left(client, staged.open)
    page.goto(f"/en/event/{staged.open}/register/group/")
    fill(page, name="Boss", email="boss.walk@example.org")
    page.locator("#id_takes_part").uncheck()
    for place, name in enumerate(("ann", "ben", "cem")):
        page.locator(f"#id_form-{place}-name").fill(name)
        page.locator(f"#id_form-{place}-email").fill(f"{name}.walk@example.org")
    page.get_by_role("button", name="More rows").click()
    page.locator("#id_form-3-name").fill("dia")
    page.locator("#id_form-3-email").fill("dia.walk@example.org")
    assert send(page).status == 200
    assert seats_left(client, staged.open) == before - 4

    words = words_of(wait_for_mails(portal_server, "boss.walk@example.org")[0])
    page.goto(re.findall(r"\S+/delegation/\S+", words)[0])
    act(page, "confirm")
    (told,) = wait_for_mails(portal_server, "ben.walk@example.org")
    page.locator("li", has_text="ben").locator("summary").click()
    row = page.locator("li", has_text="ben")
    row.locator("[name=colleague-name]").fill("eva")
    row.locator("[name=colleague-email]").fill("eva.walk@example.org")
    row.locator("form button").click()
    page.wait_for_load_state()

    expect(page.locator("ul.people")).to_contain_text("eva")
    assert manage_link(wait_for_mails(portal_server, "eva.walk@example.org")[0]) != manage_link(told)
    assert seats_left(client, staged.open) == before - 4


def test_looking_at_the_link_changes_nothing(client: Client, staged: Staged):
    path = staged.manage_url.removeprefix(client.base)

    answers = [client.get(path), client.get(f"{path}?act=cancel"), client.raw("HEAD", path), client.get(path)]

    assert [answer.status for answer in answers] == [200] * 4
    assert seats_left(client, staged.full) == 0
    assert [button.get_text(strip=True) for button in answers[-1].document.select("details.ask form button")] != []


def test_the_link_is_for_one_reader(client: Client, staged: Staged):
    page = client.get(staged.manage_url)

    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.document.select("link[rel=canonical], link[hreflang]") == []
    assert client.get(staged.manage_url[:-2] + "x/").status == 404


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_mistakes_are_named_and_what_was_typed_stays(
    open_window: OpenWindow, staged: Staged, browser_errors: list[str], javascript: bool
):
    page = open_window(javascript=javascript)
    page.goto(f"/en/event/{staged.open}/register/")
    page.locator("#id_name").fill("Zoë <b>O’Neil</b>")
    page.locator("#id_email").fill("not an address")
    page.locator("#id_organisation").fill("Cité “des” métiers")
    page.get_by_label("online").check()
    page.locator("#id_language").select_option("bg")

    answer = send(page)
    browser_errors.clear()  # Chromium calls a 422 an error

    assert answer.status == 422
    assert page.title().startswith("Error:")
    summary = page.locator("#errors")
    expect(summary).to_be_in_viewport()
    if javascript:
        expect(summary).to_be_focused()
    assert summary.locator("li").all_inner_texts() == [
        "Enter an e-mail address like name@example.org",
        "Choose the country that you come from",
    ]
    assert page.locator("#id_name").input_value() == "Zoë <b>O’Neil</b>"
    assert page.locator("#id_email").input_value() == "not an address"
    assert page.locator("#id_organisation").input_value() == "Cité “des” métiers"
    assert page.locator("#id_language").input_value() == "bg"
    assert page.get_by_label("online").is_checked()
    assert page.locator("#id_email").get_attribute("aria-invalid") == "true"
    described = str(page.locator("#id_email").get_attribute("aria-describedby")).split()
    told = " ".join(page.locator(f"#{part}").inner_text() for part in described)
    assert "Enter an e-mail address like name@example.org" in told
    summary.locator("a").first.click()
    expect(page.locator("#id_email")).to_be_focused()


def test_an_empty_form_is_not_sent_away(page: Page, staged: Staged, browser_errors: list[str]):
    page.goto(f"/fr/event/{staged.open}/register/")

    answer = send(page)
    browser_errors.clear()  # Chromium calls a 422 an error

    assert answer.status == 422
    assert page.locator("#errors li").count() == 3
    assert language_of(page.locator("#errors").inner_text()) in {"fr", None}


def test_a_full_event_offers_its_waiting_list(page: Page, staged: Staged):
    page.goto(f"/en/event/{staged.full}/")
    expect(page.locator("main aside")).to_contain_text("Full")

    page.locator("main aside a", has_text="Join the waiting list").click()

    expect(page.locator("main .notice.warn", has_text="1 person waits")).to_be_visible()
    expect(page.locator("form.form button")).to_have_text("Join the waiting list")


def test_the_last_seat_goes_to_one_of_two(
    open_window: OpenWindow, portal_server: PortalServer, client: Client, staged: Staged
):
    first, second = open_window(), open_window(phone=True)
    for page, name in ((first, "rapide"), (second, "lente")):
        page.goto(f"/en/event/{staged.one_seat}/register/")
        fill(page, name=name, email=f"{name}@example.org")
    assert [send(first).status, send(second).status] == [200, 200]
    assert seats_left(client, staged.one_seat) == 0

    for page, name in ((first, "rapide"), (second, "lente")):
        page.goto(manage_link(wait_for_mails(portal_server, f"{name}@example.org")[0]))
        act(page, "confirm")

    expect(first.locator("main .notice.ok").first).to_contain_text("You are registered")
    expect(second.locator("main .notice.warn").first).to_contain_text("You are the next in line")
    act(second, "cancel")
    expect(second.locator("main .notice.warn").first).to_contain_text("You have cancelled")


def test_nobody_learns_who_is_registered(
    open_window: OpenWindow, portal_server: PortalServer, client: Client, staged: Staged
):
    said = []
    before = seats_left(client, staged.open)
    for name in ("Nina Nova", "Somebody Else"):
        page = open_window()
        page.goto(f"/en/event/{staged.open}/register/")
        fill(page, name=name, email="nina@example.org")
        assert send(page).status == 200
        said.append(CLOCK.sub("…", page.locator("main").inner_text()))

    assert said[0] == said[1]
    assert seats_left(client, staged.open) == before - 1
    first, again = wait_for_mails(portal_server, "nina@example.org", 2)
    assert manage_link(first) == manage_link(again)
    assert "Somebody Else" not in words_of(again)


def test_the_page_after_registering_may_be_loaded_again(page: Page, client: Client, staged: Staged):
    before = seats_left(client, staged.open)
    page.goto(f"/en/event/{staged.open}/register/")
    fill(page, name="Rita", email="rita@example.org")
    send(page)

    page.reload()

    assert seats_left(client, staged.open) == before - 1


def test_a_robot_that_fills_every_field_gets_no_seat(
    page: Page, portal_server: PortalServer, client: Client, staged: Staged
):
    before = seats_left(client, staged.open)
    page.goto(f"/en/event/{staged.open}/register/")
    fill(page, name="Robot", email="robot@example.org")
    page.locator("#id_website").fill("https://spam.example", force=True)

    assert send(page).status == 200

    assert seats_left(client, staged.open) == before
    assert mails_to(portal_server, "robot@example.org") == []


def test_a_mail_in_another_language_has_its_links_there(page: Page, portal_server: PortalServer, staged: Staged):
    page.goto(f"/fr/event/{staged.open}/register/")
    fill(page, name="Иван", email="ivan@example.org", country="BG", language="bg")
    send(page)

    (mail,) = wait_for_mails(portal_server, "ivan@example.org")
    page.goto(manage_link(mail))

    assert "/bg/registration/" in page.url
    assert "януари 2027" in words_of(mail) or "декември 2026" in words_of(mail)
    expect(page.locator("html")).to_have_attribute("lang", "bg")
    expect(page.locator("main [lang=fr]").first).to_contain_text("Atelier")


def test_somebody_who_lost_the_mail_gets_the_links_again(page: Page, portal_server: PortalServer, staged: Staged):
    page.goto(f"/en/event/{staged.open}/register/")
    fill(page, name="Lola", email="lola@example.org")
    send(page)
    link = manage_link(wait_for_mails(portal_server, "lola@example.org")[0])
    said = []
    for address in ("lola@example.org", "stranger@example.org"):
        page.goto("/en/my-registrations/")
        page.locator("#id_email").fill(address)
        assert send(page).status == 200
        said.append(page.locator("main").inner_text().replace(address, "…"))

    assert said[0] == said[1]
    words = words_of(wait_for_mails(portal_server, "lola@example.org", 2)[1])
    page.goto(re.findall(r"\S+/my-registrations/\S+", words)[0])
    page.locator("main li a").click()
    expect(page).to_have_url(link)
    assert mails_to(portal_server, "stranger@example.org") == []


def test_an_event_that_is_cancelled_takes_nobody(page: Page, staged: Staged):
    page.goto(f"/en/event/{staged.cancelled}/")
    expect(page.locator("main .notice.error")).to_contain_text("cancelled")
    assert page.locator("a[href$='register/']").count() == 0

    page.goto(f"/en/event/{staged.cancelled}/register/")

    assert page.locator("form[method=post]").count() == 0
