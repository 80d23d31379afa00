// TemplateSource: the text of a template, from a request or from a bucket.
//
// Place: services/cloudformation. Threads: the control strand.
//
// Source of limits and forms of URLs:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "services/iam/authorizer.h"
#include "services/s3/object_store.h"

namespace tarn::cloudformation {

inline constexpr std::size_t kMaxBodyBytes = 51'200;       // TemplateBody
inline constexpr std::size_t kMaxObjectBytes = 1'000'000;  // of an object

// An object that a TemplateURL names.
struct ObjectAddress {
  std::string bucket;
  std::string key;
  std::string version;  // empty: the current one

  [[nodiscard]] bool operator==(const ObjectAddress&) const = default;
};

// Every public form: "https://s3.REGION.amazonaws.com/bucket/key", "https://s3.amazonaws.com/…",
// "https://bucket.s3.REGION.amazonaws.com/key", "s3://bucket/key", and `endpoint_host` in the place
// of "s3.REGION.amazonaws.com"; "?versionId=…". nullopt where it is none of them.
[[nodiscard]] std::optional<ObjectAddress> parse_template_url(std::string_view url,
                                                              std::string_view endpoint_host);

class TemplateSource {
 public:
  // Both must live on.
  TemplateSource(s3::ObjectStore& objects, const iam::Authorizer& authorizer,
                 std::string endpoint_host)
      : objects_(objects), authorizer_(authorizer), endpoint_host_(std::move(endpoint_host)) {}

  // Exactly one of both must be there; an object is read with the caller's own permission. Errors:
  // ValidationError (400): none or both, too large, no such URL or object; AccessDenied.
  [[nodiscard]] Task<Result<std::string>> read(Caller caller, std::optional<std::string> body,
                                               std::optional<std::string> url) const;

 private:
  [[nodiscard]] Task<Result<std::string>> read_object(Caller caller, ObjectAddress address) const;

  s3::ObjectStore& objects_;
  const iam::Authorizer& authorizer_;
  std::string endpoint_host_;
};

}  // namespace tarn::cloudformation
