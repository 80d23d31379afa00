#include "gateway/http2_exchange.h"

namespace tarn::gateway {

Task<Result<std::string_view>> Http2Body::next() {
  if (failure_) co_return *failure_;
  if (std::exchange(expects_continue_, false) && !ended_) flow_.say_continue(stream_id_);
  if (!given_.empty()) flow_.consumed(stream_id_, given_.size());
  given_.clear();
  while (received_.empty() && !ended_ && !failure_) {
    waiting_ = true;
    moved_ = true;
    co_await arrived_.wait();
    waiting_ = false;
  }
  if (failure_) co_return *failure_;
  given_.swap(received_);
  co_return std::string_view(given_);
}

void Http2Body::fail(Error error) {
  if (!failure_) failure_ = std::move(error);
  arrived_.ring();
}

std::size_t Http2Body::take_unread() {
  const std::size_t bytes = unread();
  received_ = std::string();
  given_ = std::string();
  return bytes;
}

}  // namespace tarn::gateway
