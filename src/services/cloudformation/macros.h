// Macros: AWS::CloudFormation::Macro resources, and templates that are worked over by them before
// anything else is done with them.
//
// Place: services/cloudformation, under stacks.h. Threads: the control strand.
//
// Event, answer and order as
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-overview.html has
// them: Fn::Transform deepest first, then the section Transform in its order. AWS::Include is done
// here, AWS::LanguageExtensions when a template is read (template/loops.h).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "gateway/in_process.h"
#include "platform/platform.h"
#include "services/cloudformation/resource_type.h"
#include "services/cloudformation/template/parameters.h"
#include "store/journal.h"
#include "store/store.h"

namespace tarn::cloudformation {

struct MacroRecord {
  std::string name;
  std::string account_id;
  std::string region;
  std::string function;  // name or ARN
  std::string description;
  std::string log_group;
  std::string log_role_arn;
};

[[nodiscard]] std::string encode(const MacroRecord& macro);
// Error: kCorrupt.
[[nodiscard]] Result<MacroRecord> decode_macro(std::string_view record);

// Gives the text of a template's part at an S3 URL, read with the caller's permission.
using ReadPart = std::function<Task<Result<std::string>>(Caller caller, std::string url)>;

class Macros {
 public:
  // All must live on. Functions are called through `calls`, as who operates the stack.
  Macros(platform::Platform& platform, store::Store& store, store::Journal& journal,
         const gateway::InProcess& calls, ReadPart read_part)
      : platform_(platform),
        store_(store),
        journal_(journal),
        calls_(calls),
        read_part_(std::move(read_part)) {}

  // Reads what there is. Blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load();

  // nullptr where there is none.
  [[nodiscard]] const MacroRecord* find(const Caller& caller, std::string_view name) const;
  // Durable when they end. Errors: ValidationError (the name is taken), of the store.
  [[nodiscard]] Task<Status> add(MacroRecord macro, bool replaces);
  [[nodiscard]] Task<Status> remove(const Caller& caller, std::string name);

  // Before anything is made: all transforms that `text` names are there, and its parameters can be
  // given. Errors: ValidationError; NotImplemented (a transform of AWS that is not offered).
  [[nodiscard]] Status check(const Caller& caller, std::string_view text,
                             const ParameterTexts& given, const ParameterLookup& lookup) const;

  // The template that comes of `text`, as JSON. Errors: ValidationError, "Transform
  // 123456789012::Name failed with: …" with the macro's own words; AccessDenied.
  [[nodiscard]] Task<Result<std::string>> expand(Caller caller, std::string text,
                                                 ParameterTexts given,
                                                 const ParameterLookup& lookup) const;

 private:
  struct Run;  // of one template

  [[nodiscard]] Task<Result<Value>> walk(const Run& run, Value value) const;
  [[nodiscard]] Task<Result<Value>> walk_members(const Run& run, Value value) const;
  [[nodiscard]] Task<Result<Value>> apply_sections(const Run& run, Value document) const;
  [[nodiscard]] Task<Result<Value>> apply(const Run& run, std::string name, Value parameters,
                                          Value fragment) const;
  [[nodiscard]] Task<Result<Value>> include(const Run& run, Value parameters, Value fragment) const;
  [[nodiscard]] Task<Result<Value>> call(const Run& run, MacroRecord macro, Value parameters,
                                         Value fragment) const;

  platform::Platform& platform_;
  store::Store& store_;
  store::Journal& journal_;
  const gateway::InProcess& calls_;
  const ReadPart read_part_;
  std::map<std::string, MacroRecord, std::less<>> macros_;  // by account, region and name
};

// Whether a template must be worked over before it can be read as one.
[[nodiscard]] bool needs_expansion(std::string_view text);

// AWS::CloudFormation::Macro. Must live on.
[[nodiscard]] std::unique_ptr<ResourceType> macro_type(Macros& macros);

}  // namespace tarn::cloudformation
