// Values: the texts that a path leads to in a shape, through its tables.
//
// Place: wire; policies ask for condition keys by it (services/iam), EC2 for what filters name.
// Threads: pure functions.
//
// A path is names of members: "VpcId", "Attachments[].VpcId" (of every element of a list),
// "Tags.*" (every key of a map).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/schema.h"

namespace tarn::wire {

// Calls `found` for every value that `path` leads to from the structure `data`.
void walk(const Schema& schema, const void* data, std::string_view path,
          const std::function<void(const Schema& schema, const void* value)>& found);

// Texts, numbers, booleans and times as text; nothing where a member is absent.
[[nodiscard]] std::vector<std::string> values_at(const Schema& schema, const void* data,
                                                 std::string_view path);

}  // namespace tarn::wire
