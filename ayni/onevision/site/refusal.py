"""Pages that say no: in Spanish, with what to do next, without patient data."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token

NOT_ALLOWED = "Ese cambio no corresponde al estado actual del pedido, o a su rol."
ONLY_FROM_A_FORM = "Esta dirección no se abre sola. Use los botones de la página."
NO_ROLE = "Su cuenta no tiene un rol asignado. Pida ayuda a quien administra las cuentas."


def refuse(http: HttpRequest, status: int, text: str) -> HttpResponse:
    """The page of a refusal, with the way back to the request it was about."""
    found = http.resolver_match
    request_id = found.kwargs.get("request_id") if found and status != 404 else None
    context = {"text": text, "status": status, "request_id": request_id}
    return render(http, "refusal.html", context, status=status)


def not_understood(http: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the host or the form is none of ours."""
    return refuse(http, 400, "La dirección o los datos no son válidos. Revise la dirección, por favor.")


def forbidden(http: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return refuse(http, 403, "Usted no puede entrar a esta página.")


def not_found(http: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return refuse(http, 404, "Esa página no existe.")


@requires_csrf_token
def form_expired(http: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's token is missing or old."""
    return refuse(http, 403, "El formulario venció. Vuelva a la página e inténtelo otra vez.")


@requires_csrf_token
def broken(http: HttpRequest) -> HttpResponse:
    """500: what went wrong is in the log, under the code the page shows."""
    return refuse(http, 500, "Algo falló en el sistema. Avise a soporte con el código de esta página.")
