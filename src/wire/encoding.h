// Text encodings of the wire: base64, hex, percent, UTF-8.
//
// Place: wire. Threads: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tarn::wire {

// RFC 4648 section 4, with padding.
void append_base64(std::string_view bytes, std::string& out);
[[nodiscard]] std::string to_base64(std::string_view bytes);
// nullopt where `text` is not base64. Padding may be missing, as some SDKs leave it out.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

// Lower case.
[[nodiscard]] std::string to_hex(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

// Everything but unreserved characters (RFC 3986 section 2.3) becomes %XX in upper case, as SigV4
// asks; `keep_slash` leaves "/" as it is.
[[nodiscard]] std::string percent_encode(std::string_view text, bool keep_slash = false);
// %XX decoded; with `plus_is_space` also "+". A broken escape stays as it is.
[[nodiscard]] std::string percent_decode(std::string_view text, bool plus_is_space = false);

// Whether `text` is UTF-8 (RFC 3629), as every string of a request must be: what is kept of it is
// JSON.
[[nodiscard]] bool is_utf8(std::string_view text);
// What another program wrote, as such text: a byte that is none becomes U+FFFD.
[[nodiscard]] std::string to_utf8(std::string_view bytes);
// `text` up to `most` bytes, not cut within a character of UTF-8.
[[nodiscard]] std::string_view cut_text(std::string_view text, std::size_t most);

[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] std::string_view trim(std::string_view text);

}  // namespace tarn::wire
