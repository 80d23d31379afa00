#include "services/emr/ui_token.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "wire/digest.h"
#include "wire/encoding.h"

namespace tarn::emr {

// "END.KEY.MAC"
std::string ui_token(const iam::Credential& keys, std::string_view place, Timestamp end) {
  const std::string what = fmt::format("{}.{}", end.ms, keys.access_key_id);
  const std::string mac = wire::to_hex(wire::hmac_sha256(
      fmt::format("emr-ui{}", keys.secret_access_key), fmt::format("{} {}", place, what)));
  return fmt::format("{}.{}", what, mac);
}

std::optional<iam::Credential> keys_of_ui_token(std::string_view token, std::string_view place,
                                                const iam::Credentials& credentials,
                                                Timestamp now) {
  Timestamp end;
  const auto read = std::from_chars(token.data(), token.data() + token.size(), end.ms);
  if (read.ec != std::errc() || end < now) return std::nullopt;
  const std::size_t dot = token.find('.');
  const std::size_t last = token.rfind('.');
  if (dot == last) return std::nullopt;
  auto keys = credentials.find(token.substr(dot + 1, last - dot - 1));
  if (!keys || (keys->expires && *keys->expires < now)) return std::nullopt;
  if (!wire::equals_in_constant_time(ui_token(*keys, place, end), token)) return std::nullopt;
  return keys;
}

}  // namespace tarn::emr
