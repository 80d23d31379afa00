// Stored JSON: a record that a room keeps as JSON, a byte that tells the format's version before
// it.
//
// Place: wire; rooms' records are made of it (docs/formats/). Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/json_value.h"

namespace tarn::wire {

// What is no UTF-8 in it (a policy in Latin-1) is kept as it can be.
[[nodiscard]] std::string to_record(char version, const nlohmann::json& value);

// The object of `record`. Errors: kCorrupt, where its version is another or no object follows; it
// says that the stored record of `what`, such as "a KMS key", is damaged.
[[nodiscard]] Result<nlohmann::json> from_record(char version, std::string_view record,
                                                 std::string_view what);

[[nodiscard]] Error damaged_record(std::string_view what);

}  // namespace tarn::wire
