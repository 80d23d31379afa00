// getConfig and getToken.
#include <utility>

#include <fmt/format.h>

#include "services/iceberg/catalog.h"
#include "services/iceberg/handlers.h"
#include "services/iceberg/routes.h"
#include "wire/encoding.h"
#include "wire/http.h"

namespace tarn::iceberg {
namespace {

constexpr std::string_view kClientCredentials = "client_credentials";
constexpr std::string_view kTokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr std::string_view kAccessToken = "urn:ietf:params:oauth:token-type:access_token";

// RFC 6749 section 5.2: errors of this endpoint have a form of their own.
wire::Response oauth_error(int status, std::string_view error, std::string_view description) {
  Json body;
  body["error"] = error;
  body["error_description"] = description;
  wire::Response out = answer(body);
  out.status = status;
  return out;
}

std::string form_value(const std::vector<std::pair<std::string, std::string>>& form,
                       std::string_view name) {
  for (const auto& [key, value] : form) {
    if (key == name) return value;
  }
  return {};
}

// RFC 6749 section 2.3.1: in the form, or as HTTP Basic.
std::pair<std::string, std::string> client_of(
    const Request& request, const std::vector<std::pair<std::string, std::string>>& form) {
  constexpr std::string_view kBasic = "Basic ";
  const std::string_view header = request.headers->get("authorization");
  if (header.starts_with(kBasic)) {
    const auto pair = wire::from_base64(header.substr(kBasic.size()));
    const std::size_t colon = pair ? pair->find(':') : std::string::npos;
    if (colon != std::string::npos) return {pair->substr(0, colon), pair->substr(colon + 1)};
  }
  return {form_value(form, "client_id"), form_value(form, "client_secret")};
}

}  // namespace

Answer get_config(Iceberg& iceberg, Request request) {
  TARN_CO_CHECK(allow(iceberg, request, "glue:GetCatalog", catalog_arn(request)));
  Json body;
  body["defaults"] = storage_settings(request);
  body["overrides"] = Json::object();
  const std::string warehouse = request.find_query("warehouse").value_or("");
  // An account's id or catalog is AWS's way to name the catalog; a place is for new tables.
  if (warehouse.find("://") != std::string::npos) {
    TARN_CO_CHECK(parse_location(warehouse));
    body["overrides"]["prefix"] = prefix_of(warehouse);
  } else if (!warehouse.empty() && warehouse != request.owner.account) {
    co_return Error("NoSuchWarehouseException",
                    fmt::format("There is no warehouse '{}': leave it out, or give the account "
                                "{}, or a place for new tables, s3://BUCKET/FOLDER.",
                                warehouse, request.owner.account),
                    404);
  }
  body["endpoints"] = Json::array();
  for (const auto& route : routes()) {
    if (!route.listed || route.handler == nullptr) continue;
    body["endpoints"].push_back(fmt::format("{} /v1/{{prefix}}/{}", route.method, route.path));
  }
  co_return answer(body);
}

Answer get_token(Iceberg& iceberg, Request request) {
  const auto form = wire::parse_query(request.raw_body, true);
  const std::string grant = form_value(form, "grant_type");
  Result<std::string> token = std::string();
  if (grant == kClientCredentials) {
    const auto [id, secret] = client_of(request, form);
    token = iceberg.tokens.issue(id, secret);
  } else if (grant == kTokenExchange) {
    token = iceberg.tokens.exchange(form_value(form, "subject_token"));
  } else {
    co_return oauth_error(400, "unsupported_grant_type",
                          fmt::format("grant_type is {} or {}, not '{}'.", kClientCredentials,
                                      kTokenExchange, grant));
  }
  if (!token.ok()) co_return oauth_error(401, "invalid_client", token.error().message);
  Json body;
  body["access_token"] = *token;
  body["token_type"] = "bearer";
  body["expires_in"] = Tokens::kLife.count();
  body["issued_token_type"] = kAccessToken;
  if (const std::string scope = form_value(form, "scope"); !scope.empty()) body["scope"] = scope;
  wire::Response out = answer(body);
  out.headers.add("Cache-Control", "no-store");
  co_return out;
}

}  // namespace tarn::iceberg
