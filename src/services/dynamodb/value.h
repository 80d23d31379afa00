// Value: an attribute's value, and Item: a map of them, as the room works with them.
//
// Place: dynamodb. The wire's AttributeValue becomes a Value at the room's edge (attribute.h);
// everything inside compares, orders and stores Values. Threads: value types.
#pragma once

#include <concepts>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "services/dynamodb/decimal.h"

namespace tarn::dynamodb {

struct Value;

struct Binary {
  std::string bytes;
  auto operator<=>(const Binary&) const = default;
};
struct Null {
  bool operator==(const Null&) const = default;
};
struct StringSet {
  std::set<std::string> members;
  bool operator==(const StringSet&) const = default;
};
struct NumberSet {
  std::set<Decimal> members;
  bool operator==(const NumberSet&) const = default;
};
struct BinarySet {
  std::set<std::string> members;
  bool operator==(const BinarySet&) const = default;
};
using List = std::vector<Value>;
using Map = std::map<std::string, Value, std::less<>>;
using Item = Map;

// The order of the alternatives is that of Value's variant and stands on disk
// (docs/formats/dynamodb.md).
enum class Type : unsigned char {
  kString,
  kNumber,
  kBinary,
  kBoolean,
  kNull,
  kStringSet,
  kNumberSet,
  kBinarySet,
  kList,
  kMap
};

struct Value {
  // Out of line: what the compiler makes in place of them is large, and g++ 12 sees ghosts in it
  // (maybe-uninitialized).
  Value() noexcept;
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();
  template <class T>
    requires(!std::same_as<std::remove_cvref_t<T>, Value>)
  explicit Value(T&& alternative) : data(std::forward<T>(alternative)) {}

  std::variant<std::string, Decimal, Binary, bool, Null, StringSet, NumberSet, BinarySet, List, Map>
      data;

  [[nodiscard]] Type type() const { return static_cast<Type>(data.index()); }
  [[nodiscard]] bool is(Type t) const { return type() == t; }
  // The alternative, where the value has that type, or nullptr.
  template <class T>
  [[nodiscard]] const T* get() const {
    return std::get_if<T>(&data);
  }
  template <class T>
  [[nodiscard]] T* get() {
    return std::get_if<T>(&data);
  }
  bool operator==(const Value& other) const;
};

// "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M".
[[nodiscard]] std::string_view type_name(Type type);

// Size in bytes as DynamoDB counts it for limits and capacity
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).
[[nodiscard]] std::size_t size_bytes(const Value& value);
[[nodiscard]] std::size_t size_bytes(const Item& item);

// {"N":"5"}-like text for messages, as DynamoDB words values in them: {S:abc}, {N:5}.
[[nodiscard]] std::string describe(const Value& value);

// Deepest nesting of lists and maps that DynamoDB takes.
inline constexpr std::size_t kMaxDepth = 32;
inline constexpr std::size_t kMaxItemBytes = 400 * 1024;

}  // namespace tarn::dynamodb
