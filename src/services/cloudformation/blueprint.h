// Blueprint: a template with its parameters, checked so far that a stack may be begun.
//
// Place: services/cloudformation. Threads: the control strand.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/cloudformation/record.h"
#include "services/cloudformation/resource_type.h"
#include "services/cloudformation/template/parameters.h"
#include "services/cloudformation/template/references.h"
#include "services/cloudformation/template/stack_names.h"
#include "services/cloudformation/template/template.h"

namespace tarn::cloudformation {

class Blueprint {
 public:
  // Errors: ValidationError (400), of everything that can be found before anything is made: form,
  // names, cycles, parameters, rules, types and their properties;
  // InsufficientCapabilitiesException (400).
  [[nodiscard]] static Result<std::unique_ptr<Blueprint>> draw(const StackRecord& stack,
                                                               const ResourceTypes& types,
                                                               const Surroundings& surroundings);

  Blueprint(const Blueprint&) = delete;
  Blueprint& operator=(const Blueprint&) = delete;

  [[nodiscard]] const Template& of() const { return read_; }
  [[nodiscard]] const StackNames& names() const { return *names_; }
  // Those whose conditions hold, and what each needs.
  [[nodiscard]] const Dependencies& dependencies() const { return dependencies_; }
  // Names of exports that are used. Error: of a function in a name.
  [[nodiscard]] Result<std::vector<std::string>> imports() const;
  // Error: ValidationError.
  [[nodiscard]] Result<std::vector<OutputRecord>> outputs() const;

 private:
  Blueprint() = default;

  Template read_;
  ParameterValues parameters_;
  StackPlace place_;
  std::unique_ptr<StackNames> names_;
  Dependencies dependencies_;
};

// What stacks of the template must be allowed by name, and why: "The following resource(s) require
// capabilities: [AWS::IAM::Role]".
struct NeededCapabilities {
  std::vector<std::string> capabilities;
  std::string reason;
};
[[nodiscard]] NeededCapabilities needed_capabilities(const Template& read);

}  // namespace tarn::cloudformation
