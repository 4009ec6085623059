"""What the broker answers, as plain values. Times are aware datetimes in UTC; what is absent is ``None`` or an empty tuple."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class JobStatus(str, Enum):
    """The ten states of a job."""

    QUEUED = "QUEUED"
    PREPROCESSING = "PREPROCESSING"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    STOPPED = "STOPPED"
    POSTPROCESSING = "POSTPROCESSING"
    FINISHED = "FINISHED"
    SUSPENDED = "SUSPENDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"

    @property
    def is_final(self) -> bool:
        """Whether the job stays so for ever."""
        return self in (JobStatus.FINISHED, JobStatus.FAILED, JobStatus.CANCELED)

    def __str__(self) -> str:
        return self.value


class AttemptOutcome(str, Enum):
    """How an attempt ended."""

    DONE = "DONE"
    FAILED = "FAILED"
    CHECKPOINTED = "CHECKPOINTED"
    CANCELED = "CANCELED"
    LOST = "LOST"

    def __str__(self) -> str:
        return self.value


class Severity(str, Enum):
    """An ERROR refuses a description, a WARNING does not."""

    ERROR = "ERROR"
    WARNING = "WARNING"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Diagnostic:
    """One finding in a job description, with its place."""

    severity: Severity
    code: int
    message: str
    line: int | None = None
    column: int | None = None
    path: str | None = None

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}: " if self.line is not None else ""
        return f"{self.severity} {self.code}: {place}{self.message}"


@dataclass(frozen=True)
class Attempt:
    """One try of a task on one cluster. ``start_time`` is the broker's, the local times are the batch system's."""

    number: int
    host_name: str | None = None
    queue: str | None = None
    local_job_id: str | None = None
    start_time: datetime | None = None
    local_submission_time: datetime | None = None
    local_start_time: datetime | None = None
    local_finish_time: datetime | None = None
    job_description: str | None = None
    application_access: str | None = None
    outcome: AttemptOutcome | None = None


@dataclass(frozen=True)
class TaskInfo:
    """One task of a job that has several."""

    task_id: str
    status: JobStatus
    iteration: int | None = None
    last_attempt: Attempt | None = None
    error_description: str | None = None


@dataclass(frozen=True)
class JobInfo:
    """Where a job stands. ``version`` grows with every change; ``exit_code`` is 128 and the signal's number for a program
    that a signal ended."""

    job_id: str
    app_id: str
    user_dn: str
    status: JobStatus
    phase: str
    phase_number: int
    submission_time: datetime
    history_length: int
    version: int
    project: str | None = None
    status_description: str | None = None
    start_time: datetime | None = None
    finish_time: datetime | None = None
    exit_code: int | None = None
    error_code: int | None = None
    error_description: str | None = None
    last_attempt: Attempt | None = None
    tasks: tuple[TaskInfo, ...] = ()


@dataclass(frozen=True)
class Submitted:
    """A job that was accepted. ``request_id`` is the key under which it was sent: the same key and description again give
    the same job."""

    job_id: str
    status: JobStatus
    request_id: str


@dataclass(frozen=True)
class ItemResult:
    """What became of one item of a request for many; ``index`` counts from 1. ``error_code`` 0 is success, and then the other
    three are absent."""

    index: int
    error_code: int
    job_id: str | None = None
    error_name: str | None = None
    error_message: str | None = None
    retryable: bool | None = None

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return self.error_code == 0


class EventType(str, Enum):
    """A change of the status, or of the request being served."""

    STATUS = "STATUS"
    REQUEST = "REQUEST"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class JobEvent:
    """Something that happened to a job. ``sequence`` grows; the numbers between belong to other jobs."""

    sequence: int
    time: datetime
    job_id: str
    event_type: EventType
    new_value: str
    old_value: str | None = None
    task_id: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class EventPage:
    """Events, and the place after the last of them: asking with this ``cursor`` again leaves no gap."""

    events: tuple[JobEvent, ...]
    cursor: str


@dataclass(frozen=True)
class Translation:
    """A description in another dialect, and what could not be carried over as it was."""

    description: str
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What the broker thinks of a description. It is refused when ``valid`` is false."""

    valid: bool
    dialect: str
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True)
class ResourceMatch:
    """A cluster, or a queue of it, that would take the job. A higher ``rank`` is better."""

    contact: str
    host_name: str
    local_resource_manager: str
    rank: float
    queue: str | None = None
    estimated_start: datetime | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RejectedResource:
    """A cluster that would not take the job, and why."""

    host_name: str
    reason: str


@dataclass(frozen=True)
class Resources:
    """Where a job could run, best first, and, when asked for, where not."""

    matches: tuple[ResourceMatch, ...] = ()
    rejected: tuple[RejectedResource, ...] = ()


@dataclass(frozen=True)
class ServiceDescription:
    """What a broker is. ``limits`` are its bounds by name."""

    description: str
    version: str
    dialects: tuple[str, ...]
    limits: dict[str, int]
