"""The blocking client against a real broker."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from conftest import BAD, DATE, SLEEP
from grms import (
    AttemptOutcome,
    Client,
    DescriptionFault,
    JobStatus,
    RequestFault,
    SecurityFault,
    Severity,
    StateFault,
    WaitTimeout,
)


def test_a_job_runs_to_its_end(broker: Client) -> None:
    submitted = broker.submit(DATE)
    assert submitted.status is JobStatus.QUEUED
    (info,) = broker.wait(submitted.job_id, timeout=60)
    assert info.status is JobStatus.FINISHED
    assert (info.job_id, info.app_id, info.exit_code) == (submitted.job_id, "date", 0)
    assert info.finish_time is not None and info.finish_time >= info.submission_time
    assert info.submission_time.tzinfo is timezone.utc
    assert abs(datetime.now(timezone.utc) - info.submission_time) < timedelta(minutes=5)
    assert info.last_attempt is not None and info.last_attempt.outcome is AttemptOutcome.DONE
    (attempt,) = broker.history(submitted.job_id)
    assert (attempt.number, attempt.outcome) == (1, AttemptOutcome.DONE)
    assert attempt.job_description is None or "date" in attempt.job_description


def test_the_same_request_id_is_the_same_job(broker: Client) -> None:
    first = broker.submit(DATE, request_id="one-and-the-same")
    again = broker.submit(DATE, request_id="one-and-the-same")
    assert again.job_id == first.job_id
    with pytest.raises(StateFault) as caught:
        broker.submit(SLEEP, request_id="one-and-the-same")
    assert (caught.value.code, caught.value.name) == (310, "REQUEST_ID_CONFLICT")
    assert broker.submit(DATE).job_id != broker.submit(DATE).job_id


def test_lists_come_page_by_page(broker: Client) -> None:
    mine = [broker.submit(DATE).job_id for _ in range(5)]
    broker.wait(*mine, timeout=60)
    listed = list(broker.jobs(page_size=2))
    assert listed[:5] == mine[::-1]
    assert len(set(listed)) == len(listed)
    assert set(mine) <= set(broker.jobs(JobStatus.FINISHED, JobStatus.FAILED))
    assert not set(mine) & set(broker.jobs(JobStatus.RUNNING))
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    assert list(broker.jobs(since=tomorrow)) == []
    with pytest.raises(ValueError, match="time zone"):
        list(broker.jobs(since=datetime.now()))


def test_a_list_is_fetched_only_as_far_as_it_is_read(broker: Client) -> None:
    newest = [broker.submit(DATE).job_id for _ in range(2)][-1]
    assert next(broker.jobs(page_size=1)) == newest


def test_everybodys_jobs_are_for_administrators(broker: Client) -> None:
    with pytest.raises(SecurityFault) as caught:
        list(broker.all_jobs())
    assert caught.value.code == 202


def test_a_bad_description_names_every_fault(broker: Client) -> None:
    with pytest.raises(DescriptionFault) as caught:
        broker.submit(BAD)
    fault = caught.value
    assert (fault.code, fault.name, fault.retryable) == (112, "DESC_INVALID", False)
    places = [(found.severity, found.line, found.path) for found in fault.diagnostics]
    assert places == [
        (Severity.ERROR, 1, "/grmsjob/simplejob/executable/@count"),
        (Severity.ERROR, 3, "/grmsjob/simplejob/executable/frobnicate"),
    ]
    assert str(fault).startswith("DESC_INVALID (112): ")
    verdict = broker.test(BAD)
    assert not verdict.valid and verdict.diagnostics == fault.diagnostics
    assert broker.test(DATE).valid


def test_an_unknown_job_is_a_state_fault(broker: Client) -> None:
    with pytest.raises(StateFault) as caught:
        broker.info("no-such-job")
    assert (caught.value.code, caught.value.job_id) == (301, "no-such-job")
    with pytest.raises(RequestFault) as refused:
        list(broker.jobs(page_size=-1))
    assert refused.value.code == 103


def test_a_job_is_canceled(broker: Client) -> None:
    job = broker.submit(SLEEP)
    with pytest.raises(WaitTimeout) as waited:
        broker.wait(job.job_id, timeout=0.5)
    assert [info.job_id for info in waited.value.jobs] == [job.job_id]
    assert broker.cancel(job.job_id) in set(JobStatus)
    (info,) = broker.wait(job.job_id, timeout=60)
    assert info.status is JobStatus.CANCELED


def test_resources_are_explained(broker: Client) -> None:
    found = broker.find_resources(DATE, explain=True)
    assert found.matches and found.matches[0].local_resource_manager == "fork"
    picky = DATE.replace("<simplejob>", "<simplejob><resource><hostname>nowhere.example.org</hostname></resource>")
    refused = broker.find_resources(picky, explain=True)
    assert refused.matches == () and refused.rejected[0].reason


def test_the_broker_describes_itself(broker: Client) -> None:
    description = broker.describe(full=True)
    assert description.version and "GJD1" in description.dialects
    assert description.limits["jobDefinitionBytes"] > 0
