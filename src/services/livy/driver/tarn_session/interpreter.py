"""Runs the code of one statement as Livy's PySpark interpreter does and forms its answer.

The last node of a cell runs in "single" mode, so that an expression shows its value; what is printed is part of the
answer; an error has a name, a value and a traceback without this package's own frames.
"""

import __future__

import ast
import linecache
import os
import sys
import traceback
import types

from .magics import is_magic, run_magic
from .output import StatementStream

_PACKAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")


class Interpreter:
    """The Python of a session. Statements run on the thread that calls `execute`, one after another."""

    def __init__(self, log):
        self._log = log
        self._flags = 0
        self.stdout = StatementStream(log)
        self.stderr = StatementStream(log)
        # A real module: functions and classes of cells pickle by value, as those of a script do.
        self.module = types.ModuleType("__main__")
        self.namespace = self.module.__dict__

    def install(self):
        """Makes the session's namespace and streams those of the whole process."""
        sys.modules["__main__"] = self.module
        sys.stdout, sys.stderr = self.stdout, self.stderr

    def execute(self, number, code):
        """The answer to statement `number`: {"status": "ok"|"error", ...}."""
        self.stdout.begin()
        self.stderr.begin()
        data, failure = {}, None
        try:
            for part in self._parts(code, f"<cell {number}>"):
                data.update(part() or {})
        except BaseException as error:  # noqa: BLE001 - whatever a cell raises is its answer, exit() included
            failure = error
        printed = (self.stdout.end(), self.stderr.end())
        if failure is not None:
            self._keep(printed)
            return error_answer(number, failure)
        return {"status": "ok", "execution_count": number, "data": _with_text(data, printed)}

    def _parts(self, code, filename):
        """The pieces of a cell that run one after another: code between magics, and magics."""
        linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
        try:
            tree = self._parse(code, filename)
        except SyntaxError:
            if not any(is_magic(line) for line in code.splitlines()):
                raise
            return self._magic_parts(code, filename)
        return [lambda: self._run(tree, filename)]

    def _magic_parts(self, code, filename):
        parts, pending = [], []
        lines = code.splitlines()

        def close(end):
            # Blank lines in front keep the line numbers of the cell.
            text = "\n" * (end - len(pending)) + "\n".join(pending)
            if text.strip():
                tree = self._parse(text, filename)
                parts.append(lambda: self._run(tree, filename))
            pending.clear()

        for index, line in enumerate(lines):
            if is_magic(line):
                close(index)
                parts.append(lambda line=line: run_magic(line, self.namespace))
            else:
                pending.append(line)
        close(len(lines))
        return parts

    def _parse(self, code, filename):
        tree = compile(code, filename, "exec", ast.PyCF_ONLY_AST | self._flags, dont_inherit=True)
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                for alias in node.names:
                    self._flags |= getattr(__future__, alias.name).compiler_flag
        return tree

    def _run(self, tree, filename):
        *body, last = tree.body or [
            ast.Pass(lineno=1, col_offset=0, end_lineno=1, end_col_offset=4)
        ]
        if body:
            module = ast.Module(body=body, type_ignores=[])
            exec(compile(module, filename, "exec", self._flags, dont_inherit=True), self.namespace)
        single = ast.Interactive(body=[last])
        exec(compile(single, filename, "single", self._flags, dont_inherit=True), self.namespace)

    def _keep(self, printed):
        text = "".join(printed)
        if text:
            # Livy's answer to an error has no place for what was printed before it; the log keeps it.
            self._log.write(text if text.endswith("\n") else text + "\n")


def error_answer(number, failure):
    return {
        "status": "error",
        "execution_count": number,
        "ename": type(failure).__name__,
        "evalue": _text_of(failure),
        "traceback": _traceback_of(failure),
    }


def _with_text(data, printed):
    stdout, stderr = printed
    text = stdout
    if stderr:
        text = f"{stdout}\n{stderr}" if stdout else stderr
    text = text.rstrip()
    if text or not data:
        data["text/plain"] = text
    return data


def _text_of(failure):
    try:
        return str(failure)
    except Exception:  # noqa: BLE001 - a broken __str__ must not hide the error itself
        return f"<unprintable {type(failure).__name__}>"


def _traceback_of(failure):
    """The lines of the traceback, from the cell's own first frame on and without the interrupt's own."""
    frames = failure.__traceback__
    while frames is not None and not frames.tb_frame.f_code.co_filename.startswith("<cell "):
        frames = frames.tb_next
    inner = frames
    while inner is not None and inner.tb_next is not None:
        if inner.tb_next.tb_frame.f_code.co_filename.startswith(_PACKAGE):
            inner.tb_next = None
        inner = inner.tb_next
    try:
        return traceback.format_exception(type(failure), failure, frames)
    except Exception:  # noqa: BLE001 - as above
        return [f"{type(failure).__name__}: {_text_of(failure)}\n"]
