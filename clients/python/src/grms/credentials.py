"""Who the caller is and whom they trust: X.509 certificates and proxies, found where grid tools look for them."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Where authorities are when X509_CERT_DIR does not say.
GRID_AUTHORITIES = Path("/etc/grid-security/certificates")


class CredentialError(ValueError):
    """A setting is missing or half there, or a file it names cannot be used."""


@dataclass(frozen=True)
class Credential:
    """A certificate with its key, both PEM. For a proxy the two are one file, which also holds the chain."""

    certificate: Path
    key: Path

    @classmethod
    def proxy(cls, path: str | os.PathLike[str]) -> Credential:
        """An RFC 3820 proxy, as ``grid-proxy-init`` and ``voms-proxy-init -rfc`` write it."""
        return cls(Path(path), Path(path))

    @classmethod
    def find(cls, environment: Mapping[str, str] = os.environ) -> Credential:
        """The first of: ``X509_USER_PROXY``; ``X509_USER_CERT`` with ``X509_USER_KEY``; ``/tmp/x509up_u<uid>``;
        ``~/.globus/usercert.pem`` with ``userkey.pem``.

        Raises :class:`CredentialError` when there is none.
        """
        if proxy := environment.get("X509_USER_PROXY"):
            return cls.proxy(proxy)
        certificate, key = environment.get("X509_USER_CERT"), environment.get("X509_USER_KEY")
        if certificate and key:
            return cls(Path(certificate), Path(key))
        if certificate or key:
            missing = "X509_USER_KEY" if certificate else "X509_USER_CERT"
            raise CredentialError(f"{missing} is not set although its other half is; set both, or X509_USER_PROXY alone")
        usual = Path(f"/tmp/x509up_u{os.getuid()}")
        if usual.exists():
            return cls.proxy(usual)
        home = Path.home() / ".globus"
        if (home / "usercert.pem").exists():
            return cls(home / "usercert.pem", home / "userkey.pem")
        raise CredentialError(
            f"no credential found: X509_USER_PROXY, X509_USER_CERT and X509_USER_KEY are not set, "
            f"{usual} and {home}/usercert.pem are not there"
        )

    def check(self) -> None:
        """Raises :class:`CredentialError` when a file is missing or the two do not belong together."""
        try:
            ssl.create_default_context().load_cert_chain(self.certificate, self.key, password=_no_password)
        except OSError as error:
            raise CredentialError(f"{self.certificate} with {self.key} cannot be used: {error}") from error


def _no_password() -> str:
    raise CredentialError("the key is encrypted; make a proxy of it, or decrypt it with `openssl pkey`")


def authorities(given: str | os.PathLike[str] | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The file or hashed directory of trusted authorities: the one given, ``X509_CERT_DIR``, or the grid's usual place."""
    path = Path(given or environment.get("X509_CERT_DIR") or GRID_AUTHORITIES)
    if not path.exists():
        raise CredentialError(f"no trusted authorities: {path} is not there; set X509_CERT_DIR, or pass `authorities`")
    return path


def endpoint(given: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """The address of the service: the one given, or ``GRMS_ENDPOINT``."""
    address = given or environment.get("GRMS_ENDPOINT")
    if not address:
        raise CredentialError("no broker to ask: set GRMS_ENDPOINT, or pass `endpoint`, like https://HOST:8443/services/grms")
    return address
