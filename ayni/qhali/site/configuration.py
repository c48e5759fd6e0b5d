"""Django's settings, made by the process from its own parts instead of read from a module at import."""

from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

from ayni.qhali.site.parts import Parts
from ayni.wire.pages import CONTENT_POLICY, page_settings

HERE = Path(__file__).parent
SESSION_SECONDS = 12 * 3600
"""Phones are shared: a session ends the same day, and the return code opens the request again."""

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "ayni.qhali.site.middleware.Page",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "ayni.qhali.site.middleware.Correlation",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "ayni.qhali.site.middleware.OnlyFromItsPage",
]
CONTEXT = ("ayni.qhali.site.visitor.context",)
OWN_SCRIPTS = {"script-src": ["'self'"], "connect-src": ["'self'"]}
"""The live timeline: two vendored files and the stream they listen to."""


def configure(parts: Parts, *, folder: Path, secret_key: str, host: str) -> None:
    """Sets Django up once per process and brings its own file (sessions only) up to date."""
    shared = page_settings(
        "qhali",
        "ayni.qhali.site",
        file=folder / "sessions.sqlite",
        folder=HERE,
        context=CONTEXT,
        secret_key=secret_key,
        host=host,
        policy={**CONTENT_POLICY, **OWN_SCRIPTS},
    )
    settings.configure(**shared, **_own(), QHALI=parts)
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def _own() -> dict[str, Any]:
    return {
        "INSTALLED_APPS": ["django.contrib.sessions"],
        "MIDDLEWARE": MIDDLEWARE,
        "USE_I18N": False,
        "TIME_ZONE": "America/Lima",
        "SESSION_COOKIE_AGE": SESSION_SECONDS,
    }
