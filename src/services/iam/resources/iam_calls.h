// What the resource types of IAM share.
//
// Place: services/iam/resources. Threads: the control strand.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"
#include "services/cloudformation/short_name.h"

namespace tarn::iam {

using cloudformation::short_name;

// A policy's text, which templates have as a map or as a text.
[[nodiscard]] inline std::string policy_text(const nlohmann::json& policy) {
  return policy.is_string() ? policy.get<std::string>() : policy.dump();
}

// The texts of a list; empty where there is none.
[[nodiscard]] inline std::set<std::string> text_set(const nlohmann::json& properties,
                                                    std::string_view name) {
  std::set<std::string> out;
  const auto found = properties.find(name);
  if (found == properties.end()) return out;
  for (const nlohmann::json& each : *found) out.insert(each.get<std::string>());
  return out;
}

// Calls whose answers are of no use; what is not there any more is no error.
class IamCalls {
 public:
  explicit IamCalls(const gateway::InProcess& calls) : calls_(calls) {}

  [[nodiscard]] const gateway::InProcess& in_process() const { return calls_; }

  [[nodiscard]] Task<Result<nlohmann::json>> call(std::string action, Caller caller,
                                                  nlohmann::json input) const {
    co_return co_await calls_.call("iam:" + action, std::move(caller), std::move(input));
  }
  [[nodiscard]] Task<Status> change(std::string action, Caller caller, nlohmann::json input) const {
    auto done = co_await calls_.call("iam:" + action, std::move(caller), std::move(input));
    if (done.ok()) co_return Status();
    co_return std::move(done).error();
  }
  [[nodiscard]] Task<Status> remove(std::string action, Caller caller, nlohmann::json input) const {
    auto done = co_await calls_.call("iam:" + action, std::move(caller), std::move(input));
    if (done.ok() || done.error().is("NoSuchEntity")) co_return Status();
    co_return std::move(done).error();
  }

 private:
  const gateway::InProcess& calls_;
};

}  // namespace tarn::iam
