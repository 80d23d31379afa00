"""What the generator knows of a service: its botocore model joined with the overlay written here.

The model gives shapes, routes and error names; the overlay (spec/overlays/SERVICE.json) gives which operations tarn
implements and what the client-side models leave out: IAM actions and resources, HTTP statuses of errors, the plane an
operation runs on, extra protocols. Both together are the one declaration of an API action.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import botocore.loaders

CPP_KEYWORDS = {
    "and", "auto", "bool", "break", "case", "catch", "char", "class", "const", "continue", "default", "delete", "do",
    "double", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if", "inline",
    "int", "long", "namespace", "new", "not", "operator", "or", "private", "protected", "public", "register", "return",
    "short", "signed", "sizeof", "static", "struct", "switch", "template", "this", "throw", "true", "try", "typedef",
    "typename", "union", "unsigned", "using", "virtual", "void", "volatile", "while", "xor", "schema",
}  # fmt: skip


class SpecError(Exception):
    """The overlay asks for something the model does not have."""


def snake_case(name: str) -> str:
    text = re.sub(r"[^A-Za-z0-9]", "_", name)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", text)
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text).lower()
    if text[:1].isdigit():
        text = "_" + text
    return text + "_" if text in CPP_KEYWORDS else text


def pascal_case(name: str) -> str:
    parts = re.split(r"[^A-Za-z0-9]+", name)
    return "".join(
        part[:1].upper() + (part[1:].lower() if part.isupper() else part[1:])
        for part in parts
        if part
    )


@dataclass
class Operation:
    name: str
    model: dict
    overlay: dict
    plane: str
    errors: dict[str, int]

    @property
    def permissions(self) -> list[dict]:
        """What the operation needs: `authz` is one permission or a list of them."""
        authz = self.overlay.get("authz", [])
        return authz if isinstance(authz, list) else [authz]

    @property
    def input(self) -> str | None:
        return self.model.get("input", {}).get("shape")

    @property
    def output(self) -> str | None:
        return self.model.get("output", {}).get("shape")

    @property
    def result_wrapper(self) -> str:
        return self.overlay.get("root", self.model.get("output", {}).get("resultWrapper", ""))


@dataclass
class Service:
    name: str
    model: dict
    overlay: dict
    operations: list[Operation] = field(default_factory=list)

    @property
    def metadata(self) -> dict:
        return self.model["metadata"]

    @property
    def shapes(self) -> dict:
        return self.model["shapes"]

    def reachable(self) -> list[str]:
        """Shapes of the overlay's operations, each after those it contains by value."""
        order: list[str] = []
        state: dict[str, int] = {}

        def visit(name: str) -> None:
            if state.get(name):
                return
            state[name] = 1
            shape = self.shapes[name]
            for inner in contained(shape):
                visit(inner)
            state[name] = 2
            order.append(name)

        for operation in self.operations:
            for root in (operation.input, operation.output):
                if root:
                    visit(root)
        return order

    def is_recursive(self, owner: str, member: str) -> bool:
        """Whether structure `member` holds `owner` by value, so that the member must be a pointer."""
        seen: set[str] = set()

        def holds(name: str) -> bool:
            if name == owner:
                return True
            shape = self.shapes[name]
            if name in seen or shape["type"] != "structure":
                return False
            seen.add(name)
            return any(holds(m["shape"]) for m in shape.get("members", {}).values())

        return self.shapes[member]["type"] == "structure" and holds(member)


def contained(shape: dict) -> list[str]:
    if shape["type"] == "structure":
        return [member["shape"] for member in shape.get("members", {}).values()]
    if shape["type"] == "list":
        return [shape["member"]["shape"]]
    if shape["type"] == "map":
        return [shape["key"]["shape"], shape["value"]["shape"]]
    return []


def error_statuses(service: Service, operation: dict, overlay: dict) -> dict[str, int]:
    """Every error the operation may answer with its HTTP status: the overlay's, the model's, or 400."""
    table = {k: v for k, v in service.overlay.get("errors", {}).items() if k != "source"}
    statuses: dict[str, int] = {}
    for reference in operation.get("errors", []):
        shape = service.shapes[reference["shape"]]
        trait = shape.get("error", {})
        code = trait.get("code", reference["shape"])
        statuses[code] = table.get(code, trait.get("httpStatusCode", 400))
    for code in list(overlay.get("errors", [])) + list(table):
        statuses.setdefault(code, table.get(code, 400))
    return statuses


def drop_members(model: dict, overlay: dict) -> None:
    """Applies the overlay's `omit_members`: {"Shape": ["Member"]}, members whose shapes tarn has no use for."""
    for shape, members in overlay.get("omit_members", {}).items():
        for member in members:
            model["shapes"][shape]["members"].pop(member)


def loosen_members(model: dict, overlay: dict) -> None:
    """Applies the overlay's `optional_members`: {"Shape": ["Member"]}, which the service leaves out though the model
    requires them."""
    for shape, members in overlay.get("optional_members", {}).items():
        for member in members:
            model["shapes"][shape]["required"].remove(member)


def name_payloads(model: dict, overlay: dict) -> None:
    """Applies the overlay's `payload`: {"Shape": "Member"}, a member that is the whole body though the model hides it."""
    for shape, member in overlay.get("payload", {}).items():
        model["shapes"][shape]["payload"] = member


def flatten_members(model: dict) -> None:
    """Gives a member that alone makes its list flattened (S3's And.Tags) a flattened list of its own."""
    shapes = model["shapes"]
    for shape in list(shapes.values()):
        for member in shape.get("members", {}).values():
            plain = shapes[member["shape"]]
            if member.get("flattened") and not plain.get("flattened"):
                name = "Flattened" + member["shape"]
                shapes[name] = {**plain, "flattened": True}
                member["shape"] = name


def load_service(overlay_path: Path) -> Service:
    overlay = json.loads(overlay_path.read_text(encoding="utf-8"))
    name, version = overlay["model"].split("/")
    model = botocore.loaders.Loader().load_service_model(name, "service-2", version)
    drop_members(model, overlay)
    loosen_members(model, overlay)
    name_payloads(model, overlay)
    flatten_members(model)
    service = Service(overlay["service"], model, overlay)
    for operation_name, operation_overlay in overlay["operations"].items():
        operation = model["operations"].get(operation_name)
        if operation is None:
            raise SpecError(
                f"{overlay_path}: the model {overlay['model']} has no operation {operation_name}"
            )
        plane = operation_overlay.get("plane", overlay.get("plane", "control"))
        errors = error_statuses(service, operation, operation_overlay)
        service.operations.append(
            Operation(operation_name, operation, operation_overlay, plane, errors)
        )
    return service
