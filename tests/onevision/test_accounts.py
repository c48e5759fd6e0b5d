import stat
from datetime import timedelta
from pathlib import Path

from ayni.onevision.accounts import demo
from ayni.onevision.accounts.staff import GROUP_BY_ROLE
from ayni.onevision.accounts.throttle import FAILURE_COUNT_MAX, NAMES_MAX, PAUSE, Throttle
from ayni.vocabulary.peru import is_test_dni


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
