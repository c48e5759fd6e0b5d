"""The pages and their views. No address carries a person's data or opens anything by itself."""

from django.urls import path

from ayni.qhali.site import (
    conversation,
    identity,
    model,
    nearby,
    notices,
    offline,
    refusal,
    rights,
    status,
    summary,
    welcome,
)

urlpatterns = [
    path("", welcome.welcome, name="welcome"),
    path("consentimiento", welcome.consent, name="consent"),
    path("sin-inteligencia-artificial", model.withdraw, name="without-model"),
    path("conversacion", conversation.page, name="conversation"),
    path("conversacion/cerrar", conversation.close, name="close"),
    path("sin-senal", offline.page, name="offline"),
    path("cerca", nearby.page, name="nearby"),
    path("como-llegar", nearby.way, name="way"),
    path("datos", identity.page, name="identity"),
    path("resumen", summary.page, name="summary"),
    path("pedido", status.page, name="status"),
    path("pedido/estado", status.fragment, name="status-fragment"),
    path("pedido/anotado", status.noted, name="noted"),
    path("avisos", notices.page, name="notices"),
    path("avisos/agregar", notices.add, name="notices-add"),
    path("avisos/quitar", notices.remove, name="notices-remove"),
    path("avisos/primero", notices.put_first, name="notices-first"),
    path("pedido/respuesta", notices.answer, name="answer"),
    path("aviso", notices.from_phone, name="from-phone"),
    path("avisos-worker.js", offline.worker, name="worker"),
    path("mis-datos", rights.page, name="rights"),
    path("mis-datos/fhir", rights.as_fhir, name="rights-fhir"),
    path("mis-datos/copia", rights.as_page, name="rights-page"),
    path("mis-datos/retirar", rights.withdraw, name="rights-withdraw"),
    path("mis-datos/borrar", rights.forget, name="rights-forget"),
    path("volver", status.come_back, name="return"),
    path("salir", status.leave, name="leave"),
]
handler400 = refusal.bad_request
handler403 = refusal.forbidden
handler404 = refusal.not_found
handler500 = refusal.broken
