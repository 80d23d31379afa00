"""S3 as engines use it: DuckDB's httpfs, PyIceberg's FileIO, boto3's transfer, the CLI."""

from __future__ import annotations

import hashlib
import io
import zlib
from pathlib import Path

import duckdb
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from duckdb_extension_httpfs import __path__ as httpfs_folder
from pyiceberg.io.pyarrow import PyArrowFileIO
from tarn_server import REGION

MIB = 1 << 20


@pytest.fixture
def engine(server):
    """DuckDB with httpfs, pointed at the server."""
    (extension,) = [
        str(path) for folder in httpfs_folder for path in Path(folder).rglob("*.duckdb_extension")
    ]
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    connection.execute(f"LOAD '{extension}'")
    connection.execute(
        f"""CREATE SECRET (TYPE s3, KEY_ID '{server.access_key_id}',
            SECRET '{server.secret_access_key}', REGION '{REGION}', URL_STYLE 'path',
            ENDPOINT '127.0.0.1:{server.port}', USE_SSL false)"""
    )
    yield connection
    connection.close()


def test_duckdb_writes_and_reads_parquet(engine, s3, bucket):
    rows = "SELECT i AS id, i % 7 AS kind, md5(i::VARCHAR) AS text FROM range(300000) t(i)"
    engine.execute(f"COPY ({rows}) TO 's3://{bucket}/one.parquet' (FORMAT parquet)")
    size = s3.head_object(Bucket=bucket, Key="one.parquet")["ContentLength"]
    assert size > 5 * MIB  # so that it came by a multipart upload
    counted = f"SELECT count(*), sum(id) FROM 's3://{bucket}/one.parquet' WHERE kind = 3"
    assert engine.execute(counted).fetchone() == (42857, 6428507143)
    engine.execute(
        f"COPY ({rows}) TO 's3://{bucket}/by kind' (FORMAT parquet, PARTITION_BY (kind))"
    )
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix="by kind/")["Contents"]]
    assert len(keys) == 7 and keys[3].startswith("by kind/kind=3/")
    globbed = (
        f"SELECT kind, count(*) FROM 's3://{bucket}/by kind/*/*.parquet' GROUP BY 1 ORDER BY 1"
    )
    assert [kind for kind, _ in engine.execute(globbed).fetchall()] == list(range(7))


def test_pyiceberg_reads_writes_and_removes_files(server, bucket):
    files = PyArrowFileIO(
        {
            "s3.endpoint": server.endpoint_url,
            "s3.access-key-id": server.access_key_id,
            "s3.secret-access-key": server.secret_access_key,
            "s3.region": REGION,
        }
    )
    url = f"s3://{bucket}/warehouse/metadata/v1 +.json"
    with files.new_output(url).create() as out:
        out.write(b"x" * 100_000)
    assert files.new_output(url).exists()
    with pytest.raises(FileExistsError):
        files.new_output(url).create()
    given = files.new_input(url)
    assert len(given) == 100_000
    with given.open() as stream:
        stream.seek(99_990)
        assert stream.read() == b"x" * 10
    files.delete(url)
    assert not files.new_input(url).exists()
    with pytest.raises(FileNotFoundError):
        files.new_input(url).open()


def test_the_transfer_of_boto3_copies_and_takes_up_ranges(s3, bucket, tmp_path):
    body = b"".join(hashlib.sha256(bytes([i])).digest() * (MIB // 32) for i in range(24))
    source = tmp_path / "source"
    source.write_bytes(body)
    by_parts = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB)
    s3.upload_file(str(source), bucket, "k", Config=by_parts, ExtraArgs={"Tagging": "a=1"})
    s3.copy({"Bucket": bucket, "Key": "k"}, bucket, "copy", Config=by_parts)
    s3.download_file(bucket, "copy", str(tmp_path / "back"), Config=by_parts)
    assert (tmp_path / "back").read_bytes() == body
    assert s3.head_object(Bucket=bucket, Key="copy")["ETag"].endswith('-3"')


class Pattern(io.RawIOBase):
    """A body of any size that is made as it is read, and takes no memory."""

    def __init__(self, size: int):
        self.size, self.at = size, 0
        self.block = hashlib.sha512(b"block").digest() * (MIB // 64)

    def readable(self):
        return True

    def readinto(self, out):
        start = self.at % MIB
        count = min(len(out), MIB - start, self.size - self.at)
        out[:count] = self.block[start : start + count]
        self.at += count
        return count


@pytest.mark.slow
def test_half_a_gigabyte_goes_up_and_comes_back(server, s3, bucket):
    size = 1 << 29
    source = io.BufferedReader(Pattern(size), MIB)
    by_parts = TransferConfig(multipart_chunksize=64 * MIB, max_concurrency=2)
    s3.upload_fileobj(source, bucket, "large", Config=by_parts)
    head = s3.head_object(Bucket=bucket, Key="large")
    assert (head["ContentLength"], head["ETag"][-3:]) == (size, '-8"')
    expected = crc = 0
    block = Pattern(MIB).read()
    for _ in range(size // MIB):
        expected = zlib.crc32(block, expected)
    for piece in s3.get_object(Bucket=bucket, Key="large")["Body"].iter_chunks(MIB):
        crc = zlib.crc32(piece, crc)
    assert crc == expected
    s3.delete_object(Bucket=bucket, Key="large")


@pytest.mark.slow
def test_the_cli_copies_a_large_file_by_its_parts(aws_cli, s3, bucket, tmp_path):
    source = tmp_path / "large"
    with source.open("wb") as out:
        out.truncate(1 << 28)  # sparse: zeros that take no disk
        out.seek(-3, io.SEEK_END)
        out.write(b"end")
    aws_cli("s3", "cp", source, f"s3://{bucket}/large", check=False)
    head = s3.head_object(Bucket=bucket, Key="large")
    assert (head["ContentLength"], head["ETag"][-4:]) == (1 << 28, '-32"')
    tail = s3.get_object(Bucket=bucket, Key="large", Range="bytes=-4")["Body"].read()
    assert tail == b"\0end"
    aws_cli("s3", "rm", f"s3://{bucket}/large")


def test_limits_of_parts(s3, bucket):
    """Part numbers end at 10,000; all but the last part have 5 MiB at least."""
    there = {"Bucket": bucket, "Key": "k"}
    there["UploadId"] = s3.create_multipart_upload(**there)["UploadId"]
    etags = {
        number: s3.upload_part(**there, PartNumber=number, Body=body)["ETag"]
        for number, body in ((1, b"x" * (5 * MIB)), (2, b"x" * (5 * MIB - 1)), (10_000, b"end"))
    }

    def complete(*numbers):
        parts = [{"PartNumber": n, "ETag": etags[n]} for n in numbers]
        return s3.complete_multipart_upload(**there, MultipartUpload={"Parts": parts})

    for call, code in (
        (lambda: s3.upload_part(**there, PartNumber=10_001, Body=b""), "InvalidArgument"),
        (lambda: s3.upload_part(**there, PartNumber=0, Body=b""), "InvalidArgument"),
        (lambda: complete(1, 2, 10_000), "EntityTooSmall"),
    ):
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["Error"]["Code"] == code
    complete(1, 10_000)
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 5 * MIB + 3
