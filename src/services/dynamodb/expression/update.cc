#include "services/dynamodb/expression/update.h"

#include <algorithm>
#include <utility>

#include "services/dynamodb/expression/evaluate.h"
#include "services/dynamodb/refusal.h"

namespace tarn::dynamodb {
namespace {

Error wrong_type() {
  return invalid("An operand in the update expression has an incorrect data type");
}
Error wrong_path() {
  return invalid("The document path provided in the update expression is invalid for update");
}

Result<Value> evaluate(const Operand& operand, const Item& item);

Result<Value> arithmetic(const Operand& operand, const Item& item) {
  TARN_TRY(const auto left, evaluate(operand.operands[0], item));
  TARN_TRY(const auto right, evaluate(operand.operands[1], item));
  const auto* a = left.get<Decimal>();
  const auto* b = right.get<Decimal>();
  if (a == nullptr || b == nullptr) return wrong_type();
  TARN_TRY(auto sum, operand.kind == Operand::Kind::kPlus ? a->plus(*b) : a->minus(*b));
  return Value{std::move(sum)};
}

Result<Value> appended(const Operand& operand, const Item& item) {
  TARN_TRY(auto left, evaluate(operand.operands[0], item));
  TARN_TRY(auto right, evaluate(operand.operands[1], item));
  auto* a = left.get<List>();
  auto* b = right.get<List>();
  if (a == nullptr || b == nullptr) return wrong_type();
  a->insert(a->end(), std::make_move_iterator(b->begin()), std::make_move_iterator(b->end()));
  return left;
}

Result<Value> evaluate(const Operand& operand, const Item& item) {
  switch (operand.kind) {
    case Operand::Kind::kValue: return operand.value;
    case Operand::Kind::kIfNotExists: {
      const Value* found = find(operand.path, item);
      if (found != nullptr) return *found;
      return evaluate(operand.operands[0], item);
    }
    case Operand::Kind::kListAppend: return appended(operand, item);
    case Operand::Kind::kPlus:
    case Operand::Kind::kMinus: return arithmetic(operand, item);
    default: {
      const Value* found = find(operand.path, item);
      if (found != nullptr) return *found;
      return invalid(
          "The provided expression refers to an attribute that does not exist in the item");
    }
  }
}

// The map or list that holds the path's last step. Error: there is none, or it is of the other
// kind.
struct Holder {
  Map* map = nullptr;
  List* list = nullptr;
};
Result<Holder> holder_of(const Path& path, Item& item) {
  if (path.size() == 1) return Holder{&item, nullptr};
  Path parent(path.begin(), path.end() - 1);
  // The item is ours to change: find() only reads, so that it serves both.
  auto* value =
      const_cast<Value*>(find(parent, item));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  if (value == nullptr) return wrong_path();
  Holder holder;
  if (path.back().is_index) {
    holder.list = value->get<List>();
  } else {
    holder.map = value->get<Map>();
  }
  if (holder.list == nullptr && holder.map == nullptr) return wrong_path();
  return holder;
}

Status assign(const Path& path, Value value, Item& item) {
  TARN_TRY(const auto holder, holder_of(path, item));
  if (holder.map != nullptr) {
    holder.map->insert_or_assign(path.back().name, std::move(value));
  } else if (path.back().index < holder.list->size()) {
    (*holder.list)[path.back().index] = std::move(value);
  } else {
    holder.list->push_back(std::move(value));
  }
  return {};
}

Status erase(const Path& path, Item& item) {
  TARN_TRY(const auto holder, holder_of(path, item));
  if (holder.map != nullptr) {
    holder.map->erase(path.back().name);
  } else if (path.back().index < holder.list->size()) {
    holder.list->erase(holder.list->begin() + static_cast<std::ptrdiff_t>(path.back().index));
  }
  return {};
}

template <class Set>
bool unite(Value& value, const Value& more) {
  auto* set = value.get<Set>();
  const auto* added = more.get<Set>();
  if (set == nullptr || added == nullptr) return false;
  set->members.insert(added->members.begin(), added->members.end());
  return true;
}

template <class Set>
bool subtract(Value& value, const Value& less, bool& empty) {
  auto* set = value.get<Set>();
  const auto* removed = less.get<Set>();
  if (set == nullptr || removed == nullptr) return false;
  for (const auto& member : removed->members) set->members.erase(member);
  empty = set->members.empty();
  return true;
}

Status add(const UpdatePlan::Change& change, const Item& before, Item& after) {
  const Value* old = find(change.path, before);
  if (old == nullptr) return assign(change.path, change.value, after);
  Value value = *old;
  if (auto* number = value.get<Decimal>(); number != nullptr && change.value.is(Type::kNumber)) {
    TARN_TRY(*number, number->plus(*change.value.get<Decimal>()));
  } else if (!unite<StringSet>(value, change.value) && !unite<NumberSet>(value, change.value) &&
             !unite<BinarySet>(value, change.value)) {
    return wrong_type();
  }
  return assign(change.path, std::move(value), after);
}

Status remove_members(const UpdatePlan::Change& change, const Item& before, Item& after) {
  const Value* old = find(change.path, before);
  if (old == nullptr) return {};
  Value value = *old;
  bool empty = false;
  if (!subtract<StringSet>(value, change.value, empty) &&
      !subtract<NumberSet>(value, change.value, empty) &&
      !subtract<BinarySet>(value, change.value, empty)) {
    return wrong_type();
  }
  if (empty) return erase(change.path, after);
  return assign(change.path, std::move(value), after);
}

}  // namespace

Result<Item> apply_update(const UpdatePlan& update, const Item& item) {
  Item after = item;
  std::vector<std::pair<const Path*, Value>> values;
  for (const auto& set : update.sets) {
    TARN_TRY(auto value, evaluate(set.operand, item));
    values.emplace_back(&set.path, std::move(value));
  }
  // Elements past a list's end are appended in the order of their indexes.
  std::sort(values.begin(), values.end(),
            [](const auto& a, const auto& b) { return *a.first < *b.first; });
  for (auto& [path, value] : values) TARN_CHECK(assign(*path, std::move(value), after));
  for (const auto& change : update.adds) TARN_CHECK(add(change, item, after));
  for (const auto& change : update.deletes) TARN_CHECK(remove_members(change, item, after));
  // From the back, so that indexes mean the list as it was.
  std::vector<Path> removes = update.removes;
  std::sort(removes.begin(), removes.end(), std::greater<>());
  for (const auto& path : removes) TARN_CHECK(erase(path, after));
  return after;
}

}  // namespace tarn::dynamodb
