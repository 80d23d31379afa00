// Lists of a bucket's objects.
//
// Place: services/s3. Threads: data plane. Errors: those that the overlay declares.
#pragma once

#include "gateway/service.h"
#include "services/s3/api.h"
#include "services/s3/s3.h"

namespace tarn::s3 {

Task<Result<ListObjectsOutput>> handle(ListObjects, S3& s3, const Caller& caller,
                                       ListObjectsRequest input);
Task<Result<ListObjectsV2Output>> handle(ListObjectsV2, S3& s3, const Caller& caller,
                                         ListObjectsV2Request input);

// `value` of max-keys and its kin within 0 and 1,000. Error: InvalidArgument, naming `argument`.
[[nodiscard]] Result<std::size_t> page_size(const std::optional<std::int32_t>& value,
                                            std::string_view argument);

// Keys as they are, or percent-encoded where the client asked for encoding-type=url.
class KeyText {
 public:
  // Error: InvalidArgument for another encoding than url.
  [[nodiscard]] static Result<KeyText> of(const std::optional<std::string>& encoding_type);
  [[nodiscard]] std::string operator()(std::string_view key) const;

 private:
  explicit KeyText(bool encode) : encode_(encode) {}
  bool encode_;
};

}  // namespace tarn::s3
