"""Content lines and components (RFC 5545 3.1), read without any library: the octet-level half of the checklist."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

PARAMETER = r';[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*'
CONTENT_LINE = re.compile(rf"([A-Za-z0-9-]+)((?:{PARAMETER})*):(.*)")
ONE_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')
ONE_VALUE = re.compile(r'"[^"]*"|[^,]+')
FORBIDDEN = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
ESCAPES = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    parameters: dict[str, list[str]]
    value: str  # as it stands in the file

    @property
    def text(self) -> str:
        return re.sub(r"\\.", lambda found: ESCAPES.get(found[0], found[0]), self.value)


@dataclass(slots=True)
class Component:
    name: str
    properties: list[Property] = field(default_factory=list)
    children: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return [found for found in self.properties if found.name == name]

    def value(self, name: str) -> str:
        """Give the value of a property that is there once at most, else an empty text."""
        found = self.all(name)
        return found[0].value if found else ""

    def named(self, name: str) -> list["Component"]:
        return [child for child in self.children if child.name == name]


def octet_problems(data: bytes) -> Iterator[str]:
    """A01 to A05 and A07 of the checklist."""
    if data.startswith(b"\xef\xbb\xbf"):
        yield "A01 byte order mark"
    if not data.endswith(b"\r\n") or not data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r"):
        yield "A02 not CRLF everywhere"
    lines = list(enumerate(data.split(b"\r\n")[:-1], start=1))
    yield from (f"A03 line {number} has {len(line)} octets" for number, line in lines if len(line) > 75)
    yield from _fold_problems(data)
    found = FORBIDDEN.search(data.decode(errors="replace").replace("\r\n", ""))
    if found:
        yield f"A05 character U+{ord(found[0]):04X}"
    yield from (f"A07 line {number} is empty" for number, line in lines if not line.strip())


def _fold_problems(data: bytes) -> Iterator[str]:
    for logical in re.split(rb"\r\n(?![ \t])", data):
        before = b""
        for part in re.split(rb"\r\n[ \t]", logical):
            try:
                part.decode()
            except UnicodeDecodeError:
                yield f"A01 or A04 not UTF-8, or cut within a character: {part[:20]!r}"
            before += part
            slashes = len(before) - len(before.rstrip(b"\\"))
            if slashes % 2 and before != logical.replace(b"\r\n ", b""):
                yield f"A04 cut within an escape: {part[-20:]!r}"


def logical_lines(data: bytes) -> list[str]:
    unfolded = re.sub(r"\r\n[ \t]", "", data.decode(errors="replace"))
    return [line for line in unfolded.split("\r\n") if line]


def parse(data: bytes) -> tuple[list[Component], list[str]]:
    """Read the outermost components, and A06: lines that are none, components that are not closed."""
    stack, problems = [Component("")], []
    for line in logical_lines(data):
        found = CONTENT_LINE.fullmatch(line)
        if found is None:
            problems.append(f"A06 not a content line: {line[:40]!r}")
        elif found[1].upper() == "BEGIN":
            stack.append(Component(found[3]))
            stack[-2].children.append(stack[-1])
        elif found[1].upper() != "END":
            stack[-1].properties.append(Property(found[1].upper(), _parameters(found[2]), found[3]))
        elif len(stack) == 1 or stack.pop().name != found[3]:
            problems.append(f"A06 END:{found[3]} closes another component or none")
    problems += [f"A06 {component.name} is not closed" for component in stack[1:]]
    problems += [f"A06 {stray.name} outside of the calendar" for stray in stack[0].properties]
    return stack[0].children, problems


def _parameters(text: str) -> dict[str, list[str]]:
    return {
        name.upper(): [value.strip('"') for value in ONE_VALUE.findall(values)]
        for name, values in ONE_PARAMETER.findall(text)
    }
