"""spark-submit, spark-sql and spark-class of a cluster: `python -m tarn_cluster.submit PROGRAM ARGUMENT…`.

As tarn_session.jvm does for sessions, the driver's JVM is started directly: with the cluster's configuration, on the
cluster's master, and without the JVM that would only compute the command line.
"""

import os
import sys
import tempfile

from tarn_session import archive, jvm, sparkconf

from . import settings

# Options with a value (org.apache.spark.launcher.SparkSubmitOptionParser).
_WITH_VALUE = {
    "--archives", "--class", "--conf", "-c", "--deploy-mode", "--driver-class-path", "--driver-cores",
    "--driver-java-options", "--driver-library-path", "--driver-memory", "--exclude-packages", "--executor-cores",
    "--executor-memory", "--files", "--jars", "--keytab", "--kill", "--master", "--name", "--num-executors",
    "--packages", "--principal", "--properties-file", "--proxy-user", "--py-files", "--queue", "--remote",
    "--repositories", "--status", "--total-executor-cores",
}  # fmt: skip
_SQL_WITH_VALUE = {
    "-e",
    "-f",
    "-i",
    "-d",
    "-S",
    "--database",
    "--hiveconf",
    "--hivevar",
    "--define",
}
_KEYS = {
    "--driver-class-path": sparkconf.EXTRA_CLASS_PATH,
    "--driver-java-options": sparkconf.JAVA_OPTIONS,
    "--driver-memory": sparkconf.MEMORY,
    "--executor-cores": settings.EXECUTOR_CORES,
    "--executor-memory": settings.EXECUTOR_MEMORY,
    "--deploy-mode": "spark.submit.deployMode",
    "--name": "spark.app.name",
    "--total-executor-cores": "spark.cores.max",
    "--num-executors": "spark.executor.instances",
}
_SQL_CLASS = "org.apache.spark.sql.hive.thriftserver.SparkSQLCLIDriver"


class BadOption(Exception):
    """The command line cannot be one of spark-submit; the message says what to change."""


def parse(arguments, with_value=_WITH_VALUE):
    """(options, rest): pairs of option and value (None of a switch), and what follows the options."""
    options, index = [], 0
    while index < len(arguments) and arguments[index].startswith("-"):
        name, equals, value = arguments[index].partition("=")
        if name not in with_value:
            options.append((arguments[index], None))
        elif equals:
            options.append((name, value))
        else:
            index += 1
            if index == len(arguments):
                raise BadOption(f"{name} needs a value")
            options.append((name, arguments[index]))
        index += 1
    return options, arguments[index:]


def resolve(options, about):
    """(settings, kept, notes): the driver's configuration, the options that spark-submit still gets, and what to say."""
    conf, notes = settings.driver_settings(about)
    kept = []
    for name, value in options:
        if name in ("--conf", "-c"):
            key, equals, text = value.partition("=")
            if not equals:
                raise BadOption(f"--conf {value}: write it as key=value")
            settings.apply(conf, key, text, about, notes)
        elif name == "--properties-file":
            for key, text in read_properties(value):
                settings.apply(conf, key, text, about, notes)
        elif name == "--master":
            _choose_master(conf, value, notes)
        elif name in _KEYS:
            settings.apply(conf, _KEYS[name], value, about, notes)
        else:
            kept += [name] if value is None else [name, value]
    sparkconf.use_metastore(conf)
    return conf, kept, notes


def _choose_master(conf, value, notes):
    if value.startswith("local"):
        conf["spark.master"] = value
    elif value != conf["spark.master"]:
        notes.append(f"--master {value}: this cluster is {conf['spark.master']}")


def read_properties(path):
    """The pairs of a Spark properties file."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            text = line.strip()
            if text and not text.startswith("#"):
                key, _, value = text.replace("=", " ", 1).partition(" ")
                yield key, value.strip()


def command(program, arguments, about):
    """(line, notes): the JVM that the program stands for."""
    if program == "spark-class":
        line = jvm.java_line(settings.jvm_settings(about, "1g"), os.environ, _archive(about))
        return [*line, *arguments], []
    if program == "spark-sql":
        options, rest = parse(arguments, _WITH_VALUE | _SQL_WITH_VALUE)
        own = [pair for pair in options if pair[0] in _WITH_VALUE]
        sql = [word for pair in options if pair not in own for word in pair if word is not None]
        options, rest = [*own, ("--class", _SQL_CLASS)], ["spark-internal", *sql, *rest]
    else:
        options, rest = parse(arguments)
    conf, kept, notes = resolve(options, about)
    folder = tempfile.mkdtemp(dir=os.environ.get("TMPDIR"))
    properties_file = os.path.join(folder, "spark.conf")
    with open(properties_file, "w", encoding="latin-1") as file:
        file.write(sparkconf.properties_text(conf))
    line = jvm.java_line(conf, os.environ, _archive(about))
    line += ["org.apache.spark.deploy.SparkSubmit", "--properties-file", properties_file]
    return [*line, *kept, *rest], notes


def _archive(about):
    return archive.path(about["platform"])


def main():
    program, arguments = sys.argv[1], sys.argv[2:]
    try:
        line, notes = command(program, arguments, settings.cluster())
    except (BadOption, OSError, jvm.JvmFailed, sparkconf.BadConfiguration) as error:
        sys.exit(f"{program}: {error}")
    for note in notes:
        print(f"tarn: {note}", file=sys.stderr, flush=True)
    os.execve(line[0], line, dict(os.environ, SPARK_HOME=jvm.spark_home()))


if __name__ == "__main__":
    main()
