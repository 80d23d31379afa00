"""What a notebook cell may see and do: only its own session. Through real Livy sessions; the same sandbox carries the
steps of clusters. src/sandbox has the tests of the parts.

Two sessions are shared by the tests; the last that uses them exhausts the second.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from livy_session import LivySession, host_pid
from tarn_server import TarnServer

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    """A server without a warm driver: each session of these tests starts as it is asked for."""
    running = TarnServer(
        tmp_path_factory.mktemp("sandbox"), arguments=("--warm-drivers", "0")
    ).start()
    yield running
    running.close()


@pytest.fixture(scope="module")
def sessions(own_server):
    """Two sessions that are ready."""
    both = [LivySession(own_server), LivySession(own_server)]
    for session in both:
        session.run("import os, subprocess, signal")
    yield both
    both[0].delete()


def shell(session, script):
    """What a shell in a cell prints, errors too, and then its exit code."""
    return session.run(
        "done = subprocess.run(['bash', '-c', " + repr(script) + "], stdout=subprocess.PIPE,"
        " stderr=subprocess.STDOUT, text=True)\nprint(done.stdout, done.returncode, sep='')"
    )


def folder_of(session):
    return session.run("print(os.getcwd())")


def test_the_servers_data_and_its_root_key_are_not_there(own_server, sessions):
    data = own_server.data_dir.resolve()
    root_key = Path(f"{data}.root-key")
    assert root_key.exists() and (data / "tarn.json").exists()
    session = sessions[0]
    for path in (
        root_key,
        data / "tarn.json",
        data / "store",
        data / "log",
        data / "tls/ca-key.pem",
    ):
        assert session.run(f"print(os.path.exists({str(path)!r}))") == "False", path
    # Of the way to its own folder, nothing but the way.
    assert session.run(f"print(os.listdir({str(data / 'livy/drivers')!r}))") == (
        f"['{Path(folder_of(session)).parent.name}']"
    )
    assert session.run(f"print(os.listdir({str(Path(folder_of(session)).parent)!r}))") == "['home']"


def test_another_sessions_folder_is_not_there(sessions):
    first, second = sessions
    other = folder_of(second)
    assert Path(other).is_dir()
    assert first.run(f"print(os.path.exists({other!r}))") == "False"
    first.run("open('/tmp/mine', 'w').write('x')")
    assert second.run("print(os.path.exists('/tmp/mine'))") == "False"
    assert not Path("/tmp/mine").exists()


def test_other_processes_are_neither_seen_nor_reached(own_server, sessions):
    first, second = sessions
    pids = [int(s.run("print(os.getpid())")) for s in sessions]
    outside = host_pid(pids[1], folder_of(second))
    seen = first.run("print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()))")
    assert str(outside) not in seen.strip("[]").split(", ")
    assert str(own_server.pid) not in seen.strip("[]").split(", ")
    for victim in (outside, own_server.pid):
        said = first.run(
            f"try: os.kill({victim}, signal.SIGKILL); print('killed')\n"
            "except OSError as error: print(type(error).__name__)"
        )
        assert said == "ProcessLookupError"
    # All that a signal can reach from there, and what is not its own stays.
    shell(first, "trap '' CONT; kill -CONT -1")
    assert second.run("1 + 1") == "2"


def test_a_cell_has_no_privilege_of_the_machine(sessions):
    session = sessions[0]
    assert session.run("print(os.getuid(), os.environ['USER'])") == "1000 hadoop"
    assert shell(session, "grep -E 'CapEff|NoNewPrivs' /proc/self/status").splitlines() == [
        "CapEff:\t0000000000000000",
        "NoNewPrivs:\t1",
        "0",
    ]
    inner = int(session.run("print(os.getpid())"))
    process = host_pid(inner, folder_of(session))
    if os.geteuid() == 0:
        assert os.stat(f"/proc/{process}").st_uid >= 65000
    assert "Read-only file system" in shell(session, "sudo touch /usr/bin/x")
    assert shell(session, "sudo sh -c 'echo 1 > /proc/sys/kernel/panic'")[-1] != "0"


def test_accounts_are_made_with_sudo_and_change_nothing_outside(sessions):
    first, second = sessions
    before = [Path(f"/etc/{name}").read_bytes() for name in ("passwd", "group")]
    script = "sudo groupadd analysts && sudo usermod -aG analysts $USER && id -Gn hadoop"
    assert shell(first, script) == "hadoop analysts\n0"
    assert shell(first, "sudo useradd reporter && sudo usermod -a -G hdfsadmingroup livy") == "0"
    assert shell(second, "getent group analysts") == "2"
    assert [Path(f"/etc/{name}").read_bytes() for name in ("passwd", "group")] == before


def test_the_environment_has_keys_of_the_session_and_no_others(own_server, sessions):
    environment = sessions[0].run("print(dict(os.environ))")
    assert own_server.access_key_id not in environment
    assert own_server.secret_access_key not in environment
    assert sessions[0].run("print(os.environ['AWS_ACCESS_KEY_ID'][:4])") == "ASIA"
    # Not in that of any process it can see either.
    everybody = shell(sessions[0], "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'")
    assert own_server.secret_access_key not in everybody


@pytest.mark.parametrize(
    ("method", "hidden"),
    [
        ("container-role", ()),
        ("iam-role", ("AWS_CONTAINER_CREDENTIALS_FULL_URI",)),
    ],
)
def test_sdks_find_the_sessions_keys_at_a_metadata_service(sessions, method, hidden):
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", *hidden)
    program = (
        "import boto3; session = boto3.Session(); keys = session.get_credentials();"
        " print(keys.method, keys.access_key, session.client('sts').get_caller_identity()['Arn'])"
    )
    unset = " ".join(f"-u {name}" for name in names)
    said = shell(sessions[0], f'env {unset} python -c "{program}"').split()
    assert said[0] == method
    assert said[1] == sessions[0].run("print(os.environ['AWS_ACCESS_KEY_ID'])")
    assert said[2].startswith("arn:aws:iam::")


# dash, as it gives up at the first fork that is refused; nothing may fork there until the bomb is gone.
FORK_BOMB = """
bomb = subprocess.run(
    ["/bin/sh", "-c", "i=0; while [ $i -lt 5000 ]; do sleep 600 2>/dev/null & i=$((i+1)); done"],
    stderr=subprocess.PIPE, text=True)
born = []
for process in filter(str.isdigit, os.listdir("/proc")):
    with open(f"/proc/{process}/comm") as name:
        if name.read() == "sleep\\n":
            born.append(int(process))
for process in born:
    os.kill(process, signal.SIGKILL)
print("fork" in bomb.stderr, 100 < len(born) < 2048)
"""


def test_what_a_cell_says_in_its_drivers_place_harms_nobody_else(own_server, sessions):
    """The pipe on which the driver answers is one of its process, and so the cell's."""
    lies = [
        '{"event":5}',
        '{"event":"progress","id":"x","progress":[]}',
        '{"event":"ready","app_id":{}}',
        '{"event":"result","id":"x","output":' + "[" * 100_000 + "]" * 100_000 + "}",
        "caf\\xe9",
    ]
    speak = f"""
import stat
for fd in range(3, 64):
    try:
        if stat.S_ISFIFO(os.fstat(fd).st_mode):
            for lie in {lies!r}:
                os.write(fd, lie.encode("latin-1") + b"\\n")
    except OSError:
        pass
print("said")
"""
    assert sessions[0].run(speak) == "said"
    assert sessions[0].run("1 + 1") == "2"
    assert own_server.client("sts").get_caller_identity()


def test_a_fork_bomb_is_bounded_and_others_go_on(sessions):
    """Of small processes: copies of the driver reach the bound of memory first, which ends the session."""
    first, second = sessions
    assert second.run(FORK_BOMB) == "True True"
    assert first.run("spark.range(10).count()") == "10"
    assert second.run("1 + 1") == "2"


def test_a_memory_hog_ends_its_session_alone_and_leaves_nothing(sessions):
    first, second = sessions
    folder = folder_of(second)
    # What a cell left running ends with the session.
    second.run("subprocess.Popen(['sleep', '600'], start_new_session=True)\nNone")
    output = second.outcome("hog = []\nwhile True: hog.append(b'x' * (64 << 20))")
    # Where the kernel bounds the session as a whole, it is ended; else the cell's allocation fails.
    assert output["ename"] in ("SessionDead", "MemoryError"), output
    if output["ename"] == "SessionDead":
        assert "it needed more than the 4096 MiB of memory that it may have" in output["evalue"]
    assert first.run("spark.range(10).count()") == "10"
    second.delete()
    assert [link for link in Path("/proc").glob("[0-9]*/cwd") if _works_in(link, folder)] == []
    assert not Path(folder).exists()


def _works_in(link, folder):
    try:
        return os.readlink(link).startswith(folder)
    except OSError:
        return False


def test_a_machine_without_sandboxes_refuses_sessions_until_told_otherwise(tmp_path):
    """As where user namespaces are forbidden: the server itself may make no namespace."""
    narrow = ("setpriv", "--bounding-set=-sys_admin,-setuid", "--inh-caps=-all")
    server = TarnServer(
        tmp_path / "refusing", launcher=narrow, arguments=("--warm-drivers", "0")
    ).start()
    try:
        assert "No sandbox can be made on this machine" in server.log()
        assert "--sandbox none" in server.log()
        with pytest.raises(AssertionError, match="No sandbox can be made"):
            LivySession(server)
    finally:
        server.close()
    server.arguments = ("--warm-drivers", "0", "--sandbox", "none")
    server.start()
    try:
        assert "what users run may read and do all that this server may" in server.log()
        session = LivySession(server)
        session.delete()
    finally:
        server.close()
