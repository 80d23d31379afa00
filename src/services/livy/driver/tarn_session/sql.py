"""Statements of kind `sql`: the rows as Livy's SQL interpreter gives them, schema and data as JSON."""

import json

from .interpreter import error_answer

MAX_ROWS = 1000  # Livy's livy.rsc.sql.num-rows


def execute(spark, number, query):
    try:
        frame = spark.sql(query)
        schema = json.loads(frame.schema.json())
        rows = [
            json.loads(json.dumps(row.asDict(recursive=True), default=str))
            for row in frame.take(MAX_ROWS)
        ]
    except KeyboardInterrupt:
        raise
    except Exception as error:  # noqa: BLE001 - the statement's answer
        return error_answer(number, error)
    data = [[row.get(field["name"]) for field in schema["fields"]] for row in rows]
    return {
        "status": "ok",
        "execution_count": number,
        "data": {"application/json": {"schema": schema, "data": data}},
    }
