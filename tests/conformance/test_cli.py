"""The command line: up, down, status, logs, env, aws and their kind, as an operator uses them."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import time

import pytest
from tarn_server import TARN, TarnServer

COMMANDS = [
    *("up", "down", "status", "logs", "env", "aws", "deploy", "destroy"),
    *("generate", "notebook", "completion", "version"),
]
KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def tarn(*arguments, data_dir=None, environment=None, timeout_s=90):
    """Runs `tarn` as a shell without any AWS or tarn settings of its own does."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TARN_"))}
    if data_dir is not None:
        own["TARN_DATA_DIR"] = str(data_dir)
    return subprocess.run(
        [str(TARN), *map(str, arguments)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**own, **(environment or {})},
        timeout=timeout_s,
        check=False,
    )


@pytest.mark.parametrize(
    ("option", "word", "said"),
    [
        ("--count", "0", "no number of records"),
        ("--count", "-1", "no number of records"),
        ("--dry-run", "0", "no number of records"),
        ("--rate", "-1", "no rate"),
        ("--rate", "fast", "no rate"),
    ],
)
def test_numbers_that_are_none_send_nothing(tmp_path, option, word, said):
    """`--dry-run 0` sent records, and `--count 0` sent them without end."""
    done = tarn("generate", "--stream", "s", "--template", "-", option, word, data_dir=tmp_path)
    assert done.returncode != 0 and f'{option}: "{word}" is {said}' in done.stderr


@pytest.fixture
def detached(tmp_path):
    """Starts servers in the background over a folder of the test's own, and stops what is left."""
    data_dir = tmp_path / "detached"

    def up(*arguments, environment=None):
        return tarn(
            "up", "--detach", "--port", "0", *arguments, data_dir=data_dir, environment=environment
        )

    up.data_dir = data_dir
    yield up
    tarn("down", "--force", "--timeout", "20", data_dir=data_dir)


def facts_of(data_dir):
    return json.loads((data_dir / "tarn.json").read_text())


# --- help -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    done = tarn(command, "--help")
    assert done.returncode == 0
    assert f"tarn {command}" in done.stdout
    assert "Examples:" in done.stdout


def test_help_names_every_command():
    done = tarn("--help")
    assert done.returncode == 0
    assert all(f"  {command} " in done.stdout for command in COMMANDS)


def test_a_wrong_option_is_named_and_points_to_help():
    done = tarn("status", "--nonsense")
    assert done.returncode == 2
    assert "--nonsense" in done.stderr
    assert "tarn status --help" in done.stderr


def test_an_unknown_command_is_refused():
    done = tarn("uo")
    assert done.returncode == 2
    assert "tarn --help" in done.stderr


def test_version():
    done = tarn("version")
    assert done.returncode == 0
    assert done.stdout.startswith("tarn 0.")


# --- life -----------------------------------------------------------------------------------------


def test_detach_comes_back_when_the_server_answers(detached):
    done = detached()
    assert done.returncode == 0, done.stderr
    facts = facts_of(detached.data_dir)
    assert facts["endpoint"] in done.stdout
    assert facts["account_id"] in done.stdout
    status = tarn("status", data_dir=detached.data_dir)
    assert status.returncode == 0
    assert status.stdout.startswith("running\n")
    assert facts["endpoint"] in status.stdout
    down = tarn("down", data_dir=detached.data_dir)
    assert (down.returncode, down.stdout) == (0, f"stopped (process {facts['pid']})\n")
    assert not (detached.data_dir / "tarn.json").exists()


def test_without_a_server_commands_say_how_to_start_one(tmp_path):
    for command in (["status"], ["env"], ["aws", "sts", "get-caller-identity"]):
        done = tarn(*command, data_dir=tmp_path / "none")
        assert done.returncode == 1
        assert "tarn up --detach" in done.stdout + done.stderr
    # A stop of what does not run is no failure.
    down = tarn("down", data_dir=tmp_path / "none")
    assert down.returncode == 0
    assert "no server runs over" in down.stdout


def test_sigint_stops_cleanly(fresh_server):
    fresh_server.process.send_signal(signal.SIGINT)
    assert fresh_server.process.wait(30) == 0
    fresh_server.process = None
    assert not (fresh_server.data_dir / "tarn.json").exists()


def test_down_waits_for_the_end(fresh_server):
    done = fresh_server.tarn("down")
    assert done.returncode == 0
    assert fresh_server.process.wait(1) == 0
    fresh_server.process = None


def test_a_killed_server_is_not_running(fresh_server):
    fresh_server.kill9()
    assert (fresh_server.data_dir / "tarn.json").exists()
    status = fresh_server.tarn("status", check=False)
    assert status.returncode == 1
    assert "no server runs over" in status.stdout
    before = fresh_server.facts
    fresh_server.start()
    for fact in ("account_id", "access_key_id", "secret_access_key"):
        assert fresh_server.facts[fact] == before[fact]


def test_the_file_with_the_keys_is_the_owners_only(server):
    assert stat.S_IMODE((server.data_dir / "tarn.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((server.data_dir / "tls" / "ca-key.pem").stat().st_mode) == 0o600


def test_status_as_json_tells_everything_but_the_secret(server):
    done = server.tarn("status", "--json")
    status = json.loads(done.stdout)
    assert status["running"] is True
    assert status["answers"] is True
    assert status["pid"] == server.pid
    assert status["endpoint"] == server.endpoint_url
    assert {"dynamodb", "glue", "kinesis", "s3", "sts"} <= set(status["services"])
    assert server.secret_access_key not in done.stdout


def test_an_idle_server_is_small(fresh_server):
    time.sleep(1)
    with open(f"/proc/{fresh_server.pid}/status", encoding="ascii") as lines:
        anonymous = next(line for line in lines if line.startswith("RssAnon:"))
    assert int(anonymous.split()[1]) < 40 * 1024


# --- refusals -------------------------------------------------------------------------------------


def test_a_port_in_use_names_its_user_and_the_way_out(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = tarn("up", "--port", port, data_dir=tmp_path / "data")
    assert done.returncode == 1
    assert f"port {port} is in use by process {os.getpid()} (" in done.stderr
    assert "--port" in done.stderr


def test_a_detached_start_tells_why_not(detached):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = tarn("up", "--detach", "--port", port, data_dir=detached.data_dir)
    assert done.returncode == 1
    assert f"port {port} is in use by process {os.getpid()} (" in done.stderr


def test_a_second_server_over_the_same_data_is_refused(server):
    done = tarn("up", "--port", "0", data_dir=server.data_dir)
    assert done.returncode == 1
    assert f"process {server.pid}" in done.stderr
    assert "tarn down" in done.stderr
    assert server.tarn("status").returncode == 0


def test_a_host_that_is_not_of_this_machine_is_refused(tmp_path):
    done = tarn("up", "--host", "203.0.113.7", "--port", "0", data_dir=tmp_path / "data")
    assert done.returncode == 1
    assert "203.0.113.7" in done.stderr


@pytest.mark.parametrize(
    ("environment", "wrong"),
    [
        ({"TARN_ACCOUNT_ID": "12345"}, "12 digits"),
        ({"TARN_ACCOUNT_ID": "12345678901x"}, "12 digits"),
        ({"TARN_ROOT_ACCESS_KEY_ID": KEY}, "TARN_ROOT_SECRET_ACCESS_KEY"),
        (
            {"TARN_ROOT_ACCESS_KEY_ID": "short", "TARN_ROOT_SECRET_ACCESS_KEY": SECRET},
            "TARN_ROOT_ACCESS_KEY_ID",
        ),
        (
            {"TARN_ROOT_ACCESS_KEY_ID": KEY, "TARN_ROOT_SECRET_ACCESS_KEY": "a b"},
            "TARN_ROOT_SECRET_ACCESS_KEY",
        ),
    ],
)
def test_a_wrong_preset_is_named(tmp_path, environment, wrong):
    done = tarn("up", "--port", "0", data_dir=tmp_path / "data", environment=environment)
    assert done.returncode == 1
    assert wrong in done.stderr
    assert "a b" not in done.stderr


def test_what_is_missing_for_sessions_is_said_at_the_start(detached, tmp_path):
    """Spark needs the runtime; the other services are served without it."""
    done = detached(environment={"TARN_RUNTIME_DIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert "./dev setup" in done.stderr
    assert tarn("status", data_dir=detached.data_dir).returncode == 0


def test_without_sessions_nothing_is_missed(detached, tmp_path):
    done = detached("--no-sessions", environment={"TARN_RUNTIME_DIR": str(tmp_path)})
    assert (done.returncode, done.stderr) == (0, "")


# --- the account ----------------------------------------------------------------------------------


def test_the_first_start_makes_an_account_and_a_key(server):
    account = server.facts["account_id"]
    assert len(account) == 12
    assert account.isdigit()
    assert account[0] != "0"
    assert server.access_key_id.startswith("AKIA")
    assert len(server.access_key_id) == 20
    assert len(server.secret_access_key) == 40


def test_presets_make_the_account(tmp_path):
    presets = {
        "TARN_ACCOUNT_ID": "123456789012",
        "TARN_ROOT_ACCESS_KEY_ID": KEY,
        "TARN_ROOT_SECRET_ACCESS_KEY": SECRET,
    }
    running = TarnServer(tmp_path, environment=presets, arguments=("--no-sessions",)).start()
    assert (running.access_key_id, running.secret_access_key) == (KEY, SECRET)
    identity = running.client("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"] == "arn:aws:iam::123456789012:root"

    # The key may change, the account of the data may not.
    running.stop()
    running.environment = {**presets, "TARN_ROOT_SECRET_ACCESS_KEY": "another-secret"}
    running.start()
    assert running.client("sts").get_caller_identity()["Account"] == "123456789012"
    running.stop()
    other = tarn(
        "up", "--port", "0", data_dir=running.data_dir, environment={"TARN_ACCOUNT_ID": "9" * 12}
    )
    assert other.returncode == 1
    assert "123456789012" in other.stderr


# --- logs -----------------------------------------------------------------------------------------


def test_logs_show_the_last_lines(server):
    everything = server.tarn("logs", "-n", "100000").stdout
    assert f"up: {server.endpoint_url}" in everything
    last = server.tarn("logs", "-n", "1").stdout
    assert last.count("\n") == 1
    assert last in server.tarn("logs", "-n", "100000").stdout


def test_logs_follow(fresh_server):
    with subprocess.Popen(
        [str(TARN), "logs", "-f", "--data-dir", str(fresh_server.data_dir)],
        stdout=subprocess.PIPE,
        text=True,
    ) as follower:
        assert "up: " in follower.stdout.readline()
        fresh_server.stop()
        lines = []
        while not lines or "stopped" not in lines[-1]:
            lines.append(follower.stdout.readline())
            assert lines[-1], lines
        follower.terminate()


def test_without_a_log_logs_says_so(tmp_path):
    done = tarn("logs", data_dir=tmp_path / "none")
    assert done.returncode == 1
    assert "has no log yet" in done.stderr


# --- env ------------------------------------------------------------------------------------------


def in_bash(script, server, **environment):
    """Runs a script in bash with the built `tarn` on PATH."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TARN_"))}
    path = f"{TARN.parent}:{own['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", script],
        capture_output=True,
        text=True,
        env={**own, "PATH": path, "TARN_DATA_DIR": str(server.data_dir), **environment},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("quotes", ['"', ""])
def test_env_leads_a_shell_to_the_server(server, quotes):
    script = (
        f'eval {quotes}$(tarn env){quotes}; env | grep ^AWS_ | sort; echo "${{AWS_PROFILE-none}}"'
    )
    out = in_bash(script, server, AWS_PROFILE="work", AWS_SESSION_TOKEN="old")
    assert out.splitlines() == [
        f"AWS_ACCESS_KEY_ID={server.access_key_id}",
        "AWS_DEFAULT_REGION=us-west-2",
        f"AWS_ENDPOINT_URL={server.endpoint_url}",
        "AWS_REGION=us-west-2",
        f"AWS_SECRET_ACCESS_KEY={server.secret_access_key}",
        "none",
    ]


def test_env_json_is_what_a_program_reads(server):
    direct = json.loads(server.tarn("env", "--shell", "json").stdout)
    assert direct["AWS_ENDPOINT_URL"] == server.endpoint_url
    assert direct["AWS_PROFILE"] is None
    transparent = json.loads(server.tarn("env", "--transparent", "--shell", "json").stdout)
    assert transparent["AWS_ENDPOINT_URL"] is None
    assert transparent["HTTPS_PROXY"] == server.endpoint_url
    assert transparent["NO_PROXY"] == "localhost,127.0.0.1,::1"
    assert f"-Dhttps.proxyPort={server.port}" in transparent["TARN_JAVA_OPTIONS"]
    with open(transparent["AWS_CA_BUNDLE"], encoding="utf-8") as bundle:
        assert "BEGIN CERTIFICATE" in bundle.read()


def test_env_speaks_fish(server):
    out = server.tarn("env", "--shell", "fish").stdout
    assert f"set -gx AWS_ACCESS_KEY_ID '{server.access_key_id}';" in out
    assert "set -e AWS_PROFILE;" in out


def test_env_takes_back_what_it_set(server):
    script = (
        'eval "$(tarn env --transparent)"; eval "$(tarn env)"; eval "$(tarn env --unset)";'
        "env | grep -iE '^(aws_|https?_proxy|no_proxy|tarn_java|.*ca_bundle|ssl_cert_file)' || echo clean"
    )
    assert in_bash(script, server) == "clean\n"


def test_a_transparent_shell_needs_no_endpoint(server):
    """The unchanged AWS CLI, with AWS's own names, by the egress listener and its certificates."""
    script = (
        'eval "$(tarn env --transparent)";'
        ' "$AWS_CLI" sts get-caller-identity --query Account --output text'
    )
    cli = TARN.parent.parent / "runtime" / "python" / "bin" / "aws"
    assert in_bash(script, server, AWS_CLI=str(cli)) == server.facts["account_id"] + "\n"


# --- aws ------------------------------------------------------------------------------------------


def test_aws_runs_the_real_cli(server):
    done = tarn("aws", "sts", "get-caller-identity", "--output", "json", data_dir=server.data_dir)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Account"] == server.facts["account_id"]


def test_aws_keeps_the_exit_code_and_the_error(server):
    done = tarn(
        "aws", "dynamodb", "describe-table", "--table-name", "absent", data_dir=server.data_dir
    )
    assert done.returncode == 255
    assert "ResourceNotFoundException" in done.stderr
    usage = tarn("aws", "sts", "no-such-command", data_dir=server.data_dir)
    assert usage.returncode == 2


def test_an_action_that_is_not_there_answers_by_its_name(server):
    done = tarn("aws", "sts", "decode-authorization-message", "--encoded-message", "x",
                data_dir=server.data_dir)  # fmt: skip
    assert done.returncode == 255
    assert "sts:DecodeAuthorizationMessage is not implemented" in done.stderr


def test_aws_options_before_the_service_are_the_clis(server):
    done = tarn("aws", "--output", "text", "sts", "get-caller-identity", data_dir=server.data_dir)
    assert done.returncode == 0, done.stderr
    assert server.facts["account_id"] in done.stdout


def test_a_missing_runtime_is_said_with_the_fix(server, tmp_path):
    done = tarn("aws", "s3", "ls", data_dir=server.data_dir,
                environment={"TARN_RUNTIME_DIR": str(tmp_path)})  # fmt: skip
    assert done.returncode == 1
    assert "./dev setup" in done.stderr


# --- completion -----------------------------------------------------------------------------------


def test_completion_knows_commands_and_options(server):
    script = """
      source <(tarn completion bash)
      complete_line() { COMP_WORDS=($1 "${2-}"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));
        COMP_LINE="$1 ${2-}"; COMP_POINT=${#COMP_LINE}; _tarn; echo "${COMPREPLY[*]}"; }
      complete_line tarn sta
      complete_line "tarn env" --tr
      complete_line "tarn env --shell" fi
      complete_line "tarn aws kinesis" describe-stream-s
    """
    assert in_bash(script, server).splitlines() == [
        "status",
        "--transparent",
        "fish",
        "describe-stream-summary",
    ]


def test_completion_for_zsh_loads_bashs(server):
    out = server.tarn("completion", "zsh", check=False)
    assert out.returncode == 2  # it knows no --data-dir: it needs no server
    done = tarn("completion", "zsh")
    assert "bashcompinit" in done.stdout
