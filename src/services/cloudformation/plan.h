// Plan: what an update of a stack would change, found before anything is changed.
//
// Place: services/cloudformation; updates ask it whether there is anything to do, change sets show
// it. Threads: the control strand.
//
// Values that are known only when resources have been made stand as kKnownLater in what is shown:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceTargetDefinition.html
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/cloudformation/blueprint.h"
#include "services/cloudformation/record.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::cloudformation {

inline constexpr std::string_view kKnownLater = "{{changeSet:KNOWN_AFTER_APPLY}}";

// One reason for which a resource changes, in the words of the API's ResourceChangeDetail.
struct ChangeDetail {
  std::string attribute = "Properties";  // or Tags, Metadata, DeletionPolicy, UpdateReplacePolicy
  std::string property;
  std::string recreation = "Never";   // Always, Conditionally
  std::string evaluation = "Static";  // Dynamic: what it depends on may turn out the same
  std::string source;                 // DirectModification, ParameterReference, …
  std::string cause;                  // the parameter or resource
  std::optional<std::string> before;  // values as texts or JSON
  std::optional<std::string> after;
};

struct PlannedChange {
  std::string action;  // Add, Modify, Remove
  std::string name;
  std::string type;
  std::string physical_id;
  std::string replacement;  // of a Modify: True, False, Conditional
  std::vector<ChangeDetail> details;
  std::string before;  // {"Properties": …}; empty: it is not there
  std::string after;
};

class Plan {
 public:
  // From `now`, of whose resources `target` is a copy with another template, parameters or tags.
  // All must live on. Errors: those of Blueprint::draw; ValidationError where a resource would
  // change its type, or a function of it cannot be evaluated.
  [[nodiscard]] static Result<std::unique_ptr<Plan>> draw(const StackRecord& now,
                                                          const StackRecord& target,
                                                          const ResourceTypes& types,
                                                          const Surroundings& world);

  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan();
  // An empty one, for draw().
  Plan(const StackRecord& now, const StackRecord& target, const ResourceTypes& types);

  [[nodiscard]] const Blueprint& blueprint() const { return *blueprint_; }
  [[nodiscard]] const std::vector<PlannedChange>& changes() const { return changes_; }
  // Neither resources nor outputs change.
  [[nodiscard]] bool is_empty() const { return changes_.empty() && !changes_outputs_; }

 private:
  // What becomes of a resource, for those that refer to it.
  enum class Fate : std::uint8_t { kKept, kChanged, kNew };
  class Preview;

  [[nodiscard]] Status find_changes();
  [[nodiscard]] Status take(const ResourceDefinition& wanted);
  [[nodiscard]] Status check_type(const ResourceDefinition& wanted) const;
  [[nodiscard]] std::vector<ChangeDetail> changed_properties(const ResourceDefinition& wanted,
                                                             const Json& before,
                                                             const Result<Json>& after) const;
  void compare(const ResourceDefinition& wanted, const ResourceRecord& there,
               const Result<Json>& properties);
  void explain(const ResourceDefinition& wanted, ChangeDetail& detail) const;
  void find_removals();
  [[nodiscard]] bool outputs_change() const;
  [[nodiscard]] bool depends_on_news(const Value& value) const;

  const StackRecord& now_;
  const StackRecord& target_;
  const ResourceTypes& types_;
  std::unique_ptr<Preview> preview_;
  std::optional<Template> old_;
  std::unique_ptr<Blueprint> blueprint_;
  std::map<std::string, Fate, std::less<>> fates_;
  std::vector<PlannedChange> changes_;
  bool changes_outputs_ = false;
};

}  // namespace tarn::cloudformation
