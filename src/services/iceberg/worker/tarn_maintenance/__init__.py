"""The worker of table maintenance: one process, one table, one run.

It reads its order as one line of JSON from standard input, tells what it did as lines of JSON on
standard output, and ends. It has keys for the one table only. Its own log goes to standard error.
"""
