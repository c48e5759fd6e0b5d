"""What holds for every page of the record: who may look, what a page leaks, what goes wrong in Spanish."""

import re
from dataclasses import replace

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.test import Client

from ayni.onevision.intakes import pages as intakes
from ayni.onevision.site.configuration import HERE

PAGE = "/pedidos/QH-7M3K9XBT4D/"
NINE = "slot-00004576-202611240900"


@pytest.mark.parametrize("address", ["/", PAGE, "/envios"])
def test_nobody_looks_without_signing_in(record, received, address):
    received()
    answer = Client().get(address)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/entrar")


def test_an_account_without_a_role_sees_nothing(record, received):
    received()
    user, _ = get_user_model().objects.get_or_create(username="nadie")
    client = Client()
    client.force_login(user)
    answer = client.get(PAGE)
    assert answer.status_code == 403
    assert "PRUEBA" not in answer.content.decode()


def test_another_host_is_refused_in_spanish(record):
    answer = Client().get("/", headers={"host": "otro.example"})
    assert answer.status_code == 400
    assert "La dirección o los datos no son válidos" in answer.content.decode()
    assert f"Código de esta página: {answer['X-Request-Id']}" in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [(PermissionDenied, 403, "Usted no puede entrar"), (RuntimeError, 500, "Algo falló en el sistema")],
)
def test_what_goes_wrong_is_said_in_spanish(browser, monkeypatch, error, status, text):
    def fail(http):
        raise error

    monkeypatch.setattr(intakes, "staff_of", fail)
    client = browser("admision")
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == status
    assert text in answer.content.decode()


def test_a_form_without_its_token_is_refused(record, received):
    received()
    client = Client(enforce_csrf_checks=True)
    client.force_login(get_user_model().objects.get(username="admision"))
    answer = client.post(PAGE + "abrir")
    assert answer.status_code == 403
    assert "El formulario venció" in answer.content.decode()


@pytest.mark.parametrize("action", ["abrir", "citar", "rechazar"])
def test_an_address_that_only_takes_a_form_answers_with_a_page_and_the_way_back(browser, received, action):
    received()
    answer = browser("admision").get(PAGE + action)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Esta dirección no se abre sola. Use los botones de la página." in answer.content.decode()
    assert f'href="{PAGE}"' in answer.content.decode()


@pytest.mark.parametrize("address", ["/", "/listas/citas/", PAGE, "/envios"])
def test_a_page_can_be_asked_for_its_headers_only(browser, received, address):
    received()
    answer = browser("admision").head(address)
    assert (answer.status_code, answer.content) == (200, b"")


def test_only_a_demonstration_says_that_its_people_are_invented(browser, record):
    client = browser("admision")
    assert "personas inventadas" in client.get("/").content.decode()
    settings.RECORD = replace(record, processing_id="P")
    assert "personas inventadas" not in client.get("/").content.decode()


def test_places_are_written_as_people_write_them(browser, received):
    received()
    text = browser("admision").get(PAGE).content.decode()
    assert "Calquis · vive en Calquis" in text


def test_a_person_without_a_name_is_called_by_their_account(browser, record):
    user, _ = get_user_model().objects.get_or_create(username="rosa.perez")
    user.groups.add(Group.objects.get(name="Jefatura"))
    assert "rosa.perez · Jefatura" in browser("rosa.perez").get("/").content.decode()


def test_every_page_stays_out_of_caches_and_runs_no_script(browser, received):
    received()
    client = browser("admision")
    for address in ("/", PAGE, "/envios", "/pedidos/QH-0000000000/", "/no-existe"):
        answer = client.get(address)
        assert answer["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "script" not in answer["Content-Security-Policy"]
        assert f"Código de esta página: {answer['X-Request-Id']}" in answer.content.decode()
        assert "<script" not in answer.content.decode()


def test_a_title_names_no_patient(browser, received):
    received()
    assert (
        "PRUEBA" not in re.search("<title>(.*?)</title>", browser("admision").get(PAGE).content.decode())[1]
    )


def test_no_text_of_the_style_is_smaller_than_fourteen_pixels():
    sizes = re.findall(
        r"font(?:-size)?: (\d*\.?\d+)r?em", (HERE / "static" / "onevision.css").read_text("utf-8")
    )
    assert min(map(float, sizes)) * 16 >= 14


def test_the_style_is_served_from_here(record):
    assert Client().get("/static/onevision.css").status_code == 200


def test_what_a_stranger_wrote_is_shown_as_text(browser, listener, srm):
    listener.receive(srm().replace(b"Tos con flema desde", b"<script>alert(1)</script>"))
    raw = browser("admision").get(PAGE).content.decode()
    assert "<script>" not in raw
    assert "&lt;script&gt;" in raw


def test_no_patient_data_is_logged_by_pages(browser, received, capfd):
    received()
    client = browser("admision")
    client.post(PAGE + "citar", {"slot": NINE, "version": "1"})
    client.post(PAGE + "inasistencia", {"version": "3"})
    logged = "".join(capfd.readouterr())
    assert "too-early" in logged
    assert not [word for word in ("MARÍA", "PRUEBA", "99000017") if word in logged]
