"""What each role may do: every route with every role, from the tables the routes are made of."""

import re

import pytest

from ayni.engine.console.access.roles import Role
from ayni.engine.console.api.operations import OPERATIONS
from ayni.engine.console.app import PAGES

ROLES = ("stranger", "viewer", "operator", "administrator")
OPEN = {"/health", "/static", "/acceso", "/salir", "/idioma"}
EVERY = (*OPERATIONS, *PAGES)
OPERATORS = """
    start stop drain drain-destination pause resume
    requeue requeue-many set-aside set-aside-many replay edit-and-resend
    export original hold
    page-start page-stop page-drain page-pause page-resume page-requeue page-set-aside page-confirm
    page-decide-many page-replay page-edit page-edit-and-resend page-hold page-hold-one page-export
"""
ADMINISTRATORS = """
    deploy lift-hold audit audit-verification
    accounts account-add account-remove account-role account-password
    page-deploy page-lift-hold page-audit page-verification
    page-accounts page-account-add page-account-remove page-account-role page-account-password
"""
SEARCHES = """
    search held-messages page-held begin-text-search cancel-text-search
    page-messages-by-document page-begin-text-search page-cancel-text-search page-go-on-with-text-search
"""
"""What a viewer sends: nothing of it changes anything."""


def address_of(path: str) -> str:
    """An address of the route that names nothing there is."""
    return re.sub(r"\{\w+(:row)?\}", lambda found: "999" if found[1] else "nosuch", path)


def may(role: str, needed: Role) -> bool:
    return role != "stranger" and Role(role).includes(needed)


def test_a_role_includes_those_before_it() -> None:
    assert [[a.includes(b) for b in Role] for a in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


@pytest.mark.parametrize("role", ROLES)
async def test_every_route_opens_for_its_roles_and_for_nobody_else(program_of, role) -> None:
    program = program_of(role)
    wrong = []
    for each in EVERY:
        answer, _ = await program.raw(each.method, address_of(each.path))
        was_turned_away = answer.status in (401, 403) or answer.headers.get("Location") == "/acceso"
        if was_turned_away is may(role, each.role):
            wrong.append((role, each.method, each.path, answer.status))
        assert answer.status < 500, each
    assert wrong == []


def test_every_route_is_in_a_table_or_open_on_purpose() -> None:
    from ayni.engine.console.app import _routes

    class Anything:
        def __getattr__(self, name: str) -> "Anything":
            return self

    routes = _routes(Anything())  # type: ignore[arg-type]
    paths = {route.path for route in routes}  # type: ignore[attr-defined]
    assert paths - {each.path for each in EVERY} == OPEN


def test_who_may_what_is_this_list() -> None:
    """The matrix above follows the tables; this says what must stand in them."""
    found = {role: {each.name for each in EVERY if each.role is role} for role in Role}
    assert found[Role.OPERATOR] == set(OPERATORS.split())
    assert found[Role.ADMINISTRATOR] == set(ADMINISTRATORS.split())
    changing = {each.name for each in EVERY if each.method != "GET"}
    assert found[Role.VIEWER] & changing == set(SEARCHES.split())


async def test_who_is_turned_away_is_told_what_to_do_and_it_is_written_down(viewer, administrator) -> None:
    told = await viewer.post("/api/v1/channels/intake_to_ehr/stop", status=403)
    assert (told["code"], told["detail"] != "") == ("not-allowed", True)
    (entry, *_) = (await administrator.get("/api/v1/audit"))["entries"]
    assert (entry["who"], entry["action"], entry["details"]) == ("viewer", "denied", {"operation": "stop"})


async def test_a_role_that_was_taken_away_opens_nothing_from_the_next_request_on(
    engine, operator, administrator
) -> None:
    await operator.post("/api/v1/channels/intake_to_ehr/stop")
    await administrator.ask("PUT", "/api/v1/accounts/operator/role", {"role": "viewer"})
    await operator.post("/api/v1/channels/intake_to_ehr/start", status=403)


async def test_a_viewer_sees_no_button_that_would_be_refused(engine, browser, administrator, refuses) -> None:
    await refuses()
    made = await administrator.post("/api/v1/accounts", {"name": "rosa", "role": "viewer"}, status=201)
    await browser.sign_in(made["password"], "rosa")
    for path in ("/canales/state_to_qhali", "/mensajes/1", "/detenidos"):
        page = await browser.page(path)
        targets = set(re.findall(r'method="post" action="([^"]*)"', page))
        assert targets <= {"/salir", "/idioma"}, path
        assert "/cuentas" not in page
