"""What is registered for jobs: who is told of changes, and which files are collected. Values, and the calls that carry them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from typing import Any

from grms.calls import Call, member, present, results, utc
from grms.model import EventType, ItemResult, JobStatus


class NotificationProtocol(str, Enum):
    """How a notification travels."""

    SOAP = "SOAP"
    GASS = "GASS"
    MAIL = "MAIL"
    SMS = "SMS"
    PROFILE = "PROFILE"
    HTTP = "HTTP"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Notification:
    """What to tell whom. SOAP, HTTP and GASS need a ``destination``, MAIL and SMS need ``users``. No ``states`` are all of
    them. Nothing is told from ``expires`` on, which needs a time zone."""

    protocol: NotificationProtocol
    event_types: tuple[EventType, ...] = (EventType.STATUS,)
    destination: str | None = None
    users: tuple[str, ...] = ()
    append: bool | None = None
    format: str | None = None
    states: tuple[JobStatus, ...] = ()
    expires: datetime | None = None


@dataclass(frozen=True)
class Registered:
    """A notification as the broker keeps it. Without ``job_id`` it is for every job of its owner."""

    notification: Notification
    job_id: str | None = None


@dataclass(frozen=True)
class FileDir:
    """A file or a directory that is collected: ``name`` is its name in the working directory, ``path`` the place it goes to,
    a URL unless it is ``logical``."""

    name: str
    path: str
    directory: bool = False
    logical: bool = False


def written(value: Notification) -> dict[str, object]:
    """A notification as the contract has it."""
    if value.expires is not None and value.expires.tzinfo is None:
        raise ValueError("`expires` needs a time zone, for instance datetime.now(timezone.utc)")
    return present(
        eventType=[one.value for one in value.event_types],
        protocol=value.protocol.value,
        destination=value.destination,
        user=list(value.users),
        append=value.append,
        format=value.format,
        state=[one.value for one in value.states],
        expires=value.expires.astimezone(timezone.utc) if value.expires is not None else None,
    )


def _notification(value: Any) -> Notification:
    return Notification(
        protocol=NotificationProtocol(value.protocol),
        event_types=tuple(EventType(one) for one in value.eventType),
        destination=value.destination,
        users=tuple(value.user or ()),
        append=value.append,
        format=value.format,
        states=tuple(JobStatus(one) for one in value.state or ()),
        expires=utc(value.expires),
    )


def register(notification: Notification, job_id: str | None) -> Call[str]:
    """``registerNotification``. Sent twice, it would register twice."""
    return Call(
        "registerNotification",
        present(jobId=job_id, notification=written(notification)),
        lambda answer: str(member(answer, "notificationId")),
        repeatable=False,
    )


def registered_ids(job_id: str | None) -> Call[tuple[str, ...]]:
    """``getNotificationsList``."""
    return Call(
        "getNotificationsList", present(jobId=job_id), lambda answer: tuple(member(answer, "notificationId") or ())
    )


def registered(notification_id: str) -> Call[Registered]:
    """``getNotificationInformation``."""
    return Call(
        "getNotificationInformation",
        {"notificationId": notification_id},
        lambda answer: Registered(_notification(answer.notification), answer.jobId),
    )


def unregister(notification_id: str) -> Call[None]:
    """``unregisterNotification``. The second of two finds nothing."""
    return Call("unregisterNotification", {"notificationId": notification_id}, lambda answer: None, repeatable=False)


def _item(value: FileDir) -> dict[str, str]:
    return {
        "name": value.name,
        "path": value.path,
        "urlType": "LOGICAL" if value.logical else "PHYSICAL",
        "pathType": "DIRECTORY" if value.directory else "FILE",
    }


def _file_dir(value: Any) -> FileDir:
    return FileDir(value.name, value.path, directory=value.pathType == "DIRECTORY", logical=value.urlType == "LOGICAL")


def add_outputs(job_id: str, items: Iterable[FileDir]) -> Call[tuple[ItemResult, ...]]:
    """``addOutputFileDirs``. A name that is there already gets the new place, so it may come twice."""
    return Call("addOutputFileDirs", {"jobId": job_id, "item": [_item(one) for one in items]}, results)


def delete_outputs(job_id: str, items: Iterable[FileDir]) -> Call[tuple[ItemResult, ...]]:
    """``deleteOutputFileDirs``. The second of two finds nothing."""
    parts = {"jobId": job_id, "item": [_item(one) for one in items]}
    return Call("deleteOutputFileDirs", parts, results, repeatable=False)


def outputs(job_id: str) -> Call[tuple[FileDir, ...]]:
    """``getOutputFileDirs``."""
    return Call(
        "getOutputFileDirs",
        {"jobId": job_id},
        lambda answer: tuple(_file_dir(one) for one in member(answer, "item") or ()),
    )
