"""When a call is sent again, and after how long. Which calls may be sent twice: see :class:`grms.calls.Call`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from zeep import exceptions

from grms import calls, errors

#: The longest pause between two tries, in seconds.
LONGEST = 30.0


def pauses(tries: int) -> Iterator[float]:
    """The pauses between so many tries, in seconds: each twice as long as the one before."""
    for number in range(max(tries, 1) - 1):
        yield min(0.5 * 2.0**number, LONGEST)


def helps(error: errors.GrmsError, call: calls.Call[Any]) -> bool:
    """Whether the call may be sent again after this error: a refusal did nothing, a lost answer may have done it."""
    return error.retryable and (call.repeatable or isinstance(error, errors.Fault))


def pause_after(error: errors.GrmsError, pause: float) -> float:
    """How long to wait after this error: what the broker asked for, or the pause that is due."""
    asked = error.retry_after if isinstance(error, errors.Fault) else None
    return pause if asked is None else min(float(asked), LONGEST)


def explain(error: Exception, types: Any) -> errors.GrmsError:
    """What an exception of zeep means. ``types`` are the types of its WSDL."""
    if isinstance(error, exceptions.Fault):
        detail = error.detail
        element = detail[0] if detail is not None and len(detail) else None
        if element is not None:
            name = etree.QName(element)
            if name.namespace == calls.NAMESPACE and name.localname in errors.BY_ELEMENT:
                return calls.fault(name.localname, types.deserialize(element))
        return errors.ProtocolError(f"the broker refused without a reason of the contract: {error.message}")
    if isinstance(error, exceptions.TransportError):
        status = error.status_code or 0
        if status in (502, 503, 504):
            return errors.Unreachable(f"HTTP status {status}: {error.message}")
        return errors.ProtocolError(f"HTTP status {status}: {error.message}")
    return errors.ProtocolError(f"the answer cannot be read: {error}")
