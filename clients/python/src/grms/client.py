"""The client that blocks."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import TypeVar

import requests
import zeep
from zeep import exceptions

from grms import calls, credentials, errors, model, registrations, retry
from grms.credentials import Credential
from grms.registrations import FileDir, Notification, Registered

Answer = TypeVar("Answer")


class Client:
    """A broker and who asks it.

    ``endpoint``, ``credential`` and ``authorities`` come from the environment when they are left out: ``GRMS_ENDPOINT``,
    :meth:`Credential.find` and ``X509_CERT_DIR``. ``authorities`` is a PEM file or a hashed directory. ``timeout`` bounds
    one answer, in seconds. ``tries`` is how often a call is sent in all when the broker cannot be reached or says that
    trying again helps; what would be done twice when only its answer got lost is not sent again.

    Every method raises :class:`grms.Fault` when the broker refuses, :class:`grms.Unreachable` when there is no answer.
    A client may be used by one thread at a time.
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
        self.endpoint = credentials.endpoint(endpoint)
        self.credential = credential or Credential.find()
        self.credential.check()
        self._tries = tries
        self._session = requests.Session()
        # A REQUESTS_CA_BUNDLE or a proxy of the environment would come between us and the site's own authority.
        self._session.trust_env = False
        self._session.cert = (str(self.credential.certificate), str(self.credential.key))
        self._session.verify = str(credentials.authorities(authorities))
        self._transport = zeep.Transport(session=self._session, timeout=timeout, operation_timeout=timeout)
        self._zeep: zeep.Client | None = None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        self._session.close()

    def submit(
        self,
        description: str,
        *,
        request_id: str | None = None,
        dialect: str | None = None,
        hold: bool | None = None,
        notifications: Iterable[Notification] = (),
    ) -> model.Submitted:
        """Hands in a job description.

        It is sent under ``request_id``, or a fresh random key, so that sending it again after a broken connection does not
        make a second job. With ``hold`` the job waits for :meth:`commit`. Raises :class:`grms.DescriptionFault` with every
        finding when the description is wrong.
        """
        told = [registrations.written(one) for one in notifications]
        return self._run(calls.submit(description, request_id, dialect, hold, told))

    def test(self, description: str, *, dialect: str | None = None) -> model.Verdict:
        """Checks a description and changes nothing. A wrong description is a verdict here, not an error."""
        return self._run(calls.test(description, dialect))

    def find_resources(self, description: str, *, limit: int | None = None, explain: bool = False) -> model.Resources:
        """Where the job could run now, best first. With ``explain`` also where not, and why."""
        return self._run(calls.find_resources(description, limit, explain))

    def info(self, job_id: str) -> model.JobInfo:
        """Where a job stands."""
        return self._run(calls.info(job_id))

    def history(self, job_id: str, *, task_id: str | None = None) -> tuple[model.Attempt, ...]:
        """Every attempt of a job, or of one of its tasks, oldest first."""
        return self._run(calls.history(job_id, task_id))

    def cancel(self, job_id: str, *, request_id: str | None = None) -> model.JobStatus:
        """Stops a job wherever it is. Gives its status at once; CANCELED comes when nothing is left of it."""
        return self._run(calls.cancel(job_id, request_id))

    def wait(self, *job_ids: str, timeout: float | None = None) -> tuple[model.JobInfo, ...]:
        """Waits until all these jobs are final and tells where they ended, in the order given.

        The broker answers when they are, so nothing is polled. Raises :class:`grms.WaitTimeout` after ``timeout`` seconds.
        """
        end = math.inf if timeout is None else time.monotonic() + timeout
        known: dict[str, model.JobInfo] = {}
        while left := [job_id for job_id in job_ids if job_id not in known or not known[job_id].status.is_final]:
            rest = end - time.monotonic()
            if rest <= 0 and known:
                raise errors.WaitTimeout(tuple(known[job_id] for job_id in job_ids if job_id in known))
            known.update((info.job_id, info) for info in self._run(calls.wait(left[: calls.MOST_AT_ONCE], rest)))
        return tuple(known[job_id] for job_id in job_ids)

    def jobs(
        self,
        *status: model.JobStatus,
        project: str | None = None,
        since: datetime | None = None,
        page_size: int | None = None,
    ) -> Iterator[str]:
        """The ids of your jobs, newest first, page by page as they are taken.

        ``status`` leaves only jobs in one of these states, ``since`` only those submitted then or later.
        """
        cursor = None
        while True:
            page = self._run(calls.jobs(status, project, since, page_size, cursor))
            yield from page.job_ids
            cursor = page.cursor
            if cursor is None:
                return

    def all_jobs(
        self, *status: model.JobStatus, user_dn: str | None = None, page_size: int | None = None
    ) -> Iterator[str]:
        """The ids of everybody's jobs, newest first. For administrators."""
        cursor = None
        while True:
            page = self._run(calls.all_jobs(status, user_dn, page_size, cursor))
            yield from page.job_ids
            cursor = page.cursor
            if cursor is None:
                return

    def submit_many(
        self, descriptions: Iterable[str], *, request_ids: Iterable[str] | None = None, atomic: bool = False
    ) -> tuple[model.ItemResult, ...]:
        """Hands in many descriptions in one request, each under a key of its own; a result for each, in order.

        A refused one is a result with its error, not an exception. With ``atomic`` all are accepted or none.
        """
        return self._run(calls.submit_many(descriptions, request_ids, atomic))

    def translate(self, description: str, *, to: str | None = None, dialect: str | None = None) -> model.Translation:
        """The description in another dialect, the newest one of the broker's own when ``to`` is left out."""
        return self._run(calls.translate(description, to, dialect))

    def commit(self, job_id: str, *tasks: str, request_id: str | None = None) -> None:
        """Lets a held job go, or only some tasks of it."""
        self._run(calls.commit(job_id, tasks, request_id))

    def suspend(self, job_id: str, *, description: str | None = None, request_id: str | None = None) -> model.JobStatus:
        """Stops a job and keeps it until it is resumed, with another description if one is given."""
        return self._run(calls.control("suspendJob", job_id, description, request_id))

    def resume(self, job_id: str, *, description: str | None = None, request_id: str | None = None) -> model.JobStatus:
        """Lets a suspended job run again, under another description if one is given."""
        return self._run(calls.control("resumeJob", job_id, description, request_id))

    def migrate(self, job_id: str, *, description: str | None = None, request_id: str | None = None) -> model.JobStatus:
        """Moves a job to another place, under another description if one is given."""
        return self._run(calls.control("migrateJob", job_id, description, request_id))

    def wait_for_events(
        self,
        *job_ids: str,
        kinds: Iterable[model.EventType] = (),
        cursor: str | None = None,
        limit: int | None = None,
        timeout: float = 30.0,
    ) -> model.EventPage:
        """What happened after ``cursor``, as soon as there is something, or nothing after ``timeout`` seconds, at most 30.

        Without jobs: to all of yours. Keep the page's cursor to go on from there, after a crash too.
        """
        return self._run(calls.events(job_ids, kinds, cursor, limit, timeout))

    def events(
        self,
        *job_ids: str,
        kinds: Iterable[model.EventType] = (),
        cursor: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[model.JobEvent]:
        """Everything that happens after ``cursor``, in order and without gaps, as it happens: for ever, or until nothing more
        came ``timeout`` seconds after the start. Without jobs: to all of yours.
        """
        end = math.inf if timeout is None else time.monotonic() + timeout
        wanted = tuple(kinds)
        while True:
            page = self._run(calls.events(job_ids, wanted, cursor, None, end - time.monotonic()))
            yield from page.events
            cursor = page.cursor
            if not page.events and time.monotonic() >= end:
                return

    def register_notification(self, notification: Notification, *, job_id: str | None = None) -> str:
        """Has somebody told of what happens to a job, or to all of yours, and gives the notification's id.

        It is not sent again when its answer got lost: see :meth:`notifications` for what became of it.
        """
        return self._run(registrations.register(notification, job_id))

    def notifications(self, *, job_id: str | None = None) -> tuple[str, ...]:
        """The ids of the notifications of a job, or of all of yours."""
        return self._run(registrations.registered_ids(job_id))

    def notification(self, notification_id: str) -> Registered:
        """One notification."""
        return self._run(registrations.registered(notification_id))

    def unregister_notification(self, notification_id: str) -> None:
        """Has nobody told any more."""
        self._run(registrations.unregister(notification_id))

    def add_outputs(self, job_id: str, *items: FileDir) -> tuple[model.ItemResult, ...]:
        """Has more files collected when the job ends; a name that is there already gets the new place. A result for each."""
        return self._run(registrations.add_outputs(job_id, items))

    def delete_outputs(self, job_id: str, *items: FileDir) -> tuple[model.ItemResult, ...]:
        """Has files not collected after all. A result for each."""
        return self._run(registrations.delete_outputs(job_id, items))

    def outputs(self, job_id: str) -> tuple[FileDir, ...]:
        """The files and directories that are collected when the job ends."""
        return self._run(registrations.outputs(job_id))

    def describe(self, *, full: bool = False) -> model.ServiceDescription:
        """What this broker is: version, dialects, limits."""
        return self._run(calls.describe(full))

    def _run(self, call: calls.Call[Answer]) -> Answer:
        for pause in retry.pauses(self._tries):
            try:
                return self._send(call)
            except errors.GrmsError as error:
                if not retry.helps(error, call):
                    raise
                time.sleep(retry.pause_after(error, pause))
        return self._send(call)

    def _send(self, call: calls.Call[Answer]) -> Answer:
        try:
            if self._zeep is None:
                self._zeep = zeep.Client(f"{self.endpoint}?wsdl", transport=self._transport)
            service = self._zeep.create_service(calls.BINDING, self.endpoint)
            return call.read(service[call.operation](**call.parts))
        except requests.exceptions.SSLError as error:
            raise errors.Unreachable(f"{self.endpoint}: {error}", retryable=False) from error
        except requests.RequestException as error:
            raise errors.Unreachable(f"{self.endpoint}: {error}") from error
        except exceptions.Error as error:
            types = self._zeep.wsdl.types if self._zeep is not None else None
            raise retry.explain(error, types) from error
