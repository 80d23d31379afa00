#include "wire/sigv4.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "wire/dates.h"
#include "wire/digest.h"
#include "wire/encoding.h"
#include "wire/sigv2.h"

namespace tarn::wire {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

Error incomplete(std::string_view what) {
  return {"IncompleteSignature", fmt::format("The request's signature is not complete: {}", what)};
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t end = text.find(separator);
    out.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

// "AKIA…/20261122/us-west-2/kinesis/aws4_request"
Status read_credential(std::string_view text, Signature& out) {
  const auto parts = split(text, '/');
  if (parts.size() != 5 || parts[4] != "aws4_request" || parts[0].empty()) {
    return incomplete(fmt::format(
        "Credential must be KEY/YYYYMMDD/REGION/SERVICE/aws4_request, not '{}'.", text));
  }
  out.access_key_id = parts[0];
  out.date = parts[1];
  out.region = parts[2];
  out.service = parts[3];
  return {};
}

Status read_time(Signature& out) {
  const auto time = from_amz_date(out.amz_date);
  if (!time) return incomplete("X-Amz-Date must look like 20261122T200000Z.");
  if (out.amz_date.substr(0, 8) != out.date)
    return incomplete("the date in Credential differs from X-Amz-Date.");
  out.time = *time;
  return {};
}

Status read_authorization(const Request& request, std::string_view header, Signature& out) {
  header.remove_prefix(kAlgorithm.size());
  for (const auto& part : split(header, ',')) {
    const std::string_view item = trim(part);
    const std::size_t equals = item.find('=');
    const std::string_view name = item.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
    if (name == "Credential") TARN_CHECK(read_credential(value, out));
    if (name == "SignedHeaders") out.signed_headers = split(value, ';');
    if (name == "Signature") out.value = value;
  }
  if (out.access_key_id.empty()) return incomplete("Authorization has no Credential.");
  if (out.signed_headers.empty()) return incomplete("Authorization has no SignedHeaders.");
  if (out.value.empty()) return incomplete("Authorization has no Signature.");
  out.amz_date = request.headers.get("x-amz-date");
  if (out.amz_date.empty()) {
    if (const auto date = from_http_date(request.headers.get("date")))
      out.amz_date = to_amz_date(*date);
  }
  out.session_token = request.headers.get("x-amz-security-token");
  return read_time(out);
}

Status read_presigned(const Request& request, Signature& out) {
  const auto query = [&](std::string_view name) {
    return std::string(request.find_query(name).value_or(std::string_view()));
  };
  TARN_CHECK(read_credential(query("X-Amz-Credential"), out));
  out.presigned = true;
  out.signed_headers = split(query("X-Amz-SignedHeaders"), ';');
  out.value = query("X-Amz-Signature");
  out.session_token = query("X-Amz-Security-Token");
  out.amz_date = query("X-Amz-Date");
  const std::string expires = query("X-Amz-Expires");
  int seconds = 0;
  const auto [end, failure] =
      std::from_chars(expires.data(), expires.data() + expires.size(), seconds);
  // At most 7 days (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html).
  if (failure != std::errc() || end != expires.data() + expires.size() || seconds < 1 ||
      seconds > 604'800) {
    return incomplete("X-Amz-Expires must be from 1 to 604800 seconds.");
  }
  out.expires = std::chrono::seconds(seconds);
  return read_time(out);
}

std::string canonical_query(const Request& request, bool presigned) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : parse_query(request.raw_query, false)) {
    if (presigned && name == "X-Amz-Signature") continue;
    pairs.emplace_back(percent_encode(name), percent_encode(value));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out.push_back('&');
    out.append(name).append("=").append(value);
  }
  return out;
}

// Runs of blanks become one (SigV4: "trimall").
void append_trimmed(std::string_view value, std::string& out) {
  bool blank = false;
  for (const char c : trim(value)) {
    if (c == ' ' && blank) continue;
    blank = c == ' ';
    out.push_back(c);
  }
}

std::string canonical_headers(const Request& request, const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    out.append(name).push_back(':');
    bool first = true;
    for (const auto& [field, value] : request.headers.fields()) {
      if (!equals_ignoring_case(field, name)) continue;
      if (!first) out.push_back(',');
      first = false;
      append_trimmed(value, out);
    }
    out.push_back('\n');
  }
  return out;
}

}  // namespace

std::string Signature::scope() const {
  return fmt::format("{}/{}/{}/aws4_request", date, region, service);
}

Result<std::optional<Signature>> find_signature(const Request& request) {
  Signature out;
  const std::string_view header = request.headers.get("authorization");
  if (header.starts_with(kAlgorithm)) {
    TARN_CHECK(read_authorization(request, header, out));
    return std::optional<Signature>(std::move(out));
  }
  if (request.find_query("X-Amz-Signature")) {
    TARN_CHECK(read_presigned(request, out));
    return std::optional<Signature>(std::move(out));
  }
  if (request.find_query("AWSAccessKeyId")) return find_signature_v2(request);
  if (!header.empty() && !header.starts_with("Basic ") && !header.starts_with("Bearer ")) {
    return incomplete("only AWS4-HMAC-SHA256 is taken in Authorization.");
  }
  return std::optional<Signature>();
}

std::string signing_key(std::string_view secret, std::string_view date, std::string_view region,
                        std::string_view service) {
  const std::string first = hmac_sha256("AWS4" + std::string(secret), date);
  return hmac_sha256(hmac_sha256(hmac_sha256(first, region), service), "aws4_request");
}

std::string expected_signature(const Request& request, const Signature& signature,
                               std::string_view secret, std::string_view payload_hash) {
  if (signature.version == 2) return expected_signature_v2(request, secret);
  // S3 signs the path encoded once; every other service encodes the path as sent once more.
  const std::string path = signature.service == "s3"
                               ? percent_encode(percent_decode(request.path), true)
                               : percent_encode(request.path, true);
  const std::string canonical = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, path,
                                            canonical_query(request, signature.presigned),
                                            canonical_headers(request, signature.signed_headers),
                                            fmt::join(signature.signed_headers, ";"), payload_hash);
  const std::string to_sign = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, signature.amz_date,
                                          signature.scope(), to_hex(sha256(canonical)));
  return to_hex(hmac_sha256(
      signing_key(secret, signature.date, signature.region, signature.service), to_sign));
}

void sign(Request& request, const SigningKeys& keys, std::string_view region,
          std::string_view service, Timestamp now, std::string_view body) {
  Signature signature;
  signature.access_key_id = keys.access_key_id;
  signature.amz_date = to_amz_date(now);
  signature.date = signature.amz_date.substr(0, 8);
  signature.region = region;
  signature.service = service;
  const std::string payload_hash = to_hex(sha256(body));
  request.headers.add("X-Amz-Date", signature.amz_date);
  request.headers.add("X-Amz-Content-Sha256", payload_hash);
  if (!keys.session_token.empty()) request.headers.add("X-Amz-Security-Token", keys.session_token);
  for (const auto& [name, value] : request.headers.fields())
    signature.signed_headers.push_back(to_lower(name));
  std::sort(signature.signed_headers.begin(), signature.signed_headers.end());
  const std::string value =
      expected_signature(request, signature, keys.secret_access_key, payload_hash);
  request.headers.add("Authorization",
                      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                                  keys.access_key_id, signature.scope(),
                                  fmt::join(signature.signed_headers, ";"), value));
}

}  // namespace tarn::wire
