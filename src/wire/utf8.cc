#include <simdjson.h>

#include "wire/encoding.h"

namespace tarn::wire {

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::string_view cut_text(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t at = most;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
  // Nothing but the middle of characters is no UTF-8, and cut anywhere.
  return text.substr(0, at == 0 ? most : at);
}

}  // namespace tarn::wire
