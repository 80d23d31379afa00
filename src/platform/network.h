// Network: the only way to ask another program's page.
//
// Place: platform; the real one stands in platform/real, tests answer by a script. Threads: safe
// from any thread. Calls block, at most as long as they are told: they belong on Tasks::offload.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tarn::platform {

// What is asked of another program, by GET.
struct Question {
  std::string path;  // with its query, as sent
  std::vector<std::pair<std::string, std::string>> headers;
};

struct Page {
  int status = 0;
  std::string content_type;  // empty: not told
  std::string location;      // of a redirection
  std::string content;
};

// The IPv4 addresses of a connection.
struct ConnectionEnds {
  std::string own;
  std::string other;
};

struct PageRequest {
  std::string method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;  // besides Host and Content-Length
  // Made once the connection stands; unset: there is none.
  std::function<std::string(const ConnectionEnds&)> content;
};

class Network {
 public:
  virtual ~Network() = default;

  // The content that `http://address:port/path` answers with status 200, at most 4 MiB of it.
  // `address` is an IPv4 address. Errors: kIo (nobody listens, another status, too long), kTimeout
  // (`patience` ran out), kInvalid (no address).
  [[nodiscard]] virtual Result<std::string> get(const std::string& address, std::uint16_t port,
                                                const std::string& path,
                                                std::chrono::milliseconds patience) = 0;
  // The same for a POST without a body.
  [[nodiscard]] virtual Result<std::string> post(const std::string& address, std::uint16_t port,
                                                 const std::string& path,
                                                 std::chrono::milliseconds patience) = 0;

  // Whatever it answers, at most 64 MiB. Errors: as above, but for the status.
  [[nodiscard]] virtual Result<Page> fetch(const std::string& address, std::uint16_t port,
                                           const Question& question,
                                           std::chrono::milliseconds patience) = 0;

  // What `host`, a name or an IPv4 address, answers to `request`, whatever its status. A name is
  // looked up for as long as the system takes. Errors: as fetch(), and kNotFound (no such host).
  [[nodiscard]] virtual Result<Page> call(const std::string& host, std::uint16_t port,
                                          const PageRequest& request,
                                          std::chrono::milliseconds patience) = 0;
};

}  // namespace tarn::platform
