"""Where a piece of work stands in its trace, and the headers that hand that on. Standard library only."""

import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Self

W3C = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
XRAY_ROOT = re.compile(r"1-([0-9a-f]{8})-([0-9a-f]{24})")
SPAN = re.compile(r"[0-9a-f]{16}")
SAMPLED = 1


@dataclass(frozen=True, slots=True)
class Trace:
    """A span within a trace: 32 and 16 lower-case hexadecimal digits, as in W3C Trace Context.

    ``begins`` is whether nobody told of that span: what comes below it is the first of the trace.
    """

    trace_id: str
    span_id: str
    sampled: bool = True
    begins: bool = field(default=False, compare=False)

    @classmethod
    def begun(cls, *, sampled: bool = True) -> Self:
        """A new trace; its id begins with the time, which is what X-Ray asks of one."""
        return cls(
            f"{int(time.time()):08x}{secrets.token_hex(12)}", secrets.token_hex(8), sampled, begins=True
        )

    @classmethod
    def of_traceparent(cls, text: str) -> Self | None:
        """What a ``traceparent`` header says (W3C Trace Context, version 00), None for anything else."""
        found = W3C.fullmatch(text.strip())
        if not found or not (int(found[1], 16) and int(found[2], 16)):
            return None
        return cls(found[1], found[2], bool(int(found[3], 16) & SAMPLED))

    @classmethod
    def of_xray(cls, text: str, *, undecided: bool = True) -> Self | None:
        """What an ``X-Amzn-Trace-Id`` says ("Tracing header", X-Ray's guide), None for anything else.

        A header that names no parent is continued under a span of its own; ``undecided`` is whether the
        trace is told of where the header leaves that open, as API Gateway's does.
        """
        fields = dict(part.strip().partition("=")[::2] for part in text.split(";"))
        root = XRAY_ROOT.fullmatch(fields.get("Root", ""))
        if not root:
            return None
        parent = SPAN.fullmatch(fields.get("Parent", ""))
        span_id = parent[0] if parent else secrets.token_hex(8)
        sampled = fields["Sampled"] != "0" if fields.get("Sampled", "?") != "?" else undecided
        return cls(root[1] + root[2], span_id, sampled, begins=parent is None)

    def below(self) -> Self:
        """A new span below this one."""
        return type(self)(self.trace_id, secrets.token_hex(8), self.sampled)

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{int(self.sampled):02x}"

    @property
    def xray_root(self) -> str:
        return f"1-{self.trace_id[:8]}-{self.trace_id[8:]}"

    @property
    def xray(self) -> str:
        """The tracing header of X-Ray, also what SQS carries as its attribute ``AWSTraceHeader``."""
        return f"Root={self.xray_root};Parent={self.span_id};Sampled={int(self.sampled)}"


@dataclass(frozen=True, slots=True)
class Origin:
    """The request that a job, a message or a notice goes back to, so that all its lines are found again.

    ``correlation_id`` is the caller's own name for a larger piece of work, else the request's id.
    """

    request_id: str
    correlation_id: str
    trace: Trace


def trace_of(origin: Origin | None) -> Trace | None:
    return origin.trace if origin else None
