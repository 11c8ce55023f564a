"""A plain HTTP client, and what a test reads from an answer."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

TIMEOUT = 30


@dataclass(frozen=True)
class Answer:
    """What came back, after redirects."""

    url: str
    status: int
    headers: Message
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def is_page(self) -> bool:
        return self.headers.get_content_type() == "text/html"

    @property
    def text(self) -> str:
        return self.body.decode()

    @cached_property
    def document(self) -> BeautifulSoup:
        return BeautifulSoup(self.body, "html.parser")

    def one(self, selector: str) -> Tag:
        """The only element that fits."""
        found = self.document.select(selector)
        assert len(found) == 1, f"{self.url}: {len(found)} × {selector}"
        return found[0]

    def words(self, selector: str = "body") -> str:
        return " ".join(self.one(selector).get_text(" ").split())


class Client:
    """Asks one portal, as any program would; a 404 or 500 is an answer like others."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.host, self.port = urlsplit(base).hostname, urlsplit(base).port

    def get(self, path: str, **headers: str) -> Answer:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(urljoin(self.base, path), headers=names)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                return Answer(response.url, response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.url or request.full_url, error.code, error.headers, error.read())

    def send(self, raw: bytes) -> Answer:
        """Send bytes as they are, well-formed or not, and read the answer until the server closes."""
        with socket.create_connection((self.host, self.port), timeout=TIMEOUT) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):  # it has answered already and reads no more
                connection.sendall(raw)
            received = b""
            with suppress(ConnectionResetError):
                while part := connection.recv(65536):
                    received += part
        head, _, body = received.partition(b"\r\n\r\n")
        line, _, fields = head.partition(b"\r\n")
        headers = BytesParser().parsebytes(fields)
        return Answer(self.base, int(line.split()[1]) if line else 0, headers, body)

    def raw(self, method: str, target: str | bytes, body: bytes = b"", **headers: str | bytes) -> Answer:
        """One request of which every byte is chosen; header names are written with _ for -."""
        lines = {b"Host": f"{self.host}:{self.port}".encode(), b"Connection": b"close"}
        if body or method == "POST":
            lines |= {b"Content-Type": b"application/x-www-form-urlencoded", b"Content-Length": str(len(body)).encode()}
        for name, value in headers.items():
            lines[name.replace("_", "-").encode()] = value if isinstance(value, bytes) else value.encode()
        head = b"".join(b"%s: %s\r\n" % line for line in lines.items())
        start = target if isinstance(target, bytes) else target.encode()
        return self.send(b"%s %s HTTP/1.1\r\n%s\r\n%s" % (method.encode(), start, head, body))
