"""One interactive Spark session: the process that tarn's Livy service starts for POST /sessions.

The server speaks to it over two pipes, one JSON object a line (README.md beside this package has the table). What
user code, Python and the JVM print by themselves goes to the session's log, never into the protocol.
"""
