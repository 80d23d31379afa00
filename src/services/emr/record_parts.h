// Parts of records: what encoding and decoding them have in common.
//
// Place: services/emr, under record.cc and studio_record.cc. Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/result.h"
#include "platform/clock.h"
#include "wire/json_codec.h"
#include "wire/json_value.h"

namespace tarn::emr {

// First byte of every value: the version of docs/formats/emr.md. JSON follows.
inline constexpr char kEmrRecordVersion = '1';

inline std::string versioned(const nlohmann::json& value) {
  return kEmrRecordVersion + value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

inline Result<nlohmann::json> parse_record(std::string_view record, std::string_view what) {
  if (!record.empty() && record.front() == kEmrRecordVersion) {
    nlohmann::json value = wire::parse_json(record.substr(1));
    if (value.is_object()) return value;
  }
  return Error(code::kCorrupt, fmt::format("the stored record of an EMR {} is damaged", what));
}

// A generated shape as the wire has it.
template <class Shape>
nlohmann::json shape_json(const Shape& shape) {
  return wire::parse_json(wire::to_json(Shape::schema(), &shape));
}

template <class Shape>
Status read_shape(const nlohmann::json& value, std::string_view member, Shape& out) {
  const auto found = value.find(member);
  const Status read = found == value.end() ? Status(Error(code::kCorrupt, "it is not there"))
                                           : wire::from_json(Shape::schema(), found->dump(), &out);
  if (read.ok()) return {};
  return Error(code::kCorrupt, fmt::format("the stored record of EMR is damaged: {}: {}", member,
                                           read.error().message));
}

inline nlohmann::json time_json(const std::optional<Timestamp>& time) {
  return time ? nlohmann::json(time->ms) : nlohmann::json(nullptr);
}

inline std::optional<Timestamp> read_time(const nlohmann::json& value, std::string_view member) {
  const auto found = value.find(member);
  if (found == value.end() || !found->is_number_integer()) return std::nullopt;
  return Timestamp{found->get<std::int64_t>()};
}

}  // namespace tarn::emr
