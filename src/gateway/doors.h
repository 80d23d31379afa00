// Doors: further addresses at which the server answers, each for one place below /_tarn/.
//
// Place: gateway; the Server is them, services that have addresses of their own (the ports of a
// cluster's primary node) open and close them. Threads: safe from any thread but the server's I/O
// threads; calls bind a socket and never wait.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace tarn::gateway {

class Doors {
 public:
  virtual ~Doors() = default;

  // From now on what is asked of http://address:port/REST is answered by /_tarn/PLACE/REST
  // ("emr/j-1/livy"). Errors: kExists (the port is in use), kInvalid (no address of this machine),
  // kIo.
  [[nodiscard]] virtual Status open(const std::string& address, std::uint16_t port,
                                    std::string place) = 0;
  // Its connections end, and a moment later the port is free. Nothing where there is no such door.
  virtual void close(const std::string& address, std::uint16_t port) = 0;
};

}  // namespace tarn::gateway
