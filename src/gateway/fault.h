// Faults: every way in which a request can fail before or beside its handler, in the words of the
// service asked.
//
// Place: gateway; the one place that turns an Error into an HTTP answer.
// Threads: pure functions.
//
// Services word the same fault differently: a wrong signature is SignatureDoesNotMatch (403) to S3
// and the query services, InvalidSignatureException (400) to the JSON ones.
// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
//  https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html,
//  https://docs.aws.amazon.com/kinesis/latest/APIReference/CommonErrors.html)
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/http.h"
#include "wire/schema.h"

namespace tarn::gateway {

enum class Fault : std::uint8_t {
  kMissingSignature,  // an action that must be signed came without a signature
  kUnknownKey,        // no such access key
  kWrongSignature,
  kWrongToken,      // the session token is not the key's
  kExpiredToken,    // temporary credentials are over
  kSkewedClock,     // X-Amz-Date too far from now
  kExpiredRequest,  // a presigned URL is over
  kAccessDenied,
  kNotImplemented,    // known to AWS, not here
  kUnknownOperation,  // not known to AWS either
  kInvalid,           // the input breaks a constraint
};

// The error of `fault` as `protocol` words it, with `message`.
[[nodiscard]] Error fault(Fault fault, wire::Protocol protocol, std::string message);

// `error` of a handler as the client shall see it: platform errors and codes that the operation
// does not declare are turned into the service's own, the HTTP status is found. `operation` may be
// null. Sets `is_bug` where the client is not to blame and the log should tell.
[[nodiscard]] Error to_public(Error error, wire::Protocol protocol,
                              const wire::Operation* operation, bool& is_bug);

// The HTTP answer. `model` may be null (a service tarn does not know); `cbor`: the request came as
// CBOR.
[[nodiscard]] wire::Response to_response(const Error& error, wire::Protocol protocol,
                                         const wire::ServiceModel* model,
                                         std::string_view request_id, bool cbor);

}  // namespace tarn::gateway
