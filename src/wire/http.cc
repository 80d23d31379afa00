#include "wire/http.h"

#include "wire/encoding.h"

namespace tarn::wire {

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (equals_ignoring_case(field, name)) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::find_query(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

void set_target(std::string_view target, Request& request) {
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.raw_query = target.substr(mark + 1);
  request.query = parse_query(request.raw_query, false);
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view text,
                                                             bool plus_is_space) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view part = text.substr(0, end);
    if (!part.empty()) {
      const std::size_t equals = part.find('=');
      const std::string_view value =
          equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
      out.emplace_back(percent_decode(part.substr(0, equals), plus_is_space),
                       percent_decode(value, plus_is_space));
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace tarn::wire
