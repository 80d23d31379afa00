"""The three magics of Livy's PySpark interpreter: %json NAME, %table NAME and %matplot NAME.

Each turns a variable of the session into data of another MIME type
(https://livy.apache.org/docs/latest/rest-api.html#statement-output).
"""

import base64
import datetime
import decimal
import io

from .plain import plain


class UnknownMagic(Exception):
    """A line opens with % and names no magic of this interpreter."""


def is_magic(line):
    return line.startswith("%") and not line.startswith("%%")


def run_magic(line, namespace):
    """The data (MIME type to content) that one magic line stands for."""
    name, _, argument = line[1:].strip().partition(" ")
    magic = _MAGICS.get(name)
    if magic is None:
        raise UnknownMagic(
            f"unknown magic command '{name}'; known: " + ", ".join(f"%{m}" for m in sorted(_MAGICS))
        )
    argument = argument.strip()
    if argument not in namespace:
        raise NameError(f"name '{argument}' is not defined")
    return magic(namespace[argument])


def _json(value):
    return {"application/json": plain(value)}


def _matplot(value):
    # `%matplot plt` gives the current figure; a figure or an axes object gives its own.
    figure = value.gcf() if hasattr(value, "gcf") else getattr(value, "figure", value)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return {"image/png": base64.b64encode(picture.getvalue()).decode("ascii")}


def _table(value):
    """A list of rows, each a dict, a Row or a list, as headers with types and data."""
    rows = value.collect() if hasattr(value, "collect") else list(value)
    names, records = [], []
    for row in rows:
        record = row.asDict() if hasattr(row, "asDict") else row
        if not isinstance(record, dict):
            items = record if isinstance(record, (list, tuple)) else [record]
            record = {str(index): item for index, item in enumerate(items)}
        names.extend(name for name in record if name not in names)
        records.append(record)
    headers = [
        {"name": name, "type": _column_type(name, [r.get(name) for r in records])} for name in names
    ]
    data = [[plain(record.get(name)) for name in names] for record in records]
    return {"application/vnd.livy.table.v1+json": {"headers": headers, "data": data}}


_TYPES = (
    (bool, "BOOLEAN_TYPE"),
    (int, "BIGINT_TYPE"),
    (float, "DOUBLE_TYPE"),
    (decimal.Decimal, "DECIMAL_TYPE"),
    (datetime.datetime, "TIMESTAMP_TYPE"),
    (datetime.date, "DATE_TYPE"),
    (str, "STRING_TYPE"),
    ((list, tuple), "ARRAY_TYPE"),
    (dict, "MAP_TYPE"),
)


def _column_type(name, values):
    found = {_type_of(value) for value in values if value is not None}
    if len(found) > 1:
        raise ValueError(
            f"the values of column '{name}' are of different types: {', '.join(sorted(found))}"
        )
    return found.pop() if found else "NULL_TYPE"


def _type_of(value):
    for kind, name in _TYPES:
        if isinstance(value, kind):
            return name
    raise ValueError(f"a table cannot hold a {type(value).__name__}")


_MAGICS = {"json": _json, "matplot": _matplot, "table": _table}
