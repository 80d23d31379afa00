// AddPermission, RemovePermission, GetPolicy: the policy on a function.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/lambda/actions.h"
#include "services/lambda/request.h"

namespace tarn::lambda {
namespace {

constexpr std::size_t kMostPolicyBytes = 20'480;

Json policy_of(const FunctionRecord& function) {
  Json policy = wire::parse_json(function.policy);
  if (policy.is_object()) return policy;
  return {{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", Json::array()}};
}

Json principal_of(const std::string& given) {
  if (given == "*") return "*";
  if (given.find(".amazonaws.com") != std::string::npos) return {{"Service", given}};
  const bool is_account =
      given.size() == 12 && std::ranges::all_of(given, [](char c) { return c >= '0' && c <= '9'; });
  if (is_account) return {{"AWS", "arn:aws:iam::" + given + ":root"}};
  return {{"AWS", given}};
}

Json statement_of(const AddPermissionRequest& input, const std::string& arn) {
  Json out = {{"Sid", input.statement_id},
              {"Effect", "Allow"},
              {"Principal", principal_of(input.principal)},
              {"Action", input.action},
              {"Resource", arn}};
  Json condition = Json::object();
  if (input.source_account) condition["StringEquals"]["AWS:SourceAccount"] = *input.source_account;
  if (input.principal_org_id)
    condition["StringEquals"]["aws:PrincipalOrgID"] = *input.principal_org_id;
  if (input.source_arn) condition["ArnLike"]["AWS:SourceArn"] = *input.source_arn;
  if (!condition.empty()) out["Condition"] = std::move(condition);
  return out;
}

// The statements of the function itself, or of one of its versions or aliases.
bool is_of(const Json& statement, const std::string& arn) {
  return statement.value("Resource", "") == arn;
}

Error no_policy() {
  return {"ResourceNotFoundException", "The resource you requested does not exist.", 404};
}

Status add_statement(FunctionRecord& function, const Json& statement, const std::string& sid) {
  Json policy = policy_of(function);
  for (const Json& there : policy["Statement"]) {
    if (there.value("Sid", "") != sid || !is_of(there, statement["Resource"])) continue;
    return Error("ResourceConflictException",
                 fmt::format("The statement id ({}) provided already exists. Please provide a new "
                             "statement id, or remove the existing statement.",
                             sid),
                 409);
  }
  policy["Statement"].push_back(statement);
  std::string text = policy.dump();
  auto parsed = iam::policy::Document::parse(text, iam::policy::Document::Kind::kResource);
  if (!parsed.ok()) return invalid(parsed.error().message);
  if (text.size() > kMostPolicyBytes) {
    return Error("PolicyLengthExceededException",
                 fmt::format("The final policy size ({}) is bigger than the limit ({}).",
                             text.size(), kMostPolicyBytes),
                 400);
  }
  function.policy = std::move(text);
  return {};
}

}  // namespace

Task<Result<AddPermissionResponse>> handle(AddPermission, Lambda& lambda, const Caller& caller,
                                           AddPermissionRequest input) {
  TARN_CO_CHECK(refuse(input.event_source_token.has_value(), "EventSourceToken"));
  TARN_CO_CHECK(refuse(input.function_url_auth_type.has_value(), "FunctionUrlAuthType"));
  TARN_CO_TRY(const Target target,
              find_called(lambda, caller, input.function_name, input.qualifier));
  const Json statement = statement_of(input, target.arn);
  Functions::Change change = [&](FunctionRecord& function) -> Status {
    TARN_CHECK(check_revision(input.revision_id, function.policy_revision));
    TARN_CHECK(add_statement(function, statement, input.statement_id));
    function.policy_revision = lambda.platform.random.uuid();
    return {};
  };
  std::string region = caller.region;
  std::string name = target.function->name;
  TARN_CO_TRY(
      [[maybe_unused]] const Functions::Entry changed,
      co_await lambda.functions.change(std::move(region), std::move(name), std::move(change)));
  AddPermissionResponse out;
  out.statement = statement.dump();
  co_return out;
}

Task<Result<wire::Unit>> handle(RemovePermission, Lambda& lambda, const Caller& caller,
                                RemovePermissionRequest input) {
  TARN_CO_TRY(const Target target,
              find_called(lambda, caller, input.function_name, input.qualifier));
  Functions::Change change = [&](FunctionRecord& function) -> Status {
    if (function.policy.empty()) return no_policy();
    TARN_CHECK(check_revision(input.revision_id, function.policy_revision));
    Json policy = policy_of(function);
    Json kept = Json::array();
    for (const Json& there : policy["Statement"]) {
      if (there.value("Sid", "") != input.statement_id || !is_of(there, target.arn))
        kept.push_back(there);
    }
    if (kept.size() == policy["Statement"].size()) {
      return Error("ResourceNotFoundException",
                   fmt::format("Statement {} is not found in resource policy.", input.statement_id),
                   404);
    }
    const bool is_empty = kept.empty();
    policy["Statement"] = std::move(kept);
    function.policy = is_empty ? "" : policy.dump();
    function.policy_revision = lambda.platform.random.uuid();
    return {};
  };
  std::string region = caller.region;
  std::string name = target.function->name;
  TARN_CO_TRY(
      [[maybe_unused]] const Functions::Entry changed,
      co_await lambda.functions.change(std::move(region), std::move(name), std::move(change)));
  co_return wire::Unit();
}

Task<Result<GetPolicyResponse>> handle(GetPolicy, Lambda& lambda, const Caller& caller,
                                       GetPolicyRequest input) {
  TARN_CO_TRY(const Target target,
              find_called(lambda, caller, input.function_name, input.qualifier));
  Json policy = policy_of(*target.function);
  Json shown = Json::array();
  for (const Json& statement : policy["Statement"]) {
    if (is_of(statement, target.arn)) shown.push_back(statement);
  }
  if (shown.empty()) co_return no_policy();
  policy["Statement"] = std::move(shown);
  GetPolicyResponse out;
  out.policy = policy.dump();
  out.revision_id = target.function->policy_revision;
  co_return out;
}

}  // namespace tarn::lambda
