// Cidr: a range of IPv4 addresses.
//
// Place: services/ec2. Threads: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::ec2 {

struct Cidr {
  std::uint32_t first = 0;
  int bits = 0;  // of the prefix

  // "10.0.0.0/16". Bits beyond the prefix become zero, as EC2 takes them. Error:
  // InvalidParameterValue, which names the parameter.
  [[nodiscard]] static Result<Cidr> parse(std::string_view text, std::string_view parameter);

  [[nodiscard]] std::uint64_t size() const { return std::uint64_t{1} << (32 - bits); }
  [[nodiscard]] bool contains(const Cidr& other) const;
  [[nodiscard]] bool overlaps(const Cidr& other) const {
    return contains(other) || other.contains(*this);
  }
  [[nodiscard]] std::string text() const;
};

[[nodiscard]] std::string address_text(std::uint32_t address);

}  // namespace tarn::ec2
