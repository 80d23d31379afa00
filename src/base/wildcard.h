// Wildcard patterns, as filters and policies write them.
//
// Place: base. Threads: any; pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace tarn {

// Whether `text` is what `pattern` describes: `*` stands for any text, and `?` for one character
// where `has_question` says so. Takes time of at most pattern × text: after a mismatch only the
// last
// `*` takes more, which is enough, since an earlier one never has to.
[[nodiscard]] constexpr bool is_like(std::string_view pattern, std::string_view text,
                                     bool has_question = true) {
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  std::size_t at = 0;
  std::size_t read = 0;
  while (read < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      taken = read;
    } else if (at < pattern.size() &&
               ((has_question && pattern[at] == '?') || pattern[at] == text[read])) {
      ++at;
      ++read;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      read = ++taken;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace tarn
