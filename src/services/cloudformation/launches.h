// Launches: stacks that another service makes for people, and what it must know of their templates.
//
// Place: services/cloudformation, for services/servicecatalog; one in the service. Threads: the
// control strand.
//
// A launch has a token of the service's own (its record's id), which the stack keeps: by it an
// operation that was cut by the server's end is found again instead of being begun twice.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "services/cloudformation/stacks.h"
#include "services/cloudformation/template/template.h"
#include "services/cloudformation/template_source.h"
#include "services/iam/authorizer.h"

namespace tarn::cloudformation {

// What a stack is to be.
struct LaunchOrder {
  std::string stack_name;
  std::string text;  // the template
  std::map<std::string, std::string> parameters;
  std::map<std::string, std::string> tags;
  std::vector<std::string> notification_arns;
  std::vector<std::string> rules;  // JSON documents with further Rules
  std::string token;
};

// What has become of it.
struct LaunchedStack {
  std::string id;
  std::string status;   // as DescribeStacks tells it
  std::string failure;  // what the last operation failed of
  std::string token;    // of the last operation
  bool is_busy = false;
  bool is_gone = false;
  std::vector<OutputRecord> outputs;
};

class Launches {
 public:
  // All of it must live on.
  Launches(Stacks& stacks, const TemplateSource& source, const iam::Authorizer& authorizer)
      : stacks_(stacks), source_(source), authorizer_(authorizer) {}

  // The text at a URL, read with the caller's own permission. Errors: as TemplateSource::read.
  [[nodiscard]] Task<Result<std::string>> read_template(Caller caller, std::string url) const;

  // Begins an operation with the permissions of `caller`, whose keys must be known, with every
  // capability; `create` gives the stack's id. Errors: AccessDenied; those of CreateStack,
  // UpdateStack, DeleteStack; ValidationError of a rule; of an update that would change nothing the
  // message kNoUpdates.
  [[nodiscard]] Task<Result<std::string>> create(Caller caller, LaunchOrder order);
  [[nodiscard]] Task<Status> update(Caller caller, std::string stack_id, LaunchOrder order);
  [[nodiscard]] Task<Status> remove(Caller caller, std::string stack_id, std::string token);

  // nullopt where there is none.
  [[nodiscard]] std::optional<LaunchedStack> find(std::string_view stack_id) const;
  // One that is not gone.
  [[nodiscard]] std::optional<LaunchedStack> find_named(const Caller& caller,
                                                        std::string_view name) const;

 private:
  Stacks& stacks_;
  const TemplateSource& source_;
  const iam::Authorizer& authorizer_;
};

// Read, and checked as far as it can be without parameters and macros. Error: ValidationError
// (400).
[[nodiscard]] Result<Template> inspect_template(std::string_view text);

// The JSON documents' Rules, of the parameters that are given to the template or have a default.
// Error: ValidationError (400): the description of the first assertion that does not hold, or of a
// rule that cannot be read.
[[nodiscard]] Status check_further_rules(const Caller& caller, const LaunchOrder& order);
// Whether the documents' Rules can be read at all. Error: ValidationError (400).
[[nodiscard]] Status check_rule_form(std::string_view document);

}  // namespace tarn::cloudformation
