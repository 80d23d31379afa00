// Keys: where items and index entries stand in the store, and which attributes make a key.
//
// Place: dynamodb. Formats: docs/formats/dynamodb.md ("Keys").
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "services/dynamodb/expression/key_condition.h"
#include "services/dynamodb/table.h"
#include "services/dynamodb/value.h"

namespace tarn::dynamodb {

// Number of the table itself among its orders; indexes count from 1.
inline constexpr std::uint16_t kPrimary = 0;

// The part of a store key that all items (kPrimary) or entries of an index share.
[[nodiscard]] std::string order_prefix(const TableRecord& table, std::uint16_t number);

// The store key of the item with the key attributes that `item` holds. Only for items whose keys
// were checked.
[[nodiscard]] std::string primary_key(const TableRecord& table, const Item& item);

// The store key of `item`'s entry in `index`; nothing where the item lacks the index's keys.
[[nodiscard]] std::optional<std::string> entry_key(const TableRecord& table,
                                                   const IndexRecord& index, const Item& item);

// The attributes that entries of `index` hold: the keys of both and what the index projects. Empty:
// all (projection ALL).
[[nodiscard]] std::vector<std::string> held_names(const TableRecord& table,
                                                  const IndexRecord& index);
// Bytes of what `item`'s entry holds, of the attributes `held`.
[[nodiscard]] std::size_t entry_bytes(const std::vector<std::string>& held, const Item& item);

// Start of everything under one hash key of an order.
[[nodiscard]] std::string hash_prefix(const TableRecord& table, std::uint16_t number,
                                      const Value& hash);

// The key attributes of `item`: the table's, and those of `index` where given.
[[nodiscard]] Item key_of(const TableRecord& table, const IndexRecord* index, const Item& item);

// Errors: ValidationException, where an item to be written lacks a key attribute, has one of the
// wrong type, an empty or too long one, or an index key of the wrong type.
[[nodiscard]] Status check_item_keys(const TableRecord& table, const Item& item);

// Errors: ValidationException "The provided key element does not match the schema" and those of
// check_item_keys, where `key` is not exactly the table's key.
[[nodiscard]] Status check_key(const TableRecord& table, const Item& key);

}  // namespace tarn::dynamodb
