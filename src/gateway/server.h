// Server: the listening port and its connections, on every I/O thread, and the doors.
//
// Place: gateway; made by src/tarn. Threads: start and stop belong to the thread that owns the
// program's life; open and close are safe from any thread but I/O threads.
#pragma once

#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gateway/certificates.h"
#include "gateway/chain.h"
#include "gateway/doors.h"
#include "gateway/egress.h"
#include "platform/real/threads.h"

namespace tarn::gateway {

struct ServerOptions {
  std::string host = "127.0.0.1";  // an address, or a name that resolves to one
  std::uint16_t port = 4566;       // 0: a free one
  std::vector<std::string> egress_allowed;
};

class Server final : public Doors {
 public:
  Server(ServerOptions options, Chain& chain, platform::real::Threads& threads,
         CertificateAuthority& authority);
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens; the port it listens on. Errors: kExists (the port is in use), kInvalid (no such
  // address), kIo.
  [[nodiscard]] Result<std::uint16_t> start();

  Status open(const std::string& address, std::uint16_t port, std::string place) override;
  void close(const std::string& address, std::uint16_t port) override;

  // Stops accepting, at doors too, lets requests under way finish for at most `grace`, then closes
  // every connection.
  void stop(std::chrono::milliseconds grace);

 private:
  class Listener;
  struct Ended {
    std::unique_ptr<Listener> listener;
    std::future<void> last_connection;
  };

  void forget_ended();

  ServerOptions options_;
  Chain& chain_;
  platform::real::Threads& threads_;
  CertificateAuthority& authority_;
  Egress egress_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::uint16_t>, std::unique_ptr<Listener>> doors_;  // by mutex_
  std::vector<Ended> closed_doors_;                                                   // by mutex_
  std::size_t next_thread_ = 0;                                                       // by mutex_
  bool stopped_ = false;                                                              // by mutex_
};

}  // namespace tarn::gateway
