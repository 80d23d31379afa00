// Access: the word by which a program shows whose keys it may fetch.
//
// Place: services/metadata. Threads: pure functions.
//
// Nothing is kept: the word names the key and carries a MAC by the key's secret, so it ends with
// the key. Whoever starts a program puts it into its environment.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "services/iam/credentials.h"

namespace tarn::metadata {

[[nodiscard]] std::string access_word(const iam::Credential& keys);
// The keys that `word` stands for; nullopt where it is none of this server, or they have ended.
[[nodiscard]] std::optional<iam::Credential> keys_of(std::string_view word,
                                                     const iam::Credentials& credentials,
                                                     Timestamp now);

// A session of IMDSv2: good until `end`, for `keys` alone.
[[nodiscard]] std::string session_token(const iam::Credential& keys, Timestamp end);
[[nodiscard]] bool is_session_token(std::string_view token, const iam::Credential& keys,
                                    Timestamp now);

// The variables that lead SDKs to the endpoint of the server at `endpoint_url`: container style
// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html) and that of
// an instance (https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html). SDKs
// take the first by plain HTTP from loopback addresses alone.
[[nodiscard]] std::map<std::string, std::string> environment(const std::string& endpoint_url,
                                                             const iam::Credential& keys);

}  // namespace tarn::metadata
