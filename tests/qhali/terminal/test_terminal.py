"""The chat and the SMS simulator as whole programs, through a pipe and in a terminal."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from ayni.qhali.process import SCHEMAS
from ayni.qhali.terminal.chat import chat
from ayni.qhali.terminal.sending import open_sending
from ayni.qhali.terminal.sms import sms
from ayni.vocabulary.fhir import bundle, check, loads
from ayni.wire.database import Database

COUGH = "vengo tosiendo con flema desde hace 20 días y de noche me da fiebre"
IDENTITY = ["99000017", "Prueba", "Ñaupari", "María Elena", "14/03/1992", "1", "calquis", "2"]
ANSWERS_MAX = 15
"""More answers than the interview has questions: what is left over is heard by nobody."""


def run(command: str, *lines: str, folder: Path) -> str:
    """What the program says to these lines; it must end by itself and well."""
    done = subprocess.run(
        [sys.executable, "-m", "ayni", "qhali", command],
        input="".join(f"{line}\n" for line in lines).encode(),
        env=os.environ | {"AYNI_VAR": str(folder)},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return done.stdout.decode()


def play(command: str, *lines: str, folder: Path) -> str:
    """The same without a process of its own."""
    with open_sending({"AYNI_VAR": str(folder)}) as (now, sending):
        carry = chat if command == "chat" else sms
        return "".join(f"{text}\n" for text in carry(lines, now=now, sending=sending))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The data folder of a QHALI that has run here."""
    Database(tmp_path / "qhali" / "qhali.sqlite", *SCHEMAS).close()
    return tmp_path


def rows(folder: Path, sql: str) -> list[tuple]:
    database = Database(folder / "qhali" / "qhali.sqlite")
    with database.reading() as tx:
        found = tx.execute(sql).fetchall()
    database.close()
    return found


def in_the_files(folder: Path, word: str) -> bool:
    return any(word.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


class Typing:
    """A person at a real terminal: reads the screen to the prompt, then answers what is asked."""

    def __init__(self, command: str, folder: Path) -> None:
        self._main, side = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ayni", "qhali", command],
            stdin=side,
            stdout=side,
            stderr=side,
            env=os.environ | {"AYNI_VAR": str(folder)},
            start_new_session=True,
        )
        os.close(side)
        self.screen = ""

    def read(self) -> str:
        """What is new on the screen, up to the next prompt or the end."""
        new = b""
        while not new.endswith(b"\n> ") and select.select([self._main], [], [], 60)[0]:
            try:
                more = os.read(self._main, 4096)
            except OSError:  # the other end is closed: the program has ended
                break
            if not more:
                break
            new += more
        text = new.decode().replace("\r\n", "\n")
        self.screen += text
        return text

    def say(self, text: str) -> str:
        os.write(self._main, text.encode())
        return self.read()

    def interrupt(self) -> None:
        """Ctrl-C, and once more: one that comes just before the program waits for a line waits with it."""
        for _ in range(2):
            os.killpg(self._process.pid, signal.SIGINT)
            if select.select([self._main], [], [], 5)[0]:
                return

    def end(self) -> int:
        os.close(self._main)
        return self._process.wait(60)


@pytest.fixture
def person(store: Path) -> Iterator[Typing]:
    typing = Typing("chat", store)
    yield typing
    if typing._process.poll() is None:
        typing._process.kill()
        typing._process.wait()


def test_a_person_at_a_terminal_gets_from_hello_to_a_number(person: Typing, store: Path) -> None:
    assert "¿Acepta conversar?\n  1. Sí\n  2. No\n" in person.read()
    assert "¿Qué le pasa?" in person.say("1\n")
    asked = person.say(f"{COUGH}\n")
    while "¿Quiere que lleve su pedido" not in asked:
        asked = person.say("no\n")
    assert rows(store, "select * from draft") == []
    person.say("sí\n")
    for field in IDENTITY:
        asked = person.say(f"{field}\n")
    assert "Para MARÍA ELENA PRUEBA ÑAUPARI, DNI 99000017, en puesto de salud Calquis." in asked
    assert "Orientación: Atención hoy." in asked
    last = person.say("1\n")
    number = re.search(r"QH-\w{10}", last)
    assert number is not None
    assert re.search(r"(\w{4}-){2}\w{4}", last)
    ((request_id, intake),) = rows(store, "select id, intake from request")
    assert request_id == number[0]
    assert check(loads(bytes(intake))) == ()
    assert bundle.only(loads(bytes(intake)), "QuestionnaireResponse")["item"][0]["answer"] == [
        {"valueString": COUGH}
    ]
    ((state,),) = rows(store, "select state from outbox")
    assert state == "pending"
    assert person.end() == 0


def test_ctrl_c_leaves_nothing(person: Typing, store: Path) -> None:
    person.read()
    person.say("1\n")
    person.say(f"{COUGH}\n")
    person.interrupt()
    assert "Lo que no se envió no se guardó." in person.read()
    assert person.end() == 0
    assert not in_the_files(store, "tosiendo")


@pytest.mark.parametrize("command", ["chat", "sms"])
def test_until_it_is_sent_nothing_is_kept(command: str, store: Path) -> None:
    said = run(
        command, *(["hola"] if command == "sms" else []), "1", COUGH, *["no"] * ANSWERS_MAX, folder=store
    )
    assert "No envi" in said  # the last "no" answers whether to send
    assert rows(store, "select * from draft") == rows(store, "select * from request") == []
    assert not in_the_files(store, "tosiendo")


def test_the_permission_to_send_is_asked_for_at_the_end(store: Path) -> None:
    said = play("chat", "1", "no puedo respirar", "en Chetilla", "1", *IDENTITY, "2", folder=store)
    assert "Llame ahora al 106" in said
    assert said.endswith(
        "No envié nada ni guardé nada. Si empeora, vaya al establecimiento o llame al 106.\n"
    )
    assert rows(store, "select * from draft") == rows(store, "select * from outbox") == []


def test_wrong_data_are_mended_before_they_are_sent(store: Path) -> None:
    other = ["99000018", *IDENTITY[1:]]
    told = ["1", "no puedo respirar", "en Chetilla", "1"]
    said = play("chat", *told, *other, "3", *IDENTITY, "Sí", folder=store)
    assert "DNI 99000018, en" in said
    assert "DNI 99000017, en" in said
    ((intake,),) = rows(store, "select intake from request")
    assert bundle.only(loads(bytes(intake)), "Patient")["identifier"][0]["value"] == "99000017"


@pytest.mark.parametrize("last", ["sí", "no sé"])
def test_who_is_unwell_without_a_symptom_that_has_a_name_is_oriented_and_sent(store: Path, last: str) -> None:
    told = ["1", "buenos días", "hola", "no", "no", "no", last]
    said = play("chat", *told, *["no"] * ANSWERS_MAX, folder=store)
    level = {"sí": "Puede esperar", "no sé": "Atención hoy"}[last]
    assert f"Orientación: {level}." in said
    assert "¿Quiere que lleve su pedido" in said


def test_who_has_nothing_has_nothing_to_send(store: Path) -> None:
    said = play("chat", "1", "buenos días", "hola", *["no"] * 4, folder=store)
    assert said.splitlines()[-1].startswith("No hay ningún pedido que enviar. No guardé nada.")


def test_a_request_that_cannot_be_kept_leaves_no_conversation_behind(store: Path) -> None:
    database = Database(store / "qhali" / "qhali.sqlite")
    with database.transaction() as tx:
        tx.execute("create trigger full before insert on outbox begin select raise(abort, 'no room'); end")
    database.close()
    with pytest.raises(apsw.ConstraintError, match="no room"):
        play("chat", "1", "no puedo respirar", "en Chetilla", "1", *IDENTITY, "1", folder=store)
    assert rows(store, "select * from draft") == rows(store, "select * from turn") == []


def test_a_wrong_field_is_asked_again_with_a_hint(store: Path) -> None:
    names = ["Quispe", "Ñaupari", "Prueba", "-", "María"]
    person = ["12345678", "99000017", *names, "ayer", "14/3/1992", "x", "1"]
    place = ["lima", "san", "1", "9", "1", "1"]
    said = play("chat", "1", "no puedo respirar", "en Chetilla", "1", *person, *place, folder=store)
    assert "del 99000000 al 99000999.\nDNI:" in said
    assert "uno de los apellidos debe ser PRUEBA" in said
    assert "Revise este dato, por favor.\nFecha de nacimiento" in said
    assert "No encuentro ese distrito" in said
    assert "¿Cuál de estos?" in said
    assert "Responda con un número del 1 al 5" in said
    assert re.search(r"Guardé su pedido QH-", said)


def test_without_a_qhali_here_nothing_can_be_sent_and_no_folder_is_made(tmp_path: Path) -> None:
    said = run("chat", "1", "no puedo respirar", "en Chetilla", folder=tmp_path / "var")
    assert "Aquí no puedo enviar su pedido." in said
    assert not (tmp_path / "var").exists()


def test_each_sms_is_one_line_that_fits(store: Path) -> None:
    said = play("sms", "hola", "1", COUGH, *["0"] * 4, *["no"] * ANSWERS_MAX, folder=store)
    for line in said.splitlines():
        found = re.fullmatch(r"QHALI (\d)/(\d) (GSM-7|UCS-2) (\d+): (.*)", line)
        assert found, line
        assert len(found[5]) <= int(found[4]) <= (160 if found[3] == "GSM-7" else 70)


def test_a_digit_chooses_an_answer(store: Path) -> None:
    said = play("sms", "hola", "1", "me duele la garganta", "0", folder=store).splitlines()
    assert said[1].endswith("Responda: 1 Si, 2 No.")
    assert any("Responda los numeros, o 0 Nada de eso." in line for line in said)


def test_a_question_that_is_no_complaint_is_answered_before_anything_is_asked(store: Path) -> None:
    said = play("sms", "¿cuánto cuesta una ecografía?", "1", "no", folder=store)
    assert "No sé cuanto cuesta cada atencion." in said
    assert "No hay ningun pedido que enviar. No guardé nada." in said
    assert "¿Qué le pasa?" not in said


def test_baja_ends_and_the_next_message_begins_anew(store: Path) -> None:
    for stop in ("BAJA", "Stop", "baja."):
        said = play("sms", "hola", "1", COUGH, stop, "hola", folder=store).splitlines()
        assert "Terminamos. Borré lo que escribio aqui" in said[-3]
        assert "Acepta conversar" in said[-1]


def test_me_baja_la_presion_is_a_complaint_and_ends_nothing(store: Path) -> None:
    said = play("sms", "hola", "1", "me baja la presión y me mareo", folder=store)
    assert "Terminamos" not in said


def test_ayuda_helps_and_asks_the_same_again(store: Path) -> None:
    said = play("sms", "hola", "1", "AYUDA", folder=store)
    assert "BAJA termina y borra." in said
    assert said.count("¿Qué le pasa?") == 2


def test_an_emergency_in_the_first_sms_is_answered_before_any_consent(store: Path) -> None:
    first = play("sms", "no puedo respirar", folder=store).splitlines()[0]
    assert first.startswith("QHALI 1/4 GSM-7")
    assert "Llame ahora al 106" in first
    after = play("sms", "no puedo respirar", "1", folder=store)
    assert "¿Qué le pasa?" not in after  # it has been told


def test_bytes_that_are_no_text_and_control_characters_do_no_harm(store: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ayni", "qhali", "chat"],
        input=b"1\n\xff\xfe\x00 tengo tos \x1b[31m\n" + b"x" * 100_000 + b"\nno\n",
        env=os.environ | {"AYNI_VAR": str(store)},
        capture_output=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout


@pytest.mark.parametrize("command", ["chat", "sms"])
def test_help_has_examples(command: str, tmp_path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "ayni", "qhali", command, "--help"], stdout=subprocess.PIPE, check=True
    ).stdout.decode()
    assert f"ayni qhali {command}\n" in shown
