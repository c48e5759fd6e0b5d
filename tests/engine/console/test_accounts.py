"""Accounts: passwords made and shown once, kept as hashes (S-26); there is always an administrator."""

import stat
from datetime import datetime
from pathlib import Path

import pytest

from ayni.engine.console.access.accounts import AccountRefused, Accounts
from ayni.engine.console.access.roles import Role
from ayni.wire.clock import LIMA
from ayni.wire.failure import CannotStart

START = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path, lambda: START)


def reopened(folder: Path) -> Accounts:
    return Accounts(folder, lambda: START)


def test_the_first_start_makes_one_administrator_with_a_password_of_its_own(
    accounts: Accounts, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    reopened(tmp_path / "other")
    passwords = [(tmp_path / name / "operator-password").read_text() for name in ("", "other")]
    assert passwords[0] != passwords[1]
    (account,) = accounts.all()
    assert (account.name, account.role) == ("operador", Role.ADMINISTRATOR)
    assert accounts.is_password("operador", passwords[0].strip())


def test_a_password_opens_its_own_account_only(accounts: Accounts) -> None:
    password = accounts.add("rosa", Role.VIEWER)
    assert accounts.is_password("rosa", password)
    assert not accounts.is_password("operador", password)
    assert not accounts.is_password("rosa", password + "x")
    assert not accounts.is_password("nobody", "")


def test_the_file_holds_hashes_and_is_the_owners_alone(accounts: Accounts, tmp_path: Path) -> None:
    password = accounts.add("rosa", Role.VIEWER)
    file = tmp_path / "accounts.json"
    assert password not in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert reopened(tmp_path).is_password("rosa", password)


@pytest.mark.parametrize("name", ["", "a", "Rosa", "1rosa", "rosa perez", "rosa/..", "r" * 33, "ñandu"])
def test_a_name_is_short_and_plain(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountRefused, match="account-name"):
        accounts.add(name, Role.VIEWER)


def test_a_name_is_given_once(accounts: Accounts) -> None:
    with pytest.raises(AccountRefused, match="account-taken"):
        accounts.add("operador", Role.VIEWER)


def test_the_last_administrator_stays(accounts: Accounts) -> None:
    for change in (lambda: accounts.remove("operador"), lambda: accounts.set_role("operador", Role.VIEWER)):
        with pytest.raises(AccountRefused, match="account-last-administrator"):
            change()
    accounts.add("rosa", Role.ADMINISTRATOR)
    accounts.remove("operador")
    assert [each.name for each in accounts.all()] == ["rosa"]


def test_a_paper_that_opens_nothing_any_more_is_thrown_away(accounts: Accounts, tmp_path: Path) -> None:
    accounts.renew_password("operador")
    assert not (tmp_path / "operator-account.txt").exists()
    assert not (tmp_path / "operator-password").exists()
    assert reopened(tmp_path).all() == accounts.all()


def test_who_is_not_there_cannot_be_changed(accounts: Accounts) -> None:
    changes = (
        lambda: accounts.remove("rosa"),
        lambda: accounts.set_role("rosa", Role.VIEWER),
        lambda: accounts.renew_password("rosa"),
    )
    for change in changes:
        with pytest.raises(AccountRefused, match="account-unknown"):
            change()


def test_a_broken_file_keeps_the_engine_from_starting_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text("[{]", "ascii")
    with pytest.raises(CannotStart, match=r"accounts\.json.*put back a good copy"):
        reopened(tmp_path)


async def test_an_administrator_makes_changes_and_removes_accounts(engine, administrator):
    made = await administrator.post("/api/v1/accounts", {"name": "rosa", "role": "viewer"}, status=201)
    assert len(made["password"]) >= 32
    _, content = await administrator.raw("GET", "/api/v1/accounts")
    assert made["password"].encode() not in content
    status, found = await administrator.ask("PUT", "/api/v1/accounts/rosa/role", {"role": "operator"})
    assert {each["name"]: each["role"] for each in found["accounts"]} == {
        "administrator": "administrator",
        "operador": "administrator",
        "operator": "operator",
        "rosa": "operator",
        "viewer": "viewer",
    }
    status, found = await administrator.ask("DELETE", "/api/v1/accounts/rosa")
    assert (status, len(found["accounts"])) == (200, 4)


@pytest.mark.parametrize("change", ["password", "remove"])
async def test_a_session_ends_with_its_password_and_with_its_account(engine, administrator, browser, change):
    made = await administrator.post("/api/v1/accounts", {"name": "rosa", "role": "viewer"}, status=201)
    await browser.sign_in(made["password"], "rosa")
    await browser.page("/")
    if change == "password":
        await administrator.post("/api/v1/accounts/rosa/password")
    else:
        await administrator.ask("DELETE", "/api/v1/accounts/rosa")
    assert (await browser.get("/"))[0].status == 303
    assert (await browser.sign_in(made["password"], "rosa")).status == 403


async def test_a_program_is_turned_away_as_soon_as_its_password_is_an_old_one(operator, administrator):
    await operator.get("/api/v1/me")
    await administrator.post("/api/v1/accounts/operator/password")
    assert (await operator.ask("GET", "/api/v1/me"))[0] == 401


async def test_the_page_shows_a_new_password_once(signed_in):
    answer, page = await signed_in.sent("/cuentas", name="rosa", role="operator")
    assert answer.status == 200
    password = page.partition('<pre tabindex="0">')[2].partition("</pre>")[0]
    assert len(password) >= 32
    assert password not in await signed_in.page("/cuentas")
    answer = await signed_in.post("/cuentas/rosa/rol", role="viewer")
    assert answer.status == 303
    assert (await signed_in.post("/cuentas/rosa/quitar")).status == 303
    assert (await signed_in.post("/cuentas/administrator/quitar")).status == 303
    assert (await signed_in.post("/cuentas/operador/quitar")).status == 409
