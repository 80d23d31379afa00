#include "wire/xml_codec.h"

#include <charconv>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "platform/clock.h"
#include "wire/dates.h"
#include "wire/encoding.h"

namespace tarn::wire {
namespace {

constexpr int kMaxDepth = 32;

Error malformed(std::string_view why) {
  return {"MalformedXML", fmt::format("The XML you provided was not well-formed or did not "
                                      "validate against our published schema: {}",
                                      why)};
}

std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

Status read_value(const Schema& schema, const pugi::xml_node& node, void* out, int depth);

Status read_structure(const Schema& schema, const pugi::xml_node& node, void* out, int depth);

Status read_map(const Schema& schema, const pugi::xml_node& node, void* out, int depth) {
  for (const auto& entry : node.children()) {
    const auto key = entry.child(std::string(schema.key_name).c_str());
    const auto value = entry.child(std::string(schema.value_name).c_str());
    TARN_CHECK(
        read_value(*schema.element, value, schema.map->insert(out, key.text().get()), depth + 1));
  }
  return {};
}

Status read_value(const Schema& schema, const pugi::xml_node& node, void* out, int depth) {
  if (depth > kMaxDepth) return malformed("it is nested too deeply");
  switch (schema.kind) {
    case Kind::kStructure: return read_structure(schema, node, out, depth);
    case Kind::kMap: return read_map(schema, node, out, depth);
    case Kind::kList:
      for (const auto& element : node.children()) {
        if (element.type() != pugi::node_element) continue;
        TARN_CHECK(read_value(*schema.element, element, schema.list->append(out), depth + 1));
      }
      return {};
    default:
      if (!scalar_from_text(schema, node.text().get(), out)) {
        return malformed(
            fmt::format("'{}' is not a valid {}", node.text().get(), local_name(node)));
      }
      return {};
  }
}

Status read_member(const Member& member, const pugi::xml_node& child, void* out, int depth) {
  const Schema& schema = *member.schema;
  if (schema.kind == Kind::kList && schema.flattened) {
    return read_value(*schema.element, child, schema.list->append(member.emplace(out)), depth + 1);
  }
  return read_value(schema, child, member.emplace(out), depth + 1);
}

Status read_structure(const Schema& schema, const pugi::xml_node& node, void* out, int depth) {
  std::uint64_t seen = 0;
  for (const auto& child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    const std::string_view name = local_name(child);
    for (std::size_t i = 0; i < schema.members.size(); ++i) {
      const Member& member = schema.members[i];
      const std::string_view wanted =
          member.schema->kind == Kind::kList && member.schema->flattened &&
                  member.wire_name == member.name && member.schema->element_name != "member"
              ? member.schema->element_name
              : member.wire_name;
      if (member.location != Location::kBody || wanted != name) continue;
      TARN_CHECK(read_member(member, child, out, depth));
      seen |= std::uint64_t{1} << (i & 63);
      break;
    }
  }
  for (std::size_t i = 0; i < schema.members.size() && i < 64; ++i) {
    const Member& member = schema.members[i];
    if (member.required && member.location == Location::kBody && (seen >> i & 1) == 0) {
      return malformed(fmt::format("{} is missing in {}", member.wire_name, local_name(node)));
    }
  }
  return {};
}

void append_value(const Schema& schema, const void* data, TimestampFormat format, std::string& out);

void append_tagged(std::string_view name, const Schema& schema, const void* data,
                   TimestampFormat format, std::string& out) {
  out.append("<").append(name).append(">");
  append_value(schema, data, format, out);
  out.append("</").append(name).append(">");
}

void append_list(const Schema& schema, const void* data, std::string_view element_name,
                 std::string& out) {
  const std::size_t size = schema.list->size(data);
  for (std::size_t i = 0; i < size; ++i) {
    append_tagged(element_name, *schema.element, schema.list->at(data, i),
                  TimestampFormat::kDefault, out);
  }
}

void append_map(const Schema& schema, const void* data, std::string& out) {
  struct Context {
    const Schema& schema;
    std::string& out;
  } context{schema, out};
  schema.map->each(data, &context, [](void* opaque, std::string_view key, const void* value) {
    const auto& self = *static_cast<Context*>(opaque);
    self.out.append("<entry><").append(self.schema.key_name).append(">");
    append_xml_escaped(key, self.out);
    self.out.append("</").append(self.schema.key_name).append(">");
    append_tagged(self.schema.value_name, *self.schema.element, value, TimestampFormat::kDefault,
                  self.out);
    self.out.append("</entry>");
  });
}

void append_value(const Schema& schema, const void* data, TimestampFormat format,
                  std::string& out) {
  switch (schema.kind) {
    case Kind::kStructure: return append_xml_members(schema, data, out);
    case Kind::kList: return append_list(schema, data, schema.element_name, out);
    case Kind::kMap: return append_map(schema, data, out);
    case Kind::kStream: return;
    default:
      append_xml_escaped(
          scalar_text(schema, data,
                      format == TimestampFormat::kDefault ? TimestampFormat::kIso8601 : format),
          out);
  }
}

void append_attributes(const Schema& schema, const void* data, std::string& out) {
  for (const Member& member : schema.members) {
    if (!member.xml_attribute) continue;
    if (const void* value = member.find(data)) {
      // The one attribute of the models is S3's xsi:type.
      out.append(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ")
          .append(member.wire_name)
          .append("=\"");
      append_xml_escaped(scalar_text(*member.schema, value, TimestampFormat::kIso8601), out);
      out.push_back('"');
    }
  }
}

template <class T>
bool number_from_text(std::string_view text, void* out) {
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), *static_cast<T*>(out));
  return failure == std::errc() && end == text.data() + text.size();
}

}  // namespace

Status from_xml(const Schema& schema, std::string_view text, void* out) {
  pugi::xml_document document;
  // No DTD, no entities beyond XML's own: a document can't make the parser fetch or grow anything.
  const auto result = document.load_buffer(text.data(), text.size(),
                                           pugi::parse_default | pugi::parse_ws_pcdata_single);
  if (!result) return malformed(fmt::format("{} at byte {}", result.description(), result.offset));
  return read_structure(schema, document.document_element(), out, 0);
}

void append_xml_members(const Schema& schema, const void* data, std::string& out) {
  for (const Member& member : schema.members) {
    const void* value = member.find(data);
    if (value == nullptr || member.location != Location::kBody || member.xml_attribute) continue;
    const Schema& inner = *member.schema;
    if (inner.kind == Kind::kList && inner.flattened) {
      const bool renamed = member.wire_name == member.name && inner.element_name != "member";
      append_list(inner, value, renamed ? inner.element_name : member.wire_name, out);
      continue;
    }
    out.append("<").append(member.wire_name);
    if (inner.kind == Kind::kStructure) append_attributes(inner, value, out);
    out.append(">");
    append_value(inner, value, member.timestamp_format, out);
    out.append("</").append(member.wire_name).append(">");
  }
}

void append_xml_element(const Schema& schema, const void* data, std::string_view name,
                        std::string_view xml_namespace, std::string& out) {
  out.append("<").append(name);
  if (!xml_namespace.empty()) out.append(" xmlns=\"").append(xml_namespace).append("\"");
  out.append(">");
  append_value(schema, data, TimestampFormat::kDefault, out);
  out.append("</").append(name).append(">");
}

void append_xml_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '&': out.append("&amp;"); break;
      case '<': out.append("&lt;"); break;
      case '>': out.append("&gt;"); break;
      case '"': out.append("&quot;"); break;
      case '\r': out.append("&#13;"); break;
      default: out.push_back(c);
    }
  }
}

std::string scalar_text(const Schema& schema, const void* data, TimestampFormat format) {
  switch (schema.kind) {
    case Kind::kString: return *static_cast<const std::string*>(data);
    case Kind::kBlob: return to_base64(*static_cast<const std::string*>(data));
    case Kind::kBoolean: return *static_cast<const bool*>(data) ? "true" : "false";
    case Kind::kInteger: return std::to_string(*static_cast<const std::int32_t*>(data));
    case Kind::kLong: return std::to_string(*static_cast<const std::int64_t*>(data));
    case Kind::kFloat: return fmt::format("{}", *static_cast<const float*>(data));
    case Kind::kDouble: return fmt::format("{}", *static_cast<const double*>(data));
    case Kind::kTimestamp: {
      const auto time = *static_cast<const Timestamp*>(data);
      const auto chosen =
          schema.timestamp_format != TimestampFormat::kDefault ? schema.timestamp_format : format;
      if (chosen == TimestampFormat::kRfc822) return to_http_date(time);
      if (chosen == TimestampFormat::kUnix) return std::to_string(time.seconds());
      return to_iso8601(time, true);
    }
    default: return {};
  }
}

bool scalar_from_text(const Schema& schema, std::string_view text, void* out) {
  switch (schema.kind) {
    case Kind::kString: *static_cast<std::string*>(out) = text; return is_utf8(text);
    case Kind::kBlob: {
      auto bytes = from_base64(trim(text));
      if (bytes) *static_cast<std::string*>(out) = std::move(*bytes);
      return bytes.has_value();
    }
    case Kind::kBoolean:
      *static_cast<bool*>(out) = equals_ignoring_case(trim(text), "true");
      return equals_ignoring_case(trim(text), "true") || equals_ignoring_case(trim(text), "false");
    case Kind::kInteger: return number_from_text<std::int32_t>(trim(text), out);
    case Kind::kLong: return number_from_text<std::int64_t>(trim(text), out);
    case Kind::kFloat: return number_from_text<float>(trim(text), out);
    case Kind::kDouble: return number_from_text<double>(trim(text), out);
    case Kind::kTimestamp: {
      const auto time = from_any_date(trim(text));
      if (time) *static_cast<Timestamp*>(out) = *time;
      return time.has_value();
    }
    default: return false;
  }
}

}  // namespace tarn::wire
