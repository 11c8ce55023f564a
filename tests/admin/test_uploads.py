"""Files as editors and strangers upload them: too large, not what they say, damaged, with names that mean harm."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from contextlib import nullcontext
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.conf import settings as portal_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from wagtail.blocks import StructBlockValidationError
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from portal.base.blocks import DescribedImageBlock
from portal.base.uploads import CHECKS
from tests import factories

pytestmark = pytest.mark.django_db

MEGABYTE = 1024 * 1024
NOT_WHAT_IT_SAYS = "whatever its name says"
HTML = b"<!doctype html><script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    disk = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES, settings.MEDIA_ROOT = {**settings.STORAGES, "default": disk}, tmp_path
    return tmp_path


def archive(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, text in files.items():
            file.writestr(name.replace("__", "/"), text)
    return content.getvalue()


def office(folder: str, **more: bytes) -> bytes:
    return archive(**{"[Content_Types].xml": b"<Types/>", f"{folder}/document.xml": b"<x/>", **more})


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    content = io.BytesIO()
    Image.effect_noise(size, 90).save(content, kind)
    return content.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A picture of a few kB that fills the memory when it is opened."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress(bytes(width // 8 + 1) * min(height, 20_000), 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def upload(client: Client, name: str, content: bytes, *, what: str = "documents", **more: Any) -> Any:
    collection = factories.stored(client.cite).team.collection if hasattr(client, "cite") else None
    data = {"title": "Guide", "file": SimpleUploadedFile(name, content), **more}
    if collection:
        data["collection"] = collection.pk
    return client.post(f"/admin/{what}/add/", data)


@pytest.fixture
def client(editor, porto):
    editor.cite = porto
    return editor


def errors(response: Any) -> str:
    assert response.status_code == 200
    page = BeautifulSoup(response.content, "html.parser")
    return " ".join(" ".join(tag.get_text(" ").split()) for tag in page.select(".error-message"))


def stored() -> list[str]:
    return [row.filename for model in (get_document_model(), get_image_model()) for row in model.objects.all()]


# --- documents

RIGHT = {
    "a.pdf": b"%PDF-1.7\n",
    "a.docx": office("word"),
    "a.pptx": office("ppt"),
    "a.xlsx": office("xl"),
    "a.odt": archive(mimetype=b"application/vnd.oasis.opendocument.text"),
    "a.ods": archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"),
    "a.odp": archive(mimetype=b"application/vnd.oasis.opendocument.presentation"),
    "a.zip": archive(x=b"x"),
    "a.csv": "é;b\r\n".encode(),
    "a.txt": "é".encode("utf-16"),
    "A.PDF": b"\n\n%PDF-1.4\n",
}


@pytest.mark.parametrize("name", RIGHT)
def test_file_that_is_what_it_says_is_stored(client, name):
    assert (upload(client, name, RIGHT[name]).status_code, stored()) == (302, [name])


def test_every_kind_of_document_is_looked_into():
    assert sorted(suffix.lstrip(".") for suffix in CHECKS) == sorted(portal_settings.WAGTAILDOCS_EXTENSIONS)


@pytest.mark.parametrize("extension", ["pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "zip"])
@pytest.mark.parametrize(
    "content", [HTML, SVG, EXE, b"PK\x03\x04 broken", picture()], ids=["html", "svg", "exe", "pk", "png"]
)
def test_file_that_is_something_else_is_refused_in_words(client, extension, content):
    said = errors(upload(client, f"guide.{extension}", content))

    assert (NOT_WHAT_IT_SAYS in said, f".{extension} file" in said, stored()) == (True, True, [])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", office("xl")),
        ("a.docx", archive(x=b"x")),
        ("a.docx", office("word", word__vbaProject=b"", **{"word/vbaProject.bin": b"x"})),
        ("a.xlsx", RIGHT["a.ods"]),
        ("a.odt", RIGHT["a.docx"]),
        ("a.txt", EXE),
        ("a.csv", picture()),
    ],
)
def test_document_of_another_kind_or_with_macros_is_refused(client, name, content):
    assert (NOT_WHAT_IT_SAYS in errors(upload(client, name, content)), stored()) == (True, [])


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.exe", "a.docm", "a.js", "a", "a.pdf.html", "a.php", ".pdf"])
def test_file_of_a_kind_that_is_not_taken_is_refused(client, name):
    assert (errors(upload(client, name, b"%PDF-1.4")) != "", stored()) == (True, [])


def test_empty_file_is_refused_in_words(client):
    said = errors(upload(client, "a.pdf", b""))

    assert (said.startswith("The submitted file is empty."), stored()) == (True, [])


def test_no_file_at_all_is_refused_in_words(client):
    response = client.post("/admin/documents/add/", {"title": "x", "collection": client.cite.team.collection.pk})

    assert (errors(response).startswith("This field is required."), stored()) == (True, [])


def test_file_a_little_too_large_is_refused_by_its_field(client):
    said = errors(upload(client, "a.pdf", b"%PDF-1.4" + bytes(10 * MEGABYTE)))

    assert (said.startswith("This file is too big (10.0"), stored()) == (True, [])


@pytest.mark.parametrize("path", ["/admin/documents/add/", "/admin/documents/multiple/add/", "/fr/agenda-fr/"])
def test_request_of_100_megabytes_is_refused_before_it_is_read(client, path):
    class Unread(io.RawIOBase):
        def read(self, *_size: int) -> bytes:
            raise AssertionError("it is read")

    response = client.generic("POST", path, b"", **{"wsgi.input": Unread(), "CONTENT_LENGTH": str(100 * MEGABYTE)})

    text = " ".join(BeautifulSoup(response.content, "html.parser").main.get_text(" ").split())
    assert response.status_code == 413
    assert ("10 MB" in text, "10 Mo" in text) in {(True, False), (False, True)}
    assert response["Content-Security-Policy"]


@pytest.mark.parametrize("length", ["", "-1", "x", "9" * 5000, "²"])
def test_any_length_that_is_said_is_answered(client, length):
    response = client.generic("GET", "/healthz", CONTENT_LENGTH=length)

    assert response.status_code == (413 if length.startswith("9") else 200)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\system.pdf", "system.pdf"),
        ("/absolute.pdf", "absolute.pdf"),
        ("a;b.pdf", "ab.pdf"),
        ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
        ("Été à Évora ؟.pdf", "Été_à_Évora_.pdf"),
    ],
)
def test_name_of_a_file_stays_a_name(client, media, sent, kept):
    response = upload(client, sent, b"%PDF-1.4")

    assert response.status_code == 302
    (name,) = stored()
    assert [path.name for path in media.rglob("*.pdf")] == [name]
    assert not set(name) & set('/\\"\r\n\x00\u202e')
    assert name == kept


def test_name_that_is_sent_in_code_is_one_as_well(client):
    """RFC 5987 lets a header say what it could not hold."""
    part = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    body = b"".join(
        (
            part % (b"title", b"", b"Guide"),
            part % (b"collection", b"", str(client.cite.team.collection.pk).encode()),
            part % (b"file", b"; filename*=UTF-8''..%2F..%2Fa%00b%0D%0Ac%22.pdf", b"%PDF-1.4"),
            b"--x--\r\n",
        )
    )

    response = client.generic("POST", "/admin/documents/add/", body, "multipart/form-data; boundary=x")

    assert (response.status_code, stored()) == (302, ["abc.pdf"])


def test_very_long_name_is_cut(client):
    assert upload(client, "x" * 400 + ".pdf", b"%PDF-1.4").status_code == 302
    (name,) = stored()
    assert (len(name) <= 100, name.endswith(".pdf")) == (True, True)


def test_many_files_at_once_are_checked_one_by_one(client):
    collection = client.cite.team.collection.pk
    for name, content in (("good.pdf", b"%PDF-1.4"), ("bad.pdf", HTML)):
        response = client.post(
            "/admin/documents/multiple/add/",
            {"files[]": SimpleUploadedFile(name, content), "title": name, "collection": collection},
        )
        assert (response.status_code, response.json()["success"]) == (200, name == "good.pdf")

    assert NOT_WHAT_IT_SAYS in response.json()["error_message"]
    assert stored() == ["good.pdf"]


def test_document_is_not_replaced_by_something_else(client):
    upload(client, "a.pdf", b"%PDF-1.4")
    document = get_document_model().objects.get()

    response = client.post(
        f"/admin/documents/edit/{document.pk}/",
        {"title": "x", "collection": document.collection_id, "file": SimpleUploadedFile("b.pdf", HTML)},
    )

    assert (NOT_WHAT_IT_SAYS in errors(response), stored()) == (True, ["a.pdf"])


# --- how they are given out


def test_document_is_given_out_as_a_file_that_runs_nothing(client):
    upload(client, "a.pdf", b"%PDF-1.4")

    response = Client().get(get_document_model().objects.get().url)
    response.close()

    names = ("Content-Type", "Content-Disposition", "X-Content-Type-Options", "Content-Security-Policy")
    assert [response[name] for name in names] == [
        *("application/pdf", 'attachment; filename="a.pdf"', "nosniff", "default-src 'none'; sandbox"),
    ]


@pytest.mark.parametrize(
    "path", ["documents/a.pdf", "images/../documents/a.pdf", "/documents/a.pdf", "./documents/a.pdf"]
)
def test_document_has_no_other_address(client, path):
    upload(client, "a.pdf", b"%PDF-1.4")

    assert Client().get(f"/media/{path}").status_code == 404


@pytest.mark.parametrize("path", ["../settings.py", "%2e%2e/%2e%2e/etc/passwd", "images", "images/", "", "x" * 5000])
def test_media_are_files_below_their_folder(client, path):
    assert Client().get(f"/media/{path}").status_code in {400, 404}


# --- pictures


@pytest.mark.parametrize(("name", "kind"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.webp", "WEBP"), ("a.gif", "GIF")])
def test_picture_is_stored_and_given_out_as_one(client, name, kind):
    assert upload(client, name, picture(kind), what="images").status_code == 302

    image = get_image_model().objects.get()
    response = Client().get(image.file.url)
    response.close()
    assert response["Content-Type"] == f"image/{kind.lower()}"
    assert (response["X-Content-Type-Options"], response["Content-Security-Policy"]) == (
        "nosniff",
        "default-src 'none'; sandbox",
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *(("a.svg", SVG), ("a.png", SVG), ("a.png", HTML), ("a.jpg", EXE), ("a.png", b"%PDF-1.4"), ("a.png", b"")),
        *(
            ("a.png", picture("JPEG")),
            ("a.jpg", picture("GIF")),
            ("a.bmp", picture("BMP")),
            ("a.tiff", picture("TIFF")),
        ),
        *(("a.png", picture()[:40]), ("a.png", picture(size=(300, 300))[:-4000]), ("a.jpg", picture("JPEG")[:-200])),
    ],
)
def test_what_is_no_whole_picture_is_refused_in_words(client, name, content):
    assert (errors(upload(client, name, content, what="images")) != "", stored()) == (True, [])


@pytest.mark.parametrize("size", [(8_000, 6_000), (20_000, 20_000), (100_000, 100_000), (2**31 - 1, 1)])
def test_picture_that_would_fill_the_memory_is_refused_in_words(client, size):
    said = errors(upload(client, "a.png", bomb(*size), what="images"))

    assert (said != "", stored()) == (True, [])


@pytest.mark.parametrize(
    ("data", "is_taken"),
    [
        ({"alt_text": "A door"}, True),
        ({"decorative": "on"}, True),
        ({"alt_text": ""}, False),
        ({"alt_text": " "}, False),
    ],
)
def test_picture_in_a_text_needs_words_or_to_be_decorative(client, data, is_taken):
    upload(client, "a.png", picture(), what="images")
    block, image = DescribedImageBlock(), get_image_model().objects.get()
    sent = {"x-image": image.pk, **{f"x-{key}": text for key, text in data.items()}}

    with nullcontext() if is_taken else pytest.raises(StructBlockValidationError):
        block.clean(block.value_from_datadict(sent, {}, "x"))
