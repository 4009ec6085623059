"""The client that does not block. Needs httpx: ``pip install grms[async]``."""

from __future__ import annotations

import asyncio
import math
import os
import ssl
import time
from collections.abc import AsyncIterator
from datetime import datetime
from types import TracebackType
from typing import Any, TypeVar

import zeep
from zeep import exceptions
from zeep.proxy import AsyncServiceProxy
from zeep.transports import AsyncTransport

from grms import calls, credentials, errors, model, retry
from grms.credentials import Credential

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
    ) -> model.Submitted:
        """See :meth:`grms.Client.submit`."""
        return await self._run(calls.submit(description, request_id, dialect, hold))

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

    async def describe(self, *, full: bool = False) -> model.ServiceDescription:
        """See :meth:`grms.Client.describe`."""
        return await self._run(calls.describe(full))

    async def _run(self, call: calls.Call[Answer]) -> Answer:
        for pause in retry.pauses(self._tries):
            try:
                return await self._send(call)
            except errors.GrmsError as error:
                if not error.retryable:
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
