#include "wire/rest_codec.h"

#include <fmt/format.h>

#include "wire/encoding.h"
#include "wire/json_codec.h"
#include "wire/xml_codec.h"

namespace tarn::wire {
namespace {

std::string_view path_part(std::string_view uri) {
  return uri.substr(0, uri.find('?'));
}

bool is_list_of_scalars(const Schema& schema) {
  return schema.kind == Kind::kList;
}

Error wrong_value(const Member& member, std::string_view text) {
  return {"InvalidArgument",
          fmt::format("The value '{}' of {} is not valid.", text.substr(0, 200), member.wire_name)};
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
Error not_utf8(const Member& member) {
  if (member.location == Location::kUri)
    return {"InvalidURI", "Couldn't parse the specified URI.", 400};
  return {"InvalidArgument", fmt::format("The value of {} is not UTF-8.", member.wire_name)};
}

Status read_headers_map(const Member& member, const Request& request, void* out) {
  void* map = nullptr;
  for (const auto& [name, value] : request.headers.fields()) {
    if (name.size() <= member.wire_name.size() ||
        !equals_ignoring_case(name.substr(0, member.wire_name.size()), member.wire_name))
      continue;
    if (map == nullptr) map = member.emplace(out);
    *static_cast<std::string*>(
        member.schema->map->insert(map, to_lower(name.substr(member.wire_name.size())))) = value;
  }
  return {};
}

Status read_header_list(const Member& member, std::string_view value, void* out) {
  void* list = member.emplace(out);
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    const std::string_view item = trim(value.substr(0, comma));
    if (!scalar_from_text(*member.schema->element, item, member.schema->list->append(list)))
      return wrong_value(member, item);
    if (comma == std::string_view::npos) break;
    value.remove_prefix(comma + 1);
  }
  return {};
}

// A header that can only switch something on is taken in any case: the AWS SDK for C++ (and with it
// pyarrow) sends `x-amz-checksum-mode: enabled`, which S3 takes for ENABLED.
std::optional<std::string_view> switched_on(const Member& member,
                                            std::optional<std::string_view> text) {
  const bool is_switch = member.schema->values.size() == 1;
  if (!text || !is_switch || !equals_ignoring_case(*text, member.schema->values.front()))
    return text;
  return member.schema->values.front();
}

Status read_text(const Member& member, std::optional<std::string_view> text, void* out) {
  if (!text) {
    if (!member.required) return {};
    return Error("InvalidArgument", fmt::format("{} is missing in the request.", member.wire_name));
  }
  if (!is_utf8(*text)) return not_utf8(member);
  if (is_list_of_scalars(*member.schema)) return read_header_list(member, *text, out);
  if (!scalar_from_text(*member.schema, *text, member.emplace(out)))
    return wrong_value(member, *text);
  return {};
}

using ReadBody = Status (*)(const Schema& schema, std::string_view content, void* out);

Status read_payload(const Member& payload, const Request& request, std::string content,
                    ReadBody read_body, void* out) {
  switch (payload.schema->kind) {
    case Kind::kStream: *static_cast<Body*>(payload.emplace(out)) = request.body; return {};
    case Kind::kBlob:
    case Kind::kString:
      *static_cast<std::string*>(payload.emplace(out)) = std::move(content);
      return {};
    default:
      if (content.empty()) {
        if (payload.required) return Error("MissingRequestBodyError", "Request Body is empty");
        return {};
      }
      return read_body(*payload.schema, content, payload.emplace(out));
  }
}

bool has_body_members(const Schema& schema) {
  for (const Member& member : schema.members) {
    if (member.location == Location::kBody) return true;
  }
  return false;
}

void write_headers_map(const Member& member, const void* value, Response& response) {
  struct Context {
    const Member& member;
    Response& response;
  } context{member, response};
  member.schema->map->each(
      value, &context, [](void* opaque, std::string_view key, const void* text) {
        const auto& self = *static_cast<Context*>(opaque);
        self.response.headers.add(std::string(self.member.wire_name) + std::string(key),
                                  *static_cast<const std::string*>(text));
      });
}

void write_outside_body(const Member& member, const void* value, Response& response) {
  if (member.location == Location::kStatusCode) {
    response.status = *static_cast<const std::int32_t*>(value);
  } else if (member.location == Location::kHeaders) {
    write_headers_map(member, value, response);
  } else if (member.location == Location::kHeader && !is_list_of_scalars(*member.schema)) {
    const auto format = member.timestamp_format != TimestampFormat::kDefault
                            ? member.timestamp_format
                            : TimestampFormat::kRfc822;
    response.headers.add(std::string(member.wire_name), scalar_text(*member.schema, value, format));
  }
}

Status read_outside_body(const Schema& schema, const Labels& labels, const Request& request,
                         void* out) {
  for (const Member& member : schema.members) {
    switch (member.location) {
      case Location::kUri:
        for (const auto& [name, value] : labels) {
          if (name == member.wire_name) TARN_CHECK(read_text(member, value, out));
        }
        break;
      case Location::kQuery:
        TARN_CHECK(read_text(member, request.find_query(member.wire_name), out));
        break;
      case Location::kHeader:
        TARN_CHECK(
            read_text(member, switched_on(member, request.headers.find(member.wire_name)), out));
        break;
      case Location::kHeaders: TARN_CHECK(read_headers_map(member, request, out)); break;
      default: break;
    }
  }
  return {};
}

Status read_inside_body(const Schema& schema, const Request& request, std::string content,
                        ReadBody read_body, void* out) {
  if (schema.payload != nullptr)
    return read_payload(*schema.payload, request, std::move(content), read_body, out);
  if (!content.empty() && has_body_members(schema)) return read_body(schema, content, out);
  return {};
}

// Headers and status, and what else `schema` keeps out of the body.
void write_outside_body(const Schema& schema, const void* output, Response& response) {
  for (const Member& member : schema.members) {
    if (member.location == Location::kBody) continue;
    if (const void* value = member.find(output)) write_outside_body(member, value, response);
  }
}

// Only what belongs into the body: one that holds more is written member by member.
std::string json_body(const Schema& schema, const void* output) {
  std::string out = "{";
  for (const Member& member : schema.members) {
    if (member.location != Location::kBody) continue;
    const void* value = member.find(output);
    if (value == nullptr) continue;
    if (out.size() > 1) out += ',';
    append_json_string(member.wire_name, out);
    out += ':';
    append_json(*member.schema, value, out);
  }
  return out += '}';
}

}  // namespace

bool match_path(std::string_view uri, std::string_view path, Labels& labels) {
  std::string_view pattern = path_part(uri);
  labels.clear();
  while (!pattern.empty()) {
    if (path.empty() || pattern[0] != '/' || path[0] != '/') return false;
    pattern.remove_prefix(1);
    path.remove_prefix(1);
    const std::string_view part = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(part.size());
    if (part.empty()) return path.empty();
    const bool greedy = part.ends_with("+}");
    const std::string_view segment = greedy ? path : path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    if (part.front() == '{') {
      if (segment.empty()) return false;
      labels.emplace_back(part.substr(1, part.size() - (greedy ? 3 : 2)), percent_decode(segment));
    } else if (segment != part) {
      return false;
    }
    // "/bucket/" means the bucket.
    if (pattern.empty() && path == "/") path = {};
  }
  return path.empty();
}

Status from_rest_xml(const Schema& schema, const Labels& labels, const Request& request,
                     std::string content, void* out) {
  TARN_CHECK(read_outside_body(schema, labels, request, out));
  return read_inside_body(schema, request, std::move(content), from_xml, out);
}

Status from_rest_json(const Schema& schema, const Labels& labels, const Request& request,
                      std::string content, void* out) {
  if (Status read = read_outside_body(schema, labels, request, out); !read.ok())
    return Error("ValidationException", std::move(read.error().message));
  return read_inside_body(schema, request, std::move(content), from_json, out);
}

void to_rest_xml(const Operation& operation, std::string_view xml_namespace, const void* output,
                 Response& response) {
  response.status = operation.success_status;
  if (operation.output == nullptr) return;
  const Schema& schema = *operation.output;
  write_outside_body(schema, output, response);
  // The models leave the status of a ranged answer out (RFC 9110 section 15.3.7).
  if (response.headers.has("Content-Range")) response.status = 206;
  const Member* payload = schema.payload;
  const Schema& body = payload != nullptr ? *payload->schema : schema;
  const void* value = payload != nullptr ? payload->find(output) : output;
  if (value == nullptr) return;
  if (body.kind == Kind::kStream) {
    response.stream = *static_cast<const Body*>(value);
    return;
  }
  // A text with a root of its own is an element: GetBucketLocation's LocationConstraint.
  const bool is_element = body.kind == Kind::kString && !operation.result_wrapper.empty();
  if (body.kind == Kind::kBlob || (body.kind == Kind::kString && !is_element)) {
    response.content = *static_cast<const std::string*>(value);
    return;
  }
  if (payload == nullptr && !has_body_members(schema)) return;
  response.headers.add("Content-Type", "application/xml");
  response.content = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  const std::string_view root = !operation.result_wrapper.empty() ? operation.result_wrapper
                                : payload != nullptr              ? payload->wire_name
                                                                  : schema.name;
  append_xml_element(body, value, root, xml_namespace, response.content);
}

void to_rest_json(const Operation& operation, const void* output, Response& response) {
  response.status = operation.success_status;
  if (operation.output == nullptr) return;
  const Schema& schema = *operation.output;
  write_outside_body(schema, output, response);
  if (schema.payload == nullptr) {
    if (!has_body_members(schema)) return;
    response.headers.add("Content-Type", "application/json");
    response.content = json_body(schema, output);
    return;
  }
  const void* value = schema.payload->find(output);
  if (value == nullptr) return;
  const Kind kind = schema.payload->schema->kind;
  if (kind == Kind::kStream) {
    response.stream = *static_cast<const Body*>(value);
  } else if (kind == Kind::kBlob || kind == Kind::kString) {
    response.content = *static_cast<const std::string*>(value);
  } else {
    response.headers.add("Content-Type", "application/json");
    response.content = to_json(*schema.payload->schema, value);
  }
}

}  // namespace tarn::wire
