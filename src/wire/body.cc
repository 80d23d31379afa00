#include "wire/body.h"

#include <fmt/format.h>

namespace tarn::wire {
namespace {

class StringBody final : public BodySource {
 public:
  explicit StringBody(std::string content) : content_(std::move(content)) {}

  Task<Result<std::string_view>> next() override {
    const std::string_view piece = given_ ? std::string_view() : std::string_view(content_);
    given_ = true;
    co_return piece;
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return content_.size(); }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& trailers() const override {
    return trailers_;
  }

 private:
  std::string content_;
  std::vector<std::pair<std::string, std::string>> trailers_;
  bool given_ = false;
};

}  // namespace

Body make_body(std::string content) {
  return std::make_shared<StringBody>(std::move(content));
}

Task<Result<std::string>> read_all(BodySource& body, std::size_t limit) {
  // simdjson reads up to 64 bytes past the end of what it parses; the reserve saves it a copy.
  constexpr std::size_t kPadding = 64;
  std::string out;
  if (const auto length = body.length()) {
    if (*length > limit) {
      co_return Error(
          "EntityTooLarge",
          fmt::format("The request body has {} bytes; at most {} are taken.", *length, limit), 413);
    }
    out.reserve(*length + kPadding);
  }
  while (true) {
    auto piece = co_await body.next();
    if (!piece.ok()) co_return std::move(piece).error();
    if (piece->empty()) break;
    if (out.size() + piece->size() > limit) {
      co_return Error(
          "EntityTooLarge",
          fmt::format("The request body has more than the {} bytes that are taken.", limit), 413);
    }
    out.append(*piece);
  }
  out.reserve(out.size() + kPadding);
  co_return out;
}

}  // namespace tarn::wire
