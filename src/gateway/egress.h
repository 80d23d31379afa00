// Egress: which hosts a proxy client may reach, and where they lead.
//
// Place: gateway; asked by Connection for every CONNECT and whole URL. Threads: constant after its
// construction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tarn::gateway {

class Egress {
 public:
  enum class Way {
    kHome,     // an AWS name: served here
    kThrough,  // on the allow-list: bytes pass to the real host
    kRefused,
  };

  // An entry allows a host and, with a leading ".", every host below it: "pypi.org",
  // ".pythonhosted.org".
  explicit Egress(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {}

  [[nodiscard]] Way way(std::string_view host) const;

  // Whether a request for http://`authority`/ is answered here. Others are a proxy's, for which
  // tarn has CONNECT: an AWS name leads home, and so does what somebody calls this server, which is
  // an address, localhost, or a name with a port.
  [[nodiscard]] bool serves(std::string_view authority) const;

 private:
  std::vector<std::string> allowed_;
};

}  // namespace tarn::gateway
