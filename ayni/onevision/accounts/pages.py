"""Signing in and out."""

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse

from ayni.onevision.accounts.throttle import Throttle

TOO_MANY = "Demasiados intentos. Espere cinco minutos, por favor."
WRONG = "El usuario o la contraseña no coinciden."

NAME_LENGTH_MAX = 150
"""Django's own limit."""

throttle = Throttle()
spelling = UsernameField(max_length=NAME_LENGTH_MAX)
"""Reads a name as Django does before it looks for the account: another spelling is not another person."""


class SignIn(LoginView):
    """The first page of a shift."""

    template_name = "sign_in.html"
    redirect_authenticated_user = True

    def post(self, http: HttpRequest, *args: object, **names: object) -> HttpResponse:
        """Checks name and password, unless too many were wrong just before."""
        if throttle.is_paused(*self._who(), settings.RECORD.now()):
            return self._refused(TOO_MANY, 429)
        return super().post(http, *args, **names)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """The right password."""
        throttle.succeeded(*self._who())
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """The wrong one: the page does not say which of the two is wrong."""
        throttle.failed(*self._who(), settings.RECORD.now())
        return self._refused(WRONG, 422)

    def _refused(self, problem: str, status: int) -> HttpResponse:
        response = self.render_to_response(self.get_context_data(problem=problem))
        response.status_code = status
        return response

    def _who(self) -> tuple[str, str]:
        username = spelling.to_python(self.request.POST.get("username", ""))
        return username[:NAME_LENGTH_MAX], self.request.META.get("REMOTE_ADDR", "")


class SignOut(LogoutView):
    """The end of a shift."""
