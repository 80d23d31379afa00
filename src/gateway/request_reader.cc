#include "gateway/request_reader.h"

#include <algorithm>
#include <utility>

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/format.h>

#include "wire/encoding.h"

namespace tarn::gateway {
namespace {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::buffer_body>;

constexpr std::uint32_t kHeaderLimit = 64U << 10;
constexpr std::size_t kReadSize = 128U << 10;
constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

Error bad_request(std::string_view why) {
  return {"BadRequest", fmt::format("The request is not valid HTTP/1.1: {}.", why), 400};
}

bool is_absolute(std::string_view target) {
  return !target.starts_with('/') && target.find("://") != std::string_view::npos;
}

wire::Request to_request(const Parser& parser) {
  const auto& head = parser.get();
  wire::Request out;
  out.method = view(head.method_string());
  std::string_view target = view(head.target());
  // A proxy's absolute form (RFC 9112 section 3.2.2): the authority stands in the target.
  if (is_absolute(target)) {
    const std::size_t scheme = target.find("://");
    const std::size_t path = target.find('/', scheme + 3);
    out.host = target.substr(scheme + 3, path == std::string_view::npos ? path : path - scheme - 3);
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  wire::set_target(target, out);
  for (const auto& field : head)
    out.headers.add(std::string(view(field.name_string())), std::string(view(field.value())));
  if (out.host.empty()) out.host = out.headers.get("host");
  return out;
}

}  // namespace

// The body of the request that is being served. It reads through the reader's buffer, so that a
// pipelined request behind it stays there.
class RequestBody final : public wire::BodySource {
 public:
  RequestBody(RequestReader& reader, std::unique_ptr<Parser> parser, bool expects_continue)
      : reader_(reader), parser_(std::move(parser)), expects_continue_(expects_continue) {
    const auto length = parser_->content_length();
    chunked_ = parser_->chunked();
    if (length) length_ = *length;
    if (!chunked_ && !length) length_ = 0;
    left_ = length_.value_or(0);
    ended_ = !chunked_ && left_ == 0;
  }

  Task<Result<std::string_view>> next() override {
    if (failure_) co_return *failure_;
    // Also for an empty body: a connection of botocore that gets a final answer to its Expect takes
    // the next answer on it for headers.
    TARN_CO_CHECK(co_await say_continue());
    if (ended_) co_return std::string_view();
    // Not one conditional expression: g++ 12 destroys the awaited result of such a one twice.
    Result<std::string_view> piece = std::string_view();
    if (chunked_) {
      piece = co_await next_chunked();
    } else {
      piece = co_await next_counted();
    }
    if (!piece.ok()) failure_ = piece.error();
    co_return piece;
  }

  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& trailers() const override {
    return trailers_;
  }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool broken() const { return failure_.has_value(); }
  // Bytes that are still to come, where the length was told.
  [[nodiscard]] std::uint64_t left() const { return left_; }
  // The client waits for "100 Continue" and sends nothing before.
  [[nodiscard]] bool unasked() const { return expects_continue_; }

 private:
  // Sent when the body is first wanted (RFC 9110 section 10.1.1): a request refused by its head
  // sends no body.
  Task<Status> say_continue() {
    if (!std::exchange(expects_continue_, false) || !reader_.buffered().empty()) co_return Status();
    co_return co_await reader_.stream_.write("HTTP/1.1 100 Continue\r\n\r\n", {});
  }

  static Error cut_off() {
    return {"IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header.",
            400};
  }

  Task<Result<std::string_view>> next_counted() {
    reader_.consume(std::exchange(given_, 0));
    if (left_ == 0) {
      ended_ = true;
      co_return std::string_view();
    }
    if (reader_.buffered().empty()) {
      auto size = co_await reader_.fill();
      if (!size.ok()) co_return std::move(size).error();
      if (*size == 0) co_return cut_off();
    }
    const std::string_view piece = reader_.buffered().substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, SIZE_MAX)));
    given_ = piece.size();
    left_ -= piece.size();
    co_return piece;
  }

  Task<Result<std::string_view>> next_chunked() {
    if (out_.empty()) out_.resize(kReadSize);
    while (!parser_->is_done()) {
      auto& body = parser_->get().body();
      body.data = out_.data();
      body.size = out_.size();
      boost::system::error_code error;
      const std::string_view input = reader_.buffered();
      const std::size_t used =
          input.empty() ? 0 : parser_->put(boost::asio::buffer(input.data(), input.size()), error);
      reader_.consume(used);
      const std::size_t decoded = out_.size() - body.size;
      if (error && error != http::error::need_more && error != http::error::need_buffer)
        co_return bad_request(error.message());
      if (decoded > 0) co_return std::string_view(out_).substr(0, decoded);
      if (parser_->is_done()) break;
      if (used == 0 || reader_.buffered().empty()) {
        auto size = co_await reader_.fill();
        if (!size.ok()) co_return std::move(size).error();
        if (*size == 0) co_return cut_off();
      }
    }
    ended_ = true;
    co_return std::string_view();
  }

  RequestReader& reader_;
  std::unique_ptr<Parser> parser_;
  bool expects_continue_;
  bool chunked_ = false;
  bool ended_ = false;
  std::optional<std::uint64_t> length_;
  std::uint64_t left_ = 0;
  std::size_t given_ = 0;  // of the reader's buffer, lent to the caller
  std::string out_;        // decoded chunks
  std::optional<Error> failure_;
  std::vector<std::pair<std::string, std::string>> trailers_;
};

RequestReader::RequestReader(Stream& stream) : stream_(stream) {}
RequestReader::~RequestReader() = default;

Task<Result<std::size_t>> RequestReader::fill() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (buffer_.size() < end_ + kReadSize) buffer_.resize(end_ + kReadSize);
  auto size = co_await stream_.read_some(std::span(buffer_).subspan(end_, kReadSize));
  if (size.ok()) end_ += *size;
  co_return size;
}

void RequestReader::consume(std::size_t size) {
  begin_ += size;
}

Task<Result<bool>> RequestReader::begins_http2() {
  while (true) {
    const std::string_view seen = buffered().substr(0, kHttp2Preface.size());
    if (!kHttp2Preface.starts_with(seen)) co_return false;
    if (seen.size() == kHttp2Preface.size()) co_return true;
    auto size = co_await fill();
    if (!size.ok()) co_return std::move(size).error();
    if (*size == 0) co_return false;
  }
}

std::string RequestReader::take_buffered() {
  std::string taken(buffered());
  begin_ = end_ = 0;
  return taken;
}

Task<Result<std::optional<wire::Request>>> RequestReader::next() {
  body_.reset();
  auto parser = std::make_unique<Parser>();
  parser->header_limit(kHeaderLimit);
  parser->body_limit(boost::none);
  while (!parser->is_header_done()) {
    if (buffered().empty()) {
      auto size = co_await fill();
      if (!size.ok()) co_return std::move(size).error();
      if (*size == 0) co_return std::optional<wire::Request>();
    }
    boost::system::error_code error;
    const std::size_t used =
        parser->put(boost::asio::buffer(buffered().data(), buffered().size()), error);
    consume(used);
    if (error == http::error::header_limit)
      co_return Error("RequestHeaderSectionTooLarge", "The request's header is larger than 64 KiB.",
                      431);
    if (error && error != http::error::need_more) co_return bad_request(error.message());
    if (parser->is_header_done()) break;
    // What was not used is the beginning of a field: more must come behind it.
    auto size = co_await fill();
    if (!size.ok()) co_return std::move(size).error();
    if (*size == 0)
      co_return Error(code::kCancelled, "the connection ended within a request's header");
  }
  keep_alive_ = parser->keep_alive();
  asks_proxy_ = is_absolute(view(parser->get().target()));
  wire::Request request = to_request(*parser);
  const bool expects = wire::equals_ignoring_case(request.headers.get("expect"), "100-continue");
  body_ = std::make_shared<RequestBody>(*this, std::move(parser), expects);
  request.body = body_;
  co_return std::optional<wire::Request>(std::move(request));
}

bool RequestReader::can_drain(std::size_t limit) const {
  return !body_ || (!body_->broken() && !body_->unasked() && body_->left() <= limit);
}

Task<bool> RequestReader::drain(std::size_t limit) {
  if (!body_) co_return true;
  if (body_->unasked()) co_return false;
  if (body_->ended()) co_return true;
  std::size_t dropped = 0;
  while (true) {
    auto piece = co_await body_->next();
    if (!piece.ok()) co_return false;
    if (piece->empty()) co_return true;
    dropped += piece->size();
    if (dropped > limit) co_return false;
  }
}

}  // namespace tarn::gateway
