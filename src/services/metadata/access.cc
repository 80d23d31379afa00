#include "services/metadata/access.h"

#include <charconv>

#include <fmt/format.h>

#include "wire/digest.h"
#include "wire/encoding.h"

namespace tarn::metadata {

namespace {

std::string mac(const iam::Credential& keys, std::string_view purpose, std::string_view text) {
  return wire::to_hex(
      wire::hmac_sha256(fmt::format("{}{}", purpose, keys.secret_access_key), text));
}

}  // namespace

std::string access_word(const iam::Credential& keys) {
  return keys.access_key_id + "." + mac(keys, "metadata-access", keys.access_key_id);
}

std::optional<iam::Credential> keys_of(std::string_view word, const iam::Credentials& credentials,
                                       Timestamp now) {
  auto keys = credentials.find(word.substr(0, word.find('.')));
  // The root key is never fetched: it belongs to people, not to programs.
  if (!keys || keys->session_token.empty()) return std::nullopt;
  if (keys->expires && *keys->expires < now) return std::nullopt;
  if (!wire::equals_in_constant_time(access_word(*keys), word)) return std::nullopt;
  return keys;
}

std::string session_token(const iam::Credential& keys, Timestamp end) {
  const std::string text = std::to_string(end.ms);
  return text + "." + mac(keys, "metadata-session", text);
}

bool is_session_token(std::string_view token, const iam::Credential& keys, Timestamp now) {
  Timestamp end;
  const auto read = std::from_chars(token.data(), token.data() + token.size(), end.ms);
  if (read.ec != std::errc() || end < now) return false;
  return wire::equals_in_constant_time(session_token(keys, end), token);
}

std::map<std::string, std::string> environment(const std::string& endpoint_url,
                                               const iam::Credential& keys) {
  const std::string word = access_word(keys);
  const std::string room = endpoint_url + "/_tarn/metadata";
  return {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", room + "/credentials"},
          {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer " + word},
          {"AWS_EC2_METADATA_SERVICE_ENDPOINT", room + "/" + word + "/"},
          {"AWS_EC2_METADATA_DISABLED", "false"}};
}

}  // namespace tarn::metadata
