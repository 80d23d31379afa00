#include "services/dynamodb/expression/syntax.h"

namespace tarn::dynamodb {

std::string describe(const Path& path) {
  std::string out = "[";
  for (const auto& step : path) {
    if (out.size() > 1) out += ", ";
    out += step.is_index ? "[" + std::to_string(step.index) + "]" : step.name;
  }
  return out + "]";
}

std::vector<Path> UpdatePlan::paths() const {
  std::vector<Path> out;
  out.reserve(sets.size() + removes.size() + adds.size() + deletes.size());
  for (const auto& set : sets) out.push_back(set.path);
  for (const auto& path : removes) out.push_back(path);
  for (const auto& add : adds) out.push_back(add.path);
  for (const auto& change : deletes) out.push_back(change.path);
  return out;
}

}  // namespace tarn::dynamodb
