"""TLS as a channel declares it: files named by settings, read and checked before anything starts."""

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from ayni.engine.connectors.contract import World
from ayni.wire.failure import CannotStart
from ayni.wire.tls import TlsFiles

log = structlog.get_logger()

NO_CERTIFICATE = "PEER_DID_NOT_RETURN_A_CERTIFICATE"
"""OpenSSL's word for a client that shows none where one is required."""

Certificate = Mapping[str, Any]
"""A verified certificate as `ssl` reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTls:
    """What a listener shows: the files of its certificate chain and key.

    With `ca`, the file of those who sign senders' certificates, every sender must show one. `crl` is the
    file of the certificates they have revoked since: a list of each of those signers, in PEM.
    """

    certificate: str
    key: str
    ca: str = ""
    crl: str = ""

    def open(self, world: World) -> "ListenerTls":
        """The files, read; raises CannotStart."""
        if self.crl and not self.ca:
            raise CannotStart("a crl needs a ca: without one no sender shows a certificate")
        files = TlsFiles(
            certificate=world.path(self.certificate),
            key=world.path(self.key),
            authority=_path(world, self.ca),
            revoked=_path(world, self.crl),
            is_client_certificate_required=bool(self.ca),
        )
        context = files.for_listener(world.now())
        context.sslobject_class = _Handshake
        return ListenerTls(files=files, context=context)


class _Handshake(ssl.SSLObject):
    """Says why a sender was let go: it hears little of that, and asyncio writes nothing down."""

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except ssl.SSLCertVerificationError as error:
            log.warning("certificate of a sender refused", reason=error.verify_message)
            raise
        except ssl.SSLError as error:
            if error.reason == NO_CERTIFICATE:
                log.warning("certificate of a sender refused", reason="none was shown")
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerTls:
    """TLS of a listener. Two of the same files can share a port."""

    files: TlsFiles
    context: ssl.SSLContext = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTls:
    """What a sender trusts and shows. Without `ca` it trusts whom the machine trusts."""

    ca: str = ""
    certificate: str = ""
    key: str = ""

    def open(self, world: World) -> ssl.SSLContext:
        """What the sender speaks TLS with; raises CannotStart."""
        if bool(self.certificate) != bool(self.key):
            raise CannotStart("declare certificate and key of a sender's tls, or none of them")
        files = TlsFiles(
            certificate=_path(world, self.certificate),
            key=_path(world, self.key),
            authority=_path(world, self.ca),
        )
        if files.authority is not None:
            return files.for_link(world.now())
        context = ssl.create_default_context()
        if files.certificate is not None:
            files.renew(context, world.now())
        return context


def names_in(certificate: Certificate) -> Iterator[str]:
    """Whom a verified certificate names: its DNS names, then its common name."""
    yield from (name for kind, name in certificate.get("subjectAltName", ()) if kind == "DNS")
    for names in certificate.get("subject", ()):
        yield from (value for kind, value in names if kind == "commonName")


def _path(world: World, template: str) -> Path | None:
    return world.path(template) if template else None
