"""Until when a certificate or a list of revoked ones is valid: X.509 (RFC 5280) read so far, no further.

A certificate says notAfter (4.1.2.5), a list nextUpdate (5.1.2.5), which RFC 5280 demands of who issues it.
"""

import base64
import re
from collections.abc import Iterator
from datetime import datetime

CERTIFICATE, REVOKED = "CERTIFICATE", "X509 CRL"
PEM = re.compile(rf"-----BEGIN ({CERTIFICATE}|{REVOKED})-----(.+?)-----END \1-----", re.DOTALL)

VERSION = 0xA0
"""The tag of the only field before the validity that may be absent."""
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
"""Years of two digits, 1950 to 2049; later ones have four (4.1.2.5)."""
LONG_FORM = 0x80


ENDS = {CERTIFICATE: "certificates", REVOKED: "lists of revoked certificates"}
"""What is read, by its label in PEM."""


class NotACertificate(ValueError):
    """The text holds nothing of its kind that can be read."""


def valid_until(text: str, *labels: str) -> datetime:
    """When the first of what has these labels (certificates, if none is given) in a PEM text ends.

    Raises NotACertificate.
    """
    labels = labels or (CERTIFICATE,)
    expected = "expected PEM " + " or ".join(ENDS[label] for label in labels)
    try:
        ends = [_end(label, base64.b64decode(body)) for label, body in PEM.findall(text) if label in labels]
    except (ValueError, IndexError) as error:
        raise NotACertificate(f"{expected}, found something else") from error
    if not ends:
        raise NotACertificate(f"{expected}, found none")
    return min(ends)


def _end(label: str, der: bytes) -> datetime:
    return _not_after(der) if label == CERTIFICATE else _next_update(der)


def _not_after(der: bytes) -> datetime:
    """Certificate > tbsCertificate > (version), serialNumber, signature, issuer, validity > notAfter."""
    (_, certificate), *_ = _fields(der)
    (_, to_be_signed), *_ = _fields(certificate)
    _, _, _, validity, *_ = (content for tag, content in _fields(to_be_signed) if tag != VERSION)
    _, (tag, moment) = _fields(validity)
    return _moment(tag, moment.decode("ascii"))


def _next_update(der: bytes) -> datetime:
    """CertificateList > tbsCertList > (version), signature, issuer, thisUpdate, nextUpdate."""
    (_, signed), *_ = _fields(der)
    (_, to_be_signed), *_ = _fields(signed)
    times = [each for each in _fields(to_be_signed) if each[0] in (UTC_TIME, GENERALIZED_TIME)]
    _, (tag, moment) = times
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
