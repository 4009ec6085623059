"""What goes wrong, by kind. Everything here is a :class:`GrmsError`."""

from __future__ import annotations

from grms.model import Diagnostic, JobInfo


class GrmsError(Exception):
    """Anything that kept a call from its answer. ``retryable`` says whether the same call may succeed later."""

    retryable: bool = False


class Unreachable(GrmsError):
    """No answer came: no connection, no trust, a connection that broke, or one that stayed silent."""

    def __init__(self, message: str, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable


class ProtocolError(GrmsError):
    """An answer came that is not one of the contract, for instance from a proxy in between."""


class WaitTimeout(GrmsError):
    """Jobs did not end in the time given. ``jobs`` tells where they stood last."""

    retryable = True

    def __init__(self, jobs: tuple[JobInfo, ...]) -> None:
        left = [f"{job.job_id} is {job.status}" for job in jobs if not job.status.is_final]
        super().__init__(f"not ended in the time given: {', '.join(left)}")
        self.jobs = jobs


class Fault(GrmsError):
    """The broker refused. The subclass tells what it is about."""

    def __init__(
        self,
        code: int,
        name: str,
        message: str,
        retryable: bool,
        retry_after: float | None = None,
        job_id: str | None = None,
        diagnostics: tuple[Diagnostic, ...] = (),
    ) -> None:
        super().__init__(message)
        #: The number in the table of error codes.
        self.code = code
        #: Its name there, such as ``JOB_NOT_FOUND``.
        self.name = name
        #: What was wrong, what was expected, what to do next.
        self.message = message
        self.retryable = retryable
        #: Seconds after which trying again makes sense, when the broker knows.
        self.retry_after = retry_after
        self.job_id = job_id
        #: Every finding in the description, with its place.
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        return f"{self.name} ({self.code}): {self.message}"


class DescriptionFault(Fault):
    """The job description is refused: codes 110 to 118."""


class RequestFault(Fault):
    """The request is wrong: codes 101 to 104."""


class SecurityFault(Fault):
    """Who asks is unknown or not allowed: codes 201 to 205."""


class StateFault(Fault):
    """There is no such job, or its state does not allow it: codes 301 to 311."""


class ResourceFault(Fault):
    """No cluster: codes 401 to 405."""


class DataFault(Fault):
    """Files, execution, notification: codes 501 to 703."""


class ServiceFault(Fault):
    """The broker itself: codes 901 to 906."""


#: The class of each fault element of the contract.
BY_ELEMENT: dict[str, type[Fault]] = {
    kind.__name__: kind
    for kind in (DescriptionFault, RequestFault, SecurityFault, StateFault, ResourceFault, DataFault, ServiceFault)
}
