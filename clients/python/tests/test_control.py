"""What is done to jobs, what is registered for them, and what is heard of them, against a real broker."""

from __future__ import annotations

import asyncio
import inspect
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from conftest import BAD, DATE, SLEEP
from grms import (
    AsyncClient,
    Client,
    EventType,
    FileDir,
    JobEvent,
    JobStatus,
    Notification,
    NotificationProtocol,
    RequestFault,
    StateFault,
    Unreachable,
)
from relay import Relay

#: No cluster takes it, so it stays QUEUED.
NOWHERE = DATE.replace("<simplejob>", "<simplejob><resource><osname>Plan9</osname></resource>")


def test_both_clients_have_the_same_methods() -> None:
    def methods(kind: type) -> dict[str, list[str]]:
        found = inspect.getmembers(kind, inspect.isfunction)
        return {name: list(inspect.signature(one).parameters) for name, one in found if not name.startswith("_")}

    assert methods(Client) == methods(AsyncClient)


def test_many_are_submitted_at_once_and_a_bad_one_is_told(broker: Client) -> None:
    first, second, third = broker.submit_many([DATE, BAD, DATE])
    assert [one.index for one in (first, second, third)] == [1, 2, 3]
    assert first.ok and third.ok and first.job_id is not None and third.job_id is not None
    assert (second.ok, second.job_id, second.error_code, second.error_name) == (False, None, 112, "DESC_INVALID")
    assert second.error_message and second.retryable is False
    assert {info.status for info in broker.wait(first.job_id, third.job_id, timeout=60)} == {JobStatus.FINISHED}
    before = set(broker.jobs())
    assert not any(one.ok for one in broker.submit_many([DATE, BAD], atomic=True))
    assert set(broker.jobs()) == before
    keys = [f"{first.job_id}-{number}" for number in range(2)]
    once = broker.submit_many([DATE, DATE], request_ids=keys)
    assert broker.submit_many([DATE, DATE], request_ids=keys) == once
    with pytest.raises(ValueError, match="one for each"):
        broker.submit_many([DATE], request_ids=keys)


def test_a_held_job_waits_to_be_committed(broker: Client) -> None:
    job = broker.submit(DATE, hold=True)
    assert broker.info(job.job_id).phase == "TASK_UNCOMMITTED"
    broker.commit(job.job_id)
    assert broker.wait(job.job_id, timeout=60)[0].status is JobStatus.FINISHED
    with pytest.raises(StateFault):
        broker.commit("no-such-job")


def test_a_job_is_suspended_resumed_and_migrated(broker: Client) -> None:
    job = broker.submit(NOWHERE)
    assert broker.suspend(job.job_id) is JobStatus.SUSPENDED
    assert broker.resume(job.job_id) is JobStatus.QUEUED
    assert broker.suspend(job.job_id, description=DATE) is JobStatus.SUSPENDED
    assert broker.resume(job.job_id) is JobStatus.QUEUED
    assert broker.wait(job.job_id, timeout=60)[0].status is JobStatus.FINISHED
    job = broker.submit(NOWHERE)
    assert broker.migrate(job.job_id, description=DATE) is JobStatus.QUEUED
    assert broker.wait(job.job_id, timeout=60)[0].status is JobStatus.FINISHED
    with pytest.raises(StateFault):
        broker.resume(job.job_id)


def test_events_come_in_order_and_from_where_one_left(broker: Client) -> None:
    start = broker.wait_for_events(timeout=0).cursor
    job = broker.submit(DATE)
    seen = []
    for event in broker.events(job.job_id, kinds=[EventType.STATUS], cursor=start, timeout=60):
        seen.append(event)
        if event.new_value == "FINISHED":
            break
    assert [event.sequence for event in seen] == sorted({event.sequence for event in seen})
    assert {(event.job_id, event.event_type) for event in seen} == {(job.job_id, EventType.STATUS)}
    values = [event.new_value for event in seen]
    assert values[0] == "QUEUED" and values[-1] == "FINISHED"
    assert [event.old_value for event in seen[1:]] == values[:-1]
    assert all(event.time.tzinfo is timezone.utc for event in seen)
    # Page by page there is the same, and nothing after it.
    cursor = start
    again: list[JobEvent] = []
    while page := broker.wait_for_events(job.job_id, kinds=[EventType.STATUS], cursor=cursor, limit=2, timeout=0):
        again.extend(page.events)
        cursor = page.cursor
        if not page.events:
            break
    assert again == seen
    assert list(broker.events(job.job_id, cursor=cursor, kinds=[EventType.STATUS], timeout=0)) == []
    with pytest.raises(RequestFault):
        broker.wait_for_events(cursor="not a cursor", timeout=0)


def test_notifications_are_kept_as_they_were_given(broker: Client) -> None:
    job = broker.submit(SLEEP)
    told = Notification(
        NotificationProtocol.MAIL,
        event_types=(EventType.STATUS, EventType.REQUEST),
        users=("someone@example.org",),
        states=(JobStatus.FINISHED, JobStatus.FAILED),
        expires=datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=1),
    )
    known = broker.register_notification(told, job_id=job.job_id)
    assert known in broker.notifications(job_id=job.job_id)
    kept = broker.notification(known)
    assert (kept.job_id, kept.notification.users) == (job.job_id, told.users)
    assert (kept.notification.states, kept.notification.expires) == (told.states, told.expires)
    assert set(kept.notification.event_types) == set(told.event_types)
    broker.unregister_notification(known)
    assert known not in broker.notifications(job_id=job.job_id)
    with pytest.raises(StateFault):
        broker.notification(known)
    broker.cancel(job.job_id)
    with pytest.raises(ValueError, match="time zone"):
        broker.register_notification(Notification(NotificationProtocol.MAIL, expires=datetime.now()))


def test_a_notification_comes_with_its_job(broker: Client) -> None:
    told = Notification(NotificationProtocol.MAIL, users=("someone@example.org",))
    job = broker.submit(SLEEP, notifications=[told])
    (known,) = broker.notifications(job_id=job.job_id)
    assert broker.notification(known).notification.users == told.users
    broker.cancel(job.job_id)


def test_what_would_be_done_twice_is_not_sent_twice(relay: Relay) -> None:
    with Client(relay.endpoint) as broker:
        job = broker.submit(SLEEP)
        relay.lose_answers(1)
        with pytest.raises(Unreachable):
            broker.register_notification(
                Notification(NotificationProtocol.MAIL, users=("someone@example.org",)), job_id=job.job_id
            )
        assert relay.cuts == 1 and len(broker.notifications(job_id=job.job_id)) == 1
        broker.cancel(job.job_id)


def test_outputs_are_added_listed_and_deleted(broker: Client, tmp_path: Path) -> None:
    job = broker.submit(SLEEP)
    one, tree = FileDir("late", f"file:///{tmp_path}/late"), FileDir("tree", f"file:///{tmp_path}/tree", directory=True)
    assert [result.ok for result in broker.add_outputs(job.job_id, one, tree)] == [True, True]
    assert broker.outputs(job.job_id) == (one, tree)
    (deleted,) = broker.delete_outputs(job.job_id, one)
    assert deleted.ok and broker.outputs(job.job_id) == (tree,)
    (missing,) = broker.delete_outputs(job.job_id, one)
    assert not missing.ok and missing.error_message
    broker.cancel(job.job_id)


def test_a_description_is_translated_and_still_runs(broker: Client) -> None:
    translated = broker.translate(DATE)
    assert translated.description.startswith("<qcgJob") or "<qcgJob" in translated.description
    assert broker.test(translated.description).dialect == "GJD3"
    job = broker.submit(translated.description)
    assert broker.wait(job.job_id, timeout=60)[0].status is JobStatus.FINISHED


def test_all_of_it_without_blocking() -> None:
    async def work() -> None:
        async with AsyncClient() as broker:
            start = (await broker.wait_for_events(timeout=0)).cursor
            good, bad = await broker.submit_many([NOWHERE, BAD])
            assert good.job_id is not None and bad.error_code == 112
            job = good.job_id
            await broker.suspend(job)
            assert await broker.resume(job, description=DATE) is JobStatus.QUEUED
            values = []
            async for event in broker.events(job, cursor=start, kinds=[EventType.STATUS], timeout=60):
                values.append(event.new_value)
                if event.new_value == "FINISHED":
                    break
            assert values[:3] == ["QUEUED", "SUSPENDED", "QUEUED"] and values[-1] == "FINISHED"
            held = await broker.submit(NOWHERE, hold=True)
            await broker.commit(held.job_id)
            told = Notification(NotificationProtocol.MAIL, users=("someone@example.org",))
            known = await broker.register_notification(told, job_id=held.job_id)
            assert await broker.notifications(job_id=held.job_id) == (known,)
            assert (await broker.notification(known)).job_id == held.job_id
            await broker.unregister_notification(known)
            item = FileDir("x", "file:////tmp/x")
            assert (await broker.add_outputs(held.job_id, item))[0].ok and await broker.outputs(held.job_id) == (item,)
            assert (await broker.delete_outputs(held.job_id, item))[0].ok
            assert "<qcgJob" in (await broker.translate(DATE)).description
            await broker.migrate(held.job_id, description=DATE)
            assert (await broker.wait(held.job_id, timeout=60))[0].status is JobStatus.FINISHED

    asyncio.run(asyncio.wait_for(work(), 120))
