"""Calls without a transport: which operation, which parts, and how the answer is read. Both clients send these."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Generic, TypeVar

from zeep.xsd.valueobjects import CompoundValue

from grms import errors, model

Answer = TypeVar("Answer")

NAMESPACE = "urn:grms:2"
BINDING = f"{{{NAMESPACE}}}GrmsSoap11"


@dataclass(frozen=True)
class Call(Generic[Answer]):
    """An operation of the contract. Most may be sent again when the answer got lost: questions change nothing, commands carry
    a key. The few others are not ``repeatable``."""

    operation: str
    parts: Mapping[str, object]
    read: Callable[[Any], Answer]
    repeatable: bool = True


def member(answer: Any, name: str) -> Any:
    """A member of an answer; zeep gives the only member of an answer in place of the answer itself."""
    if isinstance(answer, CompoundValue) and name in answer.__values__:
        return answer[name]
    return answer


def present(**parts: object) -> dict[str, object]:
    """The parts that are there."""
    return {name: value for name, value in parts.items() if value is not None and value != []}


def utc(value: datetime | None) -> datetime | None:
    """A time in UTC."""
    return value.astimezone(timezone.utc) if value is not None else None


def _key(given: str | None) -> str:
    return given or str(uuid.uuid4())


def _statuses(status: Iterable[model.JobStatus]) -> list[str]:
    return [one.value for one in status]


def _attempt(value: Any) -> model.Attempt:
    return model.Attempt(
        number=value.number,
        host_name=value.hostName,
        queue=value.queue,
        local_job_id=value.localJobId,
        start_time=utc(value.startTime),
        local_submission_time=utc(value.localSubmissionTime),
        local_start_time=utc(value.localStartTime),
        local_finish_time=utc(value.localFinishTime),
        job_description=value.jobDescription,
        application_access=value.applicationAccess,
        outcome=model.AttemptOutcome(value.outcome) if value.outcome else None,
    )


def _task(value: Any) -> model.TaskInfo:
    return model.TaskInfo(
        task_id=value.taskId,
        status=model.JobStatus(value.status),
        iteration=value.iteration,
        last_attempt=_attempt(value.lastAttempt) if value.lastAttempt else None,
        error_description=value.errorDescription,
    )


def _info(value: Any) -> model.JobInfo:
    return model.JobInfo(
        job_id=value.jobId,
        app_id=value.appId or "",
        user_dn=value.userDn,
        status=model.JobStatus(value.status),
        phase=value.phase,
        phase_number=value.phaseNumber,
        submission_time=value.submissionTime.astimezone(timezone.utc),
        history_length=value.historyLength,
        version=value.version,
        project=value.project,
        status_description=value.statusDescription,
        start_time=utc(value.startTime),
        finish_time=utc(value.finishTime),
        exit_code=value.exitCode,
        error_code=value.errorCode,
        error_description=value.errorDescription,
        last_attempt=_attempt(value.lastAttempt) if value.lastAttempt else None,
        tasks=tuple(_task(task) for task in value.task or ()),
    )


def _diagnostic(value: Any) -> model.Diagnostic:
    return model.Diagnostic(
        severity=model.Severity(value.severity),
        code=value.code,
        message=value.message,
        line=value.line,
        column=value.column,
        path=value.path,
    )


def _match(value: Any) -> model.ResourceMatch:
    return model.ResourceMatch(
        contact=value.contact,
        host_name=value.hostName,
        local_resource_manager=value.localResourceManager,
        rank=value.rank,
        queue=value.queue,
        estimated_start=utc(value.estimatedStart),
        notes=tuple(value.note or ()),
    )


def fault(element: str, value: Any) -> errors.Fault:
    """The exception for a fault element and its content."""
    kind = errors.BY_ELEMENT[element]
    return kind(
        code=value.code,
        name=value.name,
        message=value.message,
        retryable=value.retryable,
        retry_after=value.retryAfterSeconds,
        job_id=value.jobId,
        diagnostics=tuple(_diagnostic(found) for found in value.diagnostic or ()),
    )


def results(answer: Any) -> tuple[model.ItemResult, ...]:
    """What became of each item of a bulk request."""
    return tuple(
        model.ItemResult(
            index=one.index,
            error_code=one.errorCode,
            job_id=one.jobId,
            error_name=one.errorName,
            error_message=one.errorMessage,
            retryable=one.retryable,
        )
        for one in answer.result or ()
    )


def submit(
    description: str,
    request_id: str | None,
    dialect: str | None,
    hold: bool | None,
    notifications: list[dict[str, object]],
) -> Call[model.Submitted]:
    """``submitJob`` under a key of its own."""
    key = _key(request_id)
    return Call(
        "submitJob",
        present(jobDefinition=description, dialect=dialect, requestId=key, hold=hold, notification=notifications),
        lambda answer: model.Submitted(answer.jobId, model.JobStatus(answer.status), key),
    )


def submit_many(
    descriptions: Iterable[str], request_ids: Iterable[str] | None, atomic: bool
) -> Call[tuple[model.ItemResult, ...]]:
    """``submitJobs``, each under a key of its own."""
    texts = list(descriptions)
    keys = [_key(None) for _ in texts] if request_ids is None else list(request_ids)
    if len(keys) != len(texts):
        raise ValueError(f"{len(texts)} descriptions and {len(keys)} request ids: there must be one for each")
    jobs = [{"jobDefinition": text, "requestId": key} for text, key in zip(texts, keys)]
    return Call("submitJobs", present(job=jobs, atomic=atomic or None), results)


def translate(description: str, to: str | None, dialect: str | None) -> Call[model.Translation]:
    """``translateJobDescription``."""
    # A keyword called `from` can only be passed like this.
    parts = present(jobDefinition=description, to=to, **{"from": dialect})
    return Call(
        "translateJobDescription",
        parts,
        lambda answer: model.Translation(
            answer.jobDefinition, tuple(_diagnostic(found) for found in answer.diagnostic or ())
        ),
    )


def test(description: str, dialect: str | None) -> Call[model.Verdict]:
    """``testJobDescription``."""
    return Call(
        "testJobDescription",
        present(jobDefinition=description, dialect=dialect),
        lambda answer: model.Verdict(
            valid=answer.valid,
            dialect=answer.dialect,
            diagnostics=tuple(_diagnostic(found) for found in answer.diagnostic or ()),
        ),
    )


def find_resources(description: str, limit: int | None, explain: bool) -> Call[model.Resources]:
    """``findResources``."""
    return Call(
        "findResources",
        present(jobDefinition=description, limit=limit, explain=explain or None),
        lambda answer: model.Resources(
            matches=tuple(_match(one) for one in answer.resource or ()),
            rejected=tuple(model.RejectedResource(one.hostName, one.reason) for one in answer.rejected or ()),
        ),
    )


def info(job_id: str) -> Call[model.JobInfo]:
    """``getJobInfo``."""
    return Call("getJobInfo", {"jobId": job_id}, lambda answer: _info(member(answer, "jobInfo")))


def history(job_id: str, task_id: str | None) -> Call[tuple[model.Attempt, ...]]:
    """``getJobHistory``."""
    return Call(
        "getJobHistory",
        present(jobId=job_id, taskId=task_id),
        lambda answer: tuple(_attempt(one) for one in member(answer, "attempt") or ()),
    )


def cancel(job_id: str, request_id: str | None) -> Call[model.JobStatus]:
    """``cancelJob`` under a key of its own."""
    return Call(
        "cancelJob",
        {"jobId": job_id, "requestId": _key(request_id)},
        lambda answer: model.JobStatus(member(answer, "status")),
    )


def commit(job_id: str, tasks: Iterable[str], request_id: str | None) -> Call[None]:
    """``commitJob`` under a key of its own."""
    parts = present(jobId=job_id, taskId=list(tasks), requestId=_key(request_id))
    return Call("commitJob", parts, lambda answer: None)


def control(
    operation: str, job_id: str, description: str | None, request_id: str | None
) -> Call[model.JobStatus]:
    """``suspendJob``, ``resumeJob`` or ``migrateJob`` under a key of its own."""
    parts = present(jobId=job_id, jobDefinition=description, requestId=_key(request_id))
    return Call(operation, parts, lambda answer: model.JobStatus(member(answer, "status")))


@dataclass(frozen=True)
class Page:
    """A part of a list, and where the next part begins."""

    job_ids: tuple[str, ...]
    cursor: str | None


def _page(answer: Any) -> Page:
    return Page(tuple(answer.jobId or ()), answer.cursor)


def jobs(
    status: Iterable[model.JobStatus], project: str | None, since: datetime | None, limit: int | None, cursor: str | None
) -> Call[Page]:
    """A page of ``getJobsList``."""
    if since is not None and since.tzinfo is None:
        raise ValueError("`since` needs a time zone, for instance datetime.now(timezone.utc)")
    parts = present(status=_statuses(status), project=project, since=since, limit=limit, cursor=cursor)
    return Call("getJobsList", parts, _page)


def all_jobs(
    status: Iterable[model.JobStatus], user_dn: str | None, limit: int | None, cursor: str | None
) -> Call[Page]:
    """A page of ``getAllJobsList``."""
    return Call("getAllJobsList", present(status=_statuses(status), userDn=user_dn, limit=limit, cursor=cursor), _page)


#: The longest a broker is asked to wait at a time, in seconds; it may answer earlier.
LONGEST_WAIT = 30

#: The most jobs in one question, below any broker's own bound.
MOST_AT_ONCE = 500


def wait(job_ids: Iterable[str], seconds: float) -> Call[tuple[model.JobInfo, ...]]:
    """``waitForJobs`` for all of them, for at most so many seconds."""
    bounded = max(1, math.ceil(min(LONGEST_WAIT, seconds)))
    return Call(
        "waitForJobs",
        {"jobId": list(job_ids), "timeoutSeconds": bounded},
        lambda answer: tuple(_info(one) for one in answer.jobInfo or ()),
    )


def events(
    job_ids: Iterable[str], kinds: Iterable[model.EventType], cursor: str | None, limit: int | None, seconds: float
) -> Call[model.EventPage]:
    """``waitForEvents`` for at most so many seconds."""
    parts = present(
        cursor=cursor,
        jobId=list(job_ids),
        eventType=[kind.value for kind in kinds],
        limit=limit,
        timeoutSeconds=max(0, math.ceil(min(LONGEST_WAIT, seconds))),
    )
    return Call(
        "waitForEvents",
        parts,
        lambda answer: model.EventPage(tuple(_event(one) for one in answer.event or ()), answer.cursor),
    )


def _event(value: Any) -> model.JobEvent:
    return model.JobEvent(
        sequence=value.sequence,
        time=value.time.astimezone(timezone.utc),
        job_id=value.jobId,
        event_type=model.EventType(value.eventType),
        new_value=value.newValue,
        old_value=value.oldValue,
        task_id=value.taskId,
        description=value.description,
    )


def describe(full: bool) -> Call[model.ServiceDescription]:
    """``getServiceDescription``."""
    return Call(
        "getServiceDescription",
        {"type": "FULL" if full else "SHORT"},
        lambda answer: model.ServiceDescription(
            description=answer.description,
            version=answer.version,
            dialects=tuple(answer.dialect or ()),
            limits={limit.name: limit.value for limit in answer.limit or ()},
        ),
    )
