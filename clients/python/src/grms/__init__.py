"""Client of the GRMS grid resource broker.

>>> from grms import Client
>>> with Client() as broker:                       # GRMS_ENDPOINT, X509_* say whom to ask and who you are
...     job = broker.submit(open("job.xml").read())
...     print(broker.wait(job.job_id).status)

:class:`Client` blocks, :class:`AsyncClient` does not; both have the same methods. What a method returns is in
:mod:`grms.model`, what it raises in :mod:`grms.errors`.
"""

from grms.aio import AsyncClient
from grms.client import Client
from grms.credentials import Credential, CredentialError
from grms.errors import (
    DataFault,
    DescriptionFault,
    Fault,
    GrmsError,
    ProtocolError,
    RequestFault,
    ResourceFault,
    SecurityFault,
    ServiceFault,
    StateFault,
    Unreachable,
    WaitTimeout,
)
from grms.model import (
    Attempt,
    AttemptOutcome,
    Diagnostic,
    EventPage,
    EventType,
    ItemResult,
    JobEvent,
    JobInfo,
    JobStatus,
    RejectedResource,
    ResourceMatch,
    Resources,
    ServiceDescription,
    Severity,
    Submitted,
    TaskInfo,
    Translation,
    Verdict,
)
from grms.registrations import FileDir, Notification, NotificationProtocol, Registered

__all__ = [
    "AsyncClient",
    "Attempt",
    "AttemptOutcome",
    "Client",
    "Credential",
    "CredentialError",
    "DataFault",
    "DescriptionFault",
    "Diagnostic",
    "EventPage",
    "EventType",
    "Fault",
    "FileDir",
    "GrmsError",
    "ItemResult",
    "JobEvent",
    "JobInfo",
    "JobStatus",
    "Notification",
    "NotificationProtocol",
    "ProtocolError",
    "Registered",
    "RejectedResource",
    "RequestFault",
    "ResourceFault",
    "ResourceMatch",
    "Resources",
    "SecurityFault",
    "ServiceDescription",
    "ServiceFault",
    "Severity",
    "StateFault",
    "Submitted",
    "TaskInfo",
    "Translation",
    "Unreachable",
    "Verdict",
    "WaitTimeout",
]
