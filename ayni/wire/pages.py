"""What the Django settings of two systems share: one file for accounts and sessions, safe headers, cookies.

Plain data; each system adds its own applications, middleware and lifetimes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CONTENT_POLICY: Mapping[str, Sequence[str]] = {
    "default-src": ["'none'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
}
"""Nothing from elsewhere and no script; a system that needs more says so beside its pages."""

LOCK_SECONDS = 10
"""Two page threads write sessions at once; the second waits this long."""


def page_settings(
    system: str,
    site: str,
    *,
    file: Path,
    folder: Path,
    context: Sequence[str],
    secret_key: str,
    host: str,
    policy: Mapping[str, Sequence[str]] = CONTENT_POLICY,
) -> dict[str, Any]:
    """Django settings for the pages of one system.

    `site` is the dotted name of its package of pages, `folder` where that package's templates are, `file`
    Django's own SQLite file, `context` the context processors its templates need.
    """
    return {
        "SECRET_KEY": secret_key,
        "ALLOWED_HOSTS": sorted({host, "127.0.0.1", "localhost"}),
        "DATABASES": {"default": _database(file)},
        "TEMPLATES": [_templates(site, folder, context)],
        "ROOT_URLCONF": f"{site}.addresses",
        "CSRF_FAILURE_VIEW": f"{site}.refusal.form_expired",
        "CONTENT_SECURITY_POLICY": {"DIRECTIVES": dict(policy)},
        "LANGUAGE_CODE": "es",
        "USE_TZ": True,
        "STATIC_URL": "/static/",
        # Cookies know hosts, not ports: on one machine three systems would take each other's.
        "SESSION_COOKIE_NAME": f"{system}_session",
        "CSRF_COOKIE_NAME": f"{system}_csrf",
        "CSRF_COOKIE_HTTPONLY": True,
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "LOGGING_CONFIG": None,
    }


def _database(file: Path) -> dict[str, Any]:
    """The system's SQLite opens this file and apsw's own the other: no file is ever opened by both."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600)
    options = {
        "transaction_mode": "IMMEDIATE",
        "init_command": "pragma journal_mode=delete; pragma synchronous=full;",
        "timeout": LOCK_SECONDS,
    }
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": file, "OPTIONS": options}


def _templates(site: str, folder: Path, context: Sequence[str]) -> dict[str, Any]:
    return {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [folder / "templates"],
        "OPTIONS": {
            "builtins": [f"{site}.spanish"],
            "context_processors": ["django.template.context_processors.request", *context],
        },
    }
