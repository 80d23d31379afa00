// Tokens: short-lived bearer tokens for who has access keys (OAuth 2, client credentials).
//
// Place: services/iceberg. Threads: safe from any thread.
// (https://github.com/apache/iceberg/blob/main/open-api/rest-catalog-open-api.yaml:
// /v1/oauth/tokens; RFC 6749 section 4.4, RFC 8693)
//
// Nothing is kept: a token names the key and its own end, under a MAC by the key's secret. It ends
// with the key.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/clock.h"
#include "services/iam/credentials.h"

namespace tarn::iceberg {

class Tokens {
 public:
  static constexpr std::chrono::seconds kLife{3600};

  Tokens(const iam::Credentials& credentials, platform::Clock& clock)
      : credentials_(credentials), clock_(clock) {}

  // For an access key id and its secret; of temporary keys the secret, a colon and the session
  // token. Error: NotAuthorizedException (401).
  [[nodiscard]] Result<std::string> issue(std::string_view client_id,
                                          std::string_view client_secret) const;
  // A new token for the holder of one that is valid. Errors: as find().
  [[nodiscard]] Result<std::string> exchange(std::string_view token) const;

  // Whose token it is. Errors: NotAuthorizedException (401), AuthenticationTimeoutException (419)
  // where it or the key has expired.
  [[nodiscard]] Result<iam::Credential> find(std::string_view token) const;

 private:
  [[nodiscard]] std::string make(const iam::Credential& credential) const;

  const iam::Credentials& credentials_;
  platform::Clock& clock_;
};

}  // namespace tarn::iceberg
