"""Django's settings, made by the process from its own parts instead of read from a module at import."""

from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

from ayni.onevision import ACCOUNTS_FILE, SYSTEM
from ayni.onevision.record import Record
from ayni.wire.pages import page_settings

HERE = Path(__file__).parent
SHIFT_SECONDS = 10 * 3600
"""A sign-in ends with the longest shift, whatever the browser remembers."""

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ayni.onevision.site.middleware.Correlation",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "ayni.onevision.site.middleware.Refusals",
]
APPLICATIONS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
CONTEXT = (
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "ayni.onevision.site.traffic.context",
)


def configure(record: Record | None, *, folder: Path, secret_key: str, host: str) -> None:
    """Sets Django up once per process and brings its own file (accounts and sessions only) up to date.

    Without a record only accounts can be made.
    """
    shared = page_settings(
        SYSTEM,
        "ayni.onevision.site",
        file=folder / ACCOUNTS_FILE,
        folder=HERE,
        context=CONTEXT,
        secret_key=secret_key,
        host=host,
    )
    settings.configure(**shared, **_own(), RECORD=record)
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def _own() -> dict[str, Any]:
    return {
        "INSTALLED_APPS": APPLICATIONS,
        "MIDDLEWARE": MIDDLEWARE,
        "STATICFILES_DIRS": [HERE / "static"],
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_MAX_AGE": 600,
        "LOGIN_URL": "sign-in",
        "LOGIN_REDIRECT_URL": "inbox",
        "LOGOUT_REDIRECT_URL": "sign-in",
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
        "SESSION_COOKIE_AGE": SHIFT_SECONDS,
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
    }
