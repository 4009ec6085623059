"""What goes wrong on the way: credentials, trust, broken connections."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from conftest import DATE
from grms import Client, Credential, CredentialError, SecurityFault, Unreachable
from relay import Relay


def test_a_proxy_is_as_good_as_its_owner(proxy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X509_USER_PROXY", str(proxy))
    with Client() as delegated:
        assert delegated.credential == Credential.proxy(proxy)
        job = delegated.submit(DATE)
        info = delegated.info(job.job_id)
    monkeypatch.delenv("X509_USER_PROXY")
    with Client() as owner:
        assert owner.info(job.job_id).user_dn == info.user_dn
        assert "42" not in info.user_dn


def test_a_lost_answer_makes_no_second_job(relay: Relay) -> None:
    with Client(relay.endpoint) as broker:
        before = set(broker.jobs())
        relay.lose_answers(1)
        job = broker.submit(DATE)
        assert relay.cuts == 1
        assert set(broker.jobs()) - before == {job.job_id}


def test_lost_answers_are_told_in_the_end(relay: Relay) -> None:
    with Client(relay.endpoint, tries=2) as broker:
        broker.describe()
        relay.lose_answers(2)
        with pytest.raises(Unreachable) as caught:
            broker.describe()
        assert caught.value.retryable and relay.cuts == 2
        assert broker.describe().version


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with Client(f"https://localhost:{port}/services/grms", tries=1) as broker, pytest.raises(Unreachable) as caught:
        broker.describe()
    assert caught.value.retryable and str(port) in str(caught.value)


def test_a_stranger_is_not_believed(tmp_path: Path) -> None:
    began = time.monotonic()
    with Client(authorities=os.environ["X509_USER_CERT"]) as broker, pytest.raises(Unreachable) as caught:
        broker.describe()
    assert not caught.value.retryable and time.monotonic() - began < 5


def test_settings_are_checked_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="X509_USER_KEY"):
        Credential.find({"X509_USER_CERT": "/c"})
    assert Credential.find({"X509_USER_CERT": "/c", "X509_USER_KEY": "/k"}) == Credential(Path("/c"), Path("/k"))
    assert Credential.find({"X509_USER_CERT": "/c", "X509_USER_PROXY": "/p"}) == Credential.proxy("/p")
    with pytest.raises(CredentialError, match="cannot be used"):
        Client(credential=Credential.proxy(tmp_path / "none"))
    with pytest.raises(CredentialError, match="not there"):
        Client(authorities=tmp_path / "none")


def test_an_address_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRMS_ENDPOINT")
    with pytest.raises(CredentialError, match="GRMS_ENDPOINT"):
        Client()


def test_a_caller_without_a_certificate_is_refused(broker: Client) -> None:
    broker._session.cert = None
    with pytest.raises(SecurityFault) as caught:
        broker.describe()
    assert caught.value.code == 201
