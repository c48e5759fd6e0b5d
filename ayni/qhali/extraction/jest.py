"""Laughter beside a question for the counter: what is named in that sentence is a way of speaking."""

from collections.abc import Sequence

from ayni.qhali.extraction.reach import sentence_of
from ayni.qhali.extraction.words import Word

LAUGHS = ("jaj", "jeje", "jiji", "xd")
COUNTER = frozenset(
    word
    for line in (
        "cita citas turno resultado resultados ventanilla horario horarios sis seguro clave app pagina",
        "formulario",
        "documento documentos historia carnet tramite requisito requisitos atienden abre abren receta recojo",
        "imprimir descuento cuesta cobran referencia certificado constancia dni cupo cupos ticket",
        "consultorio oficina",
        "piso convenio escaleras oficina registren gratis mesa partes cubre hacer saco recoger",
    )
    for word in line.split()
)
"""Words of those who ask for a paper or an hour, and not for help."""

JOYS = frozenset(
    ["felicidad", "feliz", "felices", "contento", "contenta", "alegria", "risa", "emocion", "gozo", "dicha"]
)
"""Words that say that it is said for fun."""


def jesting(words: Sequence[Word]) -> range | None:
    """The positions of the sentence that laughs; None where nobody does or no paper is asked for."""
    texts = [word.text for word in words]
    laugh = next((at for at, text in enumerate(texts) if text.startswith(LAUGHS)), None)
    if laugh is None or (COUNTER | JOYS).isdisjoint(texts):
        return None
    return range(*sentence_of(words, laugh, laugh))
