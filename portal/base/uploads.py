"""Files that editors upload: not too large, and what their names say that they are.

Nothing that is uploaded is ever run (`FILE_POLICY`, nosniff, as an attachment); this is so that a reader who opens a
PDF gets a PDF, and an editor who takes the wrong file is told at once.
"""

from __future__ import annotations

import zipfile
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = 1024  # bytes in which a PDF begins, as its readers have it
OFFICE = {".docx": "word/", ".pptx": "ppt/", ".xlsx": "xl/"}
OPEN_DOCUMENT = {
    ".odp": b"application/vnd.oasis.opendocument.presentation",
    ".ods": b"application/vnd.oasis.opendocument.spreadsheet",
    ".odt": b"application/vnd.oasis.opendocument.text",
}


def is_pdf(file: IO[bytes], _extension: str) -> bool:
    return b"%PDF-" in file.read(HEAD)


def is_text(file: IO[bytes], _extension: str) -> bool:
    """Text in any encoding that spreadsheets write: none has NUL, but for UTF-16, which says so."""
    content = file.read()
    return content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in content


def is_zip(file: IO[bytes], _extension: str) -> bool:
    return file.read(4) in {b"PK\x03\x04", b"PK\x05\x06"} and zipfile.is_zipfile(file)


def is_office(file: IO[bytes], extension: str) -> bool:
    """An archive with the parts of such a document, and no macros in it."""
    if not is_zip(file, extension):
        return False
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    has_part = any(name.startswith(OFFICE[extension]) for name in names)
    return "[Content_Types].xml" in names and has_part and not has_macros


def is_open_document(file: IO[bytes], extension: str) -> bool:
    """The first file in the archive says what it is, uncompressed (OpenDocument 1.3 part 2, section 3.3)."""
    return is_zip(file, extension) and OPEN_DOCUMENT[extension] in read_again(file, 200)


def read_again(file: IO[bytes], size: int) -> bytes:
    file.seek(0)
    return file.read(size)


CHECKS: dict[str, Callable[[IO[bytes], str], bool]] = {
    ".csv": is_text,
    ".pdf": is_pdf,
    ".txt": is_text,
    ".zip": is_zip,
    **dict.fromkeys(OFFICE, is_office),
    **dict.fromkeys(OPEN_DOCUMENT, is_open_document),
}


def is_what_it_says(file: IO[bytes], name: str) -> bool:
    """Whether the content of a file is of the kind that its name ends with; the file is read from its beginning."""
    extension = PurePath(name).suffix.lower()
    check = CHECKS.get(extension)
    file.seek(0)
    try:
        return check is not None and check(file, extension)
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return False
    finally:
        file.seek(0)


class DocumentForm(BaseDocumentForm):
    """Wagtail looks at the name of a file; here at what is in it, too."""

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if "file" in self.changed_data and file and not is_what_it_says(file, file.name):
            extension = PurePath(file.name).suffix.lower().lstrip(".")
            raise ValidationError(
                _("This is not a .%(extension)s file, whatever its name says. Save it anew in that format.")
                % {"extension": extension}
            )
        return file


class PictureField(WagtailImageField):
    """Wagtail reads the size of a picture; here it is read to its end, since each page would fail on half of one."""

    def to_python(self, data: Any) -> Any:
        try:
            file = super().to_python(data)
            if file:
                with Image.open(file) as picture:
                    picture.load()
                file.seek(0)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise ValidationError(_("This picture is damaged. Save it anew, and upload that.")) from error
        return file


class ImageForm(BaseImageForm):
    """Wagtail chooses the field where a model becomes a form, so it is replaced here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("file")
        if field is not None:
            self.fields["file"] = PictureField(
                label=field.label, required=field.required, widget=field.widget, max_length=field.max_length
            )
