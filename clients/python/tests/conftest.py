"""A real broker: its address and the caller's credential come from the environment, as `scripts/test live clients` sets them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from grms import Client

from relay import Relay

DATE = """<grmsjob appid="date"><simplejob><executable type="single">
<file name="date" type="in"><url>file:////bin/date</url></file></executable></simplejob></grmsjob>"""

SLEEP = """<grmsjob appid="sleep"><simplejob><executable type="single">
<file name="sleep" type="in"><url>file:////bin/sleep</url></file>
<arguments><value>300</value></arguments></executable></simplejob></grmsjob>"""

BAD = """<grmsjob appid="bad"><simplejob><executable type="single" count="many">
<file name="date" type="in"><url>file:////bin/date</url></file>
<frobnicate/></executable></simplejob></grmsjob>"""


@pytest.fixture(scope="session", autouse=True)
def environment() -> None:
    """There is nothing to test without a broker."""
    missing = [name for name in ("GRMS_ENDPOINT", "X509_USER_CERT", "X509_USER_KEY", "X509_CERT_DIR") if name not in os.environ]
    assert not missing, f"{missing} not set: run `scripts/test live clients`, or `. SITE/client.env` of a running broker"


@pytest.fixture
def broker() -> Iterator[Client]:
    with Client() as client:
        yield client


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A cable between us and the broker that can be cut."""
    with Relay(os.environ["GRMS_ENDPOINT"]) as cable:
        yield cable


@pytest.fixture
def proxy(tmp_path: Path) -> Path:
    """An RFC 3820 proxy of the caller: certificate, key, chain in one file."""
    key, request, extensions, certificate = (tmp_path / name for name in ("key", "request", "extensions", "certificate"))
    extensions.write_text("proxyCertInfo=critical,language:id-ppl-inheritAll\nkeyUsage=critical,digitalSignature\n")
    owner = os.environ["X509_USER_CERT"]
    shown = ["openssl", "x509", "-in", owner, "-noout", "-subject", "-nameopt", "compat"]
    subject = subprocess.run(shown, check=True, capture_output=True, text=True).stdout.strip().removeprefix("subject=").strip()
    commands = [
        ["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", f"{subject}/CN=42"],
        ["openssl", "x509", "-req", "-in", request, "-CA", owner, "-CAkey", os.environ["X509_USER_KEY"], "-set_serial", "42"]
        + ["-days", "1", "-extfile", extensions, "-out", certificate],
    ]
    for command in commands:
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
    path = tmp_path / "proxy"
    path.touch(mode=0o600)
    path.write_text(certificate.read_text() + key.read_text() + Path(owner).read_text())
    return path
