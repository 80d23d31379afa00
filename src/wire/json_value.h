// JSON values of any form: nlohmann's, with what is large in it compiled once.
//
// Place: wire; nlohmann's header is included by this one only. Threads: pure functions.
//
// Shapes that the model knows go by the tables of schema.h (json_codec.h); this is for records,
// configuration and what other programs say.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<>;
extern template class nlohmann::detail::serializer<nlohmann::json>;

namespace tarn::wire {

// `text` as a value, discarded (`is_discarded()`) where it is not JSON.
[[nodiscard]] nlohmann::json parse_json(std::string_view text);

}  // namespace tarn::wire
