"""What no person types: refused with a 4xx in the reader's language, never a 5xx, and nothing stored."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from tests.browser.client import Answer, Client
from tests.browser.conftest import Staged

LONG = "a" * 100_000
HOSTILE = {
    "NUL": "%00",
    "control characters": "%01%07%1b",
    "line breaks": "%0d%0aSet-Cookie:%20a=b",
    "broken percent": "%",
    "half a percent": "%e",
    "broken UTF-8": "%ff%fe",
    "half a letter": "%c3",
    "overlong UTF-8": "%c0%af",
    "surrogate": "%ed%a0%80",
    "highest letter": "%f4%8f%bf%bf",
    "script": "%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "template": "%7B%7B7*7%7D%7D%7B%25debug%25%7D",
    "SQL": "%27%20OR%201=1--",
    "other direction": "%e2%80%ae%e2%80%8f",
    "search operators": "%22%20AND%20(%20OR%20*%20NEAR/3",
    "huge number": "9" * 400,
    "negative": "-1",
    "not a number": "1e999",
    "other digits": "%d9%a1%d9%a2",
    "infinity": "NaN",
    "4 kB": "a" * 4_000,
}
PARAMETERS = {
    "/fr/search/": ["q", "page"],
    "/en/the-network/": ["q", "country"],
    "/fr/agenda/": ["when", "kind", "country", "cite", "language", "page"],
    "/en/vademecum/": [
        *("chapter", "group", "partner", "country", "cite", "principle", "project", "language", "evidence", "skill"),
        *("q", "sheet", "page"),
    ],
    "/fr/": ["q", "page"],
    "/fr/cite/porto/": ["page"],
    "/admin/login/": ["next"],
    "/fr/calendar/all.ics": ["language"],
}
PATHS = [
    "/fr/{}", "/en/{}/", "/{}/", "/fr/agenda/{}/", "/en/the-network/{}/x/", "/fr/cite/{}/", "/en/event/{}/",
    "/fr/event/{}/register/", "/en/project/{}/", "/fr/practice/{}/", "/en/registration/{}/", "/fr/calendar/{}.ics",
    "/en/calendar/event/{}.ics", "/static/{}", "/media/{}", "/documents/{}/x.pdf", "/anymail/{}/", "/admin/{}/",
]  # fmt: skip
WORDS = {"fr": ("Aller au contenu", "Skip"), "en": ("Skip to the content", "Aller")}


def is_fine(answer: Answer, language: str, expected: range = range(200, 500)) -> bool:
    """An answer, not a 5xx, and if it is a page of ours, in the reader's language."""
    if answer.status not in expected or ("Set-Cookie" in answer.headers and "a=b" in answer.headers["Set-Cookie"]):
        return False
    if not answer.is_page or answer.status in {301, 302}:
        return True
    if b"<script>alert(1)" in answer.body or b"49" * 40 in answer.body:
        return False
    page = answer.body.decode()
    return "<html" not in page or "admin" in page or f'<html lang="{language}"' in page


@pytest.mark.parametrize("path", PARAMETERS)
def test_any_value_of_any_parameter(client: Client, path: str):
    names = PARAMETERS[path]
    queries = [f"{name}={value}" for name in [*names, "unknown"] for value in HOSTILE.values()]
    queries += [f"{value}={names[0]}&{names[0]}=a&{names[0]}={value}" for value in HOSTILE.values()]

    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda query: client.raw("GET", f"{path}?{query}"), queries)

    language = "en" if path.startswith("/en/") else "fr"
    wrong = {
        query[:80]: answer.status
        for query, answer in zip(queries, answers, strict=True)
        if not is_fine(answer, language)
    }
    assert wrong == {}


@pytest.mark.parametrize("path", PATHS)
def test_any_text_in_any_part_of_a_path(client: Client, path: str):
    language = "en" if path.startswith("/en/") else "fr"
    wrong = {}
    for name, value in HOSTILE.items():
        answer = client.raw("GET", path.format(value))
        if not is_fine(answer, language, range(300, 500)) and path != "/admin/{}/":
            wrong[name] = answer.status

    assert wrong == {}


@pytest.mark.parametrize(
    "path",
    ["/fr/search/?q=%00", "/en/search/?q=%00", "/fr/agenda/?kind=%00", "/en/vademecum/?%00=1", "/de/search/?q=%1b"],
)
def test_control_characters_are_refused_in_the_reader_s_language(client: Client, path: str):
    answer = client.get(path)

    assert answer.status == 400
    assert answer.one("html")["lang"] == path[1:3]
    if path[1:3] in WORDS:
        right, wrong = WORDS[path[1:3]]
        assert right in answer.text
        assert wrong not in answer.text


@pytest.mark.parametrize(
    "path", ["/fr/rien/", "/en/nothing/", "/fr/event/999999/", "/en/cite/atlantis/", "/en/registration/x/"]
)
def test_what_is_not_there_is_said_in_the_reader_s_language(client: Client, path: str):
    answer = client.get(path, Accept_Language="de,da;q=0.5")

    assert answer.status == 404
    right, wrong = WORDS[path[1:3]]
    assert right in answer.text
    assert wrong not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/xx/", "/xx/agenda/", "/nl/", "/da/", "/bg/", "/nl/agenda/", "/fr-fr/", "/FR/", "/e/", "/fr/event/0/",
        f"/fr/event/{2**63}/", f"/fr/event/{'9' * 200}/register/", f"/en/calendar/event/{2**64}.ics",
        f"/fr/project/{2**63}/", f"/fr/practice/{2**63}/", "/fr/cite/germany/", "/fr/calendar/party.ics",
        "/fr/registration/..%2f..%2fetc%2fpasswd/",
        "/static/../portal/settings.py", "/static/%2e%2e/%2e%2e/settings.py",
        "/media/%2e%2e/portal.sqlite3", "/media//etc/passwd", "/static/site", "/.env", "/.git/config", "/fr//agenda/",
    ],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(client: Client, path: str):
    assert client.raw("GET", path).status in {400, 404}


@pytest.mark.parametrize(
    "path", ["/fr/", "/en/agenda/", "/fr/search/", "/fr/calendar/all.ics", "/healthz", "/robots.txt", "/sitemap.xml"]
)
def test_hostile_headers_change_nothing(client: Client, path: str):
    normal = client.get(path)
    headers = [
        {"Accept_Language": LONG[:6_000]},
        {"Accept_Language": "en;q=x,*;q=2,-,;;;=,zz-ZZ-zz;q=1e9"},
        {"Accept_Language": b"\xff\xfe"},
        {"Cookie": "sessionid=" + "x" * 3_000 + "; theme=<script>; django_language=en; =; ;;"},
        {"Cookie": b"sessionid=\xff\x00y".replace(b"\x00", b"")},
        {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "https", "X_Forwarded_For": "1' OR 1=1"},
        {"Forwarded": "host=evil.example;proto=https", "X_Original_URL": "/admin/", "X_Rewrite_URL": "/admin/"},
        {"X_HTTP_Method_Override": "DELETE", "Origin": "https://evil.example", "Referer": "https://evil.example/"},
        {"If_None_Match": '"' * 500, "If_Modified_Since": "Thu, 99 Foo 9999 99:99:99 GMT"},
        {"Accept_Encoding": "gzip;q=x, br;q=-1, ;;"},
        {"Range": "bytes=99999999-1"},
        {"User_Agent": "() { :;}; echo x"},
    ]
    for header in headers:
        answer = client.raw("GET", path, **header)
        assert answer.status in {normal.status, 416}, header
        assert b"evil.example" not in answer.body
        # Django takes a session that it does not know away from the browser; it gives none.
        assert all("Max-Age=0" in cookie for cookie in answer.headers.get_all("Set-Cookie", []))


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "a" * 5_000, "<script>", "[::"])
def test_another_host_is_refused(client: Client, host: str):
    answer = client.raw("GET", "/fr/", Host=host)

    assert answer.status == 400
    assert b"evil.example" not in answer.body


HEAD = b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CLOSE = b"Connection: close\r\n"


NO_REQUESTS = {
    "nothing": b"\r\n\r\n",
    "half a line": b"GET\r\n\r\n",
    "unknown version": b"GET / HTTP/9.9\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01",
    "raw NUL": b"GET /\x00" + HEAD + b"\r\n",
    "long address": b"GET /" + b"a" * 100_000 + HEAD + b"\r\n",
    "long header": b"GET /" + HEAD + b"X: " + b"a" * 500_000 + b"\r\n\r\n",
    "two hosts": b"GET /" + HEAD + b"Host: evil.example\r\n" + CLOSE + b"\r\n",
    "negative length": b"POST /fr/search/" + HEAD + b"Content-Length: -1\r\n\r\n",
    "two lengths": b"POST /fr/search/" + HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" + CLOSE
    + b"\r\n0\r\n\r\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def no_requests(client: Client) -> Iterator[dict[str, Future[Answer]]]:
    """Sent together: the server waits half a minute for the rest of some."""
    with ThreadPoolExecutor(len(NO_REQUESTS)) as pool:
        yield {name: pool.submit(client.send, raw) for name, raw in NO_REQUESTS.items()}


@pytest.mark.parametrize("name", NO_REQUESTS)
def test_what_is_no_request_gets_no_server_error(client: Client, no_requests: dict[str, Future[Answer]], name: str):
    assert no_requests[name].result().status in range(500)
    assert client.get("/healthz").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "FOO"])
def test_other_methods_are_refused_where_there_is_nothing_to_send(client: Client, method: str):
    paths = ("/fr/", "/en/agenda/", "/fr/search/", "/fr/cite/porto/", "/fr/calendar/all.ics", "/robots.txt")
    answers = {path: client.raw(method, path).status for path in paths}

    assert set(answers.values()) <= {403, 404, 405} | ({200} if method == "OPTIONS" else set()), answers


def test_a_form_without_the_token_of_its_page_is_refused(client: Client, staged: Staged):
    fields = {"name": "Eve", "email": "eve@example.org", "country": "FR", "language": "fr"}
    before = client.get(f"/en/event/{staged.open}/").words("main aside")
    for path in (f"/fr/event/{staged.open}/register/", f"/en/event/{staged.open}/register/", "/en/my-registrations/"):
        answer = client.raw("POST", path, urlencode(fields).encode())
        assert answer.status == 403
        assert answer.one("html")["lang"] == path[1:3]

    taken = client.raw("POST", staged.manage_url.removeprefix(client.base), b"act=cancel")

    assert taken.status == 403
    assert client.get(f"/en/event/{staged.open}/").words("main aside") == before
    assert "Full" in client.get(f"/en/event/{staged.full}/").words("main aside")


class Form:
    """The registration form as a program sends it, with its token."""

    def __init__(self, client: Client, path: str) -> None:
        self.client, self.path = client, path
        page = client.get(path)
        self.token = str(page.one("form[method=post] input[name=csrfmiddlewaretoken]")["value"])
        self.cookie = page.headers["Set-Cookie"].split(";")[0]

    def post(self, fields: dict[str, str | bytes]) -> Answer:
        body = urlencode(fields | {"csrfmiddlewaretoken": self.token}).encode()
        return self.client.raw("POST", self.path, body, Cookie=self.cookie, Origin=self.client.base)


GOOD = {
    "name": "Eve",
    "email": "eve@example.org",
    "organisation": "",
    "country": "FR",
    "language": "fr",
    "way": "on_site",
}


@pytest.mark.parametrize("field", GOOD)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_hostile_values_of_a_form_are_named_as_errors(client: Client, staged: Staged, field: str, language: str):
    path = f"/{language}/event/{staged.open}/register/"
    before = client.get(f"/en/event/{staged.open}/").words("main aside")
    form = Form(client, path)
    for value in (
        "\x00",
        "a\r\nBcc: x@example.org",
        "\u202eevil",
        "x" * 100_000,
        b"\xff\xfe",
        "\ud800".encode("utf-8", "surrogatepass"),
    ):
        answer = form.post(GOOD | {field: value})
        assert answer.status in {400, 422}, (field, value[:20])
        assert answer.one("html")["lang"] == language

    assert client.get(f"/en/event/{staged.open}/").words("main aside") == before


def test_more_than_a_form_can_hold_is_refused(client: Client, staged: Staged):
    form = Form(client, f"/fr/event/{staged.open}/register/")

    assert form.post(GOOD | {f"field{number}": "x" for number in range(11_000)}).status == 400
    assert form.post(GOOD | {"name": "x" * 3_000_000}).status in {400, 413}
