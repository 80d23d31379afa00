"""Writes the C++ of one service: api.h (structs and tags) and api.cc (constant tables)."""

from __future__ import annotations

import re

from model import Operation, Service, SpecError, pascal_case, snake_case

SCALARS = {
    "string": ("std::string", "kString"),
    "character": ("std::string", "kString"),
    "blob": ("std::string", "kBlob"),
    "boolean": ("bool", "kBoolean"),
    "integer": ("std::int32_t", "kInteger"),
    "long": ("std::int64_t", "kLong"),
    "float": ("float", "kFloat"),
    "double": ("double", "kDouble"),
    "timestamp": ("tarn::Timestamp", "kTimestamp"),
}
LOCATIONS = {
    None: "kBody",
    "header": "kHeader",
    "headers": "kHeaders",
    "uri": "kUri",
    "querystring": "kQuery",
    "statusCode": "kStatusCode",
}
TIMESTAMPS = {
    None: "kDefault",
    "iso8601": "kIso8601",
    "rfc822": "kRfc822",
    "unixTimestamp": "kUnix",
}
PROTOCOLS = {
    "json": "kJson",
    "query": "kQuery",
    "ec2": "kEc2",
    "rest-xml": "kRestXml",
    "rest-json": "kRestJson",
}


def constants(kind: str, name: str, rows: list[str]) -> list[str]:
    """A constant table inside a function; nothing where it has no rows."""
    return [f"  static constexpr wire::{kind} {name}[] = {{", *rows, "  };"] if rows else []


def quoted(text: str) -> str:
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    )
    return f'"{escaped}"'


def spoken(metadata: dict) -> str:
    """The protocol of a service: the model's own, or the first of its others that tarn speaks."""
    offered = [metadata["protocol"], *metadata.get("protocols", [])]
    return next(protocol for protocol in offered if protocol in PROTOCOLS)


def form_name(member_name: str, member: dict) -> str:
    """What a member is called in EC2's forms: its queryName, else its locationName with a capital.
    https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#query-key-resolution"""
    name = member.get("locationName", member_name)
    return member.get("queryName", name[:1].upper() + name[1:])


class Emitter:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.order = service.reachable()
        self.streaming = self.streaming_shapes()
        structures = {name for name in self.order if self.shape(name)["type"] == "structure"}
        for operation in service.operations:
            if operation.name in structures:
                raise SpecError(f"{operation.name} names both an operation and a shape")

    def shape(self, name: str) -> dict:
        return self.service.shapes[name]

    def streaming_shapes(self) -> set[str]:
        names = set()
        for name in self.order:
            shape = self.shape(name)
            if shape.get("streaming") or shape.get("eventstream"):
                names.add(name)
            for member in shape.get("members", {}).values():
                if member.get("streaming"):
                    names.add(member["shape"])
        return names

    def cpp_type(self, name: str) -> str:
        shape = self.shape(name)
        kind = shape["type"]
        if kind == "structure":
            if shape.get("document"):
                raise SpecError(f"shape {name} is a document, which no codec here speaks")
            return "wire::Events" if shape.get("eventstream") else name
        if kind == "list":
            return f"std::vector<{self.cpp_type(shape['member']['shape'])}>"
        if kind == "map":
            return f"std::map<std::string, {self.cpp_type(shape['value']['shape'])}>"
        if name in self.streaming:
            return "wire::Body"
        return SCALARS[kind][0]

    def member_type(self, owner: str, member_name: str, member: dict) -> str:
        plain = self.cpp_type(member["shape"])
        if self.service.is_recursive(owner, member["shape"]):
            return f"std::shared_ptr<{plain}>"
        if plain in ("wire::Body", "wire::Events") or member_name in self.shape(owner).get(
            "required", []
        ):
            return plain
        return f"std::optional<{plain}>"

    # --- header ---

    def header(self) -> str:
        service = self.service
        lines = [
            f"// The API of {service.name}: shapes and operations, generated from its botocore model and "
            f"spec/overlays/{service.name}.json.",
            "#pragma once",
            "",
            "#include <cstdint>",
            "#include <map>",
            "#include <memory>",
            "#include <optional>",
            "#include <string>",
            "#include <string_view>",
            "#include <vector>",
            "",
            '#include "platform/clock.h"',
            '#include "wire/access.h"',
            '#include "wire/schema.h"',
            "",
            f"namespace tarn::{service.name} {{",
            "",
            "const wire::ServiceModel& service_model();",
            "",
        ]
        structures = [name for name in self.order if self.shape(name)["type"] == "structure"]
        lines += [f"struct {name};" for name in structures] + [""]
        for name in structures:
            lines += self.structure(name)
        lines += self.enum_values()
        for operation in service.operations:
            lines += [
                f"struct {operation.name} {{",
                f"  using Input = {operation.input or 'wire::Unit'};",
                f"  using Output = {operation.output or 'wire::Unit'};",
                "  static const wire::Operation& operation();",
                "};",
                "",
            ]
        names = ", ".join(operation.name for operation in service.operations)
        lines += [
            "// Every operation above, for gateway::ActionList: one that lacks its handle() does not compile.",
            "template <template <class, class...> class List, class Room>",
            f"using AllActions = List<Room, {names}>;",
            "",
            f"}}  // namespace tarn::{service.name}",
            "",
        ]
        return "\n".join(lines)

    def structure(self, name: str) -> list[str]:
        if self.shape(name).get("eventstream"):
            return self.event_makers(name)
        lines = [f"struct {name} {{"]
        for member_name, member in self.shape(name).get("members", {}).items():
            initial = "{}" if member_name in self.shape(name).get("required", []) else ""
            lines.append(
                f"  {self.member_type(name, member_name, member)} {snake_case(member_name)}{initial};"
            )
        lines += ["  static const wire::Schema& schema();", "};", ""]
        return lines

    def event_makers(self, name: str) -> list[str]:
        """The events of a stream, to be given by a wire::EventSource; its exceptions are Errors."""
        lines = [f"struct {name} {{"]
        for member_name, member in self.shape(name)["members"].items():
            if self.shape(member["shape"]).get("exception"):
                continue
            lines += [
                f"  static wire::Event {snake_case(member_name)}({member['shape']} event) {{",
                f"    return wire::make_event({quoted(member_name)}, std::move(event));",
                "  }",
            ]
        return [*lines, "};", ""]

    def enum_values(self) -> list[str]:
        lines = []
        for name in self.order:
            values = self.shape(name).get("enum")
            if not values:
                continue
            lines.append(f"namespace values::{snake_case(name)} {{")
            seen = set()
            for value in values:
                constant = "k" + pascal_case(value)
                if constant not in seen and len(constant) > 1:
                    lines.append(f"inline constexpr std::string_view {constant} = {quoted(value)};")
                seen.add(constant)
            lines += [f"}}  // namespace values::{snake_case(name)}", ""]
        return lines

    # --- tables ---

    def source(self) -> str:
        service = self.service
        lines = [
            f'#include "services/{service.name}/api.h"',
            "",
            f"namespace tarn::{service.name} {{",
            "namespace {",
            "",
            "using wire::Kind;",
            "using wire::Location;",
            "using wire::Member;",
            "using wire::Schema;",
            "using wire::TimestampFormat;",
            "namespace access = wire::access;",
            "",
            "struct Tables {",
        ]
        lines += [f"  static const Schema {self.table(name)};" for name in self.order]
        lines += ["};", ""]
        for name in self.order:
            lines += self.schema_table(name)
        lines += self.known_table()
        lines += ["}  // namespace", ""]
        for name in self.order:
            shape = self.shape(name)
            if shape["type"] == "structure" and not shape.get("eventstream"):
                lines.append(
                    f"const wire::Schema& {name}::schema() {{ return Tables::{self.table(name)}; }}"
                )
        lines += ["", *self.model_function()]
        for operation in service.operations:
            lines += self.operation_function(operation)
        lines += [f"}}  // namespace tarn::{service.name}", ""]
        return "\n".join(lines)

    def table(self, name: str) -> str:
        return "k" + name[:1].upper() + name[1:] + "_" + self.shape(name)["type"]

    def schema_table(self, name: str) -> list[str]:
        shape = self.shape(name)
        kind = shape["type"]
        fields = [f".kind = Kind::{self.kind(name)}", f".name = {quoted(name)}"]
        for limit in ("min", "max"):
            if limit in shape:
                fields.append(f".{limit} = {float(shape[limit])!r}")
        lines: list[str] = []
        if shape.get("pattern"):
            fields.append(f".pattern = {quoted(shape['pattern'])}")
        if shape.get("enum"):
            lines.append(f"constexpr std::string_view {self.table(name)}Values[] = {{")
            lines += [f"    {quoted(value)}," for value in shape["enum"]]
            lines.append("};")
            fields.append(f".values = {self.table(name)}Values")
        if shape.get("eventstream"):
            lines += self.event_table(name, fields)
        elif kind == "structure":
            lines += self.member_table(name, fields)
        elif kind == "list":
            element = shape["member"]
            fields.append(f".element = &Tables::{self.table(element['shape'])}")
            if "locationName" in element:
                fields.append(f".element_name = {quoted(element['locationName'])}")
        elif kind == "map":
            fields.append(f".element = &Tables::{self.table(shape['value']['shape'])}")
            for part in ("key", "value"):
                if "locationName" in shape[part]:
                    fields.append(f".{part}_name = {quoted(shape[part]['locationName'])}")
        if shape.get("flattened"):
            fields.append(".flattened = true")
        if shape.get("xmlNamespace"):
            fields.append(f".xml_namespace = {quoted(shape['xmlNamespace']['uri'])}")
        if shape.get("timestampFormat"):
            fields.append(
                f".timestamp_format = TimestampFormat::{TIMESTAMPS[shape['timestampFormat']]}"
            )
        if shape.get("sensitive"):
            fields.append(".sensitive = true")
        if kind == "list":
            fields.append(f".list = &access::kList<{self.cpp_type(shape['member']['shape'])}>")
        if kind == "map":
            fields.append(f".map = &access::kMap<{self.cpp_type(shape['value']['shape'])}>")
        order = [
            ".kind", ".name", ".min", ".max", ".pattern", ".values", ".members", ".payload", ".events", ".element ",
            ".element_name", ".key_name", ".value_name", ".flattened", ".xml_namespace", ".timestamp_format",
            ".sensitive", ".list", ".map",
        ]  # fmt: skip
        fields.sort(
            key=lambda text: next(i for i, key in enumerate(order) if (text + " ").startswith(key))
        )
        lines.append(f"constinit const Schema Tables::{self.table(name)} = {{")
        lines += [f"    {text}," for text in fields]
        lines += ["};", ""]
        return lines

    def kind(self, name: str) -> str:
        kind = self.shape(name)["type"]
        if name in self.streaming:
            return "kStream"
        if kind in ("structure", "list", "map"):
            return "k" + kind.capitalize()
        return SCALARS[kind][1]

    def event_table(self, name: str, fields: list[str]) -> list[str]:
        array = f"{self.table(name)}Events"
        rows = [
            f"    {{{quoted(member_name)}, {quoted(member_name)}, Location::kBody, "
            f"&Tables::{self.table(member['shape'])}}},"
            for member_name, member in self.shape(name)["members"].items()
        ]
        fields.append(f".events = {array}")
        return [f"constexpr Member {array}[] = {{", *rows, "};"]

    def member_table(self, name: str, fields: list[str]) -> list[str]:
        shape = self.shape(name)
        members = shape.get("members", {})
        if not members:
            return []
        array = f"{self.table(name)}Members"
        lines = [f"constexpr Member {array}[] = {{"]
        for index, (member_name, member) in enumerate(members.items()):
            lines.append(self.member_row(name, member_name, member))
            if shape.get("payload") == member_name:
                fields.append(f".payload = &{array}[{index}]")
        lines.append("};")
        fields.append(f".members = {array}")
        return lines

    def member_row(self, owner: str, member_name: str, member: dict) -> str:
        wire_name = member.get("locationName", member_name)
        pointer = f"&{owner}::{snake_case(member_name)}"
        required = "true" if member_name in self.shape(owner).get("required", []) else "false"
        attribute = "true" if member.get("xmlAttribute") else "false"
        stamp = TIMESTAMPS[member.get("timestampFormat")]
        form = ", " + quoted(form_name(member_name, member)) if self.speaks_ec2() else ""
        return (
            f"    {{{quoted(member_name)}, {quoted(wire_name)}, Location::{LOCATIONS[member.get('location')]}, "
            f"&Tables::{self.table(member['shape'])}, {required}, {attribute}, TimestampFormat::{stamp}, "
            f"access::emplace<{pointer}>, access::find<{pointer}>{form}}},"
        )

    def speaks_ec2(self) -> bool:
        return self.service.metadata["protocol"] == "ec2"

    def known_table(self) -> list[str]:
        lines = ["constexpr wire::KnownOperation kKnown[] = {"]
        for name, operation in self.service.model["operations"].items():
            http = operation.get("http", {"method": "POST", "requestUri": "/"})
            uri, header = self.route(operation, http["requestUri"])
            lines.append(
                f"    {{{quoted(name)}, {quoted(http['method'])}, {quoted(uri)}, {quoted(header)}}},"
            )
        return [*lines, "};", ""]

    def route(self, operation: dict, uri: str) -> tuple[str, str]:
        """The URI with the query keys that must be there to mean this operation, and a header that must be."""
        path, _, query = uri.partition("?")
        keys = [part for part in query.split("&") if part and not part.startswith("x-id=")]
        header = ""
        shape = self.shape(operation["input"]["shape"]) if "input" in operation else {}
        for name in shape.get("required", []):
            member = shape["members"].get(name, {})
            if member.get("location") == "querystring" and member["locationName"] not in keys:
                keys.append(member["locationName"])
            if member.get("location") == "header":
                header = member["locationName"]
        return path + ("?" + "&".join(keys) if keys else ""), header

    def model_function(self) -> list[str]:
        service, metadata = self.service, self.service.metadata
        protocols = service.overlay.get("protocols", {})
        namespace = metadata.get("xmlNamespace", service.overlay.get("xml_namespace", ""))
        fields = [
            f".name = {quoted(service.name)}",
            f".signing_name = {quoted(metadata.get('signingName', metadata['endpointPrefix']))}",
            f".endpoint_prefix = {quoted(metadata['endpointPrefix'])}",
            f".protocol = wire::Protocol::{PROTOCOLS[spoken(metadata)]}",
            f".json_version = {quoted(metadata.get('jsonVersion', ''))}",
            f".target_prefix = {quoted(metadata.get('targetPrefix', ''))}",
            f".api_version = {quoted(metadata['apiVersion'])}",
            f".xml_namespace = {quoted(namespace)}",
            f".error_prefix = {quoted(service.overlay.get('error_prefix', ''))}",
            f".accepts_cbor = {'true' if protocols.get('cbor') else 'false'}",
            f".body_limit = {int(service.overlay.get('body_limit_bytes', 16 << 20))}",
            ".known = kKnown",
        ]
        return [
            "const wire::ServiceModel& service_model() {",
            "  static constexpr wire::ServiceModel kModel = {",
            *[f"      {text}," for text in fields],
            "  };",
            "  return kModel;",
            "}",
            "",
        ]

    def operation_function(self, operation: Operation) -> list[str]:
        http = operation.model.get("http", {"method": "POST", "requestUri": "/"})
        errors = [
            f"      {{{quoted(code)}, {status}}},"
            for code, status in sorted(operation.errors.items())
        ]
        permissions = [
            f"      {{{quoted(each['action'])}, {quoted(each.get('resource', '*'))}, "
            f"{quoted(each.get('when', ''))}, {quoted(each.get('items', ''))}}},"
            for each in operation.permissions
        ]
        keys = [
            f"      {{{quoted(key)}, {quoted(path)}}},"
            for key, path in self.condition_keys(operation).items()
        ]
        fields = [
            f".service = {quoted(self.service.name)}",
            f".name = {quoted(operation.name)}",
            f".http_method = {quoted(http['method'])}",
            f".uri = {quoted(re.sub('[?&]x-id=[A-Za-z]+', '', http['requestUri']))}",
            f".input = {self.root_table(operation.input)}",
            f".output = {self.root_table(operation.output)}",
            f".result_wrapper = {quoted(operation.result_wrapper)}",
            *([".errors = kErrors"] if errors else []),
            *([".permissions = kPermissions"] if operation.permissions else []),
            *([".condition_keys = kConditionKeys"] if keys else []),
            f".plane = wire::Plane::{'kData' if operation.plane == 'data' else 'kControl'}",
            f".anonymous = {'true' if operation.overlay.get('anonymous') else 'false'}",
            f".success_status = {operation.overlay.get('success_status', http.get('responseCode', 200))}",
            f".streaming_input = {self.streams(operation.input)}",
            f".streaming_output = {self.streams(operation.output)}",
        ]
        return [
            f"const wire::Operation& {operation.name}::operation() {{",
            *constants("OperationError", "kErrors", errors),
            *constants("Permission", "kPermissions", permissions),
            *constants("ConditionKey", "kConditionKeys", keys),
            "  static constexpr wire::Operation kOperation = {",
            *[f"      {text}," for text in fields],
            "  };",
            "  return kOperation;",
            "}",
            "",
        ]

    def condition_keys(self, operation: Operation) -> dict[str, str]:
        """The condition keys of policies that the operation's input holds: those of its service and its own."""
        members = self.shape(operation.input).get("members", {}) if operation.input else {}
        of_service = {
            key: path
            for key, path in self.service.overlay.get("condition_keys", {}).items()
            if key != "source" and path.split(".")[0].removesuffix("[]") in members
        }
        return of_service | operation.overlay.get("condition_keys", {})

    def root_table(self, name: str | None) -> str:
        return f"&Tables::{self.table(name)}" if name else "nullptr"

    def streams(self, name: str | None) -> str:
        members = self.shape(name).get("members", {}).values() if name else []
        return "true" if any(member["shape"] in self.streaming for member in members) else "false"
