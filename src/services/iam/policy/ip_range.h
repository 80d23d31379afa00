// IpRange: addresses as IpAddress conditions name them, one or a CIDR block, of IPv4 or IPv6.
//
// Place: services/iam/policy. Source:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// Threads: a value type.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace tarn::iam::policy {

class IpRange {
 public:
  // "203.0.113.0/24", "203.0.113.7", "2001:db8::/32"; nullopt where it is none.
  [[nodiscard]] static std::optional<IpRange> parse(std::string_view text);

  // Whether `address` (no block) lies within. An IPv4 address that is written as IPv6
  // (::ffff:203.0.113.7) is the IPv4 address.
  [[nodiscard]] bool contains(std::string_view address) const;
  // Whether it is every address of its family.
  [[nodiscard]] bool is_everything() const { return prefix_bits_ == 0; }

 private:
  std::array<unsigned char, 16> bytes_{};
  bool is_v6_ = false;
  unsigned prefix_bits_ = 0;
};

}  // namespace tarn::iam::policy
