#include "wire/cbor_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include "platform/clock.h"
#include "wire/encoding.h"
#include "wire/path.h"

namespace tarn::wire {
namespace {

// Major types and simple values of RFC 8949 section 3.
enum Major : std::uint8_t { kUnsigned, kNegative, kBytes, kText, kArray, kMapType, kTag, kSimple };
constexpr std::uint8_t kBreak = 0xff;
constexpr std::uint64_t kIndefinite = UINT64_MAX;
constexpr int kMaxDepth = 64;

struct Head {
  Major major;
  std::uint8_t info;
  std::uint64_t value;  // argument, or kIndefinite
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

  Head head() {
    const std::uint8_t first = octet();
    Head head{static_cast<Major>(first >> 5), static_cast<std::uint8_t>(first & 31), 0};
    if (head.info < 24) {
      head.value = head.info;
    } else if (head.info <= 27) {
      const int count = 1 << (head.info - 24);
      for (int i = 0; i < count; ++i) head.value = head.value << 8 | octet();
    } else if (head.info == 31) {
      head.value = kIndefinite;
    } else {
      ok_ = false;
    }
    return head;
  }

  [[nodiscard]] bool take_break() {
    if (at_ < bytes_.size() && static_cast<std::uint8_t>(bytes_[at_]) == kBreak) {
      ++at_;
      return true;
    }
    return false;
  }

  // The text or bytes whose head was read.
  std::string content(const Head& head) {
    if (head.value != kIndefinite) return std::string(span(head.value));
    std::string out;
    while (ok_ && !take_break()) {
      const Head piece = head_of_piece(head.major);
      if (ok_) out.append(span(piece.value));
    }
    return out;
  }

  void skip(int depth = 0) {
    if (depth > kMaxDepth) {
      ok_ = false;
      return;
    }
    const Head head = this->head();
    if (!ok_) return;
    if (head.major == kBytes || head.major == kText) {
      content(head);
    } else if (head.major == kTag) {
      skip(depth + 1);
    } else if (head.major == kArray || head.major == kMapType) {
      const std::uint64_t per_entry = head.major == kMapType ? 2 : 1;
      for (std::uint64_t i = 0; ok_ && !ended(head, i); ++i) {
        for (std::uint64_t k = 0; k < per_entry; ++k) skip(depth + 1);
      }
    }
  }

  // Whether the container of `head` has no entry number `index`.
  [[nodiscard]] bool ended(const Head& head, std::uint64_t index) {
    if (!ok_) return true;
    return head.value == kIndefinite ? take_break() : index >= head.value;
  }

 private:
  std::uint8_t octet() {
    if (at_ >= bytes_.size()) {
      ok_ = false;
      return 0;
    }
    return static_cast<std::uint8_t>(bytes_[at_++]);
  }

  Head head_of_piece(Major major) {
    const Head piece = head();
    if (piece.major != major || piece.value == kIndefinite) ok_ = false;
    return piece;
  }

  std::string_view span(std::uint64_t length) {
    if (length > bytes_.size() - at_) {
      ok_ = false;
      return {};
    }
    const auto out = bytes_.substr(at_, length);
    at_ += length;
    return out;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

Error truncated() {
  return {"SerializationException",
          "The request body is not valid CBOR: it is cut off or malformed."};
}

bool is_null(const Head& head) {
  return head.major == kSimple && (head.info == 22 || head.info == 23);
}

double half_to_double(std::uint16_t half) {
  const int exponent = half >> 10 & 31;
  const int mantissa = half & 1023;
  double value = 0;
  if (exponent == 0) {
    value = std::ldexp(mantissa, -24);
  } else if (exponent != 31) {
    value = std::ldexp(mantissa + 1024, exponent - 25);
  } else {
    value = mantissa == 0 ? HUGE_VAL : NAN;
  }
  return (half & 0x8000) != 0 ? -value : value;
}

std::optional<double> number_of(const Head& head) {
  if (head.major == kUnsigned) return static_cast<double>(head.value);
  if (head.major == kNegative) return -1.0 - static_cast<double>(head.value);
  if (head.major != kSimple) return std::nullopt;
  if (head.info == 25) return half_to_double(static_cast<std::uint16_t>(head.value));
  if (head.info == 26)
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(head.value)));
  if (head.info == 27) return std::bit_cast<double>(head.value);
  return std::nullopt;
}

std::optional<std::int64_t> integer_of(const Head& head) {
  if (head.major == kUnsigned && head.value <= INT64_MAX)
    return static_cast<std::int64_t>(head.value);
  if (head.major == kNegative && head.value <= INT64_MAX)
    return -1 - static_cast<std::int64_t>(head.value);
  const auto number = number_of(head);
  if (number && *number == std::floor(*number) && std::abs(*number) < 9e15)
    return static_cast<std::int64_t>(*number);
  return std::nullopt;
}

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : reader_(bytes) {}

  Status decode(const Schema& schema, void* out) {
    const Path root;
    Head head = reader_.head();
    TARN_CHECK(value(schema, head, out, root, 0));
    return reader_.ok() ? Status() : Status(truncated());
  }

 private:
  Status value(const Schema& schema, Head head, void* out, const Path& path, int depth) {
    if (!reader_.ok() || depth > kMaxDepth) return truncated();
    const bool is_time = head.major == kTag && head.value == 1;
    while (head.major == kTag && reader_.ok()) head = reader_.head();
    switch (schema.kind) {
      case Kind::kStructure: return structure(schema, head, out, path, depth);
      case Kind::kList: return list(schema, head, out, path, depth);
      case Kind::kMap: return map(schema, head, out, path, depth);
      case Kind::kString:
      case Kind::kBlob: return text(schema, head, out, path);
      case Kind::kTimestamp: return timestamp(head, is_time, out, path);
      default: return scalar(schema, head, out, path);
    }
  }

  Status structure(const Schema& schema, const Head& head, void* out, const Path& path, int depth) {
    if (head.major != kMapType) return wrong_type(path, "a map", "another CBOR type");
    std::uint64_t seen = 0;
    for (std::uint64_t entry = 0; !reader_.ended(head, entry); ++entry) {
      const std::string key = reader_.content(reader_.head());
      const Member* found = nullptr;
      for (const Member& member : schema.members) {
        if (member.wire_name == key) found = &member;
      }
      if (found == nullptr) {
        reader_.skip();
        continue;
      }
      const Head inner = reader_.head();
      if (is_null(inner)) continue;
      const Path inner_path{&path, found->name, 0};
      TARN_CHECK(value(*found->schema, inner, found->emplace(out), inner_path, depth + 1));
      seen |= std::uint64_t{1} << ((found - schema.members.data()) & 63);
    }
    if (!reader_.ok()) return truncated();
    for (std::size_t i = 0; i < schema.members.size() && i < 64; ++i) {
      if (schema.members[i].required && (seen >> i & 1) == 0)
        return missing_member({&path, schema.members[i].name, 0});
    }
    return {};
  }

  Status list(const Schema& schema, const Head& head, void* out, const Path& path, int depth) {
    if (head.major != kArray) return wrong_type(path, "a list", "another CBOR type");
    for (std::uint64_t entry = 0; !reader_.ended(head, entry); ++entry) {
      const Path inner{&path, {}, entry + 1};
      const Head element = reader_.head();
      TARN_CHECK(value(*schema.element, element, schema.list->append(out), inner, depth + 1));
    }
    return reader_.ok() ? Status() : Status(truncated());
  }

  Status map(const Schema& schema, const Head& head, void* out, const Path& path, int depth) {
    if (head.major != kMapType) return wrong_type(path, "a map", "another CBOR type");
    for (std::uint64_t entry = 0; !reader_.ended(head, entry); ++entry) {
      const std::string key = reader_.content(reader_.head());
      const Path inner{&path, key, 0};
      if (!is_utf8(key)) return wrong_type(path, "UTF-8", "other bytes");
      const Head element = reader_.head();
      TARN_CHECK(value(*schema.element, element, schema.map->insert(out, key), inner, depth + 1));
    }
    return reader_.ok() ? Status() : Status(truncated());
  }

  Status text(const Schema& schema, const Head& head, void* out, const Path& path) {
    const Major wanted = schema.kind == Kind::kBlob ? kBytes : kText;
    if (head.major != wanted) {
      return wrong_type(path, wanted == kBytes ? "a byte string" : "a text string",
                        "another CBOR type");
    }
    auto& content = *static_cast<std::string*>(out);
    content = reader_.content(head);
    if (!reader_.ok()) return truncated();
    return wanted == kText && !is_utf8(content) ? Status(wrong_type(path, "UTF-8", "other bytes"))
                                                : Status();
  }

  static Status timestamp(const Head& head, bool is_time, void* out, const Path& path) {
    auto& time = *static_cast<Timestamp*>(out);
    // SDKs write tag 1 over milliseconds; RFC 8949 means seconds by it, which are then a
    // floating-point number.
    if (const auto integer = head.major == kSimple ? std::nullopt : integer_of(head)) {
      time.ms = is_time || *integer > 100'000'000'000 ? *integer : *integer * 1000;
      return {};
    }
    if (const auto number = number_of(head); number && std::abs(*number) < 1e16) {
      time.ms = std::llround(*number > 1e11 ? *number : *number * 1000);
      return {};
    }
    return wrong_type(path, "a time", "another CBOR type");
  }

  static Status scalar(const Schema& schema, const Head& head, void* out, const Path& path) {
    if (schema.kind == Kind::kBoolean) {
      if (head.major != kSimple || (head.info != 20 && head.info != 21))
        return wrong_type(path, "a boolean", "another CBOR type");
      *static_cast<bool*>(out) = head.info == 21;
      return {};
    }
    if (schema.kind == Kind::kFloat || schema.kind == Kind::kDouble) {
      const auto number = number_of(head);
      if (!number) return wrong_type(path, "a number", "another CBOR type");
      if (schema.kind == Kind::kFloat) {
        *static_cast<float*>(out) = static_cast<float>(*number);
      } else {
        *static_cast<double*>(out) = *number;
      }
      return {};
    }
    const auto integer = integer_of(head);
    if (!integer) return wrong_type(path, "an integer", "another CBOR type");
    if (schema.kind == Kind::kLong) {
      *static_cast<std::int64_t*>(out) = *integer;
      return {};
    }
    if (*integer < INT32_MIN || *integer > INT32_MAX)
      return wrong_type(path, "a 32-bit integer", "a number out of its range");
    *static_cast<std::int32_t*>(out) = static_cast<std::int32_t>(*integer);
    return {};
  }

  Reader reader_;
};

void append_head(Major major, std::uint64_t value, std::string& out) {
  const auto top = static_cast<std::uint8_t>(major << 5);
  const auto put = [&](std::uint8_t info, int octets) {
    out.push_back(static_cast<char>(top | info));
    for (int i = octets - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
  };
  if (value < 24) {
    out.push_back(static_cast<char>(top | value));
  } else if (value <= UINT8_MAX) {
    put(24, 1);
  } else if (value <= UINT16_MAX) {
    put(25, 2);
  } else if (value <= UINT32_MAX) {
    put(26, 4);
  } else {
    put(27, 8);
  }
}

void append_text(std::string_view text, std::string& out) {
  append_head(kText, text.size(), out);
  out.append(text);
}

void append_integer(std::int64_t value, std::string& out) {
  if (value >= 0) {
    append_head(kUnsigned, static_cast<std::uint64_t>(value), out);
  } else {
    append_head(kNegative, static_cast<std::uint64_t>(-1 - value), out);
  }
}

void append_double(double value, std::string& out) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  out.push_back(static_cast<char>(kSimple << 5 | 27));
  for (int i = 7; i >= 0; --i) out.push_back(static_cast<char>(bits >> (8 * i)));
}

void append_structure(const Schema& schema, const void* data, std::string& out) {
  const auto is_there = [data](const Member& member) {
    return member.schema->kind != Kind::kStream && member.find(data) != nullptr;
  };
  append_head(kMapType,
              static_cast<std::uint64_t>(
                  std::count_if(schema.members.begin(), schema.members.end(), is_there)),
              out);
  for (const Member& member : schema.members) {
    if (!is_there(member)) continue;
    const void* value = member.find(data);
    append_text(member.wire_name, out);
    append_cbor(*member.schema, value, out);
  }
}

void append_map(const Schema& schema, const void* data, std::string& out) {
  struct Context {
    const Schema& schema;
    std::string& out;
  } context{schema, out};
  append_head(kMapType, schema.map->size(data), out);
  schema.map->each(data, &context, [](void* opaque, std::string_view key, const void* value) {
    const auto& self = *static_cast<Context*>(opaque);
    append_text(key, self.out);
    append_cbor(*self.schema.element, value, self.out);
  });
}

}  // namespace

Status from_cbor(const Schema& schema, std::string_view bytes, void* out) {
  static constexpr std::string_view kEmptyMap = "\xa0";
  return Decoder(bytes.empty() ? kEmptyMap : bytes).decode(schema, out);
}

void append_cbor(const Schema& schema, const void* data, std::string& out) {
  switch (schema.kind) {
    case Kind::kStructure: return append_structure(schema, data, out);
    case Kind::kMap: return append_map(schema, data, out);
    case Kind::kList: {
      const std::size_t size = schema.list->size(data);
      append_head(kArray, size, out);
      for (std::size_t i = 0; i < size; ++i)
        append_cbor(*schema.element, schema.list->at(data, i), out);
      return;
    }
    case Kind::kString: return append_text(*static_cast<const std::string*>(data), out);
    case Kind::kBlob: {
      const auto& bytes = *static_cast<const std::string*>(data);
      append_head(kBytes, bytes.size(), out);
      out.append(bytes);
      return;
    }
    case Kind::kBoolean:
      out.push_back(static_cast<char>(kSimple << 5 | (*static_cast<const bool*>(data) ? 21 : 20)));
      return;
    case Kind::kInteger: return append_integer(*static_cast<const std::int32_t*>(data), out);
    case Kind::kLong: return append_integer(*static_cast<const std::int64_t*>(data), out);
    case Kind::kFloat:
      return append_double(static_cast<double>(*static_cast<const float*>(data)), out);
    case Kind::kDouble: return append_double(*static_cast<const double*>(data), out);
    case Kind::kTimestamp:
      append_head(kTag, 1, out);
      return append_integer(static_cast<const Timestamp*>(data)->ms, out);
    case Kind::kStream: return;
  }
}

void append_cbor_text_map(
    std::initializer_list<std::pair<std::string_view, std::string_view>> pairs, std::string& out) {
  append_head(kMapType, pairs.size(), out);
  for (const auto& [key, value] : pairs) {
    append_text(key, out);
    append_text(value, out);
  }
}

}  // namespace tarn::wire
