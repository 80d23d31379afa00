// Tags of objects and buckets, as requests give them.
//
// Place: services/s3, for its handlers. Threads: pure functions.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "services/s3/api.h"
#include "services/s3/object.h"

namespace tarn::s3 {

inline constexpr std::size_t kMaxObjectTags = 10;
inline constexpr std::size_t kMaxBucketTags = 50;

// Of a Tagging document. Errors: BadRequest (more than `limit`), InvalidTag (twice the same key, a
// key or value that AWS does not take).
[[nodiscard]] Result<Tags> read_tags(const std::vector<Tag>& tags, std::size_t limit);
// Of x-amz-tagging: "a=b&c=d", encoded as a query. Errors: InvalidArgument and those above.
[[nodiscard]] Result<Tags> read_tagging_header(const std::optional<std::string>& header);
[[nodiscard]] std::vector<Tag> show_tags(const Tags& tags);

}  // namespace tarn::s3
