"""The session: takes commands in order, runs statements, and can be interrupted.

Threads: the main one runs statements (Python delivers signals only there), a reader receives commands, a watcher
waits for the JVM's end, and a reporter tells the progress of the running statement.
"""

import contextlib
import json
import os
import queue
import shutil
import signal
import sys
import threading
import time

from . import archive, jvm, sparkconf, sql
from .interpreter import Interpreter, error_answer
from .plain import plain
from .progress import progress_of

# A result of more than this does not go through the server; a cell's output is bounded well below it.
MAX_RESULT_BYTES = 32 * 1024 * 1024
STOP_TIMEOUT_S = 10
PROGRESS_PERIOD_S = 0.5
CLEAN_UP_S = 5  # that a cancelled cell has for it
INSIST_PERIOD_S = 0.5
_WARM_UP = "warm-up"


class StopSession(BaseException):
    """Ends the running statement, then the session. Not an Exception, so that a cell's handlers let it pass."""


class Session:
    def __init__(self, channel, log, spark_conf=sparkconf.spark_conf, tidies=False):
        """`tidies`: nobody else removes the folder it works in."""
        self._channel = channel
        self._log = log
        self._spark_conf = spark_conf
        self._tidies = tidies
        self._directory = None
        self._interpreter = Interpreter(log)
        self._work = queue.Queue()
        self._lock = threading.Lock()
        self._running = None  # the number of the running statement, which may be interrupted
        self._last = -1  # the number of the statement begun last
        self._cancelled = set()  # statements cancelled before they began
        self._interrupted = None  # the number of the statement cancelled last
        self._insisted = None  # the same, once the interrupt was not enough
        self._stopping = False
        self._context = None
        self._process = None
        self._warming = None  # the thread that warms up, until the first statement
        self._end_timeout_s = STOP_TIMEOUT_S

    # --- Life ---------------------------------------------------------------------------------------------------

    def run(self):
        """Serves until stopped. Returns the process's exit status."""
        signal.signal(signal.SIGTERM, self._on_terminate)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        start = self._channel.receive()
        if start is None:
            return 0
        try:
            self._start(start)
        except StopSession:
            return self._finish(0)
        except (jvm.JvmFailed, sparkconf.BadConfiguration, OSError) as error:
            return self._failed(str(error))
        except Exception as error:  # noqa: BLE001 - Spark's own reason belongs to the caller
            return self._failed(f"Spark did not start: {type(error).__name__}: {error}")
        signal.signal(signal.SIGINT, self._on_interrupt)
        threading.Thread(target=self._read_commands, name="commands", daemon=True).start()
        threading.Thread(target=self._report_progress, name="progress", daemon=True).start()
        try:
            while (task := self._work.get()) is not None:
                self._execute(task)
        except StopSession:
            pass
        return self._finish(0)

    def _start(self, start):
        platform = start.get("platform") or {}
        request = start.get("request") or {}
        directory = self._directory = platform["directory"]
        for name in ("tmp", "spark"):
            os.makedirs(os.path.join(directory, name), exist_ok=True)
        if platform.get("archive_to_write"):
            # The JVM writes its archive when it ends.
            self._end_timeout_s = 120
        settings, notes = self._spark_conf(request, platform)
        for note in notes:
            self._say(note)
        self._process = jvm.start(
            settings, directory, archive.path(platform), platform.get("archive_to_write")
        )
        threading.Thread(target=self._watch_jvm, name="jvm", daemon=True).start()
        spark = self._build(settings)
        if start.get("warm_up"):
            self._warm_up(spark)
        self._say(f"ready: Spark {spark.version}, {self._context.applicationId}")
        self._channel.send(
            {
                "event": "ready",
                "app_id": self._context.applicationId,
                "spark_ui_url": self._context.uiWebUrl,
                "spark_version": spark.version,
            }
        )

    def _warm_up(self, spark):
        """Before anybody waits; where Spark itself must wait for executors, that may take any time, and the first
        statement ends it."""
        if self._context.master.startswith("local"):
            _warm_up(spark)
            return
        self._warming = threading.Thread(
            target=_warm_up_in_group, args=(spark,), name="warm-up", daemon=True
        )
        self._warming.start()

    def _end_warm_up(self):
        if self._warming is not None and self._warming.is_alive():
            self._context.cancelJobGroup(_WARM_UP)
        self._warming = None

    def _build(self, settings):
        from pyspark import SparkConf
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.config(
            conf=SparkConf(loadDefaults=False).setAll(settings.items())
        )
        spark = builder.getOrCreate()
        self._context = spark.sparkContext
        self._interpreter.namespace.update(
            spark=spark, sc=self._context, sqlContext=_sql_context(spark)
        )
        self._interpreter.install()
        return spark

    def _failed(self, message):
        self._say(message)
        self._channel.send({"event": "failed", "message": message})
        return self._finish(1)

    def _finish(self, status):
        """Stops Spark, but never waits for it without end."""
        self._stopping = True
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        limit = threading.Timer(self._end_timeout_s, self._end_now, args=(status,))
        limit.daemon = True
        limit.start()
        try:
            if self._context is not None:
                self._context.stop()
        except Exception as error:  # noqa: BLE001 - on the way out anyway; the log should know
            self._say(f"stopping Spark: {type(error).__name__}: {error}")
        self._end_now(status)

    def _end_now(self, status):
        # User code may have left threads that never end; the JVM goes with the pipe to it.
        if self._process is not None:
            self._process.stdin.close()
            try:
                self._process.wait(timeout=max(2, self._end_timeout_s - STOP_TIMEOUT_S))
            except Exception:  # noqa: BLE001 - subprocess.TimeoutExpired: then by force
                self._process.kill()
        if self._tidies and self._directory:
            shutil.rmtree(self._directory, ignore_errors=True)
        self._log.flush()
        os._exit(status)

    # --- Statements ---------------------------------------------------------------------------------------------

    def _execute(self, task):
        number = task["id"]
        try:
            answer = _bounded(number, self._answer(number, task))
        except KeyboardInterrupt as error:
            answer = _cancelled_answer(number, error)
        except Exception as error:  # noqa: BLE001 - a statement without an answer would run for ever
            answer = error_answer(number, error)
        if self._insisted == number:
            sys.settrace(None)
        self._running = None
        if self._stopping:
            raise StopSession
        self._channel.send({"event": "result", "id": number, "output": answer})

    def _answer(self, number, task):
        with self._lock:
            self._last = number
            if number in self._cancelled:
                return _cancelled_answer(number)
            self._running = number
        self._end_warm_up()
        self._name_jobs(number)
        if task.get("kind") == "sql":
            return sql.execute(self._interpreter.namespace, number, task["code"])
        return self._interpreter.execute(number, task["code"])

    def _name_jobs(self, number):
        # Streaming queries put their own jobs into groups of their own, so a cancelled cell does not stop them.
        try:
            self._live_context().setJobGroup(_group(number), f"Job group for statement {number}")
        except Exception as error:  # noqa: BLE001 - a cell may have stopped Spark; what needs none goes on
            self._say(f"statement {number} runs without Spark: {error}")

    def _live_context(self):
        """The session's context, or the one that a cell has made after it stopped that."""
        from pyspark import SparkContext

        return SparkContext._active_spark_context or self._context

    # --- Commands -----------------------------------------------------------------------------------------------

    def _read_commands(self):
        while (command := self._channel.receive()) is not None:
            operation = command.get("op")
            if operation == "execute":
                self._work.put(command)
            elif operation == "cancel":
                self._cancel(command["id"])
            elif operation == "stop":
                break
        self._stopping = True
        self._work.put(None)
        os.kill(os.getpid(), signal.SIGTERM)

    def _cancel(self, number):
        with self._lock:
            if self._running != number:
                if number > self._last:
                    self._cancelled.add(number)
                return
        # First the interrupt, so that a cell does not go on after its job failed; then the jobs, on this thread's
        # own connection to the JVM.
        first = self._interrupted != number
        self._interrupted = number
        _interrupt_main_thread()
        try:
            self._live_context().cancelJobGroup(_group(number))
        except Exception as error:  # noqa: BLE001 - the interrupt stands; the log should know
            self._say(f"cancelling the jobs of statement {number}: {error}")
        if first:
            threading.Thread(
                target=self._insist, args=(number,), name="insist", daemon=True
            ).start()

    def _insist(self, number):
        """A cell that catches every exception in a loop catches the interrupt, too. After some time to clean up it is
        interrupted once more, and again at the line that catches that."""
        time.sleep(CLEAN_UP_S)
        while self._running == number and not self._stopping:
            self._insisted = number
            _interrupt_main_thread()
            time.sleep(INSIST_PERIOD_S)

    def _on_interrupt(self, _number, frame):
        # Late interrupts are for a statement that has ended; only one that runs may be left by an exception.
        if self._running is None or self._running != self._interrupted or not _in_statement(frame):
            return
        if self._insisted == self._running:
            sys.settrace(_interrupt_next_line)
            while frame.f_code is not Session._answer.__code__:
                frame.f_trace = _interrupt_next_line
                frame = frame.f_back
        raise KeyboardInterrupt

    def _on_terminate(self, _number, _frame):
        self._stopping = True
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        # A cell may swallow what ends it; the limit holds from here.
        limit = threading.Timer(self._end_timeout_s, self._end_now, args=(0,))
        limit.daemon = True
        limit.start()
        raise StopSession

    # --- Watching -----------------------------------------------------------------------------------------------

    def _watch_jvm(self):
        status = self._process.wait()
        if self._stopping:
            return
        reason = f"killed by signal {-status}" if status < 0 else f"exit status {status}"
        self._say(f"the JVM of this session ended ({reason}); the session is dead")
        self._channel.send(
            {"event": "dead", "message": f"the JVM of this session ended ({reason})"}
        )
        self._log.flush()
        os._exit(1)

    def _report_progress(self):
        last = (None, 0.0)
        while True:
            time.sleep(PROGRESS_PERIOD_S)
            number = self._running
            if number is None:
                continue
            try:
                share = progress_of(self._live_context(), _group(number))
            except Exception:  # noqa: BLE001 - a figure for the eye; the statement's answer does not depend on it
                continue
            if share is not None and (number, share) != last and number == self._running:
                last = (number, share)
                self._channel.send({"event": "progress", "id": number, "progress": share})

    def _say(self, text):
        print(f"tarn: {text}", file=self._log, flush=True)


def _in_statement(frame):
    """Whether it is one of the statement that runs: an exception there is the statement's answer."""
    while frame is not None and frame.f_code is not Session._answer.__code__:
        frame = frame.f_back
    return frame is not None


def _interrupt_next_line(frame, event, _argument):
    """A trace function, which an exception of its own ends (sys.settrace)."""
    if event == "line" and _in_statement(frame):
        raise KeyboardInterrupt
    return _interrupt_next_line


def _interrupt_main_thread():
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def _group(number):
    return f"statement-{number}"


def _sql_context(spark):
    """`sqlContext`, which Livy has always defined and Spark 4 still ships, with a deprecation warning."""
    import warnings

    from pyspark.sql import SQLContext

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return SQLContext(spark.sparkContext, spark)


def _warm_up(spark):
    """Loads and compiles what the first cells of a session use, while nobody waits."""
    spark.range(10).selectExpr("id", "id * 2 AS twice").groupBy().sum().collect()
    spark.sql("SELECT 1 AS one").toJSON().take(1)
    spark.createDataFrame([(1, "a")], "id int, name string").count()


def _warm_up_in_group(spark):
    spark.sparkContext.setJobGroup(_WARM_UP, "Warm-up")
    # Cancelled, or the session ends: nobody waits for it.
    with contextlib.suppress(Exception):
        _warm_up(spark)


def _cancelled_answer(number, error=None):
    return {
        "status": "error",
        "execution_count": number,
        "ename": "KeyboardInterrupt",
        "evalue": str(error or ""),
        "traceback": ["KeyboardInterrupt\n"],
    }


def _bounded(number, answer):
    """The answer as it can be sent."""
    answer = plain(answer)
    size = len(json.dumps(answer))
    if size <= MAX_RESULT_BYTES:
        return answer
    message = f"the statement's result is {size} bytes; a result may have {MAX_RESULT_BYTES}"
    return {
        "status": "error",
        "execution_count": number,
        "ename": "ResultTooLarge",
        "evalue": message,
        "traceback": [f"ResultTooLarge: {message}\n"],
    }


def log_stream():
    """The session's log: what stderr is, under any name that user code gives to sys.stderr."""
    return sys.stderr
