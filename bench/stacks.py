"""Stacks: the guidance's, templates of up to 500 resources, and two thousand stacks in one account."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from pathlib import Path

from servers import BUILD, Tarn, clean_environment

SIZES = (50, 100, 200, 500)  # resources of a template; 500 is the most
CHAIN = 10  # of them need one another, one after the other
STACKS = 2000  # the most of an account
LOOK_S = 0.005
LIMIT_S = 300


def template_of(resources: int, value: str = "one") -> str:
    """SSM parameters: cheap to make, so that what is measured is the engine. Every one of a chain waits for the one
    before it."""
    out = {}
    for number in range(resources):
        parameter = {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Value": value},
        }
        if number % CHAIN:
            parameter["Properties"]["Description"] = {"Ref": f"P{number - 1}"}
        out[f"P{number}"] = parameter
    return json.dumps({"Resources": out})


def wait_until_ended(cloudformation, stack: str) -> str:
    deadline = time.monotonic() + LIMIT_S
    while True:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            return found["StackStatus"]
        if time.monotonic() > deadline:
            raise AssertionError(f"{stack} is {found['StackStatus']} after {LIMIT_S} s")
        time.sleep(LOOK_S)


def timed(cloudformation, stack: str, call, wanted: str, **arguments) -> float:
    """Seconds from the request to the stack's last status."""
    began = time.monotonic()
    identifier = call(StackName=stack, **arguments).get("StackId", stack)
    status = wait_until_ended(cloudformation, identifier)
    if status != wanted:
        raise AssertionError(f"{stack} ended as {status}, not {wanted}")
    return time.monotonic() - began


def measure_sizes(server: Tarn, say) -> list[tuple[str, str]]:
    cloudformation, s3 = server.client("cloudformation"), server.client("s3")
    region = {"LocationConstraint": "us-west-2"}
    s3.create_bucket(Bucket="bench-stacks", CreateBucketConfiguration=region)

    def url_of(body: str) -> str:
        s3.put_object(Bucket="bench-stacks", Key="template", Body=body.encode())
        return f"{server.endpoint}/bench-stacks/template"

    rows = []
    for size in SIZES:
        stack = f"bench-{size}"
        create = timed(cloudformation, stack, cloudformation.create_stack, "CREATE_COMPLETE",
                       TemplateURL=url_of(template_of(size)))  # fmt: skip
        update = timed(cloudformation, stack, cloudformation.update_stack, "UPDATE_COMPLETE",
                       TemplateURL=url_of(template_of(size, "two")))  # fmt: skip
        identifier = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
        delete = timed(cloudformation, identifier, cloudformation.delete_stack, "DELETE_COMPLETE")
        figures = ", ".join(
            f"{what} {seconds:.2f} s ({1000 * seconds / size:.1f} ms a resource)"
            for what, seconds in (
                ("made in", create),
                ("all updated in", update),
                ("gone in", delete),
            )
        )
        rows.append((f"a template of {size} resources, in chains of {CHAIN}", figures))
        say(f"  {size} resources: {figures}")
    return rows


def measure_many(server: Tarn, say) -> list[tuple[str, str]]:
    cloudformation = server.client("cloudformation")
    one = template_of(1)
    there = len(cloudformation.describe_stacks()["Stacks"])
    seconds = []
    for number in range(STACKS - there):
        seconds.append(timed(cloudformation, f"many-{number}", cloudformation.create_stack, "CREATE_COMPLETE",
                             TemplateBody=one))  # fmt: skip
        if (number + 1) % 500 == 0:
            say(
                f"  {number + 1} stacks, the last 100 in {1000 * statistics.median(seconds[-100:]):.1f} ms each"
            )
    began = time.monotonic()
    pages = list(cloudformation.get_paginator("describe_stacks").paginate())
    listing = (time.monotonic() - began) / len(pages)
    memory = server.rss_mb()
    server.stop()
    began = time.monotonic()
    server.start(poll_s=0.002)
    start = time.monotonic() - began
    first, last = (1000 * statistics.median(part) for part in (seconds[:100], seconds[-100:]))
    return [
        (
            f"{STACKS:,} stacks of one resource, one after the other",
            f"the first hundred **{first:.1f} ms** each, the last hundred **{last:.1f} ms**",
        ),
        (
            "… a page of DescribeStacks, the server's memory, its start",
            f"**{1000 * listing:.1f} ms** for a hundred stacks, {memory:.0f} MB, {1000 * start:.0f} ms",
        ),
    ]


def measure_guidance(server: Tarn, say) -> list[tuple[str, str]]:
    program = [str(BUILD / "bin" / "tarn")]
    own = ["--data-dir", str(server.folder / "data")]
    began = time.monotonic()
    done = subprocess.run([*program, "deploy", "guidance", *own], capture_output=True, text=True,
                          check=False, env=clean_environment(), timeout=LIMIT_S)  # fmt: skip
    seconds = time.monotonic() - began
    if done.returncode != 0:
        raise AssertionError(f"tarn deploy guidance: {done.stderr or done.stdout}")
    say(f"  the guidance: {seconds:.1f} s")
    subprocess.run([*program, "destroy", "guidance", "--yes", *own], capture_output=True, check=True,
                   env=clean_environment(), timeout=LIMIT_S)  # fmt: skip
    return [
        (
            "all stacks of the guidance, by `tarn deploy guidance`, its own start and look-ups included",
            f"**{seconds:.1f} s**",
        )
    ]


def measure_stacks(folder: Path, say) -> list[tuple[str, str]]:
    """Rows of the table: what, and the figure, or why there is none."""
    from botocore.exceptions import BotoCoreError, ClientError

    server = Tarn(folder / "stacks")
    say("Stacks")
    server.start()
    rows = []
    try:
        rows += measure_guidance(server, say)
        rows += measure_sizes(server, say)
        rows += measure_many(server, say)
    except (
        AssertionError,
        OSError,
        subprocess.SubprocessError,
        BotoCoreError,
        ClientError,
    ) as reason:
        say(f"  {reason}")
        rows.append(("what comes after these", f"not measured: {reason}"))
    finally:
        server.stop()
    return rows
