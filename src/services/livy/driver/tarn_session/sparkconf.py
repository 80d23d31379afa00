"""The Spark configuration of a session: tarn's defaults, the request of POST /sessions on top.

A key that the caller sets wins, with two exceptions that are joined instead of replaced, because a session without
them could not reach its data: the driver's class path and its JVM options.
"""

import glob
import os
import re
from urllib.parse import urlsplit

# Fields of Livy's POST /sessions (https://livy.apache.org/docs/latest/rest-api.html#post-sessions) that become keys.
_FIELD_KEYS = {
    "driverMemory": "spark.driver.memory",
    "driverCores": "spark.driver.cores",
    "executorMemory": "spark.executor.memory",
    "executorCores": "spark.executor.cores",
    "numExecutors": "spark.executor.instances",
    "queue": "spark.yarn.queue",
}
_LIST_KEYS = {
    "jars": "spark.jars",
    "pyFiles": "spark.submit.pyFiles",
    "files": "spark.files",
    "archives": "spark.archives",
}
# Without meaning while a session's executor is the driver itself.
_WITHOUT_MEANING = (
    "driverCores",
    "executorMemory",
    "executorCores",
    "numExecutors",
    "queue",
    "proxyUser",
)
# A session ends when its client does, or when that asks for nothing any more (heartbeatTimeoutInSecond).
_OTHER_LIVES = ("ttl", "idleTimeout")

EXTRA_CLASS_PATH = "spark.driver.extraClassPath"
JAVA_OPTIONS = "spark.driver.extraJavaOptions"
MEMORY = "spark.driver.memory"
# EMR's name for Glue as Hive's metastore:
# https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-spark-glue.html
GLUE_FACTORY = "com.amazonaws.glue.catalog.metastore.AWSGlueDataCatalogHiveClientFactory"
_FACTORY = "hive.metastore.client.factory.class"
_GLUE_METASTORE = {
    "spark.sql.catalogImplementation": "hive",
    # Hive's embedded metastore, whose records are Glue's (spark/, dev.tarn.spark.glue).
    "spark.hadoop.hive.metastore.rawstore.impl": "dev.tarn.spark.glue.GlueStore",
    "spark.hadoop.hive.metastore.uris": "",
}
_REST_URI = re.compile(r"^(spark\.sql\.catalog\.[^.]+)\.uri$")
_MEMORY_TEXT = re.compile(r"^[1-9][0-9]*[kKmMgGtT]?[bB]?$")


class BadConfiguration(Exception):
    """The request cannot be a Spark configuration; the message says what to change."""


def spark_conf(request, platform):
    """(settings, notes): the configuration as a dict, and what the session's log should say about it."""
    notes = []
    settings = defaults(platform)
    for key, value in requested(request, notes).items():
        if key == EXTRA_CLASS_PATH:
            settings[key] = f"{settings[key]}:{value}"
        elif key == JAVA_OPTIONS:
            settings[key] = f"{settings[key]} {value}".strip()
        else:
            settings[key] = value
    _keep_local(settings, platform, notes)
    finish(settings, platform)
    return settings, notes


def finish(settings, platform):
    """What follows from the settings as they were asked for."""
    _lead_rest_catalogs(settings, platform)
    use_metastore(settings)
    memory = settings[MEMORY]
    if not _MEMORY_TEXT.match(memory):
        raise BadConfiguration(f"driverMemory is '{memory}'; write a size such as 512m or 2g")


def requested(
    request, notes, without_meaning=_WITHOUT_MEANING, why="the driver runs its tasks itself"
):
    """The keys that a POST /sessions body asks for; `notes` gets what has no meaning here."""
    asked = {}
    for field, key in _FIELD_KEYS.items():
        if request.get(field) is not None:
            asked[key] = str(request[field])
    for field, key in _LIST_KEYS.items():
        if request.get(field):
            asked[key] = ",".join(_list(field, request[field]))
    if request.get("name"):
        asked["spark.app.name"] = str(request["name"])
    conf = request.get("conf") or {}
    if not isinstance(conf, dict):
        raise BadConfiguration("conf is not an object of Spark keys and values")
    for key, value in conf.items():
        if isinstance(value, (dict, list)):
            raise BadConfiguration(f"conf.{key} is not a text, a number or true/false")
        text = _conf_text(value)
        if key in _LIST_KEYS.values() and key in asked:
            text = f"{asked[key]},{text}"
        asked[key] = text
    for field in without_meaning:
        if request.get(field) is not None:
            notes.append(f"{field}={request[field]} has no meaning here: {why}")
    for field in _OTHER_LIVES:
        if request.get(field) is not None:
            notes.append(
                f"{field}={request[field]} has no meaning here: a session ends with its client"
            )
    return asked


def _list(field, value):
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadConfiguration(f"{field} is not a list of paths")
    return value


def _conf_text(value):
    if value is True or value is False:
        return "true" if value else "false"
    return "" if value is None else str(value)


def use_metastore(settings):
    """Where Glue is asked for as Hive's metastore, Spark has Hive's catalog, and that its records in Glue."""
    for key in (f"spark.hadoop.{_FACTORY}", f"spark.{_FACTORY}"):
        value = settings.get(key)
        if value == GLUE_FACTORY:
            settings.update(_GLUE_METASTORE)
        elif value:
            raise BadConfiguration(f"{key} is {value}; here is {GLUE_FACTORY} only")


def _keep_local(settings, platform, notes):
    """A session's Spark runs inside its driver, whatever cluster a notebook written for EMR names."""
    master = settings.get("spark.master", "")
    local = f"local[{platform.get('cores', 2)}]"
    if not master.startswith("local"):
        notes.append(f"spark.master={master} has no meaning here: this session runs as {local}")
        settings["spark.master"] = local
    if settings.pop("spark.submit.deployMode", "client") != "client":
        notes.append(
            "spark.submit.deployMode=cluster has no meaning here: the driver is the session"
        )


def _lead_rest_catalogs(settings, platform):
    """Iceberg's REST client heeds neither the JVM's proxy nor AWS_ENDPOINT_URL, only its own settings
    (https://iceberg.apache.org/docs/latest/configuration/, rest.client.proxy.*)."""
    if not platform.get("proxy_port"):
        return
    for key, value in list(settings.items()):
        catalog = _REST_URI.match(key)
        if catalog and (urlsplit(value).hostname or "").endswith(".amazonaws.com"):
            proxy = f"{catalog[1]}.rest.client.proxy"
            settings.setdefault(f"{proxy}.hostname", platform.get("proxy_host", "127.0.0.1"))
            settings.setdefault(f"{proxy}.port", str(platform["proxy_port"]))


def defaults(platform):
    """What every driver here has: Spark's own settings, and the ways to its data."""
    cores = platform.get("cores", 2)
    settings = {
        "spark.master": f"local[{cores}]",
        "spark.app.name": "livy-session",
        MEMORY: platform.get("driver_memory", "1g"),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.port": "0",
        "spark.ui.showConsoleProgress": "false",
        # As in Spark 3, which emr-6 and emr-7 notebooks are written for
        # (https://spark.apache.org/docs/4.0.0/sql-migration-guide.html).
        "spark.sql.ansi.enabled": "false",
        # 200 by default: on a few cores nearly all of the time of a small query.
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.sql.catalogImplementation": "in-memory",
        EXTRA_CLASS_PATH: ":".join(class_path(platform)),
        JAVA_OPTIONS: " ".join(_java_options(platform)),
    }
    if platform.get("directory"):
        settings["spark.local.dir"] = os.path.join(platform["directory"], "spark")
        settings["spark.sql.warehouse.dir"] = os.path.join(platform["directory"], "warehouse")
    settings.update(_object_store(platform))
    settings.update(platform.get("conf") or {})
    return settings


def _object_store(platform):
    """S3A for every scheme that AWS notebooks use; the plain endpoint is the fast way to the data."""
    settings = {
        f"spark.hadoop.fs.{scheme}.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem"
        for scheme in ("s3", "s3n")
    }
    settings["spark.hadoop.fs.s3a.impl"] = "org.apache.hadoop.fs.s3a.S3AFileSystem"
    settings["spark.hadoop.fs.s3a.path.style.access"] = "true"
    # The credentials of the session are in its environment, with a session token.
    settings["spark.hadoop.fs.s3a.aws.credentials.provider"] = (
        "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider"
    )
    # A micro-batch writes few, small files; S3A's default buffers on disk under hadoop.tmp.dir.
    settings["spark.hadoop.fs.s3a.fast.upload.buffer"] = "bytebuffer"
    if platform.get("region"):
        settings["spark.hadoop.fs.s3a.endpoint.region"] = platform["region"]
    if platform.get("endpoint"):
        settings["spark.hadoop.fs.s3a.endpoint"] = platform["endpoint"]
        secure = platform["endpoint"].startswith("https:")
        settings["spark.hadoop.fs.s3a.connection.ssl.enabled"] = "true" if secure else "false"
    return settings


def class_path(platform):
    """Iceberg, the AWS clients and tarn's stream source, always under the same names in the same order, which
    the class-data archive depends on. Names as they are given: a sandbox has them, but not what they may be links to."""
    jars = []
    for folder in platform.get("jar_directories") or []:
        jars.extend(sorted(glob.glob(os.path.join(os.path.abspath(folder), "*.jar"))))
    return jars


def _java_options(platform):
    """Names of AWS that are written into code or connectors lead to tarn's egress listener."""
    options = []
    if platform.get("directory"):
        options.append("-Djava.io.tmpdir=" + _quoted(os.path.join(platform["directory"], "tmp")))
    if platform.get("proxy_port"):
        host, port = platform.get("proxy_host", "127.0.0.1"), platform["proxy_port"]
        # The SDK's Apache client reads the http pair for https requests too.
        for scheme in ("https", "http"):
            options += [f"-D{scheme}.proxyHost={host}", f"-D{scheme}.proxyPort={port}"]
        options.append(_quoted("-Dhttp.nonProxyHosts=localhost|127.*|[::1]"))
    if platform.get("trust_store"):
        options.append("-Djavax.net.ssl.trustStore=" + _quoted(platform["trust_store"]))
        options.append(
            "-Djavax.net.ssl.trustStorePassword=" + platform.get("trust_store_password", "changeit")
        )
    if platform.get("driver_java_options"):
        options.append(platform["driver_java_options"])
    return options


def _quoted(text):
    """As the launcher splits options: a space or quote inside needs quotes around."""
    if not re.search(r"[\s\"'|]", text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def properties_text(settings):
    """The settings as java.util.Properties reads them."""
    lines = []
    for key, value in sorted(settings.items()):
        lines.append(f"{_property_part(key, is_key=True)}={_property_part(value, is_key=False)}")
    return "\n".join(lines) + "\n"


def _property_part(text, is_key):
    out = []
    for index, char in enumerate(text):
        if char == "\\" or (is_key and char in "=: #!"):
            out.append("\\" + char)
        elif char in "\n\r\t\f":
            out.append({"\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}[char])
        elif char == " " and index == 0:
            out.append("\\ ")
        elif ord(char) > 126:
            out += [f"\\u{unit:04x}" for unit in _utf16(char)]
        else:
            out.append(char)
    return "".join(out)


def _utf16(char):
    data = char.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]
