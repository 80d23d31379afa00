// Key codec: keys of items as bytes whose order is the order DynamoDB gives them.
//
// Place: dynamodb. The format is described in docs/formats/dynamodb.md ("Keys"), version 1.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/dynamodb/value.h"

namespace tarn::dynamodb {

// Appends a key attribute's value (a string, number or binary; nothing for other types). Numbers
// order by value, strings by their UTF-8 bytes, binaries by unsigned bytes; no form is a prefix of
// another of the same type.
void append_key_value(std::string& out, const Value& value);

// Appends the form of a string or binary that begins with `value`'s content, without its end: a
// prefix of all that begin so.
void append_key_prefix(std::string& out, const Value& value);

// Where a partition key lies on the ring that parallel scans divide: a fixed hash of the key's
// form.
[[nodiscard]] std::uint32_t ring_position(std::string_view key_form);

// Appends big-endian integers, whose byte order is their order.
void append_u64(std::string& out, std::uint64_t number);
void append_u32(std::string& out, std::uint32_t number);
void append_u16(std::string& out, std::uint16_t number);

}  // namespace tarn::dynamodb
