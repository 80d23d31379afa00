#include "gateway/stream.h"

#include <array>
#include <string>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include "gateway/await.h"

namespace tarn::gateway {
namespace {

namespace asio = boost::asio;
using Socket = asio::ip::tcp::socket;
using Buffers = std::array<asio::const_buffer, 3>;

Buffers buffers_of(std::string_view head, std::string_view body, std::string_view tail) {
  return {asio::buffer(head.data(), head.size()), asio::buffer(body.data(), body.size()),
          asio::buffer(tail.data(), tail.size())};
}

// Cancels the socket's operations when the time is over; the operation then ends with
// operation_aborted.
class Deadline {
 public:
  explicit Deadline(Socket& socket)
      : timer_(socket.get_executor()), state_(std::make_shared<State>(State{&socket, 0, false})) {}
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { state_->socket = nullptr; }

  void begin(std::chrono::milliseconds timeout) {
    state_->expired = false;
    timer_.expires_after(timeout);
    // A handler that is queued already when the timer is cancelled still runs, perhaps when all of
    // this is gone: it holds the state, and acts only for the operation it was set for.
    timer_.async_wait([state = state_, turn = ++state_->turn](boost::system::error_code error) {
      if (error || state->turn != turn || state->socket == nullptr) return;
      state->expired = true;
      boost::system::error_code ignored;
      state->socket->cancel(ignored);
    });
  }
  void end() {
    ++state_->turn;
    timer_.cancel();
  }

  [[nodiscard]] Error to_error(const boost::system::error_code& error) const {
    if (state_->expired) return {code::kTimeout, "the peer was silent for too long"};
    return {code::kCancelled, fmt::format("the connection ended: {}", error.message())};
  }

 private:
  struct State {
    Socket* socket;
    std::uint64_t turn;
    bool expired;
  };

  asio::steady_timer timer_;
  std::shared_ptr<State> state_;
};

// Lower is asio's own socket or TLS stream.
template <class Lower>
class AsioStream : public Stream {
 public:
  AsioStream(Lower lower, Socket& socket, bool secure)
      : Stream(secure),
        lower_(std::forward<Lower>(lower)),
        deadline_(socket),
        read_deadline_(socket),
        socket_(socket) {}

  Task<Result<std::size_t>> read_some(std::span<char> into) override {
    if (const auto timeout = read_timeout()) read_deadline_.begin(*timeout);
    AsioOperation operation([this, into](auto handler) {
      lower_.async_read_some(asio::buffer(into.data(), into.size()), std::move(handler));
    });
    const Outcome outcome = co_await operation;
    read_deadline_.end();
    if (outcome.error == asio::error::eof || outcome.error == asio::ssl::error::stream_truncated)
      co_return std::size_t{0};
    if (outcome.error) co_return read_deadline_.to_error(outcome.error);
    co_return outcome.size;
  }

  using Stream::write;
  Task<Status> write(std::string_view head, std::string_view body, std::string_view tail) override {
    deadline_.begin(timeout());
    AsioOperation operation([this, head, body, tail](auto handler) {
      asio::async_write(lower_, buffers_of(head, body, tail), std::move(handler));
    });
    const Outcome outcome = co_await operation;
    deadline_.end();
    if (outcome.error) co_return deadline_.to_error(outcome.error);
    co_return Status();
  }

  Task<void> finish_writing() override {
    if constexpr (!std::is_same_v<std::remove_reference_t<Lower>, Socket>) {
      deadline_.begin(std::chrono::seconds(2));
      AsioOperation operation([this](auto handler) { lower_.async_shutdown(std::move(handler)); });
      co_await operation;
      deadline_.end();
    }
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    co_return;
  }

  void stop_reading() override {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_receive, ignored);
  }

 protected:
  Lower lower_;
  Deadline deadline_;  // of writes and handshakes
  Deadline read_deadline_;
  Socket& socket_;
};

class TlsStream final : public AsioStream<asio::ssl::stream<Socket&>> {
 public:
  TlsStream(Socket& socket, asio::ssl::context& context)
      : AsioStream(asio::ssl::stream<Socket&>(socket, context), socket, true) {}

  Task<Status> handshake() {
    deadline_.begin(timeout());
    AsioOperation operation([this](auto handler) {
      lower_.async_handshake(asio::ssl::stream_base::server, std::move(handler));
    });
    const Outcome outcome = co_await operation;
    deadline_.end();
    if (!outcome.error) co_return Status();
    if (outcome.error.category() == asio::error::get_ssl_category()) {
      co_return Error(code::kInvalid,
                      fmt::format("TLS handshake failed: {}", outcome.error.message()));
    }
    co_return deadline_.to_error(outcome.error);
  }
};

}  // namespace

std::unique_ptr<Stream> make_plain_stream(Socket& socket) {
  return std::make_unique<AsioStream<Socket&>>(socket, socket, false);
}

Task<Result<std::unique_ptr<Stream>>> accept_tls(Socket& socket, CertificateAuthority& authority,
                                                 std::string fallback_name) {
  auto context = authority.context_for(fallback_name);
  if (!context.ok()) co_return std::move(context).error();
  // asio's context takes over one reference.
  SSL_CTX_up_ref(context->get());
  asio::ssl::context asio_context(context->get());
  auto stream = std::make_unique<TlsStream>(socket, asio_context);
  TARN_CO_CHECK(co_await stream->handshake());
  std::unique_ptr<Stream> out = std::move(stream);
  co_return out;
}

}  // namespace tarn::gateway
