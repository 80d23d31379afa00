// SHA-256 and HMAC-SHA-256 as signatures use them. Object checksums stand in wire/checksum.h.
//
// Place: wire. Threads: pure functions; a Sha256 is for one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tarn::wire {

// Raw 32 bytes.
[[nodiscard]] std::string sha256(std::string_view data);
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view data);
// Compares without telling by its time where the texts differ.
[[nodiscard]] bool equals_in_constant_time(std::string_view a, std::string_view b);

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::string_view data);
  // Raw 32 bytes; begins anew afterwards.
  [[nodiscard]] std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace tarn::wire
