"""Runs a notebook on the cluster and puts it, with its answers, into S3: `python -m tarn_cluster.notebook ORDER`.

ORDER is JSON (src/services/emr/notebook_execution.cc writes it). The notebook's kernel is sparkmagic's on the cluster's
Livy, or plain Python on the primary node, as the notebook names it.
"""

import json
import os
import signal
import sys
import tempfile
from pathlib import Path

_KERNELS = ("pysparkkernel", "python3")
_STOPPED = 143  # as shells tell SIGTERM


class Unrunnable(Exception):
    """The notebook cannot be executed; the message says what to change."""


def fetch(s3, place):
    """The notebook at a place of S3."""
    import nbformat

    try:
        body = s3.get_object(Bucket=place["Bucket"], Key=place["Key"])["Body"].read()
    except Exception as error:
        raise Unrunnable(
            f"s3://{place['Bucket']}/{place['Key']} cannot be read: {error}"
        ) from error
    try:
        return nbformat.reads(body.decode("utf-8"), as_version=4)
    except Exception as error:
        raise Unrunnable(
            f"s3://{place['Bucket']}/{place['Key']} is no notebook: {error}"
        ) from error


def kernel_of(notebook):
    """The kernel that the notebook asks for."""
    name = notebook.metadata.get("kernelspec", {}).get("name", "pysparkkernel")
    if name not in _KERNELS:
        raise Unrunnable(f"the notebook's kernel is {name}; there are {' and '.join(_KERNELS)}")
    return name


def inject(notebook, parameters):
    """Adds a cell that sets the parameters: after the cell tagged `parameters`, whose values they replace, as papermill
    does (https://papermill.readthedocs.io/en/latest/usage-parameterize.html); else before the first that is no
    configuration of the session."""
    import nbformat

    if not parameters:
        return
    lines = ["# Parameters", *(f"{name} = {value!r}" for name, value in parameters.items())]
    cell = nbformat.v4.new_code_cell("\n".join(lines), metadata={"tags": ["injected-parameters"]})
    place = 0
    for index, each in enumerate(notebook.cells):
        if "parameters" in each.metadata.get("tags", []):
            place = index + 1
            break
        if each.cell_type == "code" and each.source.lstrip().startswith("%%configure"):
            place = index + 1
    notebook.cells.insert(place, cell)


def parameters_of(text):
    """NotebookParams as names and values."""
    try:
        given = json.loads(text or "{}")
    except ValueError as error:
        raise Unrunnable(f"NotebookParams is not JSON: {error}") from error
    if not isinstance(given, dict) or not all(name.isidentifier() for name in given):
        raise Unrunnable("NotebookParams is not an object of names of variables and their values")
    return given


def execute(notebook, order):
    """Runs every cell; raises nbclient's CellExecutionError at the first that fails."""
    from nbclient import NotebookClient
    from tarn_jupyter.workspace import Server, prepare

    secret = ":".join([os.environ["AWS_SECRET_ACCESS_KEY"], os.environ["AWS_SESSION_TOKEN"]])
    server = Server(
        os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_ACCESS_KEY_ID"], secret, order["cluster"]
    )
    folder = Path(tempfile.mkdtemp(dir=os.environ.get("TMPDIR")))
    os.environ.update(prepare(server, folder, unattended=True))
    os.environ.update(order["environment"])
    NotebookClient(
        notebook,
        timeout=None,
        startup_timeout=300,
        kernel_name=kernel_of(notebook),
        resources={"metadata": {"path": str(folder)}},
    ).execute()


def keep(s3, notebook, order):
    """Puts the notebook where its output belongs."""
    import nbformat

    place = order["output"]
    if not place:
        return
    if order["format"] == "HTML":
        from nbconvert import HTMLExporter

        body, kind = HTMLExporter().from_notebook_node(notebook)[0], "text/html"
    else:
        body, kind = nbformat.writes(notebook), "application/x-ipynb+json"
    s3.put_object(Bucket=place["Bucket"], Key=place["Key"], Body=body.encode(), ContentType=kind)
    print(f"output: s3://{place['Bucket']}/{place['Key']}", flush=True)


def main():
    import boto3
    from nbclient.exceptions import CellExecutionError

    order = json.loads(sys.argv[1])
    s3 = boto3.client("s3")
    try:
        parameters = parameters_of(order["parameters"])
        notebook = fetch(s3, order["input"])
        kernel_of(notebook)
    except Unrunnable as error:
        print(error, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_STOPPED))
    inject(notebook, parameters)
    try:
        execute(notebook, order)
    except CellExecutionError as error:
        print(f"{error.ename}: {error.evalue}", file=sys.stderr)
        return 1
    finally:
        # What it has come to, whatever ended it.
        keep(s3, notebook, order)
    return 0


if __name__ == "__main__":
    sys.exit(main())
