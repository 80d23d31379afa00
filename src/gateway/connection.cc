#include "gateway/connection.h"

#include <array>
#include <chrono>

#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include "gateway/await.h"
#include "gateway/http2.h"
#include "gateway/request_reader.h"
#include "gateway/response_head.h"
#include "gateway/stream.h"
#include "platform/log.h"
#include "wire/encoding.h"

namespace tarn::gateway {
namespace {

namespace asio = boost::asio;
using Socket = asio::ip::tcp::socket;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kIdle{300};     // between requests: SDKs keep connections for minutes
constexpr seconds kProgress{60};  // within one read or write of a request
constexpr seconds kTunnelIdle{600};
constexpr std::size_t kDrainLimit = 256U << 10;
constexpr std::size_t kLingerLimit = 64U << 20;
constexpr unsigned char kTlsHandshake =
    0x16;  // first byte of a TLS record that begins a handshake (RFC 8446 section 5.1)

class Connection {
 public:
  Connection(Socket& socket, Chain& chain, CertificateAuthority& authority, const Egress& egress,
             const std::string& door)
      : socket_(socket), chain_(chain), authority_(authority), egress_(egress), door_(door) {
    boost::system::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    const auto peer = socket_.remote_endpoint(ignored);
    source_ip_ = peer.address().to_string();
  }

  Task<void> run() {
    auto stream = co_await open("localhost");
    if (stream != nullptr) co_await serve_stream(*stream, {});
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  // Answers the requests of an HTTP/2 connection.
  class Guest final : public RequestServer {
   public:
    Guest(Connection& connection, const Stream& stream, std::string host)
        : connection_(connection), stream_(stream), host_(std::move(host)) {}
    Task<wire::Response> serve(wire::Request& request) override {
      connection_.prepare(request, stream_, host_);
      return connection_.chain_.serve(request, connection_.state_);
    }

   private:
    Connection& connection_;
    const Stream& stream_;
    const std::string host_;
  };

  // The stream that the first byte asks for; nullptr where there is none.
  Task<std::unique_ptr<Stream>> open(std::string name) {
    AsioOperation readable(
        [this](auto handler) { socket_.async_wait(Socket::wait_read, std::move(handler)); });
    const Outcome outcome = co_await readable;
    unsigned char first = 0;
    if (outcome.error || ::recv(socket_.native_handle(), &first, 1, MSG_PEEK) != 1)
      co_return nullptr;
    if (first != kTlsHandshake) co_return make_plain_stream(socket_);
    auto stream = co_await accept_tls(socket_, authority_, name);
    if (!stream.ok()) {
      spdlog::debug("{}: {}", source_ip_, stream.error().message);
      co_return nullptr;
    }
    co_return std::move(stream).value();
  }

  // `host`: the name of the tunnel in which the stream runs; empty outside one.
  Task<void> serve_stream(Stream& stream, std::string host) {
    RequestReader reader(stream);
    stream.set_timeout(kIdle);
    const auto http2 = co_await reader.begins_http2();
    if (!http2.ok()) co_return;
    if (*http2) {
      Guest guest(*this, stream, std::move(host));
      std::string received = reader.take_buffered();
      co_await serve_http2(stream, std::move(received), guest, chain_.clock());
      co_return;
    }
    bool open = true;
    while (open) {
      stream.set_timeout(kIdle);
      auto request = co_await reader.next();
      if (!request.ok()) {
        co_await refuse(stream, request.error());
        break;
      }
      if (!request->has_value()) break;
      stream.set_timeout(kProgress);
      if ((*request)->method == "CONNECT") {
        co_await connect(stream, reader, **request);
        break;
      }
      // Only names that lead home are served.
      if (reader.asks_proxy() && door_.empty() && !egress_.serves((*request)->host)) {
        co_await refuse(stream, no_way_out((*request)->host));
        break;
      }
      prepare(**request, stream, host);
      open = co_await serve_request(stream, reader, **request);
    }
  }

  void prepare(wire::Request& request, const Stream& stream, const std::string& host) const {
    request.source_ip = source_ip_;
    request.secure = stream.secure();
    request.door = door_;
    if (request.host.empty()) request.host = host;
  }

  // Whether the connection can take a further request.
  Task<bool> serve_request(Stream& stream, RequestReader& reader, wire::Request& request) {
    wire::Response response = co_await chain_.serve(request, state_);
    const bool is_head = request.method == "HEAD";
    request.body.reset();
    // The answer goes first: a client whose body is refused may not send the rest of it.
    const bool reusable = reader.can_drain(kDrainLimit);
    const bool keep = reusable && reader.keep_alive();
    const bool sent = co_await send(stream, response, is_head, keep);
    if (sent && keep) co_return co_await reader.drain(kDrainLimit);
    if (sent && !reusable) co_await linger(stream);
    co_return false;
  }

  Task<bool> send(Stream& stream, wire::Response& response, bool is_head, bool keep_alive) {
    Framing framing;
    const std::string head = make_head(response, is_head, keep_alive, framing);
    if (!framing.body || !response.stream) {
      const auto written = co_await stream.write(
          head, framing.body ? std::string_view(response.content) : std::string_view());
      co_return written.ok();
    }
    std::string_view before = head;
    std::string chunk_head;
    while (true) {
      auto piece = co_await response.stream->next();
      if (!piece.ok()) {
        // The status is sent already: all that is left is to break off, so that the client does not
        // take it for whole.
        spdlog::error("a body broke off: {}", piece.error().message);
        co_return false;
      }
      std::string_view after;
      if (framing.chunked) {
        chunk_head.assign(before);
        chunk_head += piece->empty() ? "0\r\n" : fmt::format("{:x}\r\n", piece->size());
        before = chunk_head;
        // With its chunk: clients read up to it before they give the chunk away.
        after = "\r\n";
      }
      const auto written = co_await stream.write(before, *piece, after);
      if (!written.ok()) co_return false;
      before = {};
      if (piece->empty()) co_return true;
    }
  }

  Task<void> refuse(Stream& stream, const Error& error) {
    if (error.http_status == 0) co_return;
    wire::Response response;
    response.status = error.http_status;
    response.headers.add("Content-Type", "text/plain");
    response.content = error.message + "\n";
    if (co_await send(stream, response, false, false)) co_await linger(stream);
  }

  // Reads what the client still sends after a refusal, or its answer would be lost in a reset of
  // the connection.
  Task<void> linger(Stream& stream) {
    co_await stream.finish_writing();
    stream.set_timeout(seconds(2));
    std::array<char, 16384> sink{};
    for (std::size_t total = 0; total < kLingerLimit;) {
      auto size = co_await stream.read_some(sink);
      if (!size.ok() || *size == 0) break;
      total += *size;
    }
  }

  [[nodiscard]] static Error no_way_out(std::string_view host) {
    return {"Forbidden",
            fmt::format("tarn does not let connections out to {}: only AWS names, which lead to "
                        "tarn itself. `tarn up --allow-host {}` opens it for https.",
                        host, host),
            403};
  }

  Task<void> connect(Stream& stream, RequestReader& reader, const wire::Request& request) {
    // The target of CONNECT is an authority, which to_request leaves in the path.
    const std::string authority = request.path;
    const std::size_t colon = authority.rfind(':');
    const std::string host = authority.substr(0, colon);
    const std::string port = colon == std::string::npos ? "443" : authority.substr(colon + 1);
    const bool leads_out = !stream.secure() && door_.empty();
    const auto way = leads_out ? egress_.way(host) : Egress::Way::kRefused;
    if (way == Egress::Way::kRefused || reader.has_buffered()) {
      co_await refuse(stream, no_way_out(host));
      co_return;
    }
    if (way == Egress::Way::kThrough) {
      co_await pass_through(stream, host, port);
      co_return;
    }
    const auto established =
        co_await stream.write("HTTP/1.1 200 Connection established\r\n\r\n", {});
    if (!established.ok()) co_return;
    auto inner = co_await open(host);
    if (inner != nullptr) co_await serve_stream(*inner, host);
  }

  Task<void> pass_through(Stream& stream, const std::string& host, const std::string& port) {
    asio::ip::tcp::resolver resolver(socket_.get_executor());
    asio::ip::tcp::resolver::results_type found;
    AsioOperation resolve([&](auto handler) {
      resolver.async_resolve(host, port,
                             [&found, done = std::move(handler)](
                                 boost::system::error_code error,
                                 asio::ip::tcp::resolver::results_type results) mutable {
                               found = std::move(results);
                               done(error);
                             });
    });
    Outcome outcome = co_await resolve;
    Socket target(socket_.get_executor());
    if (!outcome.error) {
      AsioOperation reach([&](auto handler) {
        asio::async_connect(
            target, found,
            [done = std::move(handler)](boost::system::error_code error,
                                        const asio::ip::tcp::endpoint&) mutable { done(error); });
      });
      outcome = co_await reach;
    }
    if (outcome.error) {
      const Error refusal(
          "BadGateway",
          fmt::format("{}:{} cannot be reached: {}.", host, port, outcome.error.message()), 502);
      co_await refuse(stream, refusal);
      co_return;
    }
    const auto established =
        co_await stream.write("HTTP/1.1 200 Connection established\r\n\r\n", {});
    if (established.ok()) co_await relay(stream, target);
  }

  // Both directions at once; the tunnel ends when either side does.
  Task<void> relay(Stream& stream, Socket& target) {
    const auto far = make_plain_stream(target);
    stream.set_timeout(kTunnelIdle);
    far->set_timeout(kTunnelIdle);
    platform::Completion<bool> back_done;
    start(copy(*far, stream), [&] {
      boost::system::error_code ignored;
      socket_.cancel(ignored);
      back_done.set(true);
    });
    co_await copy(stream, *far);
    boost::system::error_code ignored;
    target.close(ignored);
    co_await back_done;
  }

  static Task<void> copy(Stream& from, Stream& to) {
    std::string buffer(64U << 10, '\0');
    while (true) {
      auto size = co_await from.read_some(buffer);
      if (!size.ok() || *size == 0) break;
      const auto written = co_await to.write(std::string_view(buffer).substr(0, *size), {});
      if (!written.ok()) break;
    }
    co_await to.finish_writing();
  }

  Socket& socket_;
  Chain& chain_;
  CertificateAuthority& authority_;
  const Egress& egress_;
  const std::string door_;
  ConnectionState state_;
  std::string source_ip_;
};

}  // namespace

Task<void> run_connection(Socket& socket, Chain& chain, CertificateAuthority& authority,
                          const Egress& egress, const std::string& door) {
  Connection connection(socket, chain, authority, egress, door);
  co_await connection.run();
}

}  // namespace tarn::gateway
