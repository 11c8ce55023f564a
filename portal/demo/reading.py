"""Reading the demo's data files: every error names the file, the record and the field."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

if TYPE_CHECKING:
    from pathlib import Path

    from django.db.models import Model

LANGUAGES = ("fr", "en")  # in which everything has words; the first is the original
# A folder of files, one a further language, named by its code: words of what is translated, by the names of records.
TRANSLATIONS = "words"
TRANSLATED = ("page", "cite", "event")  # kinds of records that such a file may have words for


class DemoError(Exception):
    """A data file does not say what it should."""


def read(path: Path) -> dict[str, Any]:
    """Raises DemoError for a file that is missing or is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DemoError(f"{path.name}: the file is missing") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DemoError(f"{path.name}: {error}") from error


@dataclass(frozen=True, slots=True)
class Record:
    """One table of a data file; asks for its fields and refuses what has another shape."""

    file: str
    name: str
    data: dict[str, Any]
    translations: dict[str, Record] = field(default_factory=dict)  # words of the files of further languages

    def fail(self, field: str, why: str) -> DemoError:
        return DemoError(f"{self.file}: {self.name}: {field}: {why}")

    def get(self, field: str, kind: type | tuple[type, ...], default: Any) -> Any:
        value = self.data.get(field, default)
        if value is not default and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise self.fail(field, f"unexpected value {value!r}")
        return value

    def text(self, field: str, *, required: bool = False) -> str:
        value = self.get(field, str, "")
        if required and not value:
            raise self.fail(field, "is missing")
        return str(value)

    def flag(self, field: str) -> bool:
        return bool(self.get(field, bool, False))

    def number(self, field: str) -> int | None:
        value: int | None = self.get(field, int, None)
        return value

    def decimal(self, field: str) -> float | None:
        value: float | None = self.get(field, (int, float), None)
        return value

    def date(self, field: str) -> dt.date | None:
        """A day, a month or a year, as "2019-01-24", "2019-01" or "2019": the first day of it."""
        text = self.text(field)
        if not text:
            return None
        try:
            return dt.date.fromisoformat(text + "-01" * (2 - text.count("-")))
        except ValueError as error:
            raise self.fail(field, f"is no date: {text!r}") from error

    def time(self, field: str) -> dt.time | None:
        text = self.text(field)
        try:
            return dt.time.fromisoformat(text) if text else None
        except ValueError as error:
            raise self.fail(field, f"is no time: {text!r}") from error

    def codes(self, field: str) -> list[str]:
        values = self.get(field, list, [])
        if not all(isinstance(value, str) for value in values):
            raise self.fail(field, "should be a list of codes")
        return list(values)

    def labels(self, field: str) -> dict[str, str]:
        values = self.get(field, dict, {})
        if not all(isinstance(value, str) for value in values.values()):
            raise self.fail(field, "should be words by language")
        return dict(values)

    def rows(self, field: str) -> list[Record]:
        values = self.get(field, list, [])
        if not all(isinstance(value, dict) for value in values):
            raise self.fail(field, "should be a list of tables")
        return [Record(self.file, f"{self.name}: {field} {n}", row) for n, row in enumerate(values, start=1)]

    def table(self, field: str) -> Record | None:
        value = self.get(field, dict, None)
        return None if value is None else Record(self.file, f"{self.name}: {field}", value)

    def words(self) -> dict[str, Record]:
        """The words in each language, the original first; those of the demo are all wanted."""
        words = self.table("words")
        tables = {code: words.table(code) if words else None for code in LANGUAGES}
        for code, table in tables.items():
            if table is None:
                raise self.fail(f"words.{code}", "is missing")
        return {code: table for code, table in tables.items() if table} | self.translations

    def source(self, sources: list[Record]) -> dict[str, str]:
        """The source that this row names by its number, counted from 1."""
        number = self.number("source")
        if number is None:
            return {}
        if not 1 <= number <= len(sources):
            raise self.fail("source", f"there is no source {number}")
        found = sources[number - 1]
        return {"source_title": found.text("title", required=True), "source_url": found.text("url")}

    def check(self, row: Model, *exclude: str) -> None:
        """Refuse a row that the model would not take."""
        try:
            row.clean_fields(exclude=[*exclude])
            row.clean()
        except ValidationError as error:
            lines = getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages})
            field, texts = next(iter(lines.items()))
            raise self.fail(field, " ".join(texts)) from error


def translations(folder: Path) -> dict[str, dict[str, Record]]:
    """The words in each further language, by the names of the records that they translate: "cite porto".

    Raises DemoError.
    """
    paths = {path.stem: path for path in sorted((folder / TRANSLATIONS).glob("*.toml"))}
    known = [code for code, _name in settings.LANGUAGES if code not in LANGUAGES]
    for code in paths.keys() - {*known}:
        raise DemoError(f"{paths[code].name}: {code!r} is none of {', '.join(known)}")
    return {code: translated(paths[code]) for code in known if code in paths}


def translated(path: Path) -> dict[str, Record]:
    found = {}
    for kind, table in read(path).items():
        if not isinstance(table, dict):
            raise DemoError(f"{path.name}: {kind}: should be a table")
        named = {f"{kind} {key}": row for key, row in table.items()} if kind in TRANSLATED else {kind: table}
        for name, row in named.items():
            if not isinstance(row, dict):
                raise DemoError(f"{path.name}: {name}: should be a table")
            found[name] = Record(path.name, name, row)
    return found


def records(path: Path, kind: str, key: str) -> list[Record]:
    """All tables of one kind in a file, each named by its key, which must be there once.

    Raises DemoError.
    """
    rows = read(path).get(kind, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DemoError(f"{path.name}: {kind}: should be a list of tables")
    found = [Record(path.name, f"{kind} {row.get(key, n)}", row) for n, row in enumerate(rows, start=1)]
    seen: set[str] = set()
    for record in found:
        name = record.text(key, required=True)
        if name in seen:
            raise record.fail(key, "is there twice")
        seen.add(name)
    return found
