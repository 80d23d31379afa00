// ManagedPolicies: the policies of AWS that can be attached to roles, with the contents that AWS
// documents.
//
// Place: services/iam; read from spec/managed-policies, one file a policy, each with its source.
// Threads: immutable after read().
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/files.h"
#include "services/iam/policy/document.h"

namespace tarn::iam {

struct ManagedPolicy {
  std::string name;
  std::string path;  // "/service-role/"
  std::string arn;   // "arn:aws:iam::aws:policy/service-role/…"
  std::shared_ptr<const policy::Document> document;
};

class ManagedPolicies {
 public:
  // None.
  ManagedPolicies() = default;
  // Those of the folder. Blocks. Errors: kIo, kCorrupt (by the file's name).
  [[nodiscard]] static Result<ManagedPolicies> read(platform::Files& files,
                                                    const std::string& folder);

  // nullptr where there is none of this ARN.
  [[nodiscard]] const ManagedPolicy* find(std::string_view arn) const;
  // By ARN.
  [[nodiscard]] std::vector<const ManagedPolicy*> all() const {
    std::vector<const ManagedPolicy*> out;
    for (const auto& [arn, policy] : all_) out.push_back(&policy);
    return out;
  }

 private:
  std::map<std::string, ManagedPolicy, std::less<>> all_;  // by ARN
};

}  // namespace tarn::iam
