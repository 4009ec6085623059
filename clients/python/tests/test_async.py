"""The client that does not block against a real broker. The messages are the blocking client's: what differs is how they travel."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from conftest import BAD, DATE, SLEEP
from grms import AsyncClient, Credential, DescriptionFault, JobStatus, SecurityFault, StateFault, Unreachable, WaitTimeout
from relay import Relay


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 120))


def test_jobs_run_side_by_side() -> None:
    async def work() -> None:
        async with AsyncClient() as broker:
            jobs = await asyncio.gather(*(broker.submit(DATE) for _ in range(5)))
            ids = [job.job_id for job in jobs]
            ended = await broker.wait(*ids, timeout=60)
            assert [info.job_id for info in ended] == ids
            assert {info.status for info in ended} == {JobStatus.FINISHED}
            assert set(ids) <= {job_id async for job_id in broker.jobs(JobStatus.FINISHED, page_size=2)}
            assert len(await broker.history(ids[0])) == 1

    run(work())


def test_faults_have_their_kinds() -> None:
    async def work() -> None:
        async with AsyncClient() as broker:
            with pytest.raises(DescriptionFault) as refused:
                await broker.submit(BAD)
            assert len(refused.value.diagnostics) == 2
            assert not (await broker.test(BAD)).valid
            with pytest.raises(StateFault) as unknown:
                await broker.info("no-such-job")
            assert unknown.value.code == 301
            with pytest.raises(SecurityFault):
                [job_id async for job_id in broker.all_jobs()]

    run(work())


def test_a_job_is_canceled() -> None:
    async def work() -> None:
        async with AsyncClient() as broker:
            job = await broker.submit(SLEEP)
            with pytest.raises(WaitTimeout):
                await broker.wait(job.job_id, timeout=0.5)
            await broker.cancel(job.job_id)
            (info,) = await broker.wait(job.job_id, timeout=60)
            assert info.status is JobStatus.CANCELED
            assert (await broker.find_resources(DATE)).matches
            assert (await broker.describe()).version

    run(work())


def test_a_lost_answer_makes_no_second_job(relay: Relay) -> None:
    async def work() -> None:
        async with AsyncClient(relay.endpoint) as broker:
            before = {job_id async for job_id in broker.jobs()}
            relay.lose_answers(1)
            job = await broker.submit(DATE)
            assert relay.cuts == 1
            assert {job_id async for job_id in broker.jobs()} - before == {job.job_id}

    run(work())


def test_a_proxy_is_as_good_as_its_owner(proxy: Path) -> None:
    async def work() -> None:
        async with AsyncClient(credential=Credential.proxy(proxy)) as broker:
            job = await broker.submit(DATE)
            assert "42" not in (await broker.info(job.job_id)).user_dn

    run(work())


def test_a_stranger_is_not_believed() -> None:
    async def work() -> None:
        async with AsyncClient(authorities=os.environ["X509_USER_CERT"]) as broker:
            with pytest.raises(Unreachable) as caught:
                await broker.describe()
            assert not caught.value.retryable

    run(work())
