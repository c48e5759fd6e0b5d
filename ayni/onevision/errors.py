"""What the record refuses to do, with a word for programs and a Spanish sentence for the screen.

RecordError
├── RequestNotFound    no such request here
├── RequestChanged     somebody else moved it since the page was read
├── SlotTaken          that time is no longer free
├── SlotTooLate        that time is after the one asked for, and this request may not wait
├── TooEarly           not before the appointment's time
└── FormIncomplete     the form lacks something, or says what cannot be
"""


class RecordError(Exception):
    """`code` for programs, `http_status` for the answer, `text` for people (no patient data)."""

    code = "record-error"
    http_status = 409
    text = "No se pudo hacer el cambio."


class RequestNotFound(RecordError):
    code, http_status = "request-not-found", 404
    text = "Ese pedido no está en este registro."


class RequestChanged(RecordError):
    code = "request-changed"
    text = "Otra persona cambió este pedido. Revíselo antes de continuar."


class SlotTaken(RecordError):
    code = "slot-taken"
    text = "Ese horario acaba de ocuparse. Elija otro, por favor."


class SlotTooLate(RecordError):
    code = "slot-too-late"
    text = "Ese horario es después de lo que pide la orientación. Atienda ahora o derive."


class TooEarly(RecordError):
    code = "too-early"
    text = "La hora de la cita aún no llega. Todavía no puede marcar la inasistencia."


class FormIncomplete(RecordError):
    """`field` is the name of the input that needs attention."""

    code, http_status = "form-incomplete", 422

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field}: incomplete")
        self.field = field
        self.text = text
