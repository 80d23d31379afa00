#include "gateway/server.h"

#include <future>
#include <list>

#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include "gateway/await.h"
#include "gateway/connection.h"
#include "platform/log.h"

namespace tarn::gateway {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

constexpr int kBacklog = 1024;

// Several sockets share the port, one for each I/O thread; the kernel spreads the connections
// (socket(7)).
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

Error listen_error(const Tcp::endpoint& endpoint, const boost::system::error_code& error) {
  const auto where = fmt::format("{}:{}", endpoint.address().to_string(), endpoint.port());
  if (error == asio::error::address_in_use)
    return {code::kExists, fmt::format("{} is in use by another program", where)};
  return {code::kIo, fmt::format("cannot listen on {}: {}", where, error.message())};
}

}  // namespace

// The connections of one I/O thread; touched only there, but for its construction and the wait in
// stop().
class Server::Listener {
 public:
  Listener(platform::real::IoThread& thread, Server& server, std::string place = "")
      : thread_(thread), server_(server), acceptor_(thread.context()), place_(std::move(place)) {}

  // `shared`: further listeners will bind the same port.
  Status open(const Tcp::endpoint& endpoint, bool exclusive) {
    boost::system::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    // Binding without sharing first tells whether another program holds the port.
    if (!error && !exclusive) acceptor_.set_option(ReusePort(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(kBacklog, error);
    return error ? Status(listen_error(endpoint, error)) : Status();
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void begin() {
    thread_.post([this] { tarn::start(accept()); });
  }

  // Ends the listener; the future is ready when its last connection has ended.
  std::future<void> close_acceptor() {
    auto ready = ended_.get_future();
    thread_.post([this] {
      closing_ = true;
      boost::system::error_code ignored;
      acceptor_.close(ignored);
      // Connections that wait for a request have nothing under way; those that serve one close
      // after it.
      for (auto& socket : sockets_) socket.shutdown(Tcp::socket::shutdown_receive, ignored);
      check_ended();
    });
    return ready;
  }

  void close_connections() {
    thread_.post([this] {
      boost::system::error_code ignored;
      for (auto& socket : sockets_) socket.close(ignored);
    });
  }

 private:
  using Sockets = std::list<Tcp::socket>;

  Task<void> accept() {
    while (acceptor_.is_open()) {
      const auto slot = sockets_.emplace(sockets_.end(), thread_.context());
      AsioOperation operation(
          [this, slot](auto handler) { acceptor_.async_accept(*slot, std::move(handler)); });
      const Outcome outcome = co_await operation;
      if (outcome.error) {
        sockets_.erase(slot);
        if (outcome.error != asio::error::operation_aborted && !closing_) {
          spdlog::warn("accept failed: {}", outcome.error.message());
          co_await pause();
        }
        continue;
      }
      tarn::start(
          run_connection(*slot, server_.chain_, server_.authority_, server_.egress_, place_),
          [this, slot] {
            sockets_.erase(slot);
            check_ended();
          });
    }
    accepting_ = false;
    check_ended();
  }

  // Out of file descriptors, most likely: give connections time to end.
  Task<void> pause() {
    asio::steady_timer timer(thread_.context(), std::chrono::milliseconds(100));
    AsioOperation operation([&timer](auto handler) { timer.async_wait(std::move(handler)); });
    co_await operation;
  }

  void check_ended() {
    if (closing_ && !accepting_ && sockets_.empty() && !std::exchange(told_, true))
      ended_.set_value();
  }

  platform::real::IoThread& thread_;
  Server& server_;
  Tcp::acceptor acceptor_;
  const std::string place_;  // of a door
  Sockets sockets_;
  std::promise<void> ended_;
  bool accepting_ = true;
  bool closing_ = false;
  bool told_ = false;
};

Server::Server(ServerOptions options, Chain& chain, platform::real::Threads& threads,
               CertificateAuthority& authority)
    : options_(std::move(options)),
      chain_(chain),
      threads_(threads),
      authority_(authority),
      egress_(options_.egress_allowed) {}

Server::~Server() = default;

Result<std::uint16_t> Server::start() {
  boost::system::error_code error;
  Tcp::resolver resolver(threads_.io(0).context());
  const auto found = resolver.resolve(options_.host, std::to_string(options_.port), error);
  if (error || found.empty())
    return Error(code::kInvalid, fmt::format("'{}' is no address of this machine: {}",
                                             options_.host, error.message()));
  Tcp::endpoint endpoint = found.begin()->endpoint();
  {
    Listener probe(threads_.io(0), *this);
    TARN_CHECK(probe.open(endpoint, true));
    endpoint.port(probe.port());
  }
  for (std::size_t i = 0; i < threads_.io_count(); ++i) {
    auto listener = std::make_unique<Listener>(threads_.io(i), *this);
    TARN_CHECK(listener->open(endpoint, false));
    listeners_.push_back(std::move(listener));
  }
  for (auto& listener : listeners_) listener->begin();
  return endpoint.port();
}

// Few connections come by a door: one thread serves each.
Status Server::open(const std::string& address, std::uint16_t port, std::string place) {
  boost::system::error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) return Error(code::kInvalid, fmt::format("'{}' is no address.", address));
  const std::lock_guard lock(mutex_);
  if (stopped_) return Error(code::kIo, "the server has stopped listening");
  forget_ended();
  const auto key = std::pair(address, port);
  if (doors_.contains(key)) return {};
  auto listener = std::make_unique<Listener>(threads_.io(next_thread_++ % threads_.io_count()),
                                             *this, std::move(place));
  TARN_CHECK(listener->open(Tcp::endpoint(parsed, port), true));
  listener->begin();
  doors_.emplace(key, std::move(listener));
  return {};
}

void Server::close(const std::string& address, std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  const auto found = doors_.find(std::pair(address, port));
  if (found == doors_.end()) return;
  auto ended = found->second->close_acceptor();
  found->second->close_connections();
  closed_doors_.push_back({std::move(found->second), std::move(ended)});
  doors_.erase(found);
}

void Server::forget_ended() {
  std::erase_if(closed_doors_, [](const Ended& door) {
    return door.last_connection.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  });
}

void Server::stop(std::chrono::milliseconds grace) {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (auto& [where, door] : doors_) listeners_.push_back(std::move(door));
    doors_.clear();
  }
  std::vector<std::future<void>> ends;
  for (auto& listener : listeners_) ends.push_back(listener->close_acceptor());
  for (auto& end : ends) end.wait_for(grace);
  for (auto& listener : listeners_) listener->close_connections();
  for (auto& end : ends) end.wait_for(std::chrono::seconds(2));
  for (auto& door : closed_doors_) door.last_connection.wait_for(std::chrono::seconds(2));
}

}  // namespace tarn::gateway
