// Any text is a record template, or is refused with a place; what is accepted renders, and the same
// seed and time render the same record.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "generator/template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tarn::generator::Renderer;
  using tarn::generator::Template;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto parsed = Template::parse(text);
  if (!parsed.ok()) {
    if (parsed.error().message.empty()) std::abort();
    return 0;
  }
  constexpr tarn::Timestamp kNow{1'709'296'496'000};
  std::string first;
  std::string second;
  Renderer(*parsed, 7, 330).append(kNow, first);
  Renderer(*parsed, 7, 330).append(kNow, second);
  if (first != second) std::abort();
  return 0;
}
