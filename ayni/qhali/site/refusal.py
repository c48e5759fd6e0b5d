"""Refusals and failures as pages that say what to do next; nothing of the inside is shown."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def refuse(http: HttpRequest, sentence: str, status: int) -> HttpResponse:
    """A page with one sentence and the way back."""
    return render(http, "refusal.html", {"sentence": sentence}, status=status)


def form_expired(http: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token does not belong to this session."""
    return refuse(http, "La página estuvo abierta mucho tiempo. Vuelva a intentarlo.", 403)


def bad_request(http: HttpRequest, exception: Exception) -> HttpResponse:
    """Django could not read the request."""
    return refuse(http, "No se pudo leer lo que llegó. Vuelva a intentarlo.", 400)


def forbidden(http: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing here for this session."""
    return refuse(http, "Esta página no está abierta para usted.", 403)


def not_found(http: HttpRequest, exception: Exception) -> HttpResponse:
    """No such page."""
    return refuse(http, "Esa página no existe.", 404)


def only_from_its_page(http: HttpRequest) -> HttpResponse:
    """The address takes a form, and was opened or reloaded by itself."""
    return refuse(http, "Esta dirección no se abre sola. Use los botones de la página.", 405)


def broken(http: HttpRequest) -> HttpResponse:
    """Something failed on our side."""
    return refuse(http, "Algo falló de nuestro lado. Si es urgente, llame al 106.", 500)
