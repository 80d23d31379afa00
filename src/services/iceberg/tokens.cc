#include "services/iceberg/tokens.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "services/iceberg/error.h"
#include "wire/digest.h"
#include "wire/encoding.h"

namespace tarn::iceberg {
namespace {

constexpr std::string_view kPrefix = "tarn.";

std::string mac(const iam::Credential& credential, std::string_view signed_part) {
  return wire::to_hex(wire::hmac_sha256(
      "iceberg-token" + credential.secret_access_key + credential.session_token, signed_part));
}

// Of temporary keys both parts must be shown.
std::string secret_of(const iam::Credential& credential) {
  if (credential.session_token.empty()) return credential.secret_access_key;
  return credential.secret_access_key + ":" + credential.session_token;
}

Error unknown_token() {
  return not_authorized("The bearer token is not one that this server gave out.");
}

Error expired() {
  return {"AuthenticationTimeoutException",
          "The credentials have expired: get a new token and try again.", 419};
}

}  // namespace

std::string Tokens::make(const iam::Credential& credential) const {
  Timestamp end = clock_.now() + std::chrono::milliseconds(kLife);
  if (credential.expires) end = std::min(end, *credential.expires);
  const std::string signed_part = fmt::format("{}{}.{}", kPrefix, credential.access_key_id, end.ms);
  return signed_part + "." + mac(credential, signed_part);
}

Result<std::string> Tokens::issue(std::string_view client_id,
                                  std::string_view client_secret) const {
  const auto credential = credentials_.find(client_id);
  if (!credential ||
      !wire::equals_in_constant_time(secret_of(*credential), std::string(client_secret))) {
    return not_authorized(
        "Unknown access key id or wrong secret: client_id and client_secret are the keys that "
        "`tarn env` prints.");
  }
  if (credential->expires && *credential->expires < clock_.now()) return expired();
  return make(*credential);
}

Result<std::string> Tokens::exchange(std::string_view token) const {
  TARN_TRY(const iam::Credential credential, find(token));
  return make(credential);
}

Result<iam::Credential> Tokens::find(std::string_view token) const {
  const std::size_t last = token.rfind('.');
  if (!token.starts_with(kPrefix) || last == std::string_view::npos) return unknown_token();
  const std::string_view signed_part = token.substr(0, last);
  const std::size_t middle = signed_part.rfind('.');
  if (middle < kPrefix.size()) return unknown_token();
  const auto credential =
      credentials_.find(signed_part.substr(kPrefix.size(), middle - kPrefix.size()));
  if (!credential ||
      !wire::equals_in_constant_time(mac(*credential, signed_part), token.substr(last + 1)))
    return unknown_token();
  const std::string_view end_text = signed_part.substr(middle + 1);
  Timestamp end;
  std::from_chars(end_text.data(), end_text.data() + end_text.size(), end.ms);
  if (end < clock_.now()) return expired();
  if (credential->expires && *credential->expires < clock_.now()) return expired();
  return *credential;
}

}  // namespace tarn::iceberg
