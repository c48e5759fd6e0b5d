import stat
from pathlib import Path
from typing import Any

import pytest

from ayni.wire.pages import CONTENT_POLICY, page_settings


@pytest.fixture
def settings_of(tmp_path: Path) -> Any:
    def make(system: str) -> dict[str, Any]:
        return page_settings(
            system,
            f"ayni.{system}.site",
            file=tmp_path / system / "accounts.sqlite",
            folder=tmp_path,
            context=[],
            secret_key="test",
            host="10.0.0.7",
        )

    return make


def test_a_page_may_load_nothing_from_elsewhere_and_run_nothing(settings_of: Any) -> None:
    policy = settings_of("qhali")["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert policy == CONTENT_POLICY
    assert policy["default-src"] == ["'none'"]
    assert not any(source not in ("'none'", "'self'") for sources in policy.values() for source in sources)
    assert "script-src" not in policy


def test_pages_answer_to_their_own_names_only(settings_of: Any) -> None:
    assert settings_of("qhali")["ALLOWED_HOSTS"] == ["10.0.0.7", "127.0.0.1", "localhost"]


def test_systems_on_one_machine_keep_their_cookies_apart(settings_of: Any) -> None:
    one, other = settings_of("qhali"), settings_of("onevision")
    cookies = [each[name] for each in (one, other) for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")]
    assert len(set(cookies)) == 4


def test_only_the_owner_can_read_the_accounts(settings_of: Any, tmp_path: Path) -> None:
    file = settings_of("qhali")["DATABASES"]["default"]["NAME"]
    assert file == tmp_path / "qhali" / "accounts.sqlite"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
