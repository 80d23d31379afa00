// AWS Signature Version 2 in presigned URLs of S3, which boto3 and `aws s3 presign` still make for
// older Regions.
//
// Place: wire; called by sigv4. Threads: pure functions.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html ("Query string
// request authentication alternative")
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/http.h"
#include "wire/sigv4.h"

namespace tarn::wire {

// The signature in the query of `request`; nullopt where there is none of this kind.
// Error: AccessDenied (Expires or Signature is missing or malformed).
[[nodiscard]] Result<std::optional<Signature>> find_signature_v2(const Request& request);

// The base64 signature that `secret` gives to `request`.
[[nodiscard]] std::string expected_signature_v2(const Request& request, std::string_view secret);

}  // namespace tarn::wire
