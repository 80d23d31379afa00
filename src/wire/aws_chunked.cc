#include "wire/aws_chunked.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "wire/digest.h"
#include "wire/encoding.h"

namespace tarn::wire {
namespace {

constexpr std::size_t kMaxLine = 16 << 10;
constexpr std::uint64_t kMaxChunk = std::uint64_t{5} << 30;
constexpr std::string_view kSignatureName = "chunk-signature=";

Error bad_chunk(std::string_view why) {
  return {"InvalidChunkSizeError", fmt::format("The aws-chunked body is malformed: {}", why), 400};
}

class ChunkedBody final : public BodySource {
 public:
  ChunkedBody(Body inner, AwsChunkedOptions options)
      : inner_(std::move(inner)), options_(std::move(options)) {
    if (options_.signing) previous_ = options_.signing->seed;
  }

  Task<Result<std::string_view>> next() override {
    while (true) {
      if (ended_) co_return std::string_view();
      if (in_chunk_ && left_ == 0) {
        TARN_CO_CHECK(co_await end_chunk());
        continue;
      }
      if (!in_chunk_) {
        TARN_CO_CHECK(co_await begin_chunk());
        continue;
      }
      TARN_CO_CHECK(co_await fill());
      const std::string_view piece =
          input_.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input_.size())));
      input_.remove_prefix(piece.size());
      left_ -= piece.size();
      total_ += piece.size();
      if (options_.signing) hash_.update(piece);
      co_return piece;
    }
  }

  [[nodiscard]] std::optional<std::uint64_t> length() const override {
    return options_.decoded_length;
  }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& trailers() const override {
    return trailers_;
  }

 private:
  // At least one byte in input_.
  Task<Status> fill() {
    if (!input_.empty()) co_return Status();
    auto piece = co_await inner_->next();
    if (!piece.ok()) co_return std::move(piece).error();
    if (piece->empty())
      co_return Error("IncompleteBody", "The request body terminated before its last chunk.", 400);
    input_ = *piece;
    co_return Status();
  }

  // A line without its end, into line_.
  Task<Status> read_line() {
    line_.clear();
    while (true) {
      TARN_CO_CHECK(co_await fill());
      const std::size_t end = input_.find('\n');
      const std::string_view part = input_.substr(0, end);
      if (line_.size() + part.size() > kMaxLine) co_return bad_chunk("a line is too long.");
      line_.append(part);
      if (end == std::string_view::npos) {
        input_ = {};
        continue;
      }
      input_.remove_prefix(end + 1);
      if (!line_.empty() && line_.back() == '\r') line_.pop_back();
      co_return Status();
    }
  }

  Task<Status> begin_chunk() {
    TARN_CO_CHECK(co_await read_line());
    const std::string_view line = line_;
    const std::string_view size = line.substr(0, line.find(';'));
    const auto [end, failure] = std::from_chars(size.data(), size.data() + size.size(), left_, 16);
    if (failure != std::errc() || end != size.data() + size.size() || left_ > kMaxChunk) {
      co_return bad_chunk(fmt::format("'{}' is no chunk size.", size.substr(0, 40)));
    }
    if (options_.signing) {
      const std::size_t at = line.find(kSignatureName);
      if (at == std::string_view::npos) co_return bad_chunk("a chunk has no signature.");
      signature_ = line.substr(at + kSignatureName.size());
    }
    in_chunk_ = true;
    last_ = left_ == 0;
    co_return Status();
  }

  Task<Status> end_chunk() {
    in_chunk_ = false;
    if (options_.signing) TARN_CO_CHECK(check_chunk_signature());
    if (last_) co_return co_await read_trailer();
    TARN_CO_CHECK(co_await read_line());
    if (!line_.empty()) co_return bad_chunk("a chunk is longer than it says.");
    co_return Status();
  }

  Status check_chunk_signature() {
    const std::string expected =
        sign("AWS4-HMAC-SHA256-PAYLOAD", to_hex(sha256("")) + "\n" + to_hex(hash_.finish()));
    if (!equals_in_constant_time(expected, signature_)) {
      return Error("SignatureDoesNotMatch", "A chunk's signature does not match its data.", 403);
    }
    previous_ = expected;
    return {};
  }

  [[nodiscard]] std::string sign(std::string_view algorithm, std::string_view digests) const {
    const auto& signing = *options_.signing;
    const std::string text = fmt::format("{}\n{}\n{}\n{}\n{}", algorithm, signing.amz_date,
                                         signing.scope, previous_, digests);
    return to_hex(hmac_sha256(signing.key, text));
  }

  Task<Status> read_trailer() {
    std::string signed_text;
    std::string trailer_signature;
    while (true) {
      // The empty line at the end may be missing when there is no trailer.
      auto line = co_await read_line();
      if (!line.ok()) {
        const bool expected = !options_.trailer.empty() || options_.signed_trailer;
        if (line.error().is("IncompleteBody") && trailers_.empty() && !expected) break;
        co_return std::move(line).error();
      }
      if (line_.empty()) break;
      const std::size_t colon = line_.find(':');
      if (colon == std::string::npos)
        co_return Error("MalformedTrailerError", "A trailing header has no value.", 400);
      std::string name = to_lower(std::string_view(line_).substr(0, colon));
      std::string value(trim(std::string_view(line_).substr(colon + 1)));
      if (name == "x-amz-trailer-signature") {
        trailer_signature = value;
        continue;
      }
      signed_text += fmt::format("{}:{}\n", name, value);
      trailers_.emplace_back(std::move(name), std::move(value));
    }
    co_return finish(signed_text, trailer_signature);
  }

  Status finish(const std::string& signed_text, const std::string& trailer_signature) {
    ended_ = true;
    if (options_.decoded_length && total_ != *options_.decoded_length) {
      return Error("IncompleteBody",
                   fmt::format("The body has {} bytes where x-amz-decoded-content-length says {}.",
                               total_, *options_.decoded_length),
                   400);
    }
    const bool came = std::any_of(trailers_.begin(), trailers_.end(), [this](const auto& field) {
      return equals_ignoring_case(field.first, options_.trailer);
    });
    if (!options_.trailer.empty() && !came) {
      return Error("MalformedTrailerError",
                   fmt::format("The trailer {} that was announced did not come.", options_.trailer),
                   400);
    }
    if (!options_.signed_trailer || !options_.signing) return {};
    const std::string expected = sign("AWS4-HMAC-SHA256-TRAILER", to_hex(sha256(signed_text)));
    if (!equals_in_constant_time(expected, trailer_signature)) {
      return Error("SignatureDoesNotMatch", "The trailer's signature does not match.", 403);
    }
    return {};
  }

  Body inner_;
  AwsChunkedOptions options_;
  std::string_view input_;  // of inner_'s piece, not yet read
  std::string line_;
  std::string signature_;  // of this chunk, as sent
  std::string previous_;   // the signature that this chunk's follows
  Sha256 hash_;
  std::vector<std::pair<std::string, std::string>> trailers_;
  std::uint64_t left_ = 0;  // of this chunk
  std::uint64_t total_ = 0;
  bool in_chunk_ = false;
  bool last_ = false;
  bool ended_ = false;
};

class HashedBody final : public BodySource {
 public:
  HashedBody(Body inner, std::string expected_hex)
      : inner_(std::move(inner)), expected_(std::move(expected_hex)) {}

  Task<Result<std::string_view>> next() override {
    auto piece = co_await inner_->next();
    if (!piece.ok()) co_return std::move(piece).error();
    if (!piece->empty()) {
      hash_.update(*piece);
      co_return *piece;
    }
    if (!ended_ && !equals_in_constant_time(to_hex(hash_.finish()), expected_)) {
      co_return Error(
          "XAmzContentSHA256Mismatch",
          "The provided 'x-amz-content-sha256' header does not match what was computed.", 400);
    }
    ended_ = true;
    co_return std::string_view();
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return inner_->length(); }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& trailers() const override {
    return inner_->trailers();
  }

 private:
  Body inner_;
  std::string expected_;
  Sha256 hash_;
  bool ended_ = false;
};

}  // namespace

Body decode_aws_chunked(Body inner, AwsChunkedOptions options) {
  return std::make_shared<ChunkedBody>(std::move(inner), std::move(options));
}

Body expect_sha256(Body inner, std::string expected_hex) {
  return std::make_shared<HashedBody>(std::move(inner), std::move(expected_hex));
}

}  // namespace tarn::wire
