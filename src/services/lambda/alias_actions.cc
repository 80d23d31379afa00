// CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases.
#include <utility>

#include <fmt/format.h>

#include "services/lambda/actions.h"
#include "services/lambda/request.h"

namespace tarn::lambda {
namespace {

Error alias_not_found(const FunctionRecord& function, const std::string& alias) {
  return {"ResourceNotFoundException",
          fmt::format("Cannot find alias arn: {}:{}", function.arn(), alias), 404};
}

// Error: ResourceNotFoundException.
Status check_version(const FunctionRecord& function, const std::string& name) {
  if (name == kLatest) return {};
  for (const auto& [number, version] : function.versions) {
    if (version.name == name) return {};
  }
  return function_not_found(function.arn() + ":" + name);
}

bool weighs(const std::optional<AliasRoutingConfiguration>& routing) {
  return routing && routing->additional_version_weights &&
         !routing->additional_version_weights->empty();
}

}  // namespace

Task<Result<AliasConfiguration>> handle(CreateAlias, Lambda& lambda, const Caller& caller,
                                        CreateAliasRequest input) {
  TARN_CO_CHECK(refuse(weighs(input.routing_config), "RoutingConfig"));
  TARN_CO_TRY(const Functions::Entry there, find_function(lambda, caller, input.function_name));
  Alias alias{input.name, input.function_version, input.description.value_or(""),
              lambda.platform.random.uuid()};
  Functions::Change change = [&](FunctionRecord& function) -> Status {
    TARN_CHECK(check_version(function, alias.version));
    if (function.aliases.emplace(alias.name, alias).second) return {};
    return Error("ResourceConflictException",
                 fmt::format("Alias already exists: {}:{}", function.arn(), alias.name), 409);
  };
  std::string region = caller.region;
  std::string name = there->name;
  TARN_CO_TRY(
      const Functions::Entry changed,
      co_await lambda.functions.change(std::move(region), std::move(name), std::move(change)));
  co_return describe(*changed, alias);
}

Task<Result<AliasConfiguration>> handle(GetAlias, Lambda& lambda, const Caller& caller,
                                        GetAliasRequest input) {
  TARN_CO_TRY(const Functions::Entry function, find_function(lambda, caller, input.function_name));
  const auto found = function->aliases.find(input.name);
  if (found == function->aliases.end()) co_return alias_not_found(*function, input.name);
  co_return describe(*function, found->second);
}

Task<Result<AliasConfiguration>> handle(UpdateAlias, Lambda& lambda, const Caller& caller,
                                        UpdateAliasRequest input) {
  TARN_CO_CHECK(refuse(weighs(input.routing_config), "RoutingConfig"));
  TARN_CO_TRY(const Functions::Entry there, find_function(lambda, caller, input.function_name));
  Alias updated;
  Functions::Change change = [&](FunctionRecord& function) -> Status {
    const auto found = function.aliases.find(input.name);
    if (found == function.aliases.end()) return alias_not_found(function, input.name);
    Alias& alias = found->second;
    TARN_CHECK(check_revision(input.revision_id, alias.revision));
    if (input.function_version) {
      TARN_CHECK(check_version(function, *input.function_version));
      alias.version = *input.function_version;
    }
    if (input.description) alias.description = *input.description;
    alias.revision = lambda.platform.random.uuid();
    updated = alias;
    return {};
  };
  std::string region = caller.region;
  std::string name = there->name;
  TARN_CO_TRY(
      const Functions::Entry changed,
      co_await lambda.functions.change(std::move(region), std::move(name), std::move(change)));
  co_return describe(*changed, updated);
}

// One that is not there is no error, as on AWS.
Task<Result<wire::Unit>> handle(DeleteAlias, Lambda& lambda, const Caller& caller,
                                DeleteAliasRequest input) {
  TARN_CO_TRY(const Functions::Entry there, find_function(lambda, caller, input.function_name));
  Functions::Change change = [&](FunctionRecord& function) -> Status {
    function.aliases.erase(input.name);
    return {};
  };
  std::string region = caller.region;
  std::string name = there->name;
  TARN_CO_TRY(
      [[maybe_unused]] const Functions::Entry changed,
      co_await lambda.functions.change(std::move(region), std::move(name), std::move(change)));
  co_return wire::Unit();
}

Task<Result<ListAliasesResponse>> handle(ListAliases, Lambda& lambda, const Caller& caller,
                                         ListAliasesRequest input) {
  TARN_CO_TRY(const Functions::Entry function, find_function(lambda, caller, input.function_name));
  std::vector<AliasConfiguration> all;
  for (const auto& [name, alias] : function->aliases) {
    if (!input.function_version || alias.version == *input.function_version)
      all.push_back(describe(*function, alias));
  }
  ListAliasesResponse out;
  TARN_CO_TRY(out.aliases, take_page(all, input.marker, input.max_items, out.next_marker));
  co_return out;
}

}  // namespace tarn::lambda
