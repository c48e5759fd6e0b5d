"""Whether what the pages show is invented."""

from django.conf import settings
from django.http import HttpRequest


def context(http: HttpRequest) -> dict[str, object]:
    """What every template may ask."""
    return {"is_test": settings.RECORD.is_test}
