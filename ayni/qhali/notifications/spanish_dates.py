"""A day as people say it."""

from datetime import date

from ayni.vocabulary.peru.spanish_dates import MONTHS, WEEKDAYS


def day_in_spanish(day: date) -> str:
    """ "martes 24 de noviembre" """
    return f"{WEEKDAYS[day.weekday()]} {day.day} de {MONTHS[day.month - 1]}"
