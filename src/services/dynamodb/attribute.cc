#include "services/dynamodb/attribute.h"

#include <utility>
#include <vector>

#include "services/dynamodb/refusal.h"
#include "wire/json_codec.h"

namespace tarn::dynamodb {
namespace {

std::size_t types_of(const AttributeValue& wire) {
  std::size_t count = 0;
  for (const bool present :
       {wire.s.has_value(), wire.n.has_value(), wire.b.has_value(), wire.ss.has_value(),
        wire.ns.has_value(), wire.bs.has_value(), wire.m.has_value(), wire.l.has_value(),
        wire.null.has_value(), wire.bool_.has_value()}) {
    count += present ? 1 : 0;
  }
  return count;
}

Error duplicates(const std::vector<std::string>& members) {
  std::string text = "Input collection [";
  for (const auto& member : members)
    text.append(&member == members.data() ? "" : ", ").append(member);
  return invalid_value(text + "] contains duplicates.");
}

Result<std::set<std::string>> to_set(const std::vector<std::string>& members, const char* empty) {
  if (members.empty()) return invalid_value(empty);
  std::set<std::string> out(members.begin(), members.end());
  if (out.size() != members.size()) return duplicates(members);
  return out;
}

Result<Value> to_number_set(const std::vector<std::string>& members) {
  if (members.empty()) return invalid_value("An number set  may not be empty");
  NumberSet out;
  for (const auto& member : members) {
    TARN_TRY(auto number, Decimal::parse(member));
    if (!out.members.insert(std::move(number)).second) return duplicates(members);
  }
  return Value{std::move(out)};
}

Result<Value> to_value_at(AttributeValue wire, std::size_t depth);

Result<Map> to_map(WireItem wire, std::size_t depth) {
  Map out;
  for (auto& [name, value] : wire) {
    TARN_TRY(auto converted, to_value_at(std::move(value), depth));
    out.emplace_hint(out.end(), name, std::move(converted));
  }
  return out;
}

Result<Value> to_list(std::vector<AttributeValue> wire, std::size_t depth) {
  List out;
  out.reserve(wire.size());
  for (auto& element : wire) {
    TARN_TRY(auto converted, to_value_at(std::move(element), depth));
    out.push_back(std::move(converted));
  }
  return Value{std::move(out)};
}

Result<Value> to_collection(AttributeValue wire, std::size_t depth) {
  if (depth > kMaxDepth) {
    return invalid(
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "
        "beyond "
        "supported limit");
  }
  if (wire.l) return to_list(std::move(*wire.l), depth);
  TARN_TRY(auto map, to_map(std::move(*wire.m), depth));
  return Value{std::move(map)};
}

Result<Value> to_value_at(AttributeValue wire, std::size_t depth) {
  const std::size_t types = types_of(wire);
  if (types != 1) {
    return invalid(types == 0 ? "Supplied AttributeValue is empty, must contain exactly one of the "
                                "supported datatypes"
                              : "Supplied AttributeValue has more than one datatypes set, must "
                                "contain exactly one of "
                                "the supported datatypes");
  }
  if (wire.s) return Value{std::move(*wire.s)};
  if (wire.n) {
    TARN_TRY(auto number, Decimal::parse(*wire.n));
    return Value{std::move(number)};
  }
  if (wire.b) return Value{Binary{std::move(*wire.b)}};
  if (wire.bool_) return Value{*wire.bool_};
  if (wire.null) {
    if (!*wire.null) return invalid_value("Null attribute value types must have the value of true");
    return Value{Null{}};
  }
  if (wire.ss) {
    TARN_TRY(auto members, to_set(*wire.ss, "An string set  may not be empty"));
    return Value{StringSet{std::move(members)}};
  }
  if (wire.bs) {
    TARN_TRY(auto members, to_set(*wire.bs, "Binary sets should not be empty"));
    return Value{BinarySet{std::move(members)}};
  }
  if (wire.ns) return to_number_set(*wire.ns);
  return to_collection(std::move(wire), depth + 1);
}

struct ToWire {
  AttributeValue& out;

  void operator()(std::string& text) const { out.s = std::move(text); }
  void operator()(Decimal& number) const { out.n = number.to_string(); }
  void operator()(Binary& binary) const { out.b = std::move(binary.bytes); }
  void operator()(bool flag) const { out.bool_ = flag; }
  void operator()(Null&) const { out.null = true; }
  void operator()(StringSet& set) const { out.ss.emplace(set.members.begin(), set.members.end()); }
  void operator()(NumberSet& set) const {
    auto& members = out.ns.emplace();
    for (const auto& member : set.members) members.push_back(member.to_string());
  }
  void operator()(BinarySet& set) const { out.bs.emplace(set.members.begin(), set.members.end()); }
  void operator()(List& list) const {
    auto& elements = out.l.emplace();
    elements.reserve(list.size());
    for (auto& element : list) elements.push_back(to_wire(std::move(element)));
  }
  void operator()(Map& map) const { out.m = to_wire(std::move(map)); }
};

}  // namespace

Result<Value> to_value(AttributeValue wire) {
  return to_value_at(std::move(wire), 0);
}

Result<Item> to_item(WireItem wire) {
  return to_map(std::move(wire), 0);
}

AttributeValue to_wire(Value value) {
  AttributeValue out;
  std::visit(ToWire{out}, value.data);
  return out;
}

WireItem to_wire(Item item) {
  WireItem out;
  for (auto& [name, value] : item) out.emplace_hint(out.end(), name, to_wire(std::move(value)));
  return out;
}

std::string to_wire_json(const Item& item) {
  std::string out = "{";
  for (const auto& [name, value] : item) {
    if (out.size() > 1) out += ',';
    wire::append_json_string(name, out);
    out += ':';
    const AttributeValue attribute = to_wire(value);
    wire::append_json(AttributeValue::schema(), &attribute, out);
  }
  return out + "}";
}

}  // namespace tarn::dynamodb
