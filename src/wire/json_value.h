// JSON values of any form: nlohmann's, with what is large in it compiled once.
//
// Place: wire; nlohmann's header is included by this one only. Threads: pure functions.
//
// Shapes that the model knows go by the tables of schema.h (json_codec.h); this is for records,
// configuration and what other programs say.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<>;
extern template class nlohmann::detail::serializer<nlohmann::json>;

namespace tarn::wire {

// Deeper is no value: copying and writing one goes as deep on the stack as it is nested.
inline constexpr int kDeepestJson = 500;

// `text` as a value, discarded (`is_discarded()`) where it is not JSON, or nested too deep.
[[nodiscard]] nlohmann::json parse_json(std::string_view text);
// The same, with members in the order of `text`.
[[nodiscard]] nlohmann::ordered_json parse_ordered_json(std::string_view text);

// Members of what another program said, which may be anything: `otherwise` where `value` is no
// object, has no such member, or one of another type. nlohmann's value() throws on the last.
[[nodiscard]] std::string text_or(const nlohmann::json& value, const char* name,
                                  std::string_view otherwise = "");
[[nodiscard]] double number_or(const nlohmann::json& value, const char* name, double otherwise);
// Also where it is no int.
[[nodiscard]] int int_or(const nlohmann::json& value, const char* name, int otherwise);

}  // namespace tarn::wire
