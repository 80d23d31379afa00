// Json: Iceberg's metadata and messages as documents, so that what tarn does not know is kept.
//
// Place: services/iceberg. Threads: pure functions.
//
// The order of members is kept too: a metadata file differs from the one before it only where
// something changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/json_value.h"

namespace tarn::iceberg {

using Json = nlohmann::ordered_json;

// The member, or nullptr where `object` is none, or has it not, or it is null.
[[nodiscard]] const Json* find(const Json& object, std::string_view name);

// Members of a document that a client or another engine wrote. Errors: BadRequestException, by the
// member's name, where it is missing or of another type.
[[nodiscard]] Result<std::string> text_at(const Json& object, std::string_view name);
[[nodiscard]] Result<std::int64_t> number_at(const Json& object, std::string_view name);
[[nodiscard]] Result<const Json*> object_at(const Json& object, std::string_view name);
[[nodiscard]] Result<const Json*> array_at(const Json& object, std::string_view name);

// The same where the member may be missing.
[[nodiscard]] std::string text_or(const Json& object, std::string_view name, std::string fallback);
[[nodiscard]] std::int64_t number_or(const Json& object, std::string_view name,
                                     std::int64_t fallback);

// Equal without regard to the order of members; `ignored` is left out at the top.
[[nodiscard]] bool same(Json a, Json b, std::string_view ignored = {});

// Whether every value is a text, as of properties.
[[nodiscard]] bool is_text_map(const Json& object);

[[nodiscard]] std::string dump(const Json& document);

}  // namespace tarn::iceberg
