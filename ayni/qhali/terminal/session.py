"""One visit and its reserved words: help, and an end that leaves nothing."""

from ayni.qhali.terminal.message import Message, Script

HELP_WORDS = frozenset({"ayuda", "help", "info"})
STOP_WORDS = frozenset({"baja", "stop", "salir", "retiro"})
"""What ends an SMS conversation everywhere, in Spanish and as networks teach it (GSMA)."""

HELP = (
    "Soy QHALI, un programa. Responda con sus palabras o con un número. BAJA termina y borra. "
    "Emergencia: 106. Una persona: 113, gratis."
)
STOPPED = "Terminamos. Borré lo que escribió aquí y no le escribiré más. Emergencia: 106."


class Session:
    """A script being played. `message` is what was said last; once it is over nothing more is heard."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.message = next(script)
        self.is_over = False

    def hear(self, text: str) -> Message:
        """What QHALI says to an answer."""
        word = text.strip().strip(".!¡").casefold()
        if word in STOP_WORDS:
            self._script.close()
            return self._end(STOPPED)
        if word in HELP_WORDS:
            return self.message.after(HELP)
        try:
            self.message = self._script.send(text)
        except StopIteration as end:
            return self._end(end.value)
        return self.message

    def _end(self, text: str) -> Message:
        self.is_over = True
        self.message = Message(text)
        return self.message
