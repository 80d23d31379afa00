// Dates as the protocols write them.
//
// Place: wire. Threads: pure functions. All in UTC.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/clock.h"

namespace tarn::wire {

// "2026-11-22T20:00:00Z", or with ".123" where `with_milliseconds`.
[[nodiscard]] std::string to_iso8601(Timestamp time, bool with_milliseconds = false);
// "Sun, 22 Nov 2026 20:00:00 GMT" (RFC 9110 section 5.6.7)
[[nodiscard]] std::string to_http_date(Timestamp time);
// "20261122T200000Z": X-Amz-Date
[[nodiscard]] std::string to_amz_date(Timestamp time);

// Each nullopt where `text` is no such date.
[[nodiscard]] std::optional<Timestamp> from_iso8601(
    std::string_view text);  // with Z or ±hh:mm, fraction allowed
[[nodiscard]] std::optional<Timestamp> from_http_date(std::string_view text);
[[nodiscard]] std::optional<Timestamp> from_amz_date(std::string_view text);
// Seconds since the epoch, fraction allowed.
[[nodiscard]] std::optional<Timestamp> from_epoch_seconds(std::string_view text);
// Any of the above, as SDKs differ.
[[nodiscard]] std::optional<Timestamp> from_any_date(std::string_view text);

}  // namespace tarn::wire
