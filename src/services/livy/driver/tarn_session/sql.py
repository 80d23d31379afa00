"""Statements of kind `sql`: the rows as Livy's SQL interpreter gives them, schema and data as JSON."""

import json

from .interpreter import error_answer
from .plain import plain

MAX_ROWS = 1000  # Livy's livy.rsc.sql.num-rows


def execute(namespace, number, query):
    """`namespace` is the session's own, whose `spark` it asks."""
    try:
        if "spark" not in namespace:
            raise NameError("name 'spark' is not defined")
        frame = namespace["spark"].sql(query)
        schema = json.loads(frame.schema.json())
        # By their places: two columns may have one name.
        data = [plain(list(row)) for row in frame.take(MAX_ROWS)]
    except KeyboardInterrupt:
        raise
    except Exception as error:  # noqa: BLE001 - the statement's answer
        return error_answer(number, error)
    return {
        "status": "ok",
        "execution_count": number,
        "data": {"application/json": {"schema": schema, "data": data}},
    }
