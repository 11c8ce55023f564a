"""Everything that may differ between two installations comes from the environment.

Safe by default: no DEBUG, no SECRET_KEY made up, cookies over https only when SITE_URL is https.
The README has the table of the variables.
"""

import zoneinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from portal.licence import licence_from_text
from portal.machine_url import machine_translator_from_url
from portal.mail_url import connection_from_url, mail_from_url, ses_client
from portal.storage import storage_from_url

# One tz database for pages, feeds and mails: that of the lock, not whatever the machine has.
zoneinfo.reset_tzpath(to=())

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var"))).resolve()

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "only-for-development" if DEBUG else "")
if not SECRET_KEY:
    message = "Set SECRET_KEY to a long random text. Sessions and links in mails are signed with it."
    raise ImproperlyConfigured(message)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
SITE_HOST = urlsplit(SITE_URL).hostname or "127.0.0.1"
SITE_PORT = urlsplit(SITE_URL).port or (443 if SITE_URL.startswith("https://") else 80)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [SITE_HOST, "localhost", "127.0.0.1"])
WEBHOOK_SECRET = env.str("WEBHOOK_SECRET", "")
DATA_LICENCE = licence_from_text(env.str("DATA_LICENCE", ""))

INSTALLED_APPS = [
    "portal",
    "practices",
    "events",
    "home",
    "portal.base",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.users",
    "wagtail.sites",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "portal.base.apps.QuietAdminConfig",  # wagtail.admin
    "wagtail",
    "modelcluster",
    "taggit",
    "anymail",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "portal.base.middleware.RefuseControlCharacters",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # feeds compress themselves, with a strong ETag of their own
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.base.middleware.ContentSecurityPolicy",
    "portal.base.middleware.RefuseLargeRequests",
    "portal.base.middleware.RefuseIncompleteForms",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.base.middleware.SiteLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "portal.base.second_factor_guard.SecondFactorGuard",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- data
SQLITE_OPTIONS = {
    # A writer waits instead of failing with "database is locked", and readers never wait.
    "transaction_mode": "IMMEDIATE",
    "timeout": 60,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
    "PRAGMA cache_size=-8000;",  # kB, where 2,000 would not hold the entries of a feed
}
DATABASES = {
    "default": dj_database_url.parse(
        env.str("DATABASE_URL", f"sqlite:///{VAR_DIR / 'portal.sqlite3'}"),
        conn_max_age=600,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.dj_cache_url("CACHE_URL", "locmem://")}
if CACHES["default"]["BACKEND"].endswith("LocMemCache"):
    # With Django's 300 a stranger could push out what events.limits counts.
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 20_000}

MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_URL = "/static/"
STORAGES = {
    "default": storage_from_url(env.str("STORAGE_URL", "")),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a Cité with its hours, poles and partners is one form

# --- people
AUTH_USER_MODEL = "base.User"
LOGIN_URL = "wagtailadmin_login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- languages
LANGUAGE_CODE = "fr"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [
    ("fr", "Français"),
    ("en", "English"),
    ("it", "Italiano"),
    ("es", "Español"),
    ("pt", "Português"),
    ("de", "Deutsch"),
    ("nl", "Nederlands"),
    ("da", "Dansk"),
    ("bg", "Български"),
]
COMPLETE_LANGUAGES = [code for code, _name in LANGUAGES]  # whose catalogues `make check` holds complete
# Ours, then what Wagtail does not say in some of the languages (docs/decisions.md); earlier ones win.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "portal" / "wagtail_locale"]
USE_I18N = WAGTAIL_I18N_ENABLED = True
FORMAT_MODULE_PATH = "portal.formats"
TIME_ZONE = "UTC"
USE_TZ = True

# --- mail and tasks
EMAIL, service = mail_from_url(env.str("EMAIL_URL", "file://"))
EMAIL_BACKEND = EMAIL["EMAIL_BACKEND"]
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
EMAIL_HOST = EMAIL.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = EMAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = EMAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(EMAIL.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(EMAIL.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", f"Cités des métiers <portal@{SITE_HOST}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# A worker has five minutes for a mail before another takes it over.
SES_LIMITS = {"connect_timeout": EMAIL_TIMEOUT, "read_timeout": EMAIL_TIMEOUT, "retries": {"total_max_attempts": 1}}
ANYMAIL: dict[str, Any] = {
    **service,
    "REQUESTS_TIMEOUT": EMAIL_TIMEOUT,
    "AMAZON_SES_CLIENT_PARAMS": ses_client(service, SES_LIMITS),
}
# Another server for mails that carry an invitation; empty for none. See portal.base.mail_servers.
INVITATION_EMAIL = connection_from_url(
    env.str("INVITATION_EMAIL_URL", ""), timeout=EMAIL_TIMEOUT, ses_limits=SES_LIMITS
)
if WEBHOOK_SECRET:
    ANYMAIL["WEBHOOK_SECRET"] = WEBHOOK_SECRET
TASKS: dict[str, Any] = {
    "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"},
    "mail": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["mail"]},
    "handbook": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["handbook"]},
}

# --- Wagtail
WAGTAIL_SITE_NAME = "Cités des métiers"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAILIMAGES_IMAGE_MODEL = "base.PortalImage"
LARGEST_FILE = WAGTAILIMAGES_MAX_UPLOAD_SIZE = WAGTAILDOCS_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
LARGEST_REQUEST = 2 * LARGEST_FILE  # so that the form itself says what is wrong with a file that is a little too large
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000  # of all frames: four bytes each while a rendition is made
WAGTAILIMAGES_IMAGE_FORM_BASE = "portal.base.uploads.ImageForm"
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odp", "ods", "odt", "pdf", "pptx", "txt", "xlsx", "zip"]
WAGTAILDOCS_DOCUMENT_FORM_BASE = "portal.base.uploads.DocumentForm"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_CONTENT_TYPES = {  # whatever the machine's own list says
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
WAGTAILDOCS_INLINE_CONTENT_TYPES: list[str] = []  # a browser shows no PDF in a sandbox
WAGTAILDOCS_BLOCK_EMBEDDED_CONTENT = False  # Wagtail's policy lacks the sandbox of FILE_POLICY
WAGTAILADMIN_RICH_TEXT_EDITORS = {"default": {"WIDGET": "portal.base.rich_text_input.RichTextInput"}}
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []  # an embed would load things from third parties
WAGTAILSEARCH_BACKENDS = {
    # Words are analysed in Python (portal.base.analysis), the same for every database.
    "default": {"BACKEND": "wagtail.search.backends.database", "SEARCH_CONFIG": "simple"}
}
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False  # no live page with untranslated text
WAGTAILLOCALIZE_DISABLE_ON_DELETE = True  # a deleted source keeps the words people translated
WAGTAILLOCALIZE_MACHINE_TRANSLATOR = machine_translator_from_url(env.str("MACHINE_TRANSLATOR_URL", ""))
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAILADMIN_USER_LOGIN_FORM = "portal.base.accounts.SignInForm"
WAGTAILADMIN_USER_PASSWORD_RESET_FORM = "portal.base.accounts.ForgottenPasswordForm"  # noqa: S105 a class
OTP_TOTP_ISSUER = WAGTAIL_SITE_NAME  # what the app on the phone calls the account

# --- safety
HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = HTTPS and env.bool("SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail's preview is a frame of the same origin
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # it wants DENY
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"

LOG_LEVEL = env.str("LOG_LEVEL", "WARNING")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"masking": {"()": "portal.logs.MaskingFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "masking"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # Handlers of Django's and granian's own would write what ours masks.
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "_granian": {"handlers": [], "propagate": True},
        "granian.access": {"handlers": [], "propagate": True},
    },
}
