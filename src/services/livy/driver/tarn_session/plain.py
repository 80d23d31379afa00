"""Values as JSON has them: what an answer holds reaches the server whatever it is, or is refused with a reason."""

import base64
import json
import math

# Of an answer; the server reads no deeper than 500 (wire/json_value.h), its own levels included.
DEEPEST = 400


class TooDeep(ValueError):
    """Nested deeper than the server reads."""


def plain(value, depth=0):
    """A copy of what JSON has. Numbers that are none are their names, as Jackson writes them; characters that no UTF-8
    can carry are escapes; bytes are base64, as Spark's toJSON has them; keys and the rest are text."""
    if depth > DEEPEST:
        raise TooDeep(f"the result is nested deeper than {DEEPEST}")
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else _name(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, tuple) and hasattr(value, "asDict"):
        value = _fields(value)
    if isinstance(value, dict):
        return {_key(key, depth): plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each, depth + 1) for each in value]
    return _text(str(value))


def _text(value):
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def _name(number):
    if math.isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"


def _fields(row):
    """A Row as a dict, unless two of its fields have one name."""
    names = getattr(row, "__fields__", None) or ()
    return dict(zip(names, row, strict=True)) if len(set(names)) == len(row) else list(row)


def _key(key, depth):
    if isinstance(key, str):
        return _text(key)
    text = plain(key, depth + 1)
    return text if isinstance(text, str) else json.dumps(text)
