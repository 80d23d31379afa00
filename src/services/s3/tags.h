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
#include "gateway/service.h"
#include "services/s3/api.h"
#include "services/s3/object.h"

namespace tarn::s3 {

inline constexpr std::size_t kMaxObjectTags = 10;
inline constexpr std::size_t kMaxBucketTags = 50;

// Of an object's Tagging document. Errors: BadRequest (too many), InvalidTag (twice the same key, a
// key or value that AWS does not take, "aws:").
[[nodiscard]] Result<Tags> read_tags(const std::vector<Tag>& tags);
// Those that a bucket is to have instead of those that are there; a user may not change what begins
// with "aws:". Errors: as above.
[[nodiscard]] Status check_bucket_tags(const Caller& caller, const std::vector<Tag>& there,
                                       const std::vector<Tag>& wanted);
// Of x-amz-tagging: "a=b&c=d", encoded as a query. Errors: InvalidArgument and those above.
[[nodiscard]] Result<Tags> read_tagging_header(const std::optional<std::string>& header);
[[nodiscard]] std::vector<Tag> show_tags(const Tags& tags);

}  // namespace tarn::s3
