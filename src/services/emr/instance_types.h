// InstanceTypes: the EC2 instance types that can be asked for, with their size and price.
//
// Place: services/emr; read once from spec/prices/instance-types.json. Threads: constant once read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/files.h"

namespace tarn::emr {

struct InstanceType {
  std::string name;  // "m7g.2xlarge"
  int vcpu = 0;
  std::int64_t memory_mib = 0;
  std::string architecture;            // "ARM64", "X86_64"
  std::optional<double> usd_per_hour;  // On-Demand in us-west-2; nullopt: not in the file

  [[nodiscard]] std::string family() const { return name.substr(0, name.find('.')); }
};

class InstanceTypes {
 public:
  // Blocks. Errors: kNotFound, kIo, kCorrupt.
  [[nodiscard]] static Result<InstanceTypes> read(platform::Files& files, const std::string& path);
  // Error: kCorrupt.
  [[nodiscard]] static Result<InstanceTypes> parse(std::string_view text);

  // Error: ValidationException (unknown here).
  [[nodiscard]] Result<const InstanceType*> find(std::string_view name) const;
  [[nodiscard]] const std::vector<InstanceType>& all() const { return types_; }

 private:
  std::vector<InstanceType> types_;
};

}  // namespace tarn::emr
