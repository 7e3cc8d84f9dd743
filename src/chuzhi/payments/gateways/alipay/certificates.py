"""Certificate mode: the serial numbers that Alipay counts by, and which certificates can be believed."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

RSA_SIGNATURES = "1.2.840.113549.1.1."
LONGEST_CHAIN = 5


def serial_number(certificate: x509.Certificate) -> str:
    """Alipay's name for a certificate: MD5 of its issuer, the most specific part first, and its number in decimals."""
    named = certificate.issuer.rfc4514_string() + str(certificate.serial_number)
    return hashlib.md5(named.encode(), usedforsecurity=False).hexdigest()


def root_serial_number(roots: Iterable[x509.Certificate]) -> str:
    """Of all roots with an RSA signature; the others, of Chinese algorithms, are left out."""
    return "_".join(serial_number(root) for root in roots if _is_rsa(root))


def public_key(certificate: x509.Certificate) -> RSAPublicKey:
    """Raises ValueError for another kind of key."""
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise ValueError("The certificate's key is not an RSA key.")  # it is what was given that is wrong
    return key


def is_trusted(chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], *, at: datetime) -> bool:
    """Whether the first of the chain leads to one of the roots, each link signed by the next and in force.

    A chain may come without its root, and in any order.
    """
    if not chain or not _is_in_force(chain[0], at):
        return False
    link = chain[0]
    for _step in range(LONGEST_CHAIN):
        if any(link == root or _is_issued_by(link, root, at) for root in roots):
            return True
        above = next((each for each in chain[1:] if each != link and _is_issued_by(link, each, at)), None)
        if above is None:
            return False
        link = above
    return False


def owner(certificate: x509.Certificate) -> str:
    """The organization that it was made out to."""
    names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(names[0].value) if names else ""


def _is_rsa(certificate: x509.Certificate) -> bool:
    return certificate.signature_algorithm_oid.dotted_string.startswith(RSA_SIGNATURES)


def _is_in_force(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
    try:
        issuer_may = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature):
        return False
    return issuer_may and _is_in_force(issuer, at)
