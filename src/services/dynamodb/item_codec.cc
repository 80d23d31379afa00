#include "services/dynamodb/item_codec.h"

#include <cstdint>

namespace tarn::dynamodb {
namespace {

constexpr char kVersion = 1;

void put_length(std::string& out, std::size_t length) {
  while (length >= 0x80) {
    out += static_cast<char>((length & 0x7fU) | 0x80U);
    length >>= 7U;
  }
  out += static_cast<char>(length);
}

void put_text(std::string& out, std::string_view text) {
  put_length(out, text.size());
  out.append(text);
}

void put_map(std::string& out, const Map& map);

// Appends the content of a value; its type stands before it.
struct PutAttribute {
  std::string& out;

  void operator()(const std::string& text) const { put_text(out, text); }
  void operator()(const Decimal& number) const { number.append_ordered(out); }
  void operator()(const Binary& binary) const { put_text(out, binary.bytes); }
  void operator()(bool flag) const { out += static_cast<char>(flag ? 1 : 0); }
  void operator()(const Null&) const {}
  void operator()(const StringSet& set) const {
    put_length(out, set.members.size());
    for (const auto& member : set.members) put_text(out, member);
  }
  void operator()(const NumberSet& set) const {
    put_length(out, set.members.size());
    for (const auto& member : set.members) member.append_ordered(out);
  }
  void operator()(const BinarySet& set) const {
    put_length(out, set.members.size());
    for (const auto& member : set.members) put_text(out, member);
  }
  void operator()(const List& list) const {
    put_length(out, list.size());
    for (const auto& element : list) put(element);
  }
  void operator()(const Map& map) const { put_map(out, map); }

  void put(const Value& value) const {
    out += static_cast<char>(value.type());
    std::visit(*this, value.data);
  }
};

void put_map(std::string& out, const Map& map) {
  put_length(out, map.size());
  for (const auto& [name, value] : map) {
    put_text(out, name);
    PutAttribute{out}.put(value);
  }
}

class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}

  [[nodiscard]] bool at_end() const { return in_.empty(); }

  Result<char> byte() {
    if (in_.empty()) return damaged();
    const char c = in_.front();
    in_.remove_prefix(1);
    return c;
  }

  Result<std::size_t> length() {
    std::size_t length = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      TARN_TRY(const char c, byte());
      length |= (static_cast<std::size_t>(static_cast<unsigned char>(c)) & 0x7fU) << shift;
      if ((static_cast<unsigned char>(c) & 0x80U) == 0) return length;
    }
    return damaged();
  }

  Result<std::string> text() {
    TARN_TRY(const std::size_t size, length());
    if (size > in_.size()) return damaged();
    std::string out(in_.substr(0, size));
    in_.remove_prefix(size);
    return out;
  }

  Result<Map> map(std::size_t depth) {
    if (depth > kMaxDepth + 1) return damaged();
    TARN_TRY(const std::size_t count, length());
    Map out;
    for (std::size_t i = 0; i < count; ++i) {
      TARN_TRY(auto name, text());
      TARN_TRY(auto element, value(depth));
      out.emplace_hint(out.end(), std::move(name), std::move(element));
    }
    return out;
  }

  Result<Value> value(std::size_t depth) {
    TARN_TRY(const char tag, byte());
    switch (static_cast<Type>(tag)) {
      case Type::kString: {
        TARN_TRY(auto content, text());
        return Value{std::move(content)};
      }
      case Type::kNumber: {
        TARN_TRY(auto number, Decimal::take_ordered(in_));
        return Value{std::move(number)};
      }
      case Type::kBinary: {
        TARN_TRY(auto content, text());
        return Value{Binary{std::move(content)}};
      }
      case Type::kBoolean: {
        TARN_TRY(const char flag, byte());
        return Value{flag != 0};
      }
      case Type::kNull: return Value{Null{}};
      default: return collection(static_cast<Type>(tag), depth);
    }
  }

 private:
  static Error damaged() { return {code::kCorrupt, "a stored item is damaged"}; }

  Result<std::set<std::string>> texts() {
    TARN_TRY(const std::size_t count, length());
    std::set<std::string> out;
    for (std::size_t i = 0; i < count; ++i) {
      TARN_TRY(auto member, text());
      out.insert(std::move(member));
    }
    return out;
  }

  Result<Value> collection(Type type, std::size_t depth) {
    switch (type) {
      case Type::kStringSet: {
        TARN_TRY(auto members, texts());
        return Value{StringSet{std::move(members)}};
      }
      case Type::kBinarySet: {
        TARN_TRY(auto members, texts());
        return Value{BinarySet{std::move(members)}};
      }
      case Type::kNumberSet: {
        TARN_TRY(const std::size_t count, length());
        NumberSet set;
        for (std::size_t i = 0; i < count; ++i) {
          TARN_TRY(auto member, Decimal::take_ordered(in_));
          set.members.insert(std::move(member));
        }
        return Value{std::move(set)};
      }
      case Type::kList: {
        if (depth > kMaxDepth) return damaged();
        TARN_TRY(const std::size_t count, length());
        List list;
        for (std::size_t i = 0; i < count; ++i) {
          TARN_TRY(auto element, value(depth + 1));
          list.push_back(std::move(element));
        }
        return Value{std::move(list)};
      }
      case Type::kMap: {
        TARN_TRY(auto content, map(depth + 1));
        return Value{std::move(content)};
      }
      default: return damaged();
    }
  }

  std::string_view in_;
};

}  // namespace

std::string encode_item(const Item& item) {
  std::string out(1, kVersion);
  put_map(out, item);
  return out;
}

Result<Item> decode_item(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != kVersion) {
    return Error(code::kCorrupt, "a stored item has an unknown format version");
  }
  Reader reader(bytes.substr(1));
  TARN_TRY(auto item, reader.map(0));
  if (!reader.at_end()) return Error(code::kCorrupt, "a stored item has bytes after its end");
  return item;
}

}  // namespace tarn::dynamodb
