"""python -m tarn_maintenance: reads the order, does its steps one after another, reports each."""

from __future__ import annotations

import json
import logging
import signal
import sys

from pyiceberg.exceptions import CommitFailedException, ValidationException

from tarn_maintenance import compaction, expiry, orphans, purge
from tarn_maintenance.store import Store
from tarn_maintenance.table import load

STEPS = {
    "compaction": compaction.run,
    "expire-snapshots": expiry.run,
    "orphan-removal": orphans.run,
}


class Stopped(Exception):
    """The server asked the worker to end."""


def stop(*_):
    raise Stopped


def tell(**event):
    print(json.dumps(event), flush=True)


def maintain(order):
    """Runs the steps. One that lost its commit to a writer is given up; the next begins anew."""
    for step in order["steps"]:
        try:
            outcome = STEPS[step](load(order), order)
            tell(event="step", step=step, state="done", **outcome)
        except (CommitFailedException, ValidationException) as conflict:
            tell(event="step", step=step, state="gave-up", reason=str(conflict))


def main():
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    signal.signal(signal.SIGTERM, stop)
    order = json.loads(sys.stdin.readline())
    try:
        if order["kind"] == "purge":
            tell(event="step", step="purge", state="done", **purge.run(order, Store(order)))
        else:
            maintain(order)
    except Stopped:
        tell(event="failed", reason="it was stopped")
        return 1
    except Exception as failure:  # the last stop: what went wrong is the run's outcome
        logging.exception("the run failed")
        tell(event="failed", reason=f"{type(failure).__name__}: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
