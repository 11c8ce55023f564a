import pytest
from django.utils.module_loading import import_string

from portal.machine_url import machine_translator_from_url
from portal.mail_url import connection_from_url, mail_from_url, ses_client
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


@pytest.mark.parametrize("url", ["anymail+pigeon:", "pigeon://host", "pigeon", ""])
def test_mail_refuses_what_it_does_not_know(url):
    with pytest.raises(ValueError, match=r"EMAIL_URL: .*pigeon|EMAIL_URL: there is no ''"):
        mail_from_url(url)


def test_mail_reads_the_keys_of_amazon_ses():
    email, anymail = mail_from_url("anymail+amazon-ses:?REGION_NAME=eu-west-3&AWS_ACCESS_KEY_ID=a&X=1")

    assert email == {"EMAIL_BACKEND": "anymail.backends.amazon_ses.EmailBackend"}
    assert ses_client(anymail, {"limit": 1}) == {
        "region_name": "eu-west-3",
        "aws_access_key_id": "a",
        "config": {"limit": 1},
    }


# --- a second server, for invitations
SMTP = {
    "backend": "django.core.mail.backends.smtp.EmailBackend",
    "host": "mail.example",
    "port": 587,
    "username": "user@example",
    "password": "se/cret",
    "use_tls": True,
    "use_ssl": False,
    "timeout": 10,
}
NOTHING_BESIDE = {"username": "", "password": "", "use_tls": False}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", {}),
        ("submission://user%40example:se%2Fcret@mail.example", SMTP),
        ("submission://user%40example:se%2Fcret@mail.example:2525", {**SMTP, "port": 2525}),
        ("smtp://mail.example", {**SMTP, **NOTHING_BESIDE, "port": 25}),
        ("smtp://", {**SMTP, **NOTHING_BESIDE, "host": "localhost", "port": 25}),
        ("smtp://mail.example:465?ssl=True", {**SMTP, **NOTHING_BESIDE, "port": 465, "use_ssl": True}),
        ("file://", {"backend": "django.core.mail.backends.filebased.EmailBackend"}),
        ("anymail+postmark:?POSTMARK_SERVER_TOKEN=x", {"backend": "anymail.backends.postmark.EmailBackend"}),
        (
            "anymail+amazon-ses:?REGION_NAME=eu-west-3&AMAZON_SES_CONFIGURATION_SET_NAME=x",
            {
                "backend": "anymail.backends.amazon_ses.EmailBackend",
                "configuration_set_name": "x",
                "client_params": {"region_name": "eu-west-3", "config": {"limit": 1}},
            },
        ),
    ],
)
def test_second_server_has_all_that_it_needs(url, expected):
    assert connection_from_url(url, timeout=10, ses_limits={"limit": 1}) == expected


@pytest.mark.parametrize("url", ["anymail+pigeon:", "pigeon://host"])
def test_second_server_refuses_what_it_does_not_know(url):
    with pytest.raises(ValueError, match=r"^INVITATION_EMAIL_URL: .*pigeon"):
        connection_from_url(url, timeout=10, ses_limits={})


def test_no_machine_translates_by_default():
    assert machine_translator_from_url("") is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("deepl://k%3Afx@", {"AUTH_KEY": "k:fx"}),
        ("libretranslate://key@lt.example", {"LIBRETRANSLATE_URL": "https://lt.example", "API_KEY": "key"}),
        ("libretranslate+http://127.0.0.1:5000", {"LIBRETRANSLATE_URL": "http://127.0.0.1:5000", "API_KEY": ""}),
    ],
)
def test_machine_translator_is_read_from_its_address(url, expected):
    found = machine_translator_from_url(url)

    assert found is not None
    assert found["OPTIONS"] == {**expected, "TIMEOUT": 30}
    import_string(found["CLASS"])


@pytest.mark.parametrize("url", ["deepl://", "google://key@", "libretranslate://", "key"])
def test_machine_translator_refuses_what_it_does_not_know(url):
    with pytest.raises(ValueError, match="MACHINE_TRANSLATOR_URL"):
        machine_translator_from_url(url)
