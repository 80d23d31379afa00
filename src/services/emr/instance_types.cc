#include "services/emr/instance_types.h"

#include <fmt/format.h>

#include "wire/json_value.h"

namespace tarn::emr {

Result<InstanceTypes> InstanceTypes::read(platform::Files& files, const std::string& path) {
  TARN_TRY(const std::string text, files.read(path));
  return parse(text);
}

Result<InstanceTypes> InstanceTypes::parse(std::string_view text) {
  const auto document = wire::parse_json(text);
  if (!document.is_object() || !document.contains("types")) {
    return Error(code::kCorrupt, "the file of instance types is no object with `types`");
  }
  InstanceTypes out;
  for (const auto& entry : document["types"]) {
    InstanceType type;
    type.name = entry.value("type", "");
    type.vcpu = entry.value("vcpu", 0);
    type.memory_mib = entry.value("memory_mib", std::int64_t{0});
    type.architecture = entry.value("architecture", "");
    if (entry.contains("usd_per_hour")) type.usd_per_hour = entry.value("usd_per_hour", 0.0);
    out.types_.push_back(std::move(type));
  }
  return out;
}

Result<const InstanceType*> InstanceTypes::find(std::string_view name) const {
  for (const InstanceType& type : types_) {
    if (type.name == name) return &type;
  }
  return Error("ValidationException",
               fmt::format("Instance type '{}' is not supported. ListSupportedInstanceTypes lists "
                           "what is.",
                           name));
}

}  // namespace tarn::emr
