// One request of an HTTP/2 connection: its body as it comes, its answer as it goes. Internal to the
// gateway. Threads: as the connection.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/bell.h"
#include "wire/http.h"

namespace tarn::gateway {

// What a request's body asks of its connection.
class Http2Flow {
 public:
  virtual ~Http2Flow() = default;
  // `bytes` of the body were read: the client may send as many more.
  virtual void consumed(std::int32_t stream_id, std::size_t bytes) = 0;
  // The client waits for "100 Continue".
  virtual void say_continue(std::int32_t stream_id) = 0;
};

class Http2Body final : public wire::BodySource {
 public:
  Http2Body(Http2Flow& flow, std::int32_t stream_id) : flow_(flow), stream_id_(stream_id) {}

  Task<Result<std::string_view>> next() override;
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& trailers() const override {
    return trailers_;
  }

  // For the connection.
  void set_length(std::uint64_t length) { length_ = length; }
  void expect_continue() { expects_continue_ = true; }
  void add_trailer(std::string name, std::string value) {
    trailers_.emplace_back(std::move(name), std::move(value));
  }
  void receive(std::string_view data) {
    received_.append(data);
    moved_ = true;
    arrived_.ring();
  }
  void finish() {
    ended_ = true;
    arrived_.ring();
  }
  // It will never be whole. Nothing more is asked of the connection.
  void fail(Error error);
  [[nodiscard]] bool ended() const { return ended_; }
  // Bytes that came and were not taken, which the connection must account for when it forgets them.
  [[nodiscard]] std::size_t unread() const { return received_.size() + given_.size(); }
  // The same, letting go of them: the reader is gone.
  [[nodiscard]] std::size_t take_unread();
  // Whether its reader has waited since the last time this was asked.
  [[nodiscard]] bool stalled() { return waiting_ && !std::exchange(moved_, false); }

 private:
  Http2Flow& flow_;
  const std::int32_t stream_id_;
  std::optional<std::uint64_t> length_;
  bool expects_continue_ = false;
  std::string received_;
  std::string given_;  // lent to the reader
  bool ended_ = false;
  bool waiting_ = false;
  bool moved_ = false;
  std::optional<Error> failure_;
  platform::Bell arrived_;
  std::vector<std::pair<std::string, std::string>> trailers_;
};

struct Http2Exchange {
  std::int32_t id = 0;
  wire::Request request;
  std::shared_ptr<Http2Body> body;
  std::size_t header_bytes = 0;
  bool begun = false;  // its header was whole: it is being served

  wire::Response response;
  std::string_view piece;  // of the response's body, still to be sent
  bool last = false;       // nothing comes after `piece`
  bool deferred = false;   // the connection waits to be told of a new piece
  bool moved = false;      // something was sent since the last look
  std::size_t quiet = 0;   // looks in a row at which nothing had moved
  bool closed = false;
  platform::Bell changed;  // `piece` was sent, or the stream is closed
};

}  // namespace tarn::gateway
