#include "services/iceberg/request.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/ids.h"
#include "wire/encoding.h"

namespace tarn::iceberg {
namespace {

// https://docs.aws.amazon.com/glue/latest/webapi/API_DatabaseInput.html
constexpr std::size_t kLongestName = 255;

}  // namespace

std::optional<std::string> Request::find_query(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Status allow(const Iceberg& iceberg, const Request& request, std::string_view action,
             const std::string& resource) {
  const Status allowed = iceberg.authorizer.check(request.caller, action, resource);
  return allowed.ok() ? Status() : forbidden(allowed.error().message);
}

Status allow_object(const Iceberg& iceberg, const Request& request, std::string_view action,
                    const std::string& location) {
  TARN_TRY(const S3Location at, parse_location(location));
  return allow(iceberg, request, action,
               fmt::format("arn:{}:s3:::{}/{}", kPartition, at.bucket, at.key));
}

std::string catalog_arn(const Request& request) {
  return make_arn("glue", request.owner.region, request.owner.account, "catalog");
}

std::string database_arn(const Request& request, const std::string& name) {
  return make_arn("glue", request.owner.region, request.owner.account, "database/" + name);
}

std::string table_arn(const Request& request, const Identifier& identifier) {
  return make_arn("glue", request.owner.region, request.owner.account,
                  "table/" + identifier.namespace_name + "/" + identifier.name);
}

Result<std::string> name_of(std::string_view name) {
  const bool plain = std::none_of(name.begin(), name.end(),
                                  [](char c) { return static_cast<unsigned char>(c) < ' '; });
  if (name.empty() || name.size() > kLongestName || !plain || name.find('/') != name.npos) {
    return bad_request(
        fmt::format("'{}' is no name: 1 to {} characters without control characters and '/'.", name,
                    kLongestName));
  }
  return wire::to_lower(name);
}

Result<std::string> namespace_of(const Json& levels) {
  if (!levels.is_array() || levels.empty())
    return bad_request("'namespace' must be a list with one name.");
  if (levels.size() > 1) {
    return bad_request(
        "A namespace has one level here, since it is a database of Glue: give one name.");
  }
  if (!levels[0].is_string()) return bad_request("'namespace' must be a list of texts.");
  return name_of(levels[0].get<std::string>());
}

Result<Identifier> identifier_of(const Json& object) {
  TARN_TRY(const Json* levels, array_at(object, "namespace"));
  Identifier out;
  TARN_TRY(out.namespace_name, namespace_of(*levels));
  TARN_TRY(const std::string name, text_at(object, "name"));
  TARN_TRY(out.name, name_of(name));
  return out;
}

wire::Response answer(const Json& body) {
  wire::Response out;
  out.headers.add("Content-Type", "application/json");
  out.content = dump(body);
  return out;
}

wire::Response no_content() {
  wire::Response out;
  out.status = 204;
  return out;
}

Result<Paging> Paging::of(const Request& request) {
  Paging out;
  const auto token = request.find_query("pageToken");
  if (!token) return out;
  out.paged_ = true;
  if (!token->empty()) out.page_.token = *token;
  if (const auto size = request.find_query("pageSize")) {
    const auto [end, failure] =
        std::from_chars(size->data(), size->data() + size->size(), out.page_.limit);
    if (failure != std::errc() || end != size->data() + size->size() || out.page_.limit == 0)
      return bad_request(fmt::format("pageSize is no number above 0: '{}'.", *size));
    out.page_.limit = std::min<std::size_t>(out.page_.limit, 1000);
  }
  return out;
}

void Paging::finish(Json& body) const {
  if (paged_ && page_.token) body["next-page-token"] = *page_.token;
}

}  // namespace tarn::iceberg
