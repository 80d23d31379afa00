// Network by plain sockets: HTTP/1.0, one connection a page.
//
// Place: platform/real. Threads: safe from any thread.
#pragma once

#include "platform/network.h"

namespace tarn::platform::real {

class Network final : public platform::Network {
 public:
  [[nodiscard]] Result<std::string> get(const std::string& address, std::uint16_t port,
                                        const std::string& path,
                                        std::chrono::milliseconds patience) override;
  [[nodiscard]] Result<std::string> post(const std::string& address, std::uint16_t port,
                                         const std::string& path,
                                         std::chrono::milliseconds patience) override;
  [[nodiscard]] Result<Page> fetch(const std::string& address, std::uint16_t port,
                                   const Question& question,
                                   std::chrono::milliseconds patience) override;
  [[nodiscard]] Result<Page> call(const std::string& host, std::uint16_t port,
                                  const PageRequest& request,
                                  std::chrono::milliseconds patience) override;
};

}  // namespace tarn::platform::real
