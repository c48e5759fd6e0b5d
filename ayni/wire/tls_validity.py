"""Until when a certificate is valid: X.509 (RFC 5280, 4.1) read as far as its notAfter, and no further."""

import re
import ssl
from collections.abc import Iterator
from datetime import datetime

PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)

VERSION = 0xA0
"""The tag of the only field before the validity that may be absent."""
UTC_TIME = 0x17
"""Years of two digits, 1950 to 2049; later ones have four (4.1.2.5)."""
LONG_FORM = 0x80


class NotACertificate(ValueError):
    """The text holds no certificate that can be read."""


def valid_until(text: str) -> datetime:
    """When the first of the certificates in a PEM text ends; raises NotACertificate."""
    try:
        ends = [_not_after(ssl.PEM_cert_to_DER_cert(pem)) for pem in PEM.findall(text)]
    except (ValueError, IndexError) as error:
        raise NotACertificate("expected PEM certificates, found something else") from error
    if not ends:
        raise NotACertificate("expected PEM certificates, found none")
    return min(ends)


def _not_after(der: bytes) -> datetime:
    """Certificate > tbsCertificate > (version), serialNumber, signature, issuer, validity > notAfter."""
    (_, certificate), *_ = _fields(der)
    (_, to_be_signed), *_ = _fields(certificate)
    _, _, _, validity, *_ = (content for tag, content in _fields(to_be_signed) if tag != VERSION)
    _, (tag, moment) = _fields(validity)
    return _moment(tag, moment.decode("ascii"))


def _moment(tag: int, text: str) -> datetime:
    century = ("19" if text >= "5" else "20") if tag == UTC_TIME else ""
    return datetime.strptime(century + text, "%Y%m%d%H%M%S%z")


def _fields(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each element in `der`; raises ValueError or IndexError where it breaks off."""
    at = 0
    while at < len(der):
        tag, size = der[at], der[at + 1]
        at += 2
        if size & LONG_FORM:
            count = size & ~LONG_FORM
            size = int.from_bytes(der[at : at + count], "big")
            at += count
        if at + size > len(der):
            raise ValueError("an element is longer than what holds it")
        yield tag, der[at : at + size]
        at += size
