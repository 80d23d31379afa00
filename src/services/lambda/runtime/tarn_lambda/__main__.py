"""Loads a function's handler, then answers one event after another.

One JSON object a line, by the process's first stdin and stdout; what the function itself prints goes
to its log (stderr). To here: `{"id", "event", "arn", "deadline_ms", "client_context"}`, `event` being
the text of the payload. From here: `{"ready": true}` or `{"failed": ERROR}` once, then
`{"id", "result": TEXT}` or `{"id", "error": ERROR}`. ERROR is what callers of the function see:
https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

TASK_ROOT = os.environ["LAMBDA_TASK_ROOT"]


class HandlerError(Exception):
    """The handler cannot be loaded; `kind` is what Lambda calls that."""

    def __init__(self, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace or []


@dataclass
class Identity:
    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None


class ClientContext:
    def __init__(self, given: dict[str, Any]) -> None:
        self.custom = given.get("custom")
        self.env = given.get("env")
        self.client = given.get("client")


class Context:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, call: dict[str, Any]) -> None:
        self.aws_request_id: str = call["id"]
        self.invoked_function_arn: str = call["arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = Identity()
        self.client_context = None
        if call.get("client_context"):
            self.client_context = ClientContext(json.loads(call["client_context"]))
        self._deadline_ms: int = call["deadline_ms"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message: str) -> None:
        print(message)


def frames(error: BaseException) -> list[str]:
    """The function's own part of a traceback."""
    return [
        line
        for line in traceback.format_tb(error.__traceback__)
        if f'File "{__file__}"' not in line and "<frozen importlib" not in line
    ]


def load(handler: str) -> Callable[[Any, Context], Any]:
    module_name, dot, name = handler.rpartition(".")
    if not dot:
        raise HandlerError(
            "Runtime.MalformedHandlerName",
            f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)",
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ModuleNotFoundError as error:
        raise HandlerError(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}"
        ) from error
    except SyntaxError as error:
        raise HandlerError(
            "Runtime.UserCodeSyntaxError",
            f"Syntax error in module '{module_name}': {error.msg} ({error.filename}, line {error.lineno})",
        ) from error
    except Exception as error:
        raise HandlerError(type(error).__name__, str(error), frames(error)) from error
    if not hasattr(module, name):
        raise HandlerError(
            "Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'"
        )
    return getattr(module, name)


def said(kind: str, message: str, trace: list[str], request: str = "") -> dict[str, Any]:
    out: dict[str, Any] = {"errorMessage": message, "errorType": kind}
    if request:
        out["requestId"] = request
    out["stackTrace"] = trace
    return out


def answer(handler: Callable[[Any, Context], Any], call: dict[str, Any]) -> dict[str, Any]:
    try:
        event = json.loads(call["event"]) if call["event"] else {}
    except ValueError as error:
        message = f"Unable to unmarshal input: {error}"
        return {"error": said("Runtime.UnmarshalError", message, [], call["id"])}
    try:
        result = handler(event, Context(call))
    except Exception as error:  # noqa: BLE001 - whatever the function raises is its answer
        problem = said(type(error).__name__, str(error), frames(error), call["id"])
        print(f"[ERROR] {type(error).__name__}: {error}\n" + "".join(problem["stackTrace"]), end="")
        return {"error": problem}
    try:
        return {"result": json.dumps(result)}
    except (TypeError, ValueError, RecursionError) as error:
        message = f"Unable to marshal response: {error}"
        return {"error": said("Runtime.MarshalError", message, [], call["id"])}


def take_pipes() -> tuple[TextIO, TextIO]:
    """The two pipes to the server, out of the reach of what the function prints and reads."""
    calls = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return calls, answers


def main() -> int:
    calls, answers = take_pipes()

    def tell(message: dict[str, Any]) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    sys.path.insert(0, TASK_ROOT)
    try:
        handler = load(os.environ["_HANDLER"])
    except HandlerError as error:
        print(f"[ERROR] {error.kind}: {error}\n" + "".join(error.trace), end="")
        tell({"failed": said(error.kind, str(error), error.trace)})
        return 1
    tell({"ready": True})
    for line in calls:
        call = json.loads(line)
        tell({"id": call["id"], **answer(handler, call)})
    return 0


sys.exit(main())
