// Server: the listening port and its connections, on every I/O thread.
//
// Place: gateway; made by src/tarn. Threads: start and stop belong to the thread that owns the
// program's life.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/certificates.h"
#include "gateway/chain.h"
#include "gateway/egress.h"
#include "platform/real/threads.h"

namespace tarn::gateway {

struct ServerOptions {
  std::string host = "127.0.0.1";  // an address, or a name that resolves to one
  std::uint16_t port = 4566;       // 0: a free one
  std::vector<std::string> egress_allowed;
};

class Server {
 public:
  Server(ServerOptions options, Chain& chain, platform::real::Threads& threads,
         CertificateAuthority& authority);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens; the port it listens on. Errors: kExists (the port is in use), kInvalid (no such
  // address), kIo.
  [[nodiscard]] Result<std::uint16_t> start();

  // Stops accepting, lets requests under way finish for at most `grace`, then closes every
  // connection.
  void stop(std::chrono::milliseconds grace);

 private:
  class Listener;

  ServerOptions options_;
  Chain& chain_;
  platform::real::Threads& threads_;
  CertificateAuthority& authority_;
  Egress egress_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace tarn::gateway
