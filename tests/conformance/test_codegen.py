"""The generator of the wire contract: what it makes of a small model is kept beside it.

A change of the generator changes the golden files in the same commit:
    TARN_GOLDEN=write ./dev test codegen
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from tarn_server import ROOT

CODEGEN = ROOT / "spec" / "codegen"
GOLDEN = CODEGEN / "golden"
sys.path.insert(0, str(CODEGEN))

import emit
import generate
import model


def toy_service() -> model.Service:
    overlay = json.loads((GOLDEN / "overlay.json").read_text())
    service = model.Service("toy", json.loads((GOLDEN / "model.json").read_text()), overlay)
    for name, about in overlay["operations"].items():
        operation = service.model["operations"][name]
        errors = model.error_statuses(service, operation, about)
        service.operations.append(model.Operation(name, operation, about, about["plane"], errors))
    return service


def expect_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("TARN_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text(), f"{path} differs; TARN_GOLDEN=write renews it"


def test_the_header_is_as_kept():
    expect_golden("api.h.golden", emit.Emitter(toy_service()).header())


def test_the_tables_are_as_kept():
    expect_golden("api.cc.golden", emit.Emitter(toy_service()).source())


def test_the_compatibility_page_is_as_kept():
    expect_golden("toy.md.golden", generate.compatibility_page(toy_service()))


def test_an_operation_that_the_model_has_not_is_named(tmp_path):
    overlay = tmp_path / "sts.json"
    overlay.write_text(
        '{"service": "sts", "model": "sts/2011-06-15", "operations": {"GetTree": {}}}'
    )
    with pytest.raises(model.SpecError, match="has no operation GetTree"):
        model.load_service(overlay)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("StreamARN", "stream_arn"),
        ("ETag", "e_tag"),
        ("Delete", "delete_"),
        ("SSEKMSKeyId", "ssekms_key_id"),
        ("x-amz-id", "x_amz_id"),
    ],
)
def test_members_are_named_in_snake_case(name, expected):
    assert model.snake_case(name) == expected


def test_every_overlay_generates_and_gives_each_operation_an_iam_action():
    for path in sorted(Path(ROOT / "spec" / "overlays").glob("*.json")):
        service = model.load_service(path)
        assert emit.Emitter(service).source()
        for operation in service.operations:
            assert "authz" in operation.overlay, f"{service.name}:{operation.name} has no authz"
