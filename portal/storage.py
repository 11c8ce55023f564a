"""Where uploaded files live, read from STORAGE_URL."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def storage_from_url(url: str) -> dict[str, Any]:
    """Return Django's storage setting for `url`.

    Empty means files below VAR_DIR. `s3://KEY:SECRET@HOST/BUCKET?region=R` means any S3 service; without a
    host it is Amazon's. Raises ValueError for anything else, so that a typing error stops the start.
    """
    if not url:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    parts = urlsplit(url)
    bucket = parts.path.strip("/")
    if parts.scheme not in {"s3", "s3+http"} or not bucket:
        message = "STORAGE_URL must look like s3://KEY:SECRET@HOST/BUCKET?region=REGION"
        raise ValueError(message)
    options: dict[str, Any] = {
        "bucket_name": bucket,
        "access_key": unquote(parts.username or ""),
        "secret_key": unquote(parts.password or ""),
        "file_overwrite": False,
        "querystring_auth": False,
    }
    if parts.hostname:
        port = f":{parts.port}" if parts.port else ""
        scheme = "http" if parts.scheme == "s3+http" else "https"
        options["endpoint_url"] = f"{scheme}://{parts.hostname}{port}"
    if region := parse_qs(parts.query).get("region"):
        options["region_name"] = region[0]
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
