// StackNames: what names stand for in one stack: its parameters, its place in the world, its
// conditions and mappings, and the resources that are there already.
//
// Place: services/cloudformation/template; what evaluate() asks. Threads: belongs to one operation;
// the template and what is handed over must outlive it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/cloudformation/template/functions.h"
#include "services/cloudformation/template/parameters.h"
#include "services/cloudformation/template/template.h"

namespace tarn::cloudformation {

// The pseudo parameters.
struct StackPlace {
  std::string account_id;
  std::string region;
  std::string stack_id;  // its ARN
  std::string stack_name;
  std::vector<std::string> notification_arns;
};

// What the world around a stack knows; of parameters of AWS-specific and SSM types nothing, unless
// it says otherwise.
class Surroundings : public ParameterLookup {
 public:
  [[nodiscard]] Status check(std::string_view type, std::string_view value) const override;
  [[nodiscard]] Result<std::string> read(std::string_view name) const override;
  // Of a resource that is there. Error: ValidationError where the type has no such attribute.
  [[nodiscard]] virtual Result<Value> physical_id(std::string_view resource) const = 0;
  [[nodiscard]] virtual Result<Value> attribute(std::string_view resource,
                                                std::string_view attribute) const = 0;
  // Error: ValidationError, "No export named X found".
  [[nodiscard]] virtual Result<Value> import(std::string_view name) const = 0;
  [[nodiscard]] virtual Result<Value> zones(std::string_view region) const = 0;
};

class StackNames final : public Names {
 public:
  StackNames(const Template& of, const ParameterValues& parameters, const StackPlace& place,
             const Surroundings& surroundings)
      : of_(of), parameters_(parameters), place_(place), surroundings_(surroundings) {}

  [[nodiscard]] Result<Value> ref(std::string_view name) const override;
  [[nodiscard]] Result<Value> attribute(std::string_view resource,
                                        std::string_view attribute) const override;
  [[nodiscard]] Result<bool> condition(std::string_view name) const override;
  [[nodiscard]] Result<Value> import(std::string_view name) const override;
  [[nodiscard]] Result<Value> zones(std::string_view region) const override;
  [[nodiscard]] const Value* mappings() const override;

  // The resources whose conditions hold. Error: of a condition.
  [[nodiscard]] Result<std::set<std::string, std::less<>>> present_resources() const;
  // Error: ValidationError with the description of the first assertion that does not hold.
  [[nodiscard]] Status check_rules() const;

 private:
  const Template& of_;
  const ParameterValues& parameters_;
  const StackPlace& place_;
  const Surroundings& surroundings_;
  mutable std::map<std::string, bool, std::less<>> conditions_;  // those asked for so far
};

}  // namespace tarn::cloudformation
