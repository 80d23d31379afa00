"""What the JVM that writes the class-data archive does first: what the JVMs that will use it do, so that it has their
classes. Nothing here needs a server: questions to AWS end at a port where nobody is."""

import contextlib
import os
import urllib.request

# Of programs that do not run here. A name that another Spark does not have is passed over.
_OTHERS = (
    "org.apache.spark.executor.CoarseGrainedExecutorBackend$",
    "org.apache.spark.deploy.history.FsHistoryProvider",
    "org.apache.spark.deploy.history.HistoryServer$",
    "org.apache.spark.deploy.worker.ExecutorRunner",
    "org.apache.spark.deploy.worker.ui.LogPage",
    "org.apache.spark.util.logging.RollingFileAppender",
)
_NOBODY = "http://127.0.0.1:9"  # discard
_CATALOGS = {
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.catalog.c": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.c.type": "hadoop",
    "spark.sql.catalog.g": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.g.catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog",
    "spark.sql.catalog.g.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
    "spark.sql.catalog.g.warehouse": "s3://nobody/tables",
    "spark.hadoop.fs.s3a.endpoint": _NOBODY,
    "spark.hadoop.fs.s3a.attempts.maximum": "1",
    "spark.hadoop.fs.s3a.retry.limit": "1",
}
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_REGION": "us-west-2",
    "AWS_ENDPOINT_URL": _NOBODY,
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def conf(folder):
    """The configuration of the training session, whose files are in `folder`."""
    return {**_CATALOGS, "spark.sql.catalog.c.warehouse": os.path.join(folder, "tables")}


def run(spark, folder):
    """What a session does, then what a cluster does; ends `spark`."""
    _tables(spark, folder)
    _streams(spark, folder)
    _aws(spark)
    jvm = spark.sparkContext._jvm
    java_conf = spark.sparkContext._jsc.sc().conf()
    for name in _OTHERS:
        with contextlib.suppress(Exception):
            jvm.java.lang.Class.forName(name)
    _cluster(spark, jvm, java_conf, folder)


def _tables(spark, folder):
    spark.sql(
        "CREATE TABLE c.d.t (a BIGINT, at TIMESTAMP) USING iceberg PARTITIONED BY (hours(at))"
    )
    spark.sql("INSERT INTO c.d.t SELECT id, current_timestamp() FROM range(100)")
    spark.sql("SELECT at, count(*) FROM c.d.t GROUP BY at").show()
    spark.sql("SELECT 1 AS one").toJSON().take(1)
    for form in ("parquet", "json", "csv", "text"):
        place = os.path.join(folder, form)
        spark.range(10).selectExpr("cast(id as string) AS id").write.format(form).save(place)
        spark.read.format(form).load(place).groupBy().count().collect()
    spark.sparkContext.parallelize(range(4), 2).map(lambda n: (n % 2, n)).groupByKey().collect()


def _streams(spark, folder):
    query = spark.readStream.format("rate").load().writeStream.format("memory").queryName("m")
    query = query.start()
    query.awaitTermination(4)
    query.stop()
    rates = spark.readStream.format("rate").load().selectExpr("value AS a", "timestamp AS at")
    into = rates.writeStream.format("iceberg").option("fanout-enabled", "true")
    into = into.option("checkpointLocation", os.path.join(folder, "checkpoint"))
    query = into.trigger(availableNow=True).toTable("c.d.t")
    query.awaitTermination(20)
    query.stop()


def _aws(spark):
    """Each fails; by then its client's classes are loaded."""
    kinesis = spark.readStream.format("aws-kinesis").option("kinesis.region", "us-west-2")
    kinesis = kinesis.option("kinesis.streamName", "nobody")
    kinesis = kinesis.option("kinesis.endpointUrl", _NOBODY)
    kinesis = kinesis.option("kinesis.metadataCommitterType", "DYNAMODB")
    kinesis = kinesis.option("kinesis.dynamodb.tableName", "nobody")
    with contextlib.suppress(Exception):
        spark.read.text("s3://nobody/x").count()
    with contextlib.suppress(Exception):
        spark.sql("SHOW NAMESPACES IN g").collect()
    with contextlib.suppress(Exception):
        query = kinesis.load().writeStream.format("noop").start()
        query.awaitTermination(10)
        query.stop()


def _cluster(spark, jvm, java_conf, folder):
    """A master and a worker in this JVM, and an application of theirs."""
    spark.stop()
    java_conf.set("spark.master.rest.enabled", "false")
    own, no_one = "127.0.0.1", jvm.scala.Option.empty()
    started = jvm.org.apache.spark.deploy.master.Master.startRpcEnvAndEndpoint(own, 0, 0, java_conf)
    master, page = f"spark://{started._1().address().hostPort()}", started._2()
    masters = _array(spark, jvm.java.lang.String, master)
    # Too small for an executor, which would be a JVM of its own.
    worker = jvm.org.apache.spark.deploy.worker.Worker.startRpcEnvAndEndpoint(
        own, 0, 0, 1, 16, masters, os.path.join(folder, "work"), no_one, java_conf, no_one
    )
    builder = type(spark).builder.master(master).appName("training")
    builder = builder.config("spark.eventLog.enabled", "true")
    application = builder.config("spark.eventLog.dir", f"file:{folder}").getOrCreate()
    for path in ("/", "/json/"):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://{own}:{page}{path}", timeout=20).read()
    application.stop()
    worker.shutdown()
    started._1().shutdown()


def _array(spark, kind, *values):
    out = spark.sparkContext._gateway.new_array(kind, len(values))
    for index, value in enumerate(values):
        out[index] = value
    return out
