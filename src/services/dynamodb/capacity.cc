#include "services/dynamodb/capacity.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "services/dynamodb/keys.h"

namespace tarn::dynamodb {
namespace {

constexpr double kReadBytes = 4096;
constexpr double kWriteBytes = 1024;

bool holds_the_same(const std::vector<std::string>& held, const Item& before, const Item& after) {
  if (held.empty()) return before == after;
  return std::all_of(held.begin(), held.end(), [&](const std::string& name) {
    const auto old_value = before.find(name);
    const auto new_value = after.find(name);
    if (old_value == before.end() || new_value == after.end())
      return old_value == before.end() && new_value == after.end();
    return old_value->second == new_value->second;
  });
}

// What a write costs in one index: an entry's place is made of its keys.
double index_units(const TableRecord& table, const IndexRecord& index, const Written& written) {
  const auto old_key = written.before ? entry_key(table, index, *written.before) : std::nullopt;
  const auto new_key = written.after ? entry_key(table, index, *written.after) : std::nullopt;
  const auto held = held_names(table, index);
  const std::size_t old_bytes = old_key ? entry_bytes(held, *written.before) : 0;
  const std::size_t new_bytes = new_key ? entry_bytes(held, *written.after) : 0;
  if (old_key == new_key) {
    if (!old_key || holds_the_same(held, *written.before, *written.after)) return 0;
    return write_units(std::max(old_bytes, new_bytes));
  }
  return (old_key ? write_units(old_bytes) : 0) + (new_key ? write_units(new_bytes) : 0);
}

void scale(std::map<std::string, double>& units, double by) {
  for (auto& [name, each] : units) each *= by;
}

Capacity part_of(double units, Charge charge) {
  Capacity out;
  out.capacity_units = units;
  if (charge == Charge::kReadTwice) out.read_capacity_units = units;
  if (charge == Charge::kWriteTwice) out.write_capacity_units = units;
  return out;
}

std::optional<std::map<std::string, Capacity>> parts_of(const std::map<std::string, double>& units,
                                                        Charge charge) {
  if (units.empty()) return std::nullopt;
  std::map<std::string, Capacity> out;
  for (const auto& [name, each] : units) out.emplace(name, part_of(each, charge));
  return out;
}

}  // namespace

double read_units(std::size_t bytes, bool consistent) {
  const double units = std::max(1.0, std::ceil(static_cast<double>(bytes) / kReadBytes));
  return consistent ? units : units / 2;
}

double write_units(std::size_t bytes) {
  return std::max(1.0, std::ceil(static_cast<double>(bytes) / kWriteBytes));
}

double Consumed::total() const {
  double out = table;
  for (const auto& [name, units] : local) out += units;
  for (const auto& [name, units] : global) out += units;
  return out;
}

void Consumed::add(const Consumed& other) {
  table += other.table;
  for (const auto& [name, units] : other.local) local[name] += units;
  for (const auto& [name, units] : other.global) global[name] += units;
}

Consumed consumed_by(const TableRecord& table, const Written& written) {
  Consumed out;
  out.table = write_units(std::max(written.before ? size_bytes(*written.before) : 0,
                                   written.after ? size_bytes(*written.after) : 0));
  for (const auto& index : table.indexes) {
    const double units = index_units(table, index, written);
    if (units > 0) (index.global ? out.global : out.local)[index.name] += units;
  }
  return out;
}

Consumed consumed_by(const IndexRecord* index, const Walked& walked, bool consistent,
                     bool fetches_rest) {
  Consumed out;
  const double units = read_units(walked.bytes, consistent);
  if (index == nullptr) {
    out.table = units;
    return out;
  }
  (index->global ? out.global : out.local)[index->name] = units;
  if (!fetches_rest) return out;
  const auto pages = static_cast<double>(walked.item_pages);
  out.table = consistent ? pages : pages / 2;
  return out;
}

bool is_wanted(const std::optional<std::string>& wanted) {
  return wanted && *wanted != values::return_consumed_capacity::kNone;
}

std::optional<ConsumedCapacity> to_wire(const std::optional<std::string>& wanted,
                                        const std::string& table, const Consumed& consumed,
                                        Charge charge) {
  if (!is_wanted(wanted)) return std::nullopt;
  Consumed charged = consumed;
  if (charge != Charge::kPlain) {
    charged.table *= 2;
    scale(charged.local, 2);
    scale(charged.global, 2);
  }
  const Capacity total = part_of(charged.total(), charge);
  ConsumedCapacity out;
  out.table_name = table;
  out.capacity_units = total.capacity_units;
  out.read_capacity_units = total.read_capacity_units;
  out.write_capacity_units = total.write_capacity_units;
  if (*wanted != values::return_consumed_capacity::kIndexes) return out;
  out.table = part_of(charged.table, charge);
  out.local_secondary_indexes = parts_of(charged.local, charge);
  out.global_secondary_indexes = parts_of(charged.global, charge);
  return out;
}

std::optional<ConsumedCapacity> capacity_of(const std::optional<std::string>& wanted,
                                            const TableRecord& table, const Written& written) {
  if (!is_wanted(wanted)) return std::nullopt;
  return to_wire(wanted, table.name, consumed_by(table, written));
}

std::optional<std::vector<ConsumedCapacity>> to_wire(
    const std::optional<std::string>& wanted, const std::map<std::string, Consumed>& by_table,
    Charge charge) {
  std::optional<std::vector<ConsumedCapacity>> out;
  for (const auto& [name, consumed] : by_table) {
    auto part = to_wire(wanted, name, consumed, charge);
    if (!part) continue;
    if (!out) out.emplace();
    out->push_back(std::move(*part));
  }
  return out;
}

}  // namespace tarn::dynamodb
