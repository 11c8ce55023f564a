import pytest

from portal.mail_url import mail_from_url
from portal.storage import storage_from_url


def test_storage_is_files_by_default():
    assert storage_from_url("") == {"BACKEND": "django.core.files.storage.FileSystemStorage"}


def test_storage_reads_an_s3_address():
    found = storage_from_url("s3://key:se%2Fcret@s3.example:9000/bucket?region=eu-1")

    assert found["BACKEND"] == "storages.backends.s3.S3Storage"
    assert found["OPTIONS"] == {
        "bucket_name": "bucket",
        "access_key": "key",
        "secret_key": "se/cret",
        "file_overwrite": False,
        "querystring_auth": False,
        "endpoint_url": "https://s3.example:9000",
        "region_name": "eu-1",
    }


@pytest.mark.parametrize("url", ["ftp://host/x", "s3://key:secret@host", "bucket"])
def test_storage_refuses_what_it_does_not_know(url):
    with pytest.raises(ValueError, match="STORAGE_URL"):
        storage_from_url(url)


def test_mail_reads_smtp():
    found, anymail = mail_from_url("submission://user:word@mail.example:587")

    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"], anymail) == (
        "mail.example",
        587,
        True,
        {},
    )


def test_mail_reads_an_anymail_service():
    found = mail_from_url("anymail+postmark:?POSTMARK_SERVER_TOKEN=secret")

    assert found == (
        {"EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend"},
        {"POSTMARK_SERVER_TOKEN": "secret"},
    )


def test_mail_refuses_an_unknown_service():
    with pytest.raises(ValueError, match="pigeon"):
        mail_from_url("anymail+pigeon:")
