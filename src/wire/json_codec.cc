#include "wire/json_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <iterator>

#include <simdjson.h>

#include <fmt/format.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "platform/clock.h"
#include "wire/dates.h"
#include "wire/encoding.h"
#include "wire/path.h"

namespace tarn::wire {
namespace {

namespace dom = simdjson::dom;

// Deeper than any request of the services; DynamoDB allows 32 levels of its values, three JSON
// levels each.
constexpr std::size_t kMaxDepth = 128;

// Elements of a list made before the first of them is read: what is no list of theirs costs no
// more.
constexpr std::size_t kElementsAtOnce = 512;

std::string_view type_name(dom::element element) {
  switch (element.type()) {
    case dom::element_type::ARRAY: return "a list";
    case dom::element_type::OBJECT: return "an object";
    case dom::element_type::STRING: return "a string";
    case dom::element_type::BOOL: return "a boolean";
    case dom::element_type::NULL_VALUE: return "null";
    default: return "a number";
  }
}

Status read_value(const Schema& schema, dom::element element, void* out, const Path& path);

Status read_structure(const Schema& schema, dom::element element, void* out, const Path& path) {
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS)
    return wrong_type(path, "an object", type_name(element));
  std::uint64_t seen = 0;
  for (const auto [key, value] : object) {
    for (std::size_t i = 0; i < schema.members.size(); ++i) {
      const Member& member = schema.members[i];
      if (member.wire_name != key) continue;
      if (!value.is_null()) {
        const Path inner{&path, member.name, 0};
        TARN_CHECK(read_value(*member.schema, value, member.emplace(out), inner));
        if (i < 64) seen |= std::uint64_t{1} << i;
      }
      break;
    }
  }
  for (std::size_t i = 0; i < schema.members.size() && i < 64; ++i) {
    const Member& member = schema.members[i];
    // Of REST, what stands outside of the body is another's to check.
    if (member.location != Location::kBody) continue;
    if (member.required && (seen >> i & 1) == 0) return missing_member({&path, member.name, 0});
  }
  return {};
}

Status read_list(const Schema& schema, dom::element element, void* out, const Path& path) {
  dom::array array;
  if (element.get(array) != simdjson::SUCCESS)
    return wrong_type(path, "a list", type_name(element));
  const std::size_t size = array.size();
  std::byte* place = nullptr;
  std::size_t made = 0;  // elements, the first of which stand before `place`
  std::size_t index = 0;
  for (const dom::element item : array) {
    if (index == made) {
      const std::size_t more = made < size ? std::min(size - made, kElementsAtOnce) : 1;
      place = static_cast<std::byte*>(schema.list->extend(out, more));
      made += more;
    }
    const Path inner{&path, {}, ++index};
    TARN_CHECK(read_value(*schema.element, item, place, inner));
    place += schema.list->element_bytes;
  }
  return {};
}

Status read_map(const Schema& schema, dom::element element, void* out, const Path& path) {
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS)
    return wrong_type(path, "an object", type_name(element));
  for (const auto [key, value] : object) {
    const Path inner{&path, key, 0};
    TARN_CHECK(read_value(*schema.element, value, schema.map->insert(out, key), inner));
  }
  return {};
}

Status read_timestamp(dom::element element, void* out, const Path& path) {
  auto& time = *static_cast<Timestamp*>(out);
  double seconds = 0;
  if (element.get(seconds) == simdjson::SUCCESS) {
    if (!(std::abs(seconds) < 1e13))
      return wrong_type(path, "a time in seconds since 1970", "a number out of range");
    time.ms = std::llround(seconds * 1000);
    return {};
  }
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) {
    if (const auto parsed = from_any_date(text)) {
      time = *parsed;
      return {};
    }
  }
  return wrong_type(path, "a time in seconds since 1970", type_name(element));
}

Status read_integer(const Schema& schema, dom::element element, void* out, const Path& path) {
  std::int64_t value = 0;
  if (element.get(value) != simdjson::SUCCESS) {
    double fraction = 0;
    if (element.get(fraction) != simdjson::SUCCESS || fraction != std::floor(fraction) ||
        std::abs(fraction) > 9e15) {
      return wrong_type(path, "an integer", type_name(element));
    }
    value = static_cast<std::int64_t>(fraction);
  }
  if (schema.kind == Kind::kLong) {
    *static_cast<std::int64_t*>(out) = value;
    return {};
  }
  if (value < INT32_MIN || value > INT32_MAX)
    return wrong_type(path, "a 32-bit integer", "a number out of its range");
  *static_cast<std::int32_t*>(out) = static_cast<std::int32_t>(value);
  return {};
}

Status read_double(const Schema& schema, dom::element element, void* out, const Path& path) {
  double value = 0;
  if (element.get(value) != simdjson::SUCCESS)
    return wrong_type(path, "a number", type_name(element));
  if (schema.kind == Kind::kFloat) {
    *static_cast<float*>(out) = static_cast<float>(value);
  } else {
    *static_cast<double*>(out) = value;
  }
  return {};
}

Status read_string(const Schema& schema, dom::element element, void* out, const Path& path) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) {
    return wrong_type(path, schema.kind == Kind::kBlob ? "base64 text" : "a string",
                      type_name(element));
  }
  auto& target = *static_cast<std::string*>(out);
  if (schema.kind == Kind::kString) {
    target = text;
    return {};
  }
  auto bytes = from_base64(text);
  if (!bytes) return wrong_type(path, "base64 text", "other text");
  target = std::move(*bytes);
  return {};
}

Status read_value(const Schema& schema, dom::element element, void* out, const Path& path) {
  switch (schema.kind) {
    case Kind::kStructure: return read_structure(schema, element, out, path);
    case Kind::kList: return read_list(schema, element, out, path);
    case Kind::kMap: return read_map(schema, element, out, path);
    case Kind::kString:
    case Kind::kBlob: return read_string(schema, element, out, path);
    case Kind::kBoolean:
      if (element.get(*static_cast<bool*>(out)) != simdjson::SUCCESS)
        return wrong_type(path, "a boolean", type_name(element));
      return {};
    case Kind::kInteger:
    case Kind::kLong: return read_integer(schema, element, out, path);
    case Kind::kFloat:
    case Kind::kDouble: return read_double(schema, element, out, path);
    case Kind::kTimestamp: return read_timestamp(element, out, path);
    case Kind::kStream: return {};
  }
  return {};
}

void append_structure(const Schema& schema, const void* data, std::string& out) {
  out.push_back('{');
  bool first = true;
  for (const Member& member : schema.members) {
    const void* value = member.find(data);
    if (value == nullptr || member.schema->kind == Kind::kStream) continue;
    if (!first) out.push_back(',');
    first = false;
    out.push_back('"');
    out.append(member.wire_name);
    out.append("\":");
    append_json(*member.schema, value, out);
  }
  out.push_back('}');
}

void append_map(const Schema& schema, const void* data, std::string& out) {
  struct Context {
    const Schema& schema;
    std::string& out;
    bool first = true;
  } context{schema, out};
  out.push_back('{');
  schema.map->each(data, &context, [](void* opaque, std::string_view key, const void* value) {
    auto& self = *static_cast<Context*>(opaque);
    if (!self.first) self.out.push_back(',');
    self.first = false;
    append_json_string(key, self.out);
    self.out.push_back(':');
    append_json(*self.schema.element, value, self.out);
  });
  out.push_back('}');
}

void append_list(const Schema& schema, const void* data, std::string& out) {
  out.push_back('[');
  const std::size_t size = schema.list->size(data);
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) out.push_back(',');
    append_json(*schema.element, schema.list->at(data, i), out);
  }
  out.push_back(']');
}

void append_number(double value, std::string& out) {
  if (std::isfinite(value)) {
    fmt::format_to(std::back_inserter(out), "{}", value);
  } else {
    out.append(std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  }
}

// Seconds with three digits of a fraction. By integers: a stream's answers hold thousands of them.
void append_timestamp(Timestamp time, std::string& out) {
  const std::int64_t magnitude = std::abs(time.ms);
  const fmt::format_int seconds(magnitude / 1000);
  if (time.ms < 0) out.push_back('-');
  out.append(seconds.data(), seconds.size());
  const auto fraction = static_cast<int>(magnitude % 1000);
  if (fraction == 0) return;
  out.push_back('.');
  out.push_back(static_cast<char>('0' + fraction / 100));
  out.push_back(static_cast<char>('0' + fraction / 10 % 10));
  out.push_back(static_cast<char>('0' + fraction % 10));
}

void append_integer(std::int64_t value, std::string& out) {
  const fmt::format_int text(value);
  out.append(text.data(), text.size());
}

bool needs_escape(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

// The first character from `from` on that a JSON string must escape; the text's size where none
// does.
std::size_t find_escape(std::string_view text, std::size_t from) {
#if defined(__SSE2__)
  for (; from + 16 <= text.size(); from += 16) {
    const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(c, _mm_set1_epi8(0x1f)), c);
    const __m128i quote = _mm_cmpeq_epi8(c, _mm_set1_epi8('"'));
    const __m128i slash = _mm_cmpeq_epi8(c, _mm_set1_epi8('\\'));
    const int found = _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, slash)));
    if (found != 0)
      return from + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(found)));
  }
#endif
  while (from < text.size() && !needs_escape(text[from])) ++from;
  return from;
}

void append_escape(char c, std::string& out) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"': out.append("\\\""); break;
    case '\\': out.append("\\\\"); break;
    case '\n': out.append("\\n"); break;
    case '\r': out.append("\\r"); break;
    case '\t': out.append("\\t"); break;
    default:
      out.append("\\u00");
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
  }
}

std::size_t map_size(const Schema& schema, const void* data) {
  struct Context {
    const Schema& element;
    std::size_t size = 2;
  } context{*schema.element};
  schema.map->each(data, &context, [](void* opaque, std::string_view key, const void* value) {
    auto& self = *static_cast<Context*>(opaque);
    self.size += key.size() + 4 + json_size(self.element, value);
  });
  return context.size;
}

}  // namespace

struct JsonReader::Parser {
  dom::parser parser;
};

JsonReader::JsonReader() : parser_(std::make_unique<Parser>()) {}
JsonReader::~JsonReader() = default;

Status JsonReader::read(const Schema& schema, const std::string& text, void* out) {
  const Path root;
  static const std::string kEmpty = "{}";
  const std::string& json = trim(text).empty() ? kEmpty : text;
  const bool padded = json.capacity() >= json.size() + simdjson::SIMDJSON_PADDING;
  if (parser_->parser.max_depth() != kMaxDepth) {
    // Also bounds the recursion of read_value.
    if (parser_->parser.allocate(std::max<std::size_t>(json.size(), 4096), kMaxDepth) !=
        simdjson::SUCCESS) {
      return Error("SerializationException", "The request body is too large to parse.");
    }
  }
  dom::element element;
  const auto failure = parser_->parser.parse(json.data(), json.size(), !padded).get(element);
  if (failure != simdjson::SUCCESS) {
    return Error("SerializationException", fmt::format("The request body is not valid JSON: {}",
                                                       simdjson::error_message(failure)));
  }
  return read_value(schema, element, out, root);
}

void append_json_string(std::string_view text, std::string& out) {
  out.push_back('"');
  std::size_t plain = 0;
  for (std::size_t at = find_escape(text, 0); at < text.size(); at = find_escape(text, plain)) {
    out.append(text.substr(plain, at - plain));
    append_escape(text[at], out);
    plain = at + 1;
  }
  out.append(text.substr(plain));
  out.push_back('"');
}

std::size_t json_size(const Schema& schema, const void* data) {
  constexpr std::size_t kNumber = 24;  // digits of any number, more or less
  std::size_t size = 2;
  switch (schema.kind) {
    case Kind::kStructure:
      for (const Member& member : schema.members) {
        const void* value = member.find(data);
        if (value == nullptr) continue;
        size += member.wire_name.size() + 4 + json_size(*member.schema, value);
      }
      return size;
    case Kind::kList: {
      const std::size_t count = schema.list->size(data);
      for (std::size_t i = 0; i < count; ++i)
        size += 1 + json_size(*schema.element, schema.list->at(data, i));
      return size;
    }
    case Kind::kMap: return map_size(schema, data);
    case Kind::kString: return size + static_cast<const std::string*>(data)->size();
    case Kind::kBlob: return size + (static_cast<const std::string*>(data)->size() + 2) / 3 * 4;
    case Kind::kStream: return 0;
    default: return kNumber;
  }
}

void append_json(const Schema& schema, const void* data, std::string& out) {
  switch (schema.kind) {
    case Kind::kStructure: return append_structure(schema, data, out);
    case Kind::kList: return append_list(schema, data, out);
    case Kind::kMap: return append_map(schema, data, out);
    case Kind::kString: return append_json_string(*static_cast<const std::string*>(data), out);
    case Kind::kBlob:
      out.push_back('"');
      append_base64(*static_cast<const std::string*>(data), out);
      out.push_back('"');
      return;
    case Kind::kBoolean: out.append(*static_cast<const bool*>(data) ? "true" : "false"); return;
    case Kind::kInteger: return append_integer(*static_cast<const std::int32_t*>(data), out);
    case Kind::kLong: return append_integer(*static_cast<const std::int64_t*>(data), out);
    case Kind::kFloat:
      return append_number(static_cast<double>(*static_cast<const float*>(data)), out);
    case Kind::kDouble: return append_number(*static_cast<const double*>(data), out);
    case Kind::kTimestamp: return append_timestamp(*static_cast<const Timestamp*>(data), out);
    case Kind::kStream: return;
  }
}

std::string to_json(const Schema& schema, const void* data) {
  std::string out;
  out.reserve(json_size(schema, data));
  append_json(schema, data, out);
  return out;
}

Status from_json(const Schema& schema, std::string_view text, void* out) {
  JsonReader reader;
  const std::string copy(text);
  return reader.read(schema, copy, out);
}

}  // namespace tarn::wire
