#include "platform/real/pipes.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace tarn::platform::real {

namespace {
constexpr std::size_t kReadBytes = 64 * 1024;
}

Pipes::Pipes(IoThread& thread, Descriptor input, Descriptor output)
    : thread_(thread),
      input_(thread.context(), input.release()),
      output_(thread.context(), output.release()) {}

Task<Status> Pipes::write(std::shared_ptr<Pipes> pipes, std::string data) {
  Completion<bool> done;
  pipes->thread_.post([pipes, &data, &done] {
    boost::asio::async_write(
        pipes->input_, boost::asio::buffer(data),
        [pipes, &done](const boost::system::error_code& error, std::size_t) { done.set(!error); });
  });
  const bool written = co_await done;
  if (!written) co_return Error(code::kCancelled, "the process closed its standard input");
  co_return Status();
}

std::optional<Pipes::Line> Pipes::take_line(std::size_t max_bytes) {
  for (;;) {
    const std::size_t newline = buffer_.find('\n', scanned_);
    const bool complete = newline != std::string::npos;
    scanned_ = 0;
    if (skipping_) {
      buffer_.erase(0, complete ? newline + 1 : buffer_.size());
      skipping_ = !complete;
      if (complete) continue;
      break;
    }
    const std::size_t length = complete ? newline : buffer_.size();
    if (length > max_bytes) {
      skipping_ = true;
      return Line(Error(code::kInvalid,
                        fmt::format("the process wrote a line of more than {} bytes", max_bytes)));
    }
    if (complete) {
      std::string line = buffer_.substr(0, length);
      buffer_.erase(0, length + 1);
      return Line(std::optional(std::move(line)));
    }
    scanned_ = buffer_.size();
    break;
  }
  if (!ended_) return std::nullopt;
  if (cancelled_) return Line(Error(code::kCancelled, "the process was given up"));
  if (buffer_.empty()) return Line(std::optional<std::string>());
  scanned_ = 0;
  return Line(std::optional(std::exchange(buffer_, {})));
}

void Pipes::read_more(Completion<bool>& done) {
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kReadBytes);
  const auto room = boost::asio::buffer(buffer_.data() + before, kReadBytes);
  output_.async_read_some(room, [self = shared_from_this(), before, &done](
                                    const boost::system::error_code& error, std::size_t count) {
    self->buffer_.resize(before + count);
    if (error) {
      self->ended_ = true;
      self->cancelled_ = error == boost::asio::error::operation_aborted ||
                         error == boost::asio::error::bad_descriptor;
    }
    done.set(true);
  });
}

Task<Pipes::Line> Pipes::read_line(std::shared_ptr<Pipes> pipes, std::size_t max_bytes) {
  for (;;) {
    std::optional<Line> line = pipes->take_line(max_bytes);
    if (line) co_return std::move(*line);
    Completion<bool> done;
    pipes->thread_.post([pipes, &done] { pipes->read_more(done); });
    co_await done;
  }
}

void Pipes::close() {
  thread_.post([self = shared_from_this()] {
    boost::system::error_code ignored;
    self->input_.close(ignored);
    self->output_.close(ignored);
  });
}

}  // namespace tarn::platform::real
