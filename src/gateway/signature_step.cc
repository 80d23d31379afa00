// The chain's signature step: who calls, and is the body what was signed.
#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "gateway/chain.h"
#include "gateway/exchange.h"
#include "wire/aws_chunked.h"
#include "wire/dates.h"
#include "wire/digest.h"
#include "wire/encoding.h"
#include "wire/sigv4.h"

namespace tarn::gateway {
namespace {

using std::chrono::minutes;

// S3 allows 15 minutes of skew, other services 5
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html).
constexpr minutes kSkewS3{15};
constexpr minutes kSkew{5};
constexpr std::string_view kStreaming = "STREAMING-";

// Iceberg's Java client sends the hash of the body in base64 and signs it in hexadecimal
// (https://github.com/apache/iceberg/blob/main/aws/src/main/java/org/apache/iceberg/aws/RESTSigV4AuthSession.java).
constexpr std::size_t kBase64HashLength = 44;

std::string payload_hash(const Exchange& exchange) {
  const auto given = exchange.request.headers.find("x-amz-content-sha256");
  const bool s3 = exchange.signature->service == "s3";
  const bool base64 = !s3 && given && given->size() == kBase64HashLength && given->back() == '=';
  if (given && !base64) return std::string(*given);
  if (s3) return std::string(wire::kUnsignedPayload);
  return wire::to_hex(wire::sha256(exchange.content));
}

// The first header of S3's that is not signed; empty: all are. Who holds a presigned URL could have
// it copy another object by x-amz-copy-source.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html: all x-amz-* headers
// are to be signed. The hash of the body is a line of what is signed anyway, and SigV2, which names
// no headers, signs all of them.
std::string unsigned_header(const wire::Request& request, const wire::Signature& signature) {
  if (signature.service != "s3" || signature.signed_headers.empty()) return {};
  for (const auto& [header, value] : request.headers.fields()) {
    if (header.empty() || (header.front() != 'x' && header.front() != 'X')) continue;
    std::string name = wire::to_lower(header);
    if (!name.starts_with("x-amz-") || name == "x-amz-content-sha256") continue;
    const auto& known = signature.signed_headers;
    if (std::find(known.begin(), known.end(), name) == known.end()) return name;
  }
  return {};
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Status Chain::check_time(const Exchange& exchange) const {
  const auto& signature = *exchange.signature;
  const Timestamp now = platform_.clock.now();
  const auto skew = signature.service == "s3" ? kSkewS3 : kSkew;
  if (signature.presigned) {
    if (signature.time > now + skew)
      return fault(Fault::kAccessDenied, exchange.protocol, "Request is not yet valid");
    if (signature.time + signature.expires < now)
      return fault(Fault::kExpiredRequest, exchange.protocol, "Request has expired");
    return {};
  }
  if (signature.time + skew < now || now + skew < signature.time) {
    return fault(Fault::kSkewedClock, exchange.protocol,
                 fmt::format("The difference between the request time and the current time is too "
                             "large: the request says {}, the server's clock {}. "
                             "Set the clock of the client.",
                             signature.amz_date, wire::to_amz_date(now)));
  }
  return {};
}

Status Chain::check_signature(Exchange& exchange) const {
  auto& caller = exchange.caller;
  caller.account_id = options_.account_id;
  caller.region = exchange.route.region.empty() ? options_.default_region : exchange.route.region;
  caller.request_id = exchange.request_id;
  caller.source_ip = exchange.request.source_ip;
  caller.host = exchange.request.host;
  caller.secure = exchange.request.secure;
  if (!exchange.signature) return {};
  const auto& signature = *exchange.signature;
  const auto credential = credentials_.find(signature.access_key_id);
  if (!credential) {
    return fault(Fault::kUnknownKey, exchange.protocol,
                 fmt::format("The access key id '{}' is not known here. `eval $(tarn env)` gives a "
                             "shell the keys of this server.",
                             signature.access_key_id));
  }
  if (!credential->session_token.empty() &&
      !wire::equals_in_constant_time(credential->session_token, signature.session_token)) {
    return fault(Fault::kWrongToken, exchange.protocol,
                 "The security token included in the request is invalid.");
  }
  if (credential->expires && *credential->expires < platform_.clock.now()) {
    return fault(Fault::kExpiredToken, exchange.protocol,
                 "The security token included in the request is expired.");
  }
  TARN_CHECK(check_time(exchange));
  const std::string expected = wire::expected_signature(
      exchange.request, signature, credential->secret_access_key, payload_hash(exchange));
  if (!wire::equals_in_constant_time(expected, signature.value)) {
    return fault(Fault::kWrongSignature, exchange.protocol,
                 "The request signature we calculated does not match the signature you provided. "
                 "Check your AWS Secret Access Key and signing method.");
  }
  if (const std::string name = unsigned_header(exchange.request, signature); !name.empty()) {
    return fault(
        Fault::kAccessDenied, exchange.protocol,
        fmt::format("There were headers present in the request which were not signed: {}", name));
  }
  caller.kind = credential->kind;
  caller.arn = credential->arn;
  caller.user_id = credential->user_id;
  caller.access_key_id = credential->access_key_id;
  caller.session = credential->session;
  return {};
}

// Puts the decoders around the body that its headers ask for, so that what is read is what was
// signed.
void Chain::wrap_body(Exchange& exchange) const {
  auto& request = exchange.request;
  const std::string hash(request.headers.get("x-amz-content-sha256"));
  const bool chunked =
      hash.starts_with(kStreaming) ||
      request.headers.get("content-encoding").find("aws-chunked") != std::string_view::npos;
  if (chunked) {
    wire::AwsChunkedOptions options;
    options.decoded_length = number(request.headers.get("x-amz-decoded-content-length"));
    options.trailer = wire::trim(request.headers.get("x-amz-trailer"));
    options.signed_trailer =
        hash.ends_with("-PAYLOAD-TRAILER") && hash.starts_with("STREAMING-AWS4");
    if (hash.starts_with("STREAMING-AWS4-HMAC-SHA256") && exchange.signature) {
      const auto& signature = *exchange.signature;
      const auto credential = credentials_.find(signature.access_key_id);
      const std::string secret = credential ? credential->secret_access_key : std::string();
      options.signing = wire::ChunkSigning{
          wire::signing_key(secret, signature.date, signature.region, signature.service),
          signature.amz_date, signature.scope(), signature.value};
    }
    request.body = wire::decode_aws_chunked(request.body, std::move(options));
  } else if (hash.size() == 64) {
    request.body = wire::expect_sha256(request.body, hash);
  }
}

}  // namespace tarn::gateway
