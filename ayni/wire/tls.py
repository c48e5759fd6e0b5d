"""TLS for the listeners and links of a system: its certificate, its key, whom it trusts, and until when.

TLS 1.2 is the oldest version spoken (BCP 195). What cannot work is found at the start and said in one line.
"""

import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ayni.wire.failure import CannotStart
from ayni.wire.tls_validity import CERTIFICATE, REVOKED, NotACertificate, valid_until

SECONDS_PER_DAY = 86_400


class UnusableTls(CannotStart):
    """A certificate or key cannot be used; the text names the file and says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """PEM files: our certificate (with those above it) and its key, and the authority of whom we trust.

    A listener with an authority asks for a certificate and knows the peer by it; it talks to nobody without
    one where `is_client_certificate_required`. A link shows our certificate where there is one. `revoked` is
    for listeners: the list of revoked certificates (CRL) of each who signs those of peers.
    """

    certificate: Path | None = None
    key: Path | None = None
    authority: Path | None = None
    revoked: Path | None = None
    is_client_certificate_required: bool = False

    def for_listener(self, now: datetime) -> ssl.SSLContext:
        """What a listener speaks TLS with; raises UnusableTls."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.num_tickets = 0  # each connection proves its certificate anew
        context.options |= ssl.OP_NO_RENEGOTIATION
        if self.authority is not None:
            self._trust(context)
            self._refuse_revoked(context, now)
            context.verify_mode = ssl.CERT_OPTIONAL
        if self.is_client_certificate_required:
            _given(self.authority, "authority")
            context.verify_mode = ssl.CERT_REQUIRED
        self.renew(context, now)
        return context

    def for_link(self, now: datetime) -> ssl.SSLContext:
        """What a link speaks TLS with; it checks the listener's certificate and name. Raises UnusableTls."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._trust(context)
        if self.certificate is not None:
            self.renew(context, now)
        return context

    def renew(self, context: ssl.SSLContext, now: datetime) -> None:
        """Reads certificate and key, also again: connections made from now on use them, others live on."""
        certificate, key = _given(self.certificate, "certificate"), _given(self.key, "key")
        if _ends(certificate, "certificate") <= now:
            raise UnusableTls(f"TLS certificate {certificate} has expired: renew it")
        _read(key, "key")
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(certificate, key, password=_no_password)
        except ssl.SSLError as error:
            if error.reason == "KEY_VALUES_MISMATCH":
                raise UnusableTls(f"TLS key {key} is not the one of {certificate}: give the pair") from error
            raise UnusableTls(f"TLS key {key}: expected a PEM key without password") from error

    def _trust(self, context: ssl.SSLContext) -> None:
        authority = _given(self.authority, "authority")
        _ends(authority, "authority")
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_verify_locations(authority)
        except ssl.SSLError as error:
            raise UnusableTls(f"TLS authority {authority}: expected PEM certificates") from error

    def _refuse_revoked(self, context: ssl.SSLContext, now: datetime) -> None:
        """OpenSSL refuses every peer once a list has ended, so such a one is said before."""
        if self.revoked is None:
            return
        if _ends(self.revoked, "revocation list", REVOKED) <= now:
            raise UnusableTls(f"TLS revocation list {self.revoked} has ended: get the one that follows it")
        try:
            context.load_verify_locations(self.revoked)
        except ssl.SSLError as error:
            raise UnusableTls(f"TLS revocation list {self.revoked}: expected PEM lists") from error
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF


def days_left(file: Path, now: datetime) -> float:
    """Days until the first certificate or revocation list in a file ends, negative after it.

    Raises UnusableTls.
    """
    ends = _ends(file, "certificate", CERTIFICATE, REVOKED)
    return (ends - now).total_seconds() / SECONDS_PER_DAY


def _ends(path: Path, what: str, *labels: str) -> datetime:
    try:
        return valid_until(_read(path, what), *labels)
    except NotACertificate as error:
        raise UnusableTls(f"TLS {what} {path}: {error}") from error


def _read(path: Path, what: str) -> str:
    try:
        return path.read_text("latin_1")
    except OSError as error:
        raise UnusableTls(f"TLS {what} {path}: {error.strerror}; give a PEM file") from error


def _given(path: Path | None, what: str) -> Path:
    if path is None:
        raise UnusableTls(f"TLS needs a file for the {what}: give its path")
    return path


def _no_password() -> str:
    """Instead of asking at the terminal, where nobody may be."""
    return ""
