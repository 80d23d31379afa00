#include "services/dynamodb/value.h"

#include <array>

namespace tarn::dynamodb {
namespace {

// "3 bytes of overhead" of a list or map, and one more per element.
constexpr std::size_t kContainerBytes = 3;

struct SizeOf {
  std::size_t operator()(const std::string& text) const { return text.size(); }
  std::size_t operator()(const Decimal& number) const { return number.size_bytes(); }
  std::size_t operator()(const Binary& binary) const { return binary.bytes.size(); }
  std::size_t operator()(bool) const { return 1; }
  std::size_t operator()(const Null&) const { return 1; }
  std::size_t operator()(const StringSet& set) const {
    std::size_t sum = 0;
    for (const auto& member : set.members) sum += member.size();
    return sum;
  }
  std::size_t operator()(const NumberSet& set) const {
    std::size_t sum = 0;
    for (const auto& member : set.members) sum += member.size_bytes();
    return sum;
  }
  std::size_t operator()(const BinarySet& set) const {
    std::size_t sum = 0;
    for (const auto& member : set.members) sum += member.size();
    return sum;
  }
  std::size_t operator()(const List& list) const {
    std::size_t sum = kContainerBytes;
    for (const auto& element : list) sum += 1 + size_bytes(element);
    return sum;
  }
  std::size_t operator()(const Map& map) const {
    return kContainerBytes + map.size() + size_bytes(map);
  }
};

struct Describe {
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(const Decimal& number) const { return number.to_string(); }
  std::string operator()(const Binary&) const { return "java.nio.HeapByteBuffer"; }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(const Null&) const { return "true"; }
  std::string operator()(const StringSet& set) const {
    std::string out = "[";
    for (const auto& member : set.members) out.append(out.size() > 1 ? ", " : "").append(member);
    return out + "]";
  }
  std::string operator()(const NumberSet& set) const {
    std::string out = "[";
    for (const auto& member : set.members) {
      out.append(out.size() > 1 ? ", " : "").append(member.to_string());
    }
    return out + "]";
  }
  std::string operator()(const BinarySet&) const { return "[...]"; }
  std::string operator()(const List&) const { return "[...]"; }
  std::string operator()(const Map&) const { return "{...}"; }
};

}  // namespace

Value::Value() noexcept = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

bool Value::operator==(const Value& other) const {
  return data == other.data;
}

std::string_view type_name(Type type) {
  static constexpr std::array<std::string_view, 10> kNames = {"S",  "N",  "B",  "BOOL", "NULL",
                                                              "SS", "NS", "BS", "L",    "M"};
  return kNames[static_cast<std::size_t>(type)];
}

std::size_t size_bytes(const Value& value) {
  return std::visit(SizeOf(), value.data);
}

std::size_t size_bytes(const Item& item) {
  std::size_t sum = 0;
  for (const auto& [name, value] : item) sum += name.size() + size_bytes(value);
  return sum;
}

std::string describe(const Value& value) {
  std::string out = "{";
  out.append(type_name(value.type())).append(":");
  return out.append(std::visit(Describe(), value.data)).append("}");
}

}  // namespace tarn::dynamodb
