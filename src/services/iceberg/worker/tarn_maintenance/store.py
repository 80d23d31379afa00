"""Objects by their locations: listed and removed, many at a time."""

from __future__ import annotations

import logging
from collections import defaultdict
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
MOST_PER_CALL = 1000


def split(location):
    """Bucket and key of s3://bucket/key; s3a:// and s3n:// mean the same."""
    parts = urlsplit(location, allow_fragments=False)
    if parts.scheme not in ("s3", "s3a", "s3n"):
        raise ValueError(f"{location} is no place in s3")
    # A key may have a question mark in it.
    key = parts.path.removeprefix("/") + (f"?{parts.query}" if parts.query else "")
    return parts.netloc, key


class Store:
    def __init__(self, order):
        self._s3 = boto3.client(
            "s3",
            endpoint_url=order["endpoint"],
            region_name=order["region"],
            config=Config(s3={"addressing_style": "path"}, read_timeout=60, connect_timeout=10),
        )

    def list(self, folder):
        """(location, size, time of the last change) of every object below the folder."""
        bucket, prefix = split(folder.rstrip("/") + "/")
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            for each in page.get("Contents", []):
                yield f"s3://{bucket}/{each['Key']}", each["Size"], each["LastModified"]

    def remove(self, locations):
        """How many went. What cannot be removed is logged and left."""
        by_bucket = defaultdict(list)
        for location in locations:
            bucket, key = split(location)
            by_bucket[bucket].append(key)
        removed = 0
        for bucket, keys in by_bucket.items():
            for first in range(0, len(keys), MOST_PER_CALL):
                some = keys[first : first + MOST_PER_CALL]
                answer = self._s3.delete_objects(
                    Bucket=bucket,
                    Delete={"Objects": [{"Key": key} for key in some], "Quiet": True},
                )
                errors = answer.get("Errors", [])
                for error in errors:
                    logging.warning("s3://%s/%s is left: %s", bucket, error["Key"], error["Code"])
                removed += len(some) - len(errors)
        return removed
