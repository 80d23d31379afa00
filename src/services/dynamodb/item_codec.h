// Item codec: how an item stands in the store.
//
// Place: dynamodb. The format is described in docs/formats/dynamodb.md ("Items"), version 1.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "services/dynamodb/value.h"

namespace tarn::dynamodb {

[[nodiscard]] std::string encode_item(const Item& item);

// Errors: kCorrupt (an unknown version, cut short, or nested deeper than any item may be).
[[nodiscard]] Result<Item> decode_item(std::string_view bytes);

}  // namespace tarn::dynamodb
