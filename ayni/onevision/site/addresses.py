"""Every address of the pages."""

from django.urls import path

from ayni.onevision.accounts import pages as accounts
from ayni.onevision.appointments import pages as appointments
from ayni.onevision.intakes import pages as intakes
from ayni.onevision.interface import pages as interface
from ayni.onevision.site import refusal

urlpatterns = [
    path("", intakes.inbox, name="inbox"),
    path("entrar", accounts.SignIn.as_view(), name="sign-in"),
    path("salir", accounts.SignOut.as_view(), name="sign-out"),
    path("listas/<str:name>/", intakes.worklist, name="worklist"),
    path("pedidos/<str:request_id>/", intakes.show, name="request"),
    path("pedidos/<str:request_id>/abrir", intakes.open_request, name="open"),
    path("pedidos/<str:request_id>/rechazar", intakes.reject, name="reject"),
    path("pedidos/<str:request_id>/citar", appointments.book, name="book"),
    path("pedidos/<str:request_id>/reprogramar", appointments.reschedule, name="reschedule"),
    path("pedidos/<str:request_id>/anular", appointments.cancel, name="cancel"),
    path("pedidos/<str:request_id>/inasistencia", appointments.no_show, name="no-show"),
    path("envios", interface.outbox, name="outbox"),
    path("envios/<str:event_key>/reenviar", interface.send_again, name="send-again"),
]
handler400 = refusal.not_understood
handler403 = refusal.forbidden
handler404 = refusal.not_found
handler500 = refusal.broken
