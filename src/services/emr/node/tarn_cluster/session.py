"""python -m tarn_cluster.session: a Livy session whose driver computes on the cluster; the server speaks to it as to
tarn_session, whose session this is."""

import sys

from tarn_session import sparkconf
from tarn_session.channel import Channel
from tarn_session.session import Session, log_stream

from . import settings

# Of the driver itself, which has a folder of its own.
_OWN_PLACE = (sparkconf.JAVA_OPTIONS, "spark.local.dir", sparkconf.MEMORY)
_WITHOUT_MEANING = ("driverCores", "queue", "proxyUser")


def spark_conf(request, platform):
    """(settings, notes), as sparkconf.spark_conf has them, of a driver on this cluster."""
    about = settings.cluster()
    conf, notes = settings.driver_settings(dict(about, spark_defaults={}))
    own = sparkconf.defaults(platform)
    conf.update({key: own[key] for key in _OWN_PLACE})
    conf.update(sharing(about))
    asked = sparkconf.requested(
        request, notes, _WITHOUT_MEANING, "the driver runs on the primary node"
    )
    for key, value in [*about["spark_defaults"].items(), *asked.items()]:
        settings.apply(conf, key, value, about, notes)
    sparkconf.finish(conf, platform)
    return conf, notes


def sharing(about):
    """Executors come when a statement needs them and go when none does, as on EMR, where dynamic allocation is on
    (https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-spark-configure.html): an attached notebook keeps
    nothing from steps."""
    return {
        "spark.app.name": "livy-session",
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.shuffleTracking.enabled": "true",
        "spark.dynamicAllocation.minExecutors": "0",
        "spark.dynamicAllocation.initialExecutors": "1",
        "spark.dynamicAllocation.executorIdleTimeout": "60s",
        settings.EXECUTOR_CORES: str((about["cores"] + 1) // 2),
    }


def main():
    channel = Channel.take_over_standard_streams()
    return Session(channel, log_stream(), spark_conf, tidies=True).run()


if __name__ == "__main__":
    sys.exit(main())
