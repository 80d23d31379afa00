"""Notebooks and pages of an EMR cluster: Livy at its port 8998, notebook executions, Spark's pages through the gateway,
and when the cluster ends. The tests share one cluster, whose end by its policy the last of them see."""

from __future__ import annotations

import json
import subprocess
import time

import pytest
import requests
from emr_steps import (
    LIMIT_S,
    command,
    describe,
    processes_of,
    refused,
    run_job_flow,
    wait_for_cluster,
    wait_for_step,
)
from livy_session import LivySession
from tarn_server import BUILD

pytestmark = pytest.mark.slow
ONE = {"MasterInstanceType": "m5.xlarge", "InstanceCount": 1}


@pytest.fixture(scope="module")
def plain(server):
    """A cluster without Livy, which has nothing to do while the other tests run."""
    emr = server.client("emr")
    cluster = run_job_flow(emr, instances=ONE)
    yield cluster
    emr.terminate_job_flows(JobFlowIds=[cluster])


@pytest.fixture(scope="module")
def notebook(server, plain):
    """A session on a cluster that has Livy: (emr, cluster, its address, session)."""
    emr = server.client("emr")
    place = {"LocationConstraint": "us-west-2"}
    server.client("s3").create_bucket(Bucket="notebook-executions", CreateBucketConfiguration=place)
    configurations = [
        {"Classification": "spark-defaults", "Properties": {"spark.sql.session.timeZone": "Asia/Tokyo"}},
        {"Classification": "livy-conf", "Properties": {"livy.server.session.timeout": "2h"}},
    ]  # fmt: skip
    cluster = run_job_flow(
        emr,
        instances=ONE,
        Applications=[{"Name": "Spark"}, {"Name": "Livy"}],
        Configurations=configurations,
        AutoTerminationPolicy={"IdleTimeout": 60},
    )
    wait_for_cluster(emr, cluster, "WAITING")
    address = describe(emr, cluster)["MasterPublicDnsName"]
    session = LivySession(server, url=f"http://{address}:8998", executorCores=99)
    yield emr, cluster, address, session
    emr.terminate_job_flows(JobFlowIds=[cluster])


def test_a_session_computes_on_the_cluster_with_its_configuration(server, notebook):
    _, cluster, address, session = notebook
    code = """
import os, socket
places = sc.parallelize(range(8), 4).map(lambda n: (n * n, os.environ.get("TARN_CLUSTER"))).collect()
print(sc.master, sum(n for n, _ in places), {place for _, place in places})
print(spark.conf.get("spark.sql.session.timeZone"), os.environ["USER"])
"""
    shown = session.run(code).splitlines()
    folder = server.data_dir / "emr" / cluster
    assert shown[0] == f"spark://{address}:7077 140 {{'{folder}/cluster.json'}}", session.log()
    assert shown[1] == "Asia/Tokyo hadoop"
    assert "spark.executor.cores: asked 99, granted" in session.log()


def test_its_address_and_the_gateway_lead_to_the_same_sessions(server, notebook):
    _, cluster, address, session = notebook
    told = session.describe()
    assert told["appId"].startswith("app-")
    assert told["appInfo"]["driverLogUrl"].startswith(f"http://{address}:8998/sessions/")
    page = requests.get(told["appInfo"]["sparkUiUrl"] + "/jobs/", timeout=30)
    assert page.status_code == 200 and told["appInfo"]["sparkUiUrl"].startswith(
        f"http://{address}:40"
    )
    gateway = f"{server.endpoint_url}/_tarn/emr/{cluster}/livy"
    (same,) = requests.get(f"{gateway}/sessions", auth=session.auth, timeout=30).json()["sessions"]
    assert same["id"] == told["id"]
    assert same["appInfo"]["driverLogUrl"].startswith(f"{gateway}/sessions/")
    # Tarn's own sessions are others.
    own = requests.get(f"{server.endpoint_url}/_tarn/livy/sessions", auth=session.auth, timeout=30)
    assert told["appId"] not in own.text


def test_nobody_runs_code_on_a_cluster_without_keys(notebook):
    _, _, address, session = notebook
    url = f"http://{address}:8998"
    assert requests.get(f"{url}/sessions", timeout=30).status_code == 401
    assert requests.get(f"{url}/x", auth=session.auth, timeout=30).status_code == 404
    assert requests.put(f"{url}/b", data=b"x", auth=session.auth, timeout=30).status_code == 404


def test_a_session_has_the_keys_of_the_cluster(notebook):
    _, _, _, session = notebook
    code = "import boto3\nprint(boto3.client('sts').get_caller_identity()['Arn'], boto3.client('s3').list_buckets()['Owner'])"
    assert session.run(code).startswith("arn:aws:")


def test_three_clusters_at_once(server, emr_cluster, notebook, plain):
    emr, cluster, *_ = notebook
    everybody = [emr_cluster.id, cluster, plain]
    addresses = [describe(emr, each)["MasterPublicDnsName"] for each in everybody]
    assert len(set(addresses)) == 3
    step = command("bash", "-c", "echo $SPARK_LOCAL_IP > /tmp/address")
    steps = [
        emr.add_job_flow_steps(JobFlowId=each, Steps=[step])["StepIds"][0] for each in everybody
    ]
    for each, step_id, address in zip(everybody, steps, addresses, strict=True):
        wait_for_step(emr, each, step_id, "COMPLETED")
        said = server.data_dir / "emr" / each / "tmp/address"
        assert said.read_text() == address + "\n"


def test_a_cluster_without_livy_says_what_it_lacks(server, plain):
    command = [BUILD / "bin/tarn", "notebook", "--data-dir", server.data_dir, "--cluster", plain]
    done = subprocess.run(
        command, capture_output=True, text=True, env=server.client_environment(), timeout=120
    )
    assert done.returncode != 0
    assert f"Cluster {plain} has no Livy: name it among the Applications" in done.stderr


# --- notebook executions ---------------------------------------------------------------------------


def notebook_of(*cells, kernel="pysparkkernel"):
    """A notebook's JSON; a cell is its source, or (source, tag)."""
    pairs = [(cell, []) if isinstance(cell, str) else (cell[0], [cell[1]]) for cell in cells]
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": kernel, "display_name": kernel}},
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell-{number}",
                    "source": source,
                    "metadata": {"tags": tags},
                    "outputs": [],
                    "execution_count": None,
                }
                for number, (source, tags) in enumerate(pairs)
            ],
        }
    )


def start_execution(server, notebook, content, **more):
    """The id of an execution of the notebook `content`, whose output goes to s3://notebook-executions/out."""
    emr, cluster = notebook[:2]
    s3 = server.client("s3")
    s3.put_object(Bucket="notebook-executions", Key="in/n.ipynb", Body=content.encode())
    return emr.start_notebook_execution(
        ExecutionEngine={"Id": cluster, "Type": "EMR"},
        ServiceRole="EMR_Notebooks_DefaultRole",
        NotebookS3Location={"Bucket": "notebook-executions", "Key": "in/n.ipynb"},
        OutputNotebookS3Location={"Bucket": "notebook-executions", "Key": "out"},
        **more,
    )["NotebookExecutionId"]


def wait_for_execution(emr, execution, *states):
    deadline = time.monotonic() + 2 * LIMIT_S
    while True:
        told = emr.describe_notebook_execution(NotebookExecutionId=execution)["NotebookExecution"]
        if told["Status"] in states:
            return told
        assert told["Status"] not in ("FINISHED", "FAILED", "STOPPED"), told
        assert time.monotonic() < deadline, told
        time.sleep(0.2)


def output_of(server, told):
    place = told["OutputNotebookS3Location"]
    assert told["OutputNotebookURI"] == f"s3://{place['Bucket']}/{place['Key']}"
    body = server.client("s3").get_object(Bucket=place["Bucket"], Key=place["Key"])["Body"]
    return body.read().decode()


def test_a_notebook_is_executed_on_the_cluster_with_its_parameters(server, notebook):
    emr, cluster, address, _ = notebook
    content = notebook_of(("word = 'default'", "parameters"), "print(sc.master, word, times * 2)")
    execution = start_execution(
        server,
        notebook,
        content,
        NotebookExecutionName="report",
        NotebookParams='{"word": "given", "times": 21}',
        Tags=[{"Key": "team", "Value": "data"}],
    )
    told = wait_for_execution(emr, execution, "FINISHED")
    assert told["NotebookExecutionName"] == "report" and told["EndTime"] >= told["StartTime"]
    assert told["Tags"] == [{"Key": "team", "Value": "data"}]
    assert f"spark://{address}:7077 given 42" in output_of(server, told)
    listed = emr.list_notebook_executions(ExecutionEngineId=cluster)["NotebookExecutions"]
    assert [each["NotebookExecutionId"] for each in listed] == [execution]


def test_a_failing_notebook_keeps_what_it_came_to_and_says_why(server, notebook):
    content = notebook_of("print('so far')", "raise ValueError('no data')", kernel="python3")
    execution = start_execution(server, notebook, content, OutputNotebookFormat="HTML")
    told = wait_for_execution(notebook[0], execution, "FAILED")
    assert told["LastStateChangeReason"] == "ValueError: no data"
    page = output_of(server, told)
    assert "so far" in page and page.lstrip().startswith("<!DOCTYPE html>")


def test_a_notebook_is_stopped(server, notebook):
    emr = notebook[0]
    content = notebook_of("import time\ntime.sleep(1000)", kernel="python3")
    execution = start_execution(server, notebook, content)
    wait_for_execution(emr, execution, "RUNNING")
    emr.stop_notebook_execution(NotebookExecutionId=execution)
    wait_for_execution(emr, execution, "STOPPED")
    stopped = emr.list_notebook_executions(Status="STOPPED")["NotebookExecutions"]
    assert [each["NotebookExecutionId"] for each in stopped] == [execution]


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ({"EditorId": "e-1", "RelativePath": "n.ipynb"}, "NotImplemented", "NotebookS3Location"),
        ({"NotebookParams": "[1]"}, "InvalidRequestException", "NotebookParams"),
        ({"NotebookS3Location": {"Bucket": "b"}}, "InvalidRequestException", "Key"),
        ({"ExecutionEngine": {"Id": "j-NONE"}}, "InvalidRequestException", "j-NONE"),
    ],
)
def test_what_cannot_be_executed_is_refused(notebook, more, code, said):
    emr, cluster = notebook[:2]
    request = {
        "ExecutionEngine": {"Id": cluster},
        "ServiceRole": "r",
        "NotebookS3Location": {"Bucket": "b", "Key": "k"},
        **more,
    }
    answer = refused(emr.start_notebook_execution, **request)
    assert answer[0] == code and said in answer[1]


# --- pages -----------------------------------------------------------------------------------------


def browser(url):
    """A browser without keys, after it followed a presigned URL: (session, the page it came to)."""
    session = requests.Session()
    page = session.get(url, timeout=60)
    deadline = time.monotonic() + LIMIT_S
    while page.status_code == 503:
        assert "starting" in page.text and time.monotonic() < deadline, page.text
        time.sleep(0.2)
        page = session.get(page.url, timeout=60)
    assert page.status_code == 200, page.text
    assert "token" not in page.url
    return session, page


def test_pages_lead_to_one_another_through_the_gateway(server, notebook):
    emr, cluster, address, session = notebook
    ask = emr.get_on_cluster_app_ui_presigned_url
    answer = ask(ClusterId=cluster, OnClusterAppUIType="ResourceManager")
    assert answer["PresignedURLReady"]
    reader, master = browser(answer["PresignedURL"])
    assert f"Spark Master at spark://{address}:7077" in master.text
    assert f"http://{address}:" not in master.text
    ui = f"/_tarn/emr/{cluster}/ui"
    assert f"{ui}/8088/static/" in master.text and f"{ui}/8081" in master.text
    style = reader.get(f"{server.endpoint_url}{ui}/8088/static/webui.css", timeout=60)
    assert style.status_code == 200 and style.headers["Content-Type"].startswith("text/css")
    worker = reader.get(f"{server.endpoint_url}{ui}/8081/", timeout=60)
    assert "Spark Worker at" in worker.text and f"http://{address}:" not in worker.text
    application = session.describe()["appId"]
    answer = ask(
        ClusterId=cluster, OnClusterAppUIType="ApplicationMaster", ApplicationId=application
    )
    _, jobs = browser(answer["PresignedURL"])
    assert jobs.url.endswith("/jobs/") and "Spark Jobs" in jobs.text
    assert (
        refused(ask, ClusterId=cluster, OnClusterAppUIType="TezUI")[0] == "InvalidRequestException"
    )


def test_pages_are_for_who_may_see_them(server, notebook):
    emr, cluster, _, session = notebook
    page = f"{server.endpoint_url}/_tarn/emr/{cluster}/ui/8088/"
    assert requests.get(page, timeout=30).status_code == 401
    assert requests.get(page, auth=session.auth, timeout=30).status_code == 200
    assert requests.post(page, auth=session.auth, timeout=30).status_code == 405
    other = page.replace("8088", "22")
    assert requests.get(other, auth=session.auth, timeout=30).status_code == 404
    url = emr.get_on_cluster_app_ui_presigned_url(ClusterId=cluster)["PresignedURL"]
    forged = requests.get(url[:-1] + ("0" if url[-1] != "0" else "1"), timeout=30)
    assert forged.status_code == 401 and "expired" in forged.text


def test_the_history_server_comes_when_it_is_asked(server, notebook):
    _, cluster, address, session = notebook
    assert not [line for _, line in processes_of(server, cluster) if "HistoryServer" in line]
    _, page = browser(f"http://{address}:18080/")
    assert "History Server" in page.text
    told = requests.get(f"http://{address}:18080/api/v1/applications", timeout=60).json()
    assert session.describe()["appId"] in [each["id"] for each in told]


def test_credentials_of_the_cluster_open_its_livy(notebook):
    emr, cluster, address, _ = notebook
    answer = emr.get_cluster_session_credentials(ClusterId=cluster)
    pair = answer["Credentials"]["UsernamePassword"]
    listed = requests.get(
        f"http://{address}:8998/sessions", auth=(pair["Username"], pair["Password"]), timeout=30
    )
    assert listed.status_code == 200 and listed.json()["total"] >= 1
    role = "arn:aws:iam::111122223333:role/x"
    code, message = refused(
        emr.get_cluster_session_credentials, ClusterId=cluster, ExecutionRoleArn=role
    )
    assert code == "NotImplemented" and "ExecutionRoleArn" in message


# --- the end ---------------------------------------------------------------------------------------


def test_a_cluster_ends_after_a_minute_of_nothing_and_an_open_session_is_something(
    server, emr_cluster, plain, notebook
):
    emr, cluster, _, session = notebook
    emr.put_auto_termination_policy(ClusterId=plain, AutoTerminationPolicy={"IdleTimeout": 60})
    deadline = time.monotonic() + 60 + LIMIT_S
    while (status := describe(emr, plain)["Status"])["State"] != "TERMINATED":
        assert status["State"] in ("WAITING", "TERMINATING"), status
        assert time.monotonic() < deadline, status
        time.sleep(0.2)
    assert status["StateChangeReason"]["Code"] == "USER_REQUEST"
    assert "idle for 60 s" in status["StateChangeReason"]["Message"]
    since = status["Timeline"]
    assert (since["EndDateTime"] - since["ReadyDateTime"]).total_seconds() >= 60
    assert not processes_of(server, plain)
    # Others go on: this one is as old, and has had the same policy from its start.
    assert describe(emr, cluster)["Status"]["State"] == "WAITING"
    assert session.describe()["state"] == "idle"
    assert describe(emr, emr_cluster.id)["Status"]["State"] == "WAITING"


def test_livy_ends_with_its_cluster(server, notebook):
    emr, cluster, address, session = notebook
    emr.terminate_job_flows(JobFlowIds=[cluster])
    deadline = time.monotonic() + LIMIT_S
    while (status := describe(emr, cluster)["Status"])["State"] != "TERMINATED":
        assert time.monotonic() < deadline, status
        time.sleep(0.1)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{address}:8998/sessions", timeout=10)
    gone = requests.get(
        f"{server.endpoint_url}/_tarn/emr/{cluster}/livy/sessions", auth=session.auth, timeout=30
    )
    assert gone.status_code == 404
    assert not processes_of(server, cluster)


def test_applications_are_read_after_their_cluster_has_ended(server, notebook):
    emr, cluster, _, _ = notebook
    arn = describe(emr, cluster)["ClusterArn"]
    ui = emr.create_persistent_app_ui(TargetResourceArn=arn)["PersistentAppUIId"]
    told = emr.describe_persistent_app_ui(PersistentAppUIId=ui)["PersistentAppUI"]
    assert told["PersistentAppUITypeList"] == ["SHS"]
    url = emr.get_persistent_app_ui_presigned_url(PersistentAppUIId=ui)["PresignedURL"]
    reader, page = browser(url)
    assert "History Server" in page.text
    api = f"{server.endpoint_url}/_tarn/emr/{ui}/ui/18080/api/v1/applications"
    applications = reader.get(api, timeout=60).json()
    assert "livy-session" in [each["name"] for each in applications], applications
    code, message = refused(emr.describe_persistent_app_ui, PersistentAppUIId="p-NONE")
    assert code == "InvalidRequestException" and "p-NONE" in message
