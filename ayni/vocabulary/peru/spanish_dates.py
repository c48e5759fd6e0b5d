"""Days and months as they are written in Peru; a server may have no Spanish locale, so none is asked."""

WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
"""From Monday, as `date.weekday()` counts."""

MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "setiembre", "octubre", "noviembre", "diciembre"),
)
"""Peru says and writes `setiembre`."""
