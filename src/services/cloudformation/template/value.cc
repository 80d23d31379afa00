#include "services/cloudformation/template/value.h"

#include <algorithm>

#include <fmt/format.h>

#include "wire/json_value.h"

namespace tarn::cloudformation {

Value Value::boolean(bool truth) {
  Value out(truth ? "true" : "false");
  out.kind_ = Kind::kBoolean;
  return out;
}

Value Value::number(std::string digits) {
  Value out(std::move(digits));
  out.kind_ = Kind::kNumber;
  return out;
}

Value Value::null() {
  Value out;
  out.kind_ = Kind::kNull;
  return out;
}

bool Value::is_scalar() const {
  return kind_ == Kind::kBoolean || kind_ == Kind::kNumber || kind_ == Kind::kString;
}

const Value* Value::find(std::string_view name) const {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const Member& member) { return member.first == name; });
  return found == members_.end() ? nullptr : &found->second;
}

void Value::set(std::string name, Value value) {
  for (auto& [known, old] : members_) {
    if (known != name) continue;
    old = std::move(value);
    return;
  }
  members_.emplace_back(std::move(name), std::move(value));
}

Value Value::at_line(int line) && {
  line_ = line;
  return std::move(*this);
}

bool Value::operator==(const Value& other) const {
  if (kind_ != other.kind_ || text_ != other.text_ || items_ != other.items_) return false;
  if (members_.size() != other.members_.size()) return false;
  return std::all_of(members_.begin(), members_.end(), [&](const Member& member) {
    const Value* found = other.find(member.first);
    return found != nullptr && *found == member.second;
  });
}

nlohmann::ordered_json to_json(const Value& value) {
  using Ordered = nlohmann::ordered_json;
  switch (value.kind()) {
    case Value::Kind::kAbsent:
    case Value::Kind::kNull: return nullptr;
    case Value::Kind::kBoolean: return value.text() == "true";
    case Value::Kind::kString: return value.text();
    case Value::Kind::kNumber: {
      // "1." and "0x10" are numbers to YAML, not to JSON.
      Ordered number = Ordered::parse(value.text(), nullptr, false);
      return number.is_number() ? number : Ordered(value.text());
    }
    case Value::Kind::kList: {
      Ordered list = Ordered::array();
      for (const Value& item : value.items()) {
        if (!item.is_absent()) list.push_back(to_json(item));
      }
      return list;
    }
    case Value::Kind::kMap: break;
  }
  Ordered map = Ordered::object();
  for (const auto& [name, member] : value.members()) {
    if (!member.is_absent()) map[name] = to_json(member);
  }
  return map;
}

Value from_json(const nlohmann::ordered_json& json) {
  using Type = nlohmann::ordered_json::value_t;
  switch (json.type()) {
    case Type::boolean: return Value::boolean(json.get<bool>());
    case Type::string: return json.get<std::string>();
    case Type::number_integer:
    case Type::number_unsigned:
    case Type::number_float: return Value::number(json.dump());
    case Type::array: {
      Value::List items;
      for (const auto& item : json) items.push_back(from_json(item));
      return items;
    }
    case Type::object: {
      Value::Map members;
      for (const auto& [name, member] : json.items()) members.emplace_back(name, from_json(member));
      return members;
    }
    default: return Value::null();
  }
}

std::string describe(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kAbsent: return "nothing";
    case Value::Kind::kNull: return "null";
    case Value::Kind::kList: return fmt::format("a list of {}", value.items().size());
    case Value::Kind::kMap:
      if (value.members().size() == 1) return fmt::format("a map of {}", value.members()[0].first);
      return fmt::format("a map of {} members", value.members().size());
    default: return fmt::format("the text '{}'", value.text());
  }
}

}  // namespace tarn::cloudformation
