"""Which ways out are open: what the operator declares in one TOML file.

Without the file, or without a section, the channel is closed and the citizen is told so. Test traffic opens
only ways that stay on this machine: an invented person has no real telephone.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import msgspec

from ayni.qhali.notifications.outlets.contract import Outlet
from ayni.qhali.notifications.outlets.mail import Mail, Security
from ayni.qhali.notifications.outlets.sms import Sms
from ayni.qhali.notifications.outlets.staff import StaffMail
from ayni.qhali.notifications.outlets.whatsapp import WhatsApp
from ayni.qhali.notifications.quiet_hours import QuietHours
from ayni.wire.clock import Now, real_now
from ayni.wire.settings import SettingError, tcp_address, web_address

PUSH_SERVICES = (
    "https://fcm.googleapis.com",
    "https://updates.push.services.mozilla.com",
    "https://web.push.apple.com",
)
"""The push services of Chrome, Firefox and Safari."""
NAME = "AYNI_QHALI_NOTICES"


class PushDeclared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`contact` is whom a push service writes to, `mailto:` or `https:` (RFC 8292)."""

    contact: str
    services: tuple[str, ...] = PUSH_SERVICES


class MailDeclared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mail server."""

    address: str
    sender: str
    security: Security = "starttls"
    user: str = ""
    password_file: str = ""
    ca: str = ""


class StaffDeclared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who reads by e-mail that somebody of the staff is late."""

    address: str


class GatewayDeclared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gateway. The token opens it; with the secret it signs what it reports."""

    url: str
    token_file: str
    secret_file: str


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. `page` is the address where citizens open QHALI."""

    page: str = ""
    quiet_from: str = "21:00"
    quiet_until: str = "07:00"
    push: PushDeclared | None = None
    email: MailDeclared | None = None
    sms: GatewayDeclared | None = None
    whatsapp: GatewayDeclared | None = None
    staff: StaffDeclared | None = None

    @property
    def quiet(self) -> QuietHours:
        """The quiet hours; raises SettingError."""
        try:
            return QuietHours(time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_until))
        except ValueError as error:
            raise SettingError(f"{NAME}: write quiet_from and quiet_until as HH:MM") from error


@dataclass(frozen=True, slots=True)
class Outlets:
    """The open ways out by channel, and what the pages and the gateways' reports need of them.

    `staff` is the way to the staff, None where none is declared.
    """

    by_channel: Mapping[str, Outlet] = field(default_factory=dict)
    quiet: QuietHours = Declared().quiet
    push_key: str = ""
    accepts_push: Callable[[str], bool] = lambda subscription: False
    secrets: Mapping[str, str] = field(default_factory=dict)
    staff: StaffMail | None = None


def read_declared(path: Path | None) -> Declared:
    """What the file says, everything closed without one; raises SettingError with the place."""
    if path is None:
        return Declared()
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Declared)
    except (OSError, ValueError) as error:  # msgspec's and tomllib's errors are ValueErrors
        raise SettingError(f"{NAME}: {path.name}: {error}") from error


def open_outlets(
    declared: Declared, http: aiohttp.ClientSession, folder: Path, *, is_test: bool, now: Now = real_now
) -> Outlets:
    """Opens what is declared; raises CannotStart."""
    if is_test:
        _check_stays_here(declared)
    opened: dict[str, Outlet] = {}
    push_key, accepts = "", Outlets().accepts_push
    if declared.push:
        from ayni.qhali.notifications.outlets.push import WebPush, read_or_create_key

        push = WebPush(
            http,
            read_or_create_key(folder / "push-key.pem"),
            contact=declared.push.contact,
            services=declared.push.services,
            now=now,
        )
        opened["push"], push_key, accepts = push, push.public_key, push.accepts
    mail = _mail(declared.email, declared.page) if declared.email else None
    if mail:
        opened["email"] = mail
    secrets = {}
    for channel, gateway, kind in _gateways(declared):
        url = web_address(gateway.url, f"{NAME}: {channel}.url")
        opened[channel] = kind(http, url, _secret(gateway.token_file))
        secrets[channel] = _secret(gateway.secret_file)
    return Outlets(opened, declared.quiet, push_key, accepts, secrets, _staff(declared.staff, mail))


def _staff(declared: StaffDeclared | None, mail: Mail | None) -> StaffMail | None:
    if declared is None:
        return None
    if mail is None or "@" not in declared.address:
        raise SettingError(f"{NAME}: staff.address: an e-mail address, and [email] to write to it by")
    return StaffMail(mail, declared.address)


def _gateways(
    declared: Declared,
) -> list[tuple[str, GatewayDeclared, type[Sms] | type[WhatsApp]]]:
    both = (("sms", declared.sms, Sms), ("whatsapp", declared.whatsapp, WhatsApp))
    return [(channel, gateway, kind) for channel, gateway, kind in both if gateway is not None]


def _mail(declared: MailDeclared, page: str) -> Mail:
    host, port = tcp_address(declared.address, f"{NAME}: email.address")
    if declared.security == "none" and not _is_here(host):
        raise SettingError(f"{NAME}: email.security: none only on this machine itself")
    return Mail(
        host=host,
        port=port,
        sender=declared.sender,
        security=declared.security,
        user=declared.user,
        password=_secret(declared.password_file) if declared.password_file else "",
        context=ssl.create_default_context(cafile=declared.ca or None),
        page=page,
    )


def _secret(path: str) -> str:
    try:
        secret = Path(path).read_text("ascii").strip()
    except (OSError, ValueError) as error:
        raise SettingError(f"{NAME}: the secret file {Path(path).name} cannot be read") from error
    if not secret:
        raise SettingError(f"{NAME}: the secret file {Path(path).name} is empty")
    return secret


def _check_stays_here(declared: Declared) -> None:
    hosts = [urlsplit(origin).hostname or "" for origin in (declared.push.services if declared.push else ())]
    hosts += [urlsplit(gateway.url).hostname or "" for _, gateway, _ in _gateways(declared)]
    if declared.email:
        hosts.append(declared.email.address.rpartition(":")[0])
    if not all(map(_is_here, hosts)):
        raise SettingError(f"{NAME}: test traffic sends nothing outside this machine; write 127.0.0.1")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
