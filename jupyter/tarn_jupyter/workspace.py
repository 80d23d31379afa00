"""What Jupyter and sparkmagic need to reach a tarn server: one private folder and an environment.

Nothing of the user's own Jupyter is changed: sparkmagic's configuration (with the keys, readable by
the owner only) is in the folder, the kernels are those of the runtime's Python environment.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Server:
    """Where a tarn server is and whose keys are used."""

    endpoint_url: str
    access_key_id: str
    secret_access_key: str
    cluster: str | None = None  # an EMR cluster, to whose Livy notebooks attach

    @property
    def livy_url(self) -> str:
        room = f"emr/{self.cluster}/livy" if self.cluster else "livy"
        return f"{self.endpoint_url.rstrip('/')}/_tarn/{room}"

    @classmethod
    def of_environment(cls, environ) -> Server:
        """The server that `tarn env` names. Raises KeyError with the variable that is missing."""
        names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        return cls(*(environ[name] for name in names))


def sparkmagic_settings(server: Server, folder: Path, *, unattended: bool = False) -> dict:
    """sparkmagic's config.json. A notebook that runs `unattended` ends at its first failing cell;
    otherwise the error is shown and the next cell can be run."""
    credentials = {
        "username": server.access_key_id,
        "password": server.secret_access_key,
        "url": server.livy_url,
        "auth": "Basic_Access",
    }
    log = str(folder / "sparkmagic.log")
    return {
        "kernel_python_credentials": credentials,
        "kernel_scala_credentials": credentials,
        "kernel_r_credentials": credentials,
        "session_configs": {},
        # A session is asked about every 3 s: the default of 30 makes `%%configure -f` wait that long.
        "heartbeat_refresh_seconds": 3,
        "heartbeat_retry_seconds": 3,
        "livy_server_heartbeat_timeout_seconds": 60,
        # A busy machine starts Spark slowly; a session that fails says so long before.
        "livy_session_startup_timeout_seconds": 240,
        "wait_for_idle_timeout_seconds": 240,
        "all_errors_are_fatal": unattended,
        "shutdown_session_on_spark_statement_errors": False,
        # Rows as plain tables. Seen with ipykernel 7.4: a %%sql cell that draws sparkmagic's widgets may
        # never get its reply back to the client; a rendered copy would not show them either.
        "use_auto_viz": False,
        "logging_config": {
            "version": 1,
            "formatters": {"line": {"format": "%(asctime)s\t%(levelname)s\t%(message)s"}},
            "handlers": {
                "file": {
                    "class": "logging.FileHandler",
                    "formatter": "line",
                    "level": "INFO",
                    "filename": log,
                    "delay": True,
                }
            },
            "loggers": {"magicsLogger": {"handlers": ["file"], "level": "INFO", "propagate": 0}},
        },
    }


def prepare(server: Server, folder: Path, *, unattended: bool = False) -> dict[str, str]:
    """Writes the folder; returns the variables that Jupyter and its kernels are started with."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = folder / "config.json"
    settings = sparkmagic_settings(server, folder, unattended=unattended)
    handle = os.open(config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(settings, file, indent=2)
    quiet = folder / "jupyter/lab/user-settings/@jupyterlab/apputils-extension"
    quiet.mkdir(parents=True, exist_ok=True)
    # Or each start asks whether to fetch news from a host on the internet.
    (quiet / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}\n')
    variables = {
        "SPARKMAGIC_CONF_DIR": str(folder),
        "SPARKMAGIC_CONF_FILE": config.name,
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        # Kernels of the runtime's environment before ones of the same name in the user's home.
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(folder / "ipython"),
        # sparkmagic tries every column of a %%sql answer as dates, of which pandas warns in red.
        "PYTHONWARNINGS": "ignore:Could not infer format:UserWarning",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    # The server is reached directly, whatever proxy the shell has.
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [os.environ.get(name, ""), "127.0.0.1", "localhost"]
        variables[name] = ",".join(host for host in hosts if host)
    return variables
