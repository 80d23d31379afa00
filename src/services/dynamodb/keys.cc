#include "services/dynamodb/keys.h"

#include <algorithm>

#include "services/dynamodb/key_codec.h"
#include "services/dynamodb/refusal.h"

namespace tarn::dynamodb {
namespace {

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
constexpr std::size_t kMaxHashBytes = 2048;
constexpr std::size_t kMaxRangeBytes = 1024;

void append_hash(std::string& out, const Value& hash) {
  std::string form;
  append_key_value(form, hash);
  append_u32(out, ring_position(form));
  out += form;
}

const Value* attribute(const Item& item, const std::string& name) {
  const auto found = item.find(name);
  return found == item.end() ? nullptr : &found->second;
}

std::size_t key_size(const Value& value) {
  if (const auto* text = value.get<std::string>()) return text->size();
  const auto* binary = value.get<Binary>();
  return binary != nullptr ? binary->bytes.size() : 1;
}

// The checks on one key attribute's value, its type being right.
Status check_value(const KeyAttribute& key, const Value& value, bool is_hash) {
  const std::size_t size = key_size(value);
  if (size == 0) {
    return invalid(
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
        "contain an empty " +
        std::string(value.is(Type::kString) ? "string" : "binary") + " value. Key: " + key.name);
  }
  if (is_hash && size > kMaxHashBytes) {
    return invalid(
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size "
        "limit of2048 bytes");
  }
  if (!is_hash && size > kMaxRangeBytes) {
    return invalid(
        "One or more parameter values were invalid: Aggregated size of all range keys has exceeded "
        "the size limit of 1024 bytes");
  }
  return {};
}

Status check_item_key(const KeyAttribute& key, const Item& item, bool is_hash) {
  const Value* value = attribute(item, key.name);
  if (value == nullptr) {
    return invalid("One or more parameter values were invalid: Missing the key " + key.name +
                   " in the item");
  }
  if (!value->is(key.type)) {
    return invalid("One or more parameter values were invalid: Type mismatch for key " + key.name +
                   " expected: " + std::string(type_name(key.type)) +
                   " actual: " + std::string(type_name(value->type())));
  }
  return check_value(key, *value, is_hash);
}

Status check_index_key(const IndexRecord& index, const KeyAttribute& key, const Item& item,
                       bool is_hash) {
  const Value* value = attribute(item, key.name);
  if (value == nullptr) return {};
  if (!value->is(key.type)) {
    return invalid("One or more parameter values were invalid: Type mismatch for Index Key " +
                   key.name + " Expected: " + std::string(type_name(key.type)) + " Actual: " +
                   std::string(type_name(value->type())) + " IndexName: " + index.name);
  }
  if (key_size(*value) == 0) {
    return invalid(
        "One or more parameter values are not valid. A value specified for a secondary index key "
        "is not supported. The "
        "AttributeValue for a key attribute cannot contain an empty " +
        std::string(value->is(Type::kString) ? "string" : "binary") +
        " value. IndexName: " + index.name + ", IndexKey: " + key.name);
  }
  return check_value(key, *value, is_hash);
}

bool matches(const KeyAttribute& key, const Item& item) {
  const Value* value = attribute(item, key.name);
  return value != nullptr && value->is(key.type);
}

}  // namespace

std::string order_prefix(const TableRecord& table, std::uint16_t number) {
  std::string out;
  append_u64(out, table.id);
  append_u16(out, number);
  return out;
}

std::string hash_prefix(const TableRecord& table, std::uint16_t number, const Value& hash) {
  std::string out = order_prefix(table, number);
  append_hash(out, hash);
  return out;
}

std::string primary_key(const TableRecord& table, const Item& item) {
  std::string out = hash_prefix(table, kPrimary, item.find(table.keys.hash.name)->second);
  if (table.keys.range) append_key_value(out, item.find(table.keys.range->name)->second);
  return out;
}

std::optional<std::string> entry_key(const TableRecord& table, const IndexRecord& index,
                                     const Item& item) {
  if (!matches(index.keys.hash, item) || (index.keys.range && !matches(*index.keys.range, item)))
    return std::nullopt;
  std::string out = hash_prefix(table, index.number, *attribute(item, index.keys.hash.name));
  if (index.keys.range) append_key_value(out, *attribute(item, index.keys.range->name));
  // Items may share an index key: the item's own key tells them apart.
  append_key_value(out, *attribute(item, table.keys.hash.name));
  if (table.keys.range) append_key_value(out, *attribute(item, table.keys.range->name));
  return out;
}

std::vector<std::string> held_names(const TableRecord& table, const IndexRecord& index) {
  std::vector<std::string> out;
  if (index.projection_type == "ALL") return out;
  out = index.non_key_attributes;
  for (const KeySchema* keys : {&table.keys, &index.keys}) {
    out.push_back(keys->hash.name);
    if (keys->range) out.push_back(keys->range->name);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::size_t entry_bytes(const std::vector<std::string>& held, const Item& item) {
  if (held.empty()) return size_bytes(item);
  std::size_t out = 0;
  for (const auto& name : held) {
    if (const Value* value = attribute(item, name)) out += name.size() + size_bytes(*value);
  }
  return out;
}

Item key_of(const TableRecord& table, const IndexRecord* index, const Item& item) {
  Item out;
  const auto take = [&](const KeyAttribute& key) {
    if (const Value* value = attribute(item, key.name)) out.insert_or_assign(key.name, *value);
  };
  for (const KeySchema* keys : {&table.keys, index != nullptr ? &index->keys : nullptr}) {
    if (keys == nullptr) continue;
    take(keys->hash);
    if (keys->range) take(*keys->range);
  }
  return out;
}

Status check_item_keys(const TableRecord& table, const Item& item) {
  TARN_CHECK(check_item_key(table.keys.hash, item, true));
  if (table.keys.range) TARN_CHECK(check_item_key(*table.keys.range, item, false));
  for (const auto& index : table.indexes) {
    TARN_CHECK(check_index_key(index, index.keys.hash, item, true));
    if (index.keys.range) TARN_CHECK(check_index_key(index, *index.keys.range, item, false));
  }
  return {};
}

Status check_key(const TableRecord& table, const Item& key) {
  const std::size_t count = table.keys.range ? 2 : 1;
  if (key.size() != count || !matches(table.keys.hash, key) ||
      (table.keys.range && !matches(*table.keys.range, key))) {
    return invalid("The provided key element does not match the schema");
  }
  TARN_CHECK(check_value(table.keys.hash, *attribute(key, table.keys.hash.name), true));
  if (table.keys.range)
    TARN_CHECK(check_value(*table.keys.range, *attribute(key, table.keys.range->name), false));
  return {};
}

}  // namespace tarn::dynamodb
