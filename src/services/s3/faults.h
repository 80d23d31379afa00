// Errors that S3 words in its own way and that several actions answer.
//
// Place: services/s3. Threads: pure functions.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::s3 {

[[nodiscard]] inline tarn::Error no_such_bucket(std::string_view bucket) {
  tarn::Error error("NoSuchBucket", "The specified bucket does not exist", 404);
  error.details.emplace_back("BucketName", bucket);
  return error;
}

[[nodiscard]] inline tarn::Error no_such_key(std::string_view key) {
  tarn::Error error("NoSuchKey", "The specified key does not exist.", 404);
  error.details.emplace_back("Key", key);
  return error;
}

[[nodiscard]] inline tarn::Error no_such_version(std::string_view key, std::string_view version) {
  tarn::Error error("NoSuchVersion", "The specified version does not exist.", 404);
  error.details.emplace_back("Key", key);
  error.details.emplace_back("VersionId", version);
  return error;
}

[[nodiscard]] inline tarn::Error invalid_version(std::string_view version) {
  tarn::Error error("InvalidArgument", "Invalid version id specified", 400);
  error.details.emplace_back("ArgumentName", "versionId");
  error.details.emplace_back("ArgumentValue", version);
  return error;
}

[[nodiscard]] inline tarn::Error no_such_upload(std::string_view id) {
  tarn::Error error("NoSuchUpload",
                    "The specified upload does not exist. The upload ID may be invalid, or the "
                    "upload may have been aborted or completed.",
                    404);
  error.details.emplace_back("UploadId", id);
  return error;
}

}  // namespace tarn::s3
