// Lifecycle: what a bucket's rules say of an object, a version and an upload.
//
// Place: services/s3; expiry.h does what they say. Threads: pure functions.
// Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html,
// lifecycle-configuration-examples.html
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/clock.h"
#include "services/s3/api.h"
#include "services/s3/object.h"

namespace tarn::s3 {

using Rules = std::vector<LifecycleRule>;

// Gives rules without one an ID. Errors: MalformedXML, InvalidArgument, InvalidRequest (what is
// wrong), NotImplemented (transitions to other storage classes).
[[nodiscard]] Status check(Rules& rules);

// The midnight (UTC) from which something is due `days` after `from`: AWS rounds up.
[[nodiscard]] Timestamp due_after(Timestamp from, std::int64_t days);

struct Due {
  Timestamp time;
  std::string rule;  // its ID
};

// When the current object goes, by the first of the rules that fit; nullopt: never.
[[nodiscard]] std::optional<Due> expiry_of(const Rules& rules, std::string_view key,
                                           const StoredObject& object);
// x-amz-expiration.
[[nodiscard]] std::optional<std::string> expiry_header(const Rules& rules, std::string_view key,
                                                       const StoredObject& object);

// Whether a version that stopped being current at `since` goes by `now`; `newer` counts the
// versions that are not current and newer than it.
[[nodiscard]] bool is_noncurrent_due(const Rules& rules, std::string_view key,
                                     const StoredObject& version, Timestamp since,
                                     std::size_t newer, Timestamp now);

// Whether a delete marker that is the only version of its key goes by `now`.
[[nodiscard]] bool is_marker_due(const Rules& rules, std::string_view key,
                                 const StoredObject& marker, Timestamp now);

// Whether an upload begun then has been abandoned by `now`: by the rules that fit, or after
// kAbandonedDays where none speaks of uploads.
[[nodiscard]] bool is_upload_due(const Rules& rules, const StoredUpload& upload, Timestamp now);

// AWS keeps uploads for ever unless a rule says otherwise; here a disk would fill unseen.
inline constexpr std::int64_t kAbandonedDays = 7;

}  // namespace tarn::s3
