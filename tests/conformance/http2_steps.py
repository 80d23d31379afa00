"""curl as a client of HTTP/2 that signs its requests."""

from __future__ import annotations

import json

from tarn_server import REGION

PLAIN = ("--http2-prior-knowledge",)


def cbor_of(value) -> bytes:
    """What of CBOR (RFC 8949) a request needs: maps and texts."""
    if isinstance(value, dict):
        parts = [bytes([0xA0 | len(value)])]
        for key, item in value.items():
            parts += [cbor_of(key), cbor_of(item)]
        return b"".join(parts)
    text = value.encode()
    head = bytes([0x60 | len(text)]) if len(text) < 24 else bytes([0x78, len(text)])
    return head + text


def curl(server, action: str, body: dict, *options: str, url=None, how=PLAIN, cbor=False) -> list:
    """The command that asks Kinesis for `action`."""
    kind = "cbor" if cbor else "json"
    content = cbor_of(body) if cbor else json.dumps(body).encode()
    path = server.folder / f"{action}.{kind}"
    path.write_bytes(content)
    return [
        "curl", "--silent", "--show-error", "--max-time", "60",
        "--user", f"{server.access_key_id}:{server.secret_access_key}",
        "--aws-sigv4", f"aws:amz:{REGION}:kinesis",
        "--header", f"Content-Type: application/x-amz-{kind}-1.1",
        "--header", f"X-Amz-Target: Kinesis_20131202.{action}",
        "--data-binary", f"@{path}", *how, *options, url or f"{server.endpoint_url}/",
    ]  # fmt: skip
