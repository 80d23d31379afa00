#include "services/dynamodb/expression/evaluate.h"

#include <algorithm>

namespace tarn::dynamodb {
namespace {

// The operand's value, kept in `scratch` where it is computed; nullptr where there is none.
const Value* resolve(const Operand& operand, const Item& item, Value& scratch) {
  if (operand.kind == Operand::Kind::kValue) return &operand.value;
  const Value* found = find(operand.path, item);
  if (operand.kind == Operand::Kind::kPath || found == nullptr) return found;
  auto size = size_of(*found);
  if (!size) return nullptr;
  scratch.data = std::move(*size);
  return &scratch;
}

bool compares(Comparator comparator, const Value* a, const Value* b) {
  const bool both = a != nullptr && b != nullptr;
  if (comparator == Comparator::kEqual) return both && *a == *b;
  if (comparator == Comparator::kNotEqual) return !both || *a != *b;
  const Order order = both ? compare(*a, *b) : Order::kNone;
  switch (comparator) {
    case Comparator::kLess: return order == Order::kLess;
    case Comparator::kLessOrEqual: return order == Order::kLess || order == Order::kEqual;
    case Comparator::kGreater: return order == Order::kGreater;
    default: return order == Order::kGreater || order == Order::kEqual;
  }
}

bool is_among(const Predicate& predicate, const Item& item) {
  Value scratch;
  const Value* value = resolve(predicate.operands[0], item, scratch);
  return std::any_of(predicate.operands.begin() + 1, predicate.operands.end(),
                     [&](const Operand& each) {
                       Value other;
                       return compares(Comparator::kEqual, value, resolve(each, item, other));
                     });
}

bool is_between(const Predicate& predicate, const Item& item) {
  Value a;
  Value b;
  Value c;
  const Value* value = resolve(predicate.operands[0], item, a);
  return compares(Comparator::kGreaterOrEqual, value, resolve(predicate.operands[1], item, b)) &&
         compares(Comparator::kLessOrEqual, value, resolve(predicate.operands[2], item, c));
}

bool has_type(const Value& value, const Value& name) {
  const auto* text = name.get<std::string>();
  return text != nullptr && type_of_name(*text) == value.type();
}

bool holds_of_two(const Predicate& predicate, const Item& item) {
  Value a;
  Value b;
  const Value* first = resolve(predicate.operands[0], item, a);
  const Value* second = resolve(predicate.operands[1], item, b);
  if (predicate.kind == Predicate::Kind::kCompare)
    return compares(predicate.comparator, first, second);
  if (first == nullptr || second == nullptr) return false;
  if (predicate.kind == Predicate::Kind::kAttributeType) return has_type(*first, *second);
  if (predicate.kind == Predicate::Kind::kBeginsWith) return begins_with(*first, *second);
  return contains(*first, *second);
}

}  // namespace

bool holds(const Predicate& predicate, const Item& item) {
  const auto child_holds = [&](const Predicate& child) {
    return holds(child, item);
  };
  switch (predicate.kind) {
    case Predicate::Kind::kAnd:
      return std::all_of(predicate.children.begin(), predicate.children.end(), child_holds);
    case Predicate::Kind::kOr:
      return std::any_of(predicate.children.begin(), predicate.children.end(), child_holds);
    case Predicate::Kind::kNot: return !holds(predicate.children[0], item);
    case Predicate::Kind::kAttributeExists:
      return find(predicate.operands[0].path, item) != nullptr;
    case Predicate::Kind::kAttributeNotExists:
      return find(predicate.operands[0].path, item) == nullptr;
    case Predicate::Kind::kIn: return is_among(predicate, item);
    case Predicate::Kind::kBetween: return is_between(predicate, item);
    default: return holds_of_two(predicate, item);
  }
}

const Value* find(const Path& path, const Item& item) {
  const auto top = item.find(path.front().name);
  const Value* at = top == item.end() ? nullptr : &top->second;
  for (std::size_t i = 1; i < path.size() && at != nullptr; ++i) {
    if (path[i].is_index) {
      const auto* list = at->get<List>();
      at = list != nullptr && path[i].index < list->size() ? &(*list)[path[i].index] : nullptr;
    } else {
      const auto* map = at->get<Map>();
      if (map == nullptr) return nullptr;
      const auto found = map->find(path[i].name);
      at = found == map->end() ? nullptr : &found->second;
    }
  }
  return at;
}

Order compare(const Value& a, const Value& b) {
  const auto order = [](std::strong_ordering ordering) {
    if (ordering < 0) return Order::kLess;
    return ordering > 0 ? Order::kGreater : Order::kEqual;
  };
  if (a.type() != b.type()) return Order::kNone;
  // std::string compares as unsigned bytes, which is the order of UTF-8.
  if (const auto* text = a.get<std::string>()) return order(*text <=> *b.get<std::string>());
  if (const auto* number = a.get<Decimal>()) return order(*number <=> *b.get<Decimal>());
  if (const auto* binary = a.get<Binary>()) return order(binary->bytes <=> b.get<Binary>()->bytes);
  return Order::kNone;
}

std::optional<Decimal> size_of(const Value& value) {
  const auto count = [](std::size_t size) {
    return Decimal::of(static_cast<long long>(size));
  };
  if (const auto* text = value.get<std::string>()) return count(text->size());
  if (const auto* binary = value.get<Binary>()) return count(binary->bytes.size());
  if (const auto* list = value.get<List>()) return count(list->size());
  if (const auto* map = value.get<Map>()) return count(map->size());
  if (const auto* set = value.get<StringSet>()) return count(set->members.size());
  if (const auto* set = value.get<NumberSet>()) return count(set->members.size());
  if (const auto* set = value.get<BinarySet>()) return count(set->members.size());
  return std::nullopt;
}

std::optional<Type> type_of_name(std::string_view name) {
  for (unsigned char i = 0; i <= static_cast<unsigned char>(Type::kMap); ++i) {
    if (type_name(static_cast<Type>(i)) == name) return static_cast<Type>(i);
  }
  return std::nullopt;
}

bool begins_with(const Value& value, const Value& prefix) {
  if (const auto* text = value.get<std::string>(); text != nullptr && prefix.is(Type::kString)) {
    return text->starts_with(*prefix.get<std::string>());
  }
  if (const auto* binary = value.get<Binary>(); binary != nullptr && prefix.is(Type::kBinary)) {
    return binary->bytes.starts_with(prefix.get<Binary>()->bytes);
  }
  return false;
}

bool contains(const Value& value, const Value& element) {
  const auto* text = element.get<std::string>();
  const auto* number = element.get<Decimal>();
  const auto* binary = element.get<Binary>();
  if (const auto* whole = value.get<std::string>()) {
    return text != nullptr && whole->find(*text) != std::string::npos;
  }
  if (const auto* whole = value.get<Binary>()) {
    return binary != nullptr && whole->bytes.find(binary->bytes) != std::string::npos;
  }
  if (const auto* set = value.get<StringSet>())
    return text != nullptr && set->members.contains(*text);
  if (const auto* set = value.get<NumberSet>()) {
    return number != nullptr && set->members.contains(*number);
  }
  if (const auto* set = value.get<BinarySet>()) {
    return binary != nullptr && set->members.contains(binary->bytes);
  }
  const auto* list = value.get<List>();
  return list != nullptr && std::find(list->begin(), list->end(), element) != list->end();
}

}  // namespace tarn::dynamodb
