"""A gigabyte of words counted by Spark, as a step of a cluster: read from S3, written to S3, its logs in S3."""

from __future__ import annotations

import random
import time

from clusters import CLUSTER, ComputeServer, wait_until

MEBIBYTE = 1 << 20
OBJECTS = 16
OBJECT_MIB = 64
LIMIT_S = 1800
BUCKET = "bench-wordcount"

COUNT = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.appName("wordcount").getOrCreate()
words = spark.read.text(sys.argv[1]).selectExpr("explode(split(value, ' ')) AS word")
words.groupBy("word").count().write.csv(sys.argv[2])
"""


def words_block(seed: int) -> bytes:
    """A mebibyte of lines of words, some often and most seldom; the same for the same seed."""
    chance = random.Random(seed)
    words = [f"word{chance.randrange(10**6):06d}" for _ in range(20_000)]
    lines, size = [], 0
    while size < MEBIBYTE:
        line = " ".join(
            words[min(int(chance.paretovariate(0.6)), len(words) - 1)] for _ in range(12)
        )
        lines.append(line)
        size += len(line) + 1
    return ("\n".join(lines) + "\n").encode()


def measure_wordcount(server: ComputeServer, say) -> list[tuple[str, str]]:
    """Rows of the table: what, and the figure."""
    s3, emr = server.client("s3"), server.client("emr")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket=BUCKET, Key="count.py", Body=COUNT.encode())
    block = words_block(7)
    total = 0
    for number in range(OBJECTS):
        body = block * OBJECT_MIB
        total += len(body)
        s3.put_object(Bucket=BUCKET, Key=f"text/{number}.txt", Body=body)
    cluster = emr.run_job_flow(**CLUSTER, LogUri=f"s3://{BUCKET}/logs")["JobFlowId"]

    def step_of(step_id: str) -> dict:
        return emr.describe_step(ClusterId=cluster, StepId=step_id)["Step"]["Status"]

    at = f"s3://{BUCKET}"
    arguments = ["spark-submit", f"{at}/count.py", f"{at}/text/", f"{at}/counted"]
    step = {
        "Name": "wordcount",
        "ActionOnFailure": "CONTINUE",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": arguments},
    }
    (step_id,) = emr.add_job_flow_steps(JobFlowId=cluster, Steps=[step])["StepIds"]
    wait_until(lambda: step_of(step_id)["State"] != "PENDING", "the step's start")
    began = time.monotonic()
    while step_of(step_id)["State"] == "RUNNING":
        if time.monotonic() - began > LIMIT_S:
            raise TimeoutError(f"the word count took over {LIMIT_S} s")
        time.sleep(0.2)
    status = step_of(step_id)
    assert status["State"] == "COMPLETED", status
    seconds = time.monotonic() - began
    s3.head_object(Bucket=BUCKET, Key=f"logs/{cluster}/steps/{step_id}/stderr.gz")
    emr.terminate_job_flows(JobFlowIds=[cluster])
    say(f"  words of {total / 1e9:.2f} GB counted in {seconds:.1f} s")
    what = f"words of {total / 1e9:.2f} GB counted by a step, from S3 to S3, its driver's start included"
    return [(what, f"**{seconds:.1f} s** ({total / 1e6 / seconds:,.0f} MB/s)")]
