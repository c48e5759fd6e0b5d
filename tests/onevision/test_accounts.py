import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from ayni.onevision.accounts import account, demo
from ayni.onevision.accounts.account import ROLES, AccountRefused, add_account
from ayni.onevision.accounts.staff import GROUP_BY_ROLE
from ayni.onevision.accounts.throttle import FAILURE_COUNT_MAX, NAMES_MAX, PAUSE, Throttle
from ayni.vocabulary.peru import is_test_dni
from ayni.wire.settings import SettingError


def test_every_role_has_one_demo_account(passwords):
    assert {person.role for person in demo.PEOPLE} == set(GROUP_BY_ROLE)
    assert set(passwords) == {person.username for person in demo.PEOPLE}


def test_passwords_are_made_by_chance(passwords):
    assert len(set(passwords.values())) == len(passwords)
    assert min(map(len, passwords.values())) >= 12


def test_the_file_is_for_its_owner_only(tmp_path: Path):
    path = tmp_path / "demo-accounts.txt"
    demo._write_private(path, "x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_accounts_are_made_once(record, tmp_path: Path):
    assert not demo.ensure_accounts(tmp_path).exists(), "accounts were there: no second set"


def test_every_role_can_be_given_at_the_terminal():
    assert set(ROLES.values()) == set(GROUP_BY_ROLE)


def test_an_account_needs_a_role_that_exists(tmp_path: Path):
    with pytest.raises(AccountRefused, match="write one of admision, enfermeria, medicina, jefatura"):
        add_account("rosa", "administrador", {"AYNI_VAR": str(tmp_path)})


def test_an_account_is_not_made_in_a_folder_without_a_record(tmp_path: Path):
    with pytest.raises(SettingError, match="write the folder that oneVisionCax runs with"):
        add_account("rosa", "jefatura", {"AYNI_VAR": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["admision", "ａdmision", "rosa pérez", "x" * 151, ""])
def test_an_account_needs_a_name_of_its_own_that_can_be_typed(record, name):
    with pytest.raises(AccountRefused):
        account._check_name(name)


@pytest.mark.parametrize("typed", [["corta", "corta"], ["una clave larga", "otra clave larga"]])
def test_a_password_is_long_and_typed_twice_alike(typed):
    answers = iter(typed)
    with pytest.raises(AccountRefused, match="password: "):
        account._password(lambda _: next(answers))


def test_a_new_account_has_its_role(record):
    user = account.create_account("tomas.diaz", ROLES["medicina"], "una clave larga")
    assert [group.name for group in user.groups.all()] == ["Medicina"]
    assert get_user_model().objects.get(username="tomas.diaz").check_password("una clave larga")


def test_demo_people_have_numbers_of_the_test_block():
    assert all(is_test_dni(person.dni) for person in demo.PEOPLE)


def test_the_throttle_counts_by_name_and_address(clock):
    throttle = Throttle()
    for _ in range(FAILURE_COUNT_MAX):
        throttle.failed("ana", "10.0.0.1", clock())
    assert throttle.is_paused("ana", "10.0.0.1", clock())
    assert not throttle.is_paused("ana", "10.0.0.2", clock())
    assert not throttle.is_paused("eva", "10.0.0.1", clock())
    assert not throttle.is_paused("ana", "10.0.0.1", clock() + PAUSE)


def test_the_right_password_ends_the_series(clock):
    throttle = Throttle()
    for _ in range(FAILURE_COUNT_MAX - 1):
        throttle.failed("ana", "a", clock())
    throttle.succeeded("ana", "a")
    throttle.failed("ana", "a", clock())
    assert not throttle.is_paused("ana", "a", clock())


def test_slow_failures_do_not_add_up(clock):
    throttle = Throttle()
    for number in range(FAILURE_COUNT_MAX + 2):
        throttle.failed("ana", "a", clock() + number * (PAUSE + timedelta(seconds=1)))
    assert not throttle.is_paused(
        "ana", "a", clock() + (FAILURE_COUNT_MAX + 1) * (PAUSE + timedelta(seconds=1))
    )


def test_invented_names_do_not_fill_the_memory(clock):
    throttle = Throttle()
    for number in range(NAMES_MAX + 5):
        throttle.failed(f"name-{number}", "a", clock())
    assert len(throttle._failures) == NAMES_MAX
