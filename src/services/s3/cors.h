// Cors: which pages of other origins may use a bucket.
//
// Place: services/s3; the gateway asks it for preflights and for answers to browsers. Threads: safe
// from any thread, no disk.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
#pragma once

#include <string_view>
#include <vector>

#include "gateway/cross_origin.h"
#include "services/s3/api.h"
#include "services/s3/settings.h"

namespace tarn::s3 {

class Cors final : public gateway::CrossOrigin {
 public:
  explicit Cors(const Settings& settings) : settings_(settings) {}

  // Errors: BadRequest (no origin, or no method that S3 has), AccessForbidden (no rule fits).
  Result<wire::Headers> preflight(const wire::Request& request,
                                  std::string_view path) const override;
  wire::Headers answer(const wire::Request& request, std::string_view path) const override;

 private:
  const Settings& settings_;
};

// Errors: InvalidRequest (a method that S3 has not, an origin or header with two wildcards),
// MalformedXML (no rule, or more than 100).
[[nodiscard]] Status check(const CORSConfiguration& configuration);

// The first rule that allows it, or nullptr. `headers`: names asked for, in lower case.
[[nodiscard]] const CORSRule* find_rule(const std::vector<CORSRule>& rules, std::string_view origin,
                                        std::string_view method,
                                        const std::vector<std::string>& headers);

}  // namespace tarn::s3
