// Conditions on writes and reads, as RFC 9110 section 13 and S3 have them.
//
// Place: services/s3. Threads: pure functions.
// Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html,
// conditional-reads.html, conditional-deletes.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "services/s3/object.h"

namespace tarn::s3 {

// Of a write or delete.
struct WriteCondition {
  std::optional<std::string> if_match;       // an ETag, or "*": the key must exist
  std::optional<std::string> if_none_match;  // "*": the key must not exist
  std::optional<std::uint64_t> size;         // deletes only
  std::optional<Timestamp> last_modified;    // deletes only

  [[nodiscard]] bool empty() const {
    return !if_match && !if_none_match && !size && !last_modified;
  }
};

// `current` is null where the key does not exist; `existed` says whether it did when the request
// began. Errors: PreconditionFailed (412), NoSuchKey (If-Match of an absent key),
// ConditionalRequestConflict (409: it went while the body was on its way), NotImplemented
// (If-None-Match other than "*").
[[nodiscard]] Status check(const WriteCondition& condition, const StoredObject* current,
                           bool existed);

struct ReadCondition {
  std::optional<std::string> if_match;
  std::optional<std::string> if_none_match;
  std::optional<Timestamp> if_modified_since;
  std::optional<Timestamp> if_unmodified_since;
};

// Of GetObject and HeadObject. Errors: PreconditionFailed (412), NotModified (304, with ETag and
// Last-Modified).
[[nodiscard]] Status check(const ReadCondition& condition, const StoredObject& object);
// Of the source of a copy: everything that does not hold is PreconditionFailed.
[[nodiscard]] Status check_copy_source(const ReadCondition& condition, const StoredObject& object);

// Whether `object_etag` is among the ETags of a header: quoted or not, comma-separated, or "*".
[[nodiscard]] bool etag_matches(std::string_view header, std::string_view object_etag);

}  // namespace tarn::s3
