"""What a level is called on screens and in messages; each agrees with every advice of its level."""

LEVEL_WORDS = {
    "I": "Emergencia",
    "II": "Urgente: vaya ahora",
    "III": "Atención hoy",
    "IV": "Puede esperar",
}
