"""The inside of a Lambda function's execution environment, for Python."""
