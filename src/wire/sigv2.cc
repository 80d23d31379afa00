#include "wire/sigv2.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "wire/encoding.h"

namespace tarn::wire {
namespace {

// Query keys that name a part of the resource and are signed with it, in their order.
constexpr std::array<std::string_view, 26> kSignedKeys = {"acl",
                                                          "cors",
                                                          "delete",
                                                          "encryption",
                                                          "lifecycle",
                                                          "location",
                                                          "logging",
                                                          "notification",
                                                          "partNumber",
                                                          "policy",
                                                          "requestPayment",
                                                          "response-cache-control",
                                                          "response-content-disposition",
                                                          "response-content-encoding",
                                                          "response-content-language",
                                                          "response-content-type",
                                                          "response-expires",
                                                          "restore",
                                                          "tagging",
                                                          "torrent",
                                                          "uploadId",
                                                          "uploads",
                                                          "versionId",
                                                          "versioning",
                                                          "versions",
                                                          "website"};

std::string hmac_sha1_base64(std::string_view key, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(data.data()), data.size(), out.data(), &size);
  return to_base64(std::string(out.begin(), out.begin() + size));
}

// A header, or the query parameter that a presigned URL has in its place.
std::string field(const Request& request, std::string_view name) {
  if (const auto given = request.find_query(name)) return std::string(*given);
  return std::string(trim(request.headers.get(name)));
}

// x-amz-* of headers and query, lower case and sorted.
std::string amz_headers(const Request& request) {
  std::map<std::string, std::string> fields;
  for (const auto& source : {request.headers.fields(), request.query}) {
    for (const auto& [name, value] : source) {
      const std::string lower = to_lower(name);
      if (!lower.starts_with("x-amz-")) continue;
      std::string& all = fields[lower];
      if (!all.empty()) all += ",";
      all += trim(value);
    }
  }
  std::string out;
  for (const auto& [name, value] : fields) out += name + ":" + value + "\n";
  return out;
}

// The bucket that the host names: "bucket.s3.us-west-2.amazonaws.com"; empty for path style.
std::string_view bucket_of(std::string_view host) {
  const std::size_t at = std::min(host.find(".s3."), host.find(".s3-"));
  return at == std::string_view::npos ? std::string_view() : host.substr(0, at);
}

std::string resource(const Request& request) {
  std::string out;
  if (const std::string_view bucket = bucket_of(request.host); !bucket.empty()) {
    out.append("/").append(bucket);
  }
  out += request.path;
  char separator = '?';
  for (const std::string_view key : kSignedKeys) {
    const auto value = request.find_query(key);
    if (!value) continue;
    out.push_back(separator);
    out += key;
    if (!value->empty()) out.append("=").append(*value);
    separator = '&';
  }
  return out;
}

}  // namespace

Result<std::optional<Signature>> find_signature_v2(const Request& request) {
  const auto key = request.find_query("AWSAccessKeyId");
  if (!key) return std::optional<Signature>();
  const std::string_view value = request.find_query("Signature").value_or("");
  const std::string_view expires = request.find_query("Expires").value_or("");
  std::int64_t until = 0;
  const auto [end, failure] =
      std::from_chars(expires.data(), expires.data() + expires.size(), until);
  if (value.empty() || failure != std::errc() || end != expires.data() + expires.size()) {
    return Error("AccessDenied",
                 "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
                 "parameters",
                 403);
  }
  Signature out;
  out.version = 2;
  out.access_key_id = *key;
  out.service = "s3";
  out.value = value;
  out.session_token = request.find_query("x-amz-security-token").value_or("");
  out.presigned = true;
  out.expires = std::chrono::seconds(until);  // after `time`, which is 1970
  return std::optional<Signature>(std::move(out));
}

std::string expected_signature_v2(const Request& request, std::string_view secret) {
  std::string text = request.method;
  for (const std::string_view name : {"content-md5", "content-type"}) {
    text += "\n" + field(request, name);
  }
  text.append("\n").append(request.find_query("Expires").value_or("")).append("\n");
  text += amz_headers(request) + resource(request);
  return hmac_sha1_base64(secret, text);
}

}  // namespace tarn::wire
