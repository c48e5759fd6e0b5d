"""A conversation that nobody sent goes by itself, a day after its last word; so does a session that ended."""

import asyncio
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from yarl import URL

from ayni.qhali.site.abandoned import forget_abandoned
from tests.qhali.conftest import Browser

HOUR = timedelta(hours=1)


async def look(qhali) -> None:
    """One look."""
    looking = asyncio.create_task(forget_abandoned(qhali.parts.drafts, now=qhali.clock))
    await asyncio.sleep(0.2)
    looking.cancel()
    await asyncio.wait([looking])


async def test_what_was_not_sent_is_forgotten_a_day_after_its_last_word(qhali) -> None:
    sent = qhali.submit("me duele la cabeza")
    qhali.clock.advance(24 * HOUR)
    draft_id = qhali.parts.drafts.start()
    qhali.clock.advance(23 * HOUR)
    qhali.parts.drafts.answer(draft_id, 1, "tengo una bola en el cuello")
    qhali.clock.advance(24 * HOUR)
    await look(qhali)
    assert qhali.parts.drafts.read(draft_id) is not None
    qhali.clock.advance(HOUR)
    await look(qhali)
    assert qhali.parts.drafts.read(draft_id) is None
    files = qhali.database.path.parent.glob(f"{qhali.database.path.name}*")
    assert b"bola en el cuello" not in b"".join(path.read_bytes() for path in files)
    assert qhali.parts.rights.kept(sent).said[0].text == "me duele la cabeza"


async def test_a_session_that_has_ended_leaves_no_row(browser: Browser, qhali) -> None:
    await browser.open("/")
    await browser.submit("consent-form")
    still_open = browser.http.cookie_jar.filter_cookies(URL(browser.url))[settings.SESSION_COOKIE_NAME].value
    ended = await asyncio.to_thread(ended_session)
    await look(qhali)
    assert not await asyncio.to_thread(SessionStore().exists, ended)
    assert await asyncio.to_thread(SessionStore().exists, still_open)


def ended_session() -> str:
    """The key of a session whose time is over."""
    session = SessionStore()
    session["draft"] = "x"
    session.set_expiry(-1)
    session.save()
    assert session.exists(session.session_key)
    return str(session.session_key)
