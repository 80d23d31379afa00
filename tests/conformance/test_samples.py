"""The bucket emrstudio.sample.templates: an ordinary one that begins with the installation's templates."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from tarn_server import BUILD, ROOT, TarnServer

BUCKET = "emrstudio.sample.templates"


@pytest.fixture
def installation(tmp_path):
    """What stands beside the program, with templates that a test may change."""
    share = tmp_path / "share"
    share.mkdir()
    for entry in (BUILD / "share").iterdir():
        if entry.name not in ("templates", "notebooks"):
            (share / entry.name).symlink_to(entry.resolve())
    templates = share / "templates"
    templates.mkdir()
    for name in ("changed", "removed", "same", "own"):
        (templates / f"{name}.yaml").write_text(f"# {name}, as installed\n")
    (templates / "notes.txt").write_text("no template")
    return share


@pytest.fixture
def upgraded(tmp_path, installation):
    """A server of that installation."""
    environment = {"TARN_SHARE_DIR": str(installation)}
    arguments = ("--no-sessions",)
    running = TarnServer(tmp_path / "server", arguments=arguments, environment=environment)
    running.start()
    yield running
    running.close()


def content(s3, name):
    try:
        return s3.get_object(Bucket=BUCKET, Key=f"templates/{name}.yaml")["Body"].read().decode()
    except ClientError as error:
        return error.response["Error"]["Code"]


def test_an_account_begins_with_templates_and_the_notebook(server, s3):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    keys = {each["Key"] for page in pages for each in page["Contents"]}
    installed = {f"templates/{path.name}" for path in (ROOT / "templates").glob("*.yaml")}
    assert keys == installed | {"notebooks/realtime-impression-tracking.ipynb"}
    assert s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] == "us-west-2"
    url = f"https://s3.us-west-2.amazonaws.com/{BUCKET}/templates/emr-kinesis-data-stream.yaml"
    found = server.client("cloudformation").validate_template(TemplateURL=url)
    assert "StreamName" in [p["ParameterKey"] for p in found["Parameters"]]


def test_an_upgrade_brings_what_is_new_and_leaves_what_is_the_operators(installation, upgraded):
    s3, templates = upgraded.client("s3"), installation / "templates"
    assert content(s3, "same") == "# same, as installed\n"
    assert content(s3, "notes") == "NoSuchKey"
    s3.put_object(Bucket=BUCKET, Key="templates/own.yaml", Body=b"# the operator's\n")
    s3.delete_object(Bucket=BUCKET, Key="templates/removed.yaml")

    for name in ("changed", "removed", "own", "added"):
        (templates / f"{name}.yaml").write_text(f"# {name}, newer\n")
    upgraded.restart()
    assert content(s3, "changed") == "# changed, newer\n"
    assert content(s3, "added") == "# added, newer\n"
    assert content(s3, "same") == "# same, as installed\n"
    assert content(s3, "own") == "# the operator's\n"
    assert content(s3, "removed") == "NoSuchKey"

    # The next upgrade finds what this one put.
    (templates / "changed.yaml").write_text("# changed, newest\n")
    upgraded.kill9()
    upgraded.restart()
    assert content(s3, "changed") == "# changed, newest\n"

    for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
        s3.delete_object(Bucket=BUCKET, Key=each["Key"])
    s3.delete_bucket(Bucket=BUCKET)
    upgraded.restart()
    assert content(s3, "changed") == "NoSuchBucket"
