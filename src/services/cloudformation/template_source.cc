#include "services/cloudformation/template_source.h"

#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "wire/body.h"
#include "wire/encoding.h"

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kAmazon = ".amazonaws.com";

tarn::Error invalid_url(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

// "s3", "s3.us-west-2", "s3-us-west-2": what stands before ".amazonaws.com" and names no bucket.
bool is_s3_host(std::string_view name) {
  return name == "s3" || name.starts_with("s3.") || name.starts_with("s3-");
}

// The bucket that a host names; empty where the path names it; nullopt where the host is not S3's.
std::optional<std::string> bucket_of_host(std::string_view host, std::string_view endpoint_host) {
  if (host == endpoint_host) return std::string();
  if (!host.ends_with(kAmazon)) return std::nullopt;
  host.remove_suffix(kAmazon.size());
  if (is_s3_host(host)) return std::string();
  // A bucket's own name may have dots.
  for (std::size_t dot = host.find('.'); dot != host.npos; dot = host.find('.', dot + 1)) {
    if (is_s3_host(host.substr(dot + 1))) return std::string(host.substr(0, dot));
  }
  return std::nullopt;
}

// Takes "?versionId=…" off the end.
std::string take_version(std::string_view& url) {
  const std::size_t mark = url.find('?');
  if (mark == url.npos) return {};
  const std::string_view query = url.substr(mark + 1);
  url = url.substr(0, mark);
  constexpr std::string_view kVersionQuery = "versionId=";
  const std::size_t at = query.find(kVersionQuery);
  if (at == query.npos) return {};
  const std::string_view version = query.substr(at + kVersionQuery.size());
  return wire::percent_decode(version.substr(0, version.find('&')));
}

}  // namespace

std::optional<ObjectAddress> parse_template_url(std::string_view url,
                                                std::string_view endpoint_host) {
  ObjectAddress out;
  out.version = take_version(url);
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return std::nullopt;
  const std::string_view kind = url.substr(0, scheme);
  std::string_view rest = url.substr(scheme + 3);
  if (kind == "http" || kind == "https") {
    const std::size_t slash = rest.find('/');
    if (slash == rest.npos) return std::nullopt;
    const auto bucket = bucket_of_host(rest.substr(0, slash), endpoint_host);
    if (!bucket) return std::nullopt;
    out.bucket = *bucket;
    rest.remove_prefix(slash + 1);
  } else if (kind != "s3") {
    return std::nullopt;
  }
  if (out.bucket.empty()) {
    const std::size_t slash = rest.find('/');
    if (slash == rest.npos) return std::nullopt;
    out.bucket = rest.substr(0, slash);
    rest.remove_prefix(slash + 1);
  }
  out.key = wire::percent_decode(rest);
  if (out.bucket.empty() || out.key.empty()) return std::nullopt;
  return out;
}

Task<Result<std::string>> TemplateSource::read(Caller caller, std::optional<std::string> body,
                                               std::optional<std::string> url) const {
  if (body.has_value() == url.has_value())
    co_return invalid_url("Either Template URL or Template Body must be specified.");
  if (body) {
    if (body->size() <= kMaxBodyBytes) co_return std::move(*body);
    co_return invalid_url(fmt::format(
        "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member "
        "must have length less than or equal to {}. Put a larger template, up to {} bytes, into a "
        "bucket and give its TemplateURL.",
        kMaxBodyBytes, kMaxObjectBytes));
  }
  std::optional<ObjectAddress> address = parse_template_url(*url, endpoint_host_);
  if (!address) {
    co_return invalid_url(fmt::format(
        "TemplateURL must be a supported URL: https://s3.REGION.amazonaws.com/BUCKET/KEY, "
        "https://BUCKET.s3.REGION.amazonaws.com/KEY or s3://BUCKET/KEY, not {}",
        *url));
  }
  co_return co_await read_object(std::move(caller), *std::move(address));
}

Task<Result<std::string>> TemplateSource::read_object(Caller caller, ObjectAddress address) const {
  const std::string arn = fmt::format("arn:{}:s3:::{}/{}", kPartition, address.bucket, address.key);
  const std::string_view action = address.version.empty() ? "s3:GetObject" : "s3:GetObjectVersion";
  TARN_CO_CHECK(authorizer_.check(caller, action, arn));
  auto opened = address.version.empty()
                    ? objects_.open(address.bucket, address.key)
                    : objects_.open_version(address.bucket, address.key, address.version);
  if (!opened.ok()) {
    co_return invalid_url(fmt::format("S3 error: {} For the template s3://{}/{}.",
                                      opened.error().message, address.bucket, address.key));
  }
  const std::uint64_t size = opened->info.size;
  if (size > kMaxObjectBytes) {
    co_return invalid_url(fmt::format("The template s3://{}/{} has {} bytes; at most {} are taken.",
                                      address.bucket, address.key, size, kMaxObjectBytes));
  }
  if (size == 0) co_return std::string();
  TARN_CO_TRY(const wire::Body content, co_await objects_.read(*opened, 0, size));
  co_return co_await wire::read_all(*content, kMaxObjectBytes);
}

}  // namespace tarn::cloudformation
