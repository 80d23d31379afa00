// Drift: whether resources are still what their stack made of them.
//
// Place: services/cloudformation; the handlers in drift_actions.cc call it. Threads: the control
// strand.
//
// Only properties that the template sets are compared:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "platform/platform.h"
#include "services/cloudformation/record.h"
#include "services/cloudformation/resource_type.h"
#include "store/journal.h"

namespace tarn::cloudformation {

// Of each property that a template has set, where it is another one now. Lists are the same in any
// order; what a list has more is an ADD. Dynamic references are not compared.
[[nodiscard]] std::vector<PropertyDrift> differences_of(const Json& expected,
                                                        const PresentResource& present);

class DriftDetection {
 public:
  // All must live on.
  DriftDetection(const ResourceTypes& types, platform::Platform& platform, store::Journal& journal)
      : types_(types), platform_(platform), journal_(journal) {}

  // Checks those resources, or all where none is named, as the caller; what it finds is recorded in
  // the stack and its resources, and durable when it ends. Types that cannot be read stay
  // NOT_CHECKED. Errors: ValidationError (the stack is being changed, or has been meanwhile; no
  // such resource); of the store.
  [[nodiscard]] Task<Status> detect(Caller caller, std::shared_ptr<StackRecord> stack,
                                    std::set<std::string> names);

 private:
  struct Finding {
    std::string name;
    Drift drift;
  };
  [[nodiscard]] Task<Result<Drift>> check(const Caller& caller, const StackRecord& stack,
                                          std::string name) const;
  [[nodiscard]] Task<Status> record(std::shared_ptr<StackRecord> stack,
                                    std::vector<Finding> findings, std::string failure);

  const ResourceTypes& types_;
  platform::Platform& platform_;
  store::Journal& journal_;
};

}  // namespace tarn::cloudformation
