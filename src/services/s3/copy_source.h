// The source of CopyObject and UploadPartCopy.
//
// Place: services/s3. Threads: data plane.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "services/s3/condition.h"
#include "services/s3/object_store.h"
#include "services/s3/s3.h"

namespace tarn::s3 {

struct CopySource {
  std::string bucket;
  std::string key;
  std::string version;  // empty: the current object
};

// Reads x-amz-copy-source: "bucket/key", percent-encoded, with or without a leading slash and
// ?versionId=ID. Errors: InvalidArgument.
[[nodiscard]] Result<CopySource> parse_copy_source(std::string_view header);

// Opens it where `condition` holds. Errors: NoSuchBucket, NoSuchKey, NoSuchVersion,
// PreconditionFailed, AccessDenied, InvalidRequest (the version is a delete marker).
[[nodiscard]] Result<OpenObject> open_copy_source(S3& s3, const CopySource& source,
                                                  const ReadCondition& condition,
                                                  const std::optional<std::string>& owner,
                                                  const Caller& caller);

// x-amz-copy-source-version-id.
[[nodiscard]] std::optional<std::string> copied_version(S3& s3, const CopySource& source,
                                                        const StoredObject& object);

template <class Input>
ReadCondition copy_condition(const Input& input) {
  return {input.copy_source_if_match, input.copy_source_if_none_match,
          input.copy_source_if_modified_since, input.copy_source_if_unmodified_since};
}

}  // namespace tarn::s3
