"""What tests of stacks share."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError, WaiterError

WAIT = {"Delay": 1, "MaxAttempts": 120}


def refused(call, **arguments):
    """Code and message of what is not done."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def events_of(cloudformation, stack):
    """Oldest first: (logical id, status)."""
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    events = [event for page in pages for event in page["StackEvents"]]
    return [(e["LogicalResourceId"], e["ResourceStatus"]) for e in reversed(events)]


def wait(cloudformation, what, stack):
    """By the waiter of that name."""
    try:
        cloudformation.get_waiter(what).wait(StackName=stack, WaiterConfig=WAIT)
    except WaiterError as error:
        events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        told = [
            (e["LogicalResourceId"], e["ResourceStatus"], e.get("ResourceStatusReason"))
            for e in events
        ]
        raise AssertionError(f"{error}: {told}") from None


def wait_for_status(cloudformation, stack, *wanted):
    """The stack, once it is in one of these."""
    deadline = time.monotonic() + 120
    while True:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        if found["StackStatus"] in wanted:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def resources_of(cloudformation, stack):
    """Physical ids by logical ids."""
    found = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    return {r["LogicalResourceId"]: r.get("PhysicalResourceId") for r in found}


def own_tags(tags):
    """Values by keys, without those that stacks set of themselves."""
    return {t["Key"]: t["Value"] for t in tags if not t["Key"].startswith("aws:")}


def outputs_of(cloudformation, stack):
    (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", [])}
