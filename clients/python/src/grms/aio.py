"""The client that does not block. Needs httpx: ``pip install grms[async]``."""

from __future__ import annotations

import asyncio
import math
import os
import ssl
import time
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from types import TracebackType
from typing import Any, TypeVar

import zeep
from zeep import exceptions
from zeep.proxy import AsyncServiceProxy
from zeep.transports import AsyncTransport

from grms import calls, credentials, errors, model, registrations, retry
from grms.credentials import Credential
from grms.registrations import FileDir, Notification, Registered

Answer = TypeVar("Answer")


class AsyncClient:
    """A broker and who asks it; :class:`grms.Client` with ``await``. Its methods may be awaited side by side.

    >>> async with AsyncClient() as broker:
    ...     job = await broker.submit(description)
    ...     (info,) = await broker.wait(job.job_id)
    """

    def __init__(
        self,
        endpoint: str | None = None,
        *,
        credential: Credential | None = None,
        authorities: str | os.PathLike[str] | None = None,
        timeout: float = 60.0,
        tries: int = 4,
    ) -> None:
        try:
            import httpx
        except ImportError as error:
            raise ImportError("AsyncClient needs httpx: pip install grms[async]") from error
        self._failure: type[Exception] = httpx.HTTPError
        self.endpoint = credentials.endpoint(endpoint)
        self.credential = credential or Credential.find()
        self.credential.check()
        self._tries = tries
        context = self._context(credentials.authorities(authorities))
        self._http = httpx.AsyncClient(verify=context, timeout=timeout, trust_env=False)
        self._wsdl_http = httpx.Client(verify=context, timeout=timeout, trust_env=False)
        self._zeep: zeep.AsyncClient | None = None
        self._opening = asyncio.Lock()

    def _context(self, trusted: os.PathLike[str]) -> ssl.SSLContext:
        place = {"capath" if os.path.isdir(trusted) else "cafile": os.fspath(trusted)}
        context = ssl.create_default_context(**place)  # type: ignore[arg-type]
        context.load_cert_chain(self.credential.certificate, self.credential.key)
        return context

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the connections."""
        self._wsdl_http.close()
        await self._http.aclose()

    async def submit(
        self,
        description: str,
        *,
        request_id: str | None = None,
        dialect: str | None = None,
        hold: bool | None = None,
        notifications: Iterable[Notification] = (),
    ) -> model.Submitted:
        """See :meth:`grms.Client.submit`."""
        told = [registrations.written(one) for one in notifications]
        return await self._run(calls.submit(description, request_id, dialect, hold, told))

    async def test(self, description: str, *, dialect: str | None = None) -> model.Verdict:
        """See :meth:`grms.Client.test`."""
        return await self._run(calls.test(description, dialect))

    async def find_resources(
        self, description: str, *, limit: int | None = None, explain: bool = False
    ) -> model.Resources:
        """See :meth:`grms.Client.find_resources`."""
        return await self._run(calls.find_resources(description, limit, explain))

    async def info(self, job_id: str) -> model.JobInfo:
        """See :meth:`grms.Client.info`."""
        return await self._run(calls.info(job_id))

    async def history(self, job_id: str, *, task_id: str | None = None) -> tuple[model.Attempt, ...]:
        """See :meth:`grms.Client.history`."""
        return await self._run(calls.history(job_id, task_id))

    async def cancel(self, job_id: str, *, request_id: str | None = None) -> model.JobStatus:
        """See :meth:`grms.Client.cancel`."""
        return await self._run(calls.cancel(job_id, request_id))

    async def wait(self, *job_ids: str, timeout: float | None = None) -> tuple[model.JobInfo, ...]:
        """See :meth:`grms.Client.wait`."""
        end = math.inf if timeout is None else time.monotonic() + timeout
        known: dict[str, model.JobInfo] = {}
        while left := [job_id for job_id in job_ids if job_id not in known or not known[job_id].status.is_final]:
            rest = end - time.monotonic()
            if rest <= 0 and known:
                raise errors.WaitTimeout(tuple(known[job_id] for job_id in job_ids if job_id in known))
            known.update((info.job_id, info) for info in await self._run(calls.wait(left[: calls.MOST_AT_ONCE], rest)))
        return tuple(known[job_id] for job_id in job_ids)

    async def jobs(
        self,
        *status: model.JobStatus,
        project: str | None = None,
        since: datetime | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[str]:
        """See :meth:`grms.Client.jobs`; to be used with ``async for``."""
        cursor = None
        while True:
            page = await self._run(calls.jobs(status, project, since, page_size, cursor))
            for job_id in page.job_ids:
                yield job_id
            cursor = page.cursor
            if cursor is None:
                return

    async def all_jobs(
        self, *status: model.JobStatus, user_dn: str | None = None, page_size: int | None = None
    ) -> AsyncIterator[str]:
        """See :meth:`grms.Client.all_jobs`; to be used with ``async for``."""
        cursor = None
        while True:
            page = await self._run(calls.all_jobs(status, user_dn, page_size, cursor))
            for job_id in page.job_ids:
                yield job_id
            cursor = page.cursor
            if cursor is None:
                return

    async def submit_many(
        self, descriptions: Iterable[str], *, request_ids: Iterable[str] | None = None, atomic: bool = False
    ) -> tuple[model.ItemResult, ...]:
        """See :meth:`grms.Client.submit_many`."""
        return await self._run(calls.submit_many(descriptions, request_ids, atomic))

    async def translate(
        self, description: str, *, to: str | None = None, dialect: str | None = None
    ) -> model.Translation:
        """See :meth:`grms.Client.translate`."""
        return await self._run(calls.translate(description, to, dialect))

    async def commit(self, job_id: str, *tasks: str, request_id: str | None = None) -> None:
        """See :meth:`grms.Client.commit`."""
        await self._run(calls.commit(job_id, tasks, request_id))

    async def suspend(
        self, job_id: str, *, description: str | None = None, request_id: str | None = None
    ) -> model.JobStatus:
        """See :meth:`grms.Client.suspend`."""
        return await self._run(calls.control("suspendJob", job_id, description, request_id))

    async def resume(
        self, job_id: str, *, description: str | None = None, request_id: str | None = None
    ) -> model.JobStatus:
        """See :meth:`grms.Client.resume`."""
        return await self._run(calls.control("resumeJob", job_id, description, request_id))

    async def migrate(
        self, job_id: str, *, description: str | None = None, request_id: str | None = None
    ) -> model.JobStatus:
        """See :meth:`grms.Client.migrate`."""
        return await self._run(calls.control("migrateJob", job_id, description, request_id))

    async def wait_for_events(
        self,
        *job_ids: str,
        kinds: Iterable[model.EventType] = (),
        cursor: str | None = None,
        limit: int | None = None,
        timeout: float = 30.0,
    ) -> model.EventPage:
        """See :meth:`grms.Client.wait_for_events`."""
        return await self._run(calls.events(job_ids, kinds, cursor, limit, timeout))

    async def events(
        self,
        *job_ids: str,
        kinds: Iterable[model.EventType] = (),
        cursor: str | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[model.JobEvent]:
        """See :meth:`grms.Client.events`; to be used with ``async for``."""
        end = math.inf if timeout is None else time.monotonic() + timeout
        wanted = tuple(kinds)
        while True:
            page = await self._run(calls.events(job_ids, wanted, cursor, None, end - time.monotonic()))
            for event in page.events:
                yield event
            cursor = page.cursor
            if not page.events and time.monotonic() >= end:
                return

    async def register_notification(self, notification: Notification, *, job_id: str | None = None) -> str:
        """See :meth:`grms.Client.register_notification`."""
        return await self._run(registrations.register(notification, job_id))

    async def notifications(self, *, job_id: str | None = None) -> tuple[str, ...]:
        """See :meth:`grms.Client.notifications`."""
        return await self._run(registrations.registered_ids(job_id))

    async def notification(self, notification_id: str) -> Registered:
        """See :meth:`grms.Client.notification`."""
        return await self._run(registrations.registered(notification_id))

    async def unregister_notification(self, notification_id: str) -> None:
        """See :meth:`grms.Client.unregister_notification`."""
        await self._run(registrations.unregister(notification_id))

    async def add_outputs(self, job_id: str, *items: FileDir) -> tuple[model.ItemResult, ...]:
        """See :meth:`grms.Client.add_outputs`."""
        return await self._run(registrations.add_outputs(job_id, items))

    async def delete_outputs(self, job_id: str, *items: FileDir) -> tuple[model.ItemResult, ...]:
        """See :meth:`grms.Client.delete_outputs`."""
        return await self._run(registrations.delete_outputs(job_id, items))

    async def outputs(self, job_id: str) -> tuple[FileDir, ...]:
        """See :meth:`grms.Client.outputs`."""
        return await self._run(registrations.outputs(job_id))

    async def describe(self, *, full: bool = False) -> model.ServiceDescription:
        """See :meth:`grms.Client.describe`."""
        return await self._run(calls.describe(full))

    async def _run(self, call: calls.Call[Answer]) -> Answer:
        for pause in retry.pauses(self._tries):
            try:
                return await self._send(call)
            except errors.GrmsError as error:
                if not retry.helps(error, call):
                    raise
                await asyncio.sleep(retry.pause_after(error, pause))
        return await self._send(call)

    async def _open(self) -> Any:
        async with self._opening:
            if self._zeep is None:
                transport = AsyncTransport(client=self._http, wsdl_client=self._wsdl_http)
                # The contract is read by a blocking client: elsewhere, so that nothing else waits for it.
                self._zeep = await asyncio.to_thread(zeep.AsyncClient, f"{self.endpoint}?wsdl", transport=transport)
        # zeep's own create_service makes a blocking proxy, here too.
        binding = self._zeep.wsdl.bindings[calls.BINDING]
        return AsyncServiceProxy(self._zeep, binding, address=self.endpoint)

    async def _send(self, call: calls.Call[Answer]) -> Answer:
        try:
            service = await self._open()
            return call.read(await service[call.operation](**call.parts))
        except self._failure as error:
            refused = isinstance(error.__cause__ or error.__context__, ssl.SSLError) or "CERTIFICATE" in str(error)
            raise errors.Unreachable(f"{self.endpoint}: {error}", retryable=not refused) from error
        except exceptions.Error as error:
            types = self._zeep.wsdl.types if self._zeep is not None else None
            raise retry.explain(error, types) from error
