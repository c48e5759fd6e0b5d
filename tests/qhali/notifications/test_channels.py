"""Each channel as its partner sees it: what is in the message, how it is signed, what its answers mean."""

import re
import time
from datetime import timedelta

import pytest

from ayni.qhali.notifications.outlets.contract import Letter
from ayni.qhali.notifications.outlets.sms import CHARACTERS_MAX, sms_text
from ayni.vocabulary.request import State

from .partners import TOKENS, vapid_claims

REQUEST_ID = "QH-7M3K9XBT4D"
WORDS = ("PRUEBA", "Prueba", "María", "99000017", REQUEST_ID, "tosiendo", "fiebre", "Calquis", "CALQUIS")
BOOKED = "QHALI: tiene una cita el martes 24 de noviembre, 09:00. Vea el lugar en su página."
PAST_PAGE = timedelta(seconds=16)


async def book(telling, state_message) -> None:
    await telling.qhali.receive(
        state_message(1, State.RECEIVED),
        state_message(2, State.ACCEPTED),
        state_message(3, State.BOOKED, start="2026-11-24T09:00:00-05:00"),
    )


async def test_a_browser_reads_the_note_and_the_push_service_does_not(telling, state_message) -> None:
    telling.qhali.submit()
    telling.choose(push=telling.phone.subscription(telling.partners.origin))
    async with telling.at_work() as postman:
        await book(telling, state_message)
        await telling.after(postman, PAST_PAGE)
        await telling.until(lambda: len(telling.partners.of("/push/one")) == 3)
    pushed = {telling.phone.read(each.body)["text"]: each for each in telling.partners.of("/push/one")}
    assert BOOKED in pushed
    sent = pushed[BOOKED]
    assert (sent.headers["Content-Encoding"], sent.headers["Urgency"]) == ("aes128gcm", "normal")
    assert int(sent.headers["TTL"]) > 0
    assert re.fullmatch(r"[0-9a-f]{32}", sent.headers["Topic"])
    claims = vapid_claims(sent.headers["Authorization"])
    assert (claims["aud"], claims["sub"]) == (telling.partners.origin, "mailto:red@qhali.example")
    assert timedelta() < timedelta(seconds=claims["exp"] - time.time()) < timedelta(days=1)
    assert b"cita" not in sent.body


async def test_a_letter_says_no_more_than_a_locked_screen_may(telling, state_message) -> None:
    telling.qhali.submit()
    telling.choose(email="maria@ejemplo.pe")
    async with telling.at_work() as postman:
        await book(telling, state_message)
        await telling.after(postman, PAST_PAGE)
        await telling.until(lambda: len(telling.partners.letters) == 3)
    letter = next(each for each in telling.partners.letters if BOOKED in each.get_content())
    assert (letter["To"], letter["From"]) == ("maria@ejemplo.pe", "avisos@qhali.example")
    assert letter["Subject"] == "QHALI: un aviso para usted"
    assert "https://qhali.example" in letter.get_content()
    assert [word for each in telling.partners.letters for word in WORDS if word in each.as_string()] == []


async def test_an_sms_is_one_and_in_the_alphabet_of_telephones(telling, state_message) -> None:
    telling.qhali.submit()
    telling.choose(sms="987 654 321")
    async with telling.at_work() as postman:
        await book(telling, state_message)
        await telling.after(postman, PAST_PAGE)
        await telling.until(lambda: len(telling.partners.of("/sms")) == 3)
    (sent,) = [each for each in telling.partners.of("/sms") if "cita" in each.json["text"]]
    assert sent.headers["Authorization"] == f"Bearer {TOKENS['sms']}"
    assert sent.headers["Idempotency-Key"] == sent.json["id"]
    assert sent.json["to"] == "+51987654321"
    assert sent.json["text"] == BOOKED.replace("á", "a")
    assert [word for word in WORDS if word in sent.json["text"]] == []


async def test_whatsapp_gets_an_approved_template_with_one_blank(telling, state_message) -> None:
    telling.qhali.submit()
    telling.choose(whatsapp="+51 987654321")
    async with telling.at_work() as postman:
        await book(telling, state_message)
        await telling.after(postman, PAST_PAGE)
        await telling.until(lambda: len(telling.partners.of("/whatsapp")) == 3)
    templates = [each.json["template"] for each in telling.partners.of("/whatsapp")]
    assert {each["name"] for each in templates} == {"qhali_aviso"}
    assert [{"type": "text", "text": BOOKED}] in [each["components"][0]["parameters"] for each in templates]
    assert telling.partners.of("/whatsapp")[0].json["to"] == "51987654321"


async def test_a_reminder_carries_its_three_answers_to_every_channel(telling, state_message) -> None:
    telling.qhali.submit()
    push = telling.phone.subscription(telling.partners.origin)
    telling.choose(whatsapp="987654321", sms="987654321", push=push)
    await telling.qhali.receive(
        state_message(1, State.RECEIVED),
        state_message(2, State.ACCEPTED),
        state_message(3, State.BOOKED, start="2026-11-28T09:00:00-05:00"),
    )
    telling.board.seen(REQUEST_ID)
    async with telling.at_work() as postman:
        await telling.after(postman, timedelta(days=2))
        await telling.after(postman, PAST_PAGE)
        await telling.until(lambda: telling.partners.of("/whatsapp"))
        await telling.after(postman, timedelta(hours=3))
        await telling.until(lambda: telling.partners.of("/sms"))
        await telling.after(postman, timedelta(hours=3))
        await telling.until(lambda: telling.partners.of("/push/one"))
    (whatsapp,), (sms,), (note,) = map(telling.partners.of, ("/whatsapp", "/sms", "/push/one"))
    buttons = whatsapp.json["template"]["components"][1:]
    payloads = [each["parameters"][0]["payload"] for each in buttons]
    assert [payload.partition(":")[2] for payload in payloads] == ["confirm", "change", "cannot"]
    assert sms.json["text"].endswith("Responda: 1 Si, iré, 2 Otra fecha, 3 No puedo ir.")
    read = telling.phone.read(note.body)
    assert [each["action"] for each in read["actions"]] == ["confirm", "change", "cannot"]
    assert read["token"] == payloads[0].partition(":")[0]


async def test_only_declared_push_services_are_ever_asked(telling) -> None:
    telling.qhali.submit()
    with pytest.raises(ValueError, match="servicio de avisos"):
        telling.choose(push=telling.phone.subscription("http://169.254.169.254"))
    assert telling.qhali.rows("select * from contact") == []


@pytest.mark.parametrize(
    ("channel", "typed"),
    [
        ("email", "maria"),
        ("email", "maria@ejemplo.pe\nBcc: otro@ejemplo.pe"),
        ("sms", "076123456"),
        ("whatsapp", "98765432"),
        ("push", "{}"),
        ("push", '{"endpoint": "https://x.example", "keys": {"p256dh": "AA", "auth": "AA"}}'),
    ],
)
def test_an_address_that_nothing_can_be_sent_to_is_not_kept(telling, channel: str, typed: str) -> None:
    telling.qhali.submit()
    with pytest.raises(ValueError, match=r"Revise|navegador"):
        telling.choose(**{channel: typed})
    assert telling.qhali.rows("select * from contact") == []


def test_every_sentence_for_outside_fits_one_sms(telling) -> None:
    from ayni.qhali.notifications.clocks import clocks
    from ayni.qhali.notifications.outside import outside

    start = telling.qhali.clock().replace(day=25)
    texts = [text for state in State if (text := outside(state, start))]
    longest = "QHALI: su cita es el miércoles 25 de noviembre, 09:30. ¿Podrá ir?"
    asked = [(each.outside, each.asks) for each in clocks().clock] + [(longest, "appointment")]
    letters = [*((text, None) for text in texts), *asked]
    for text, asks in letters:
        letter = Letter(
            id="1", address="", kind="", text=text, token="", asks=asks, is_urgent=False, at=start
        )
        assert sms_text(letter)[-1] in ".?", text
        assert len(sms_text(letter)) < CHARACTERS_MAX, text
