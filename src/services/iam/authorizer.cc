#include "services/iam/authorizer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/iam/denials.h"
#include "services/iam/request_context.h"
#include "services/iam/session.h"

namespace tarn::iam {
namespace {

std::string_view service_of(std::string_view action) {
  return action.substr(0, action.find(':'));
}

// Whom no policy can take anything from: the server itself.
bool is_beyond_policies(const Caller& caller) {
  return caller.kind == Caller::Kind::kService;
}

bool is_limited(const Caller& caller) {
  return caller.session != nullptr && !caller.session->policies.empty();
}

// The root user can always read, replace and remove a bucket's policy, so that nobody locks
// themselves out of a bucket.
// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html)
bool is_way_back(const Caller& caller, std::string_view action) {
  return caller.kind == Caller::Kind::kRoot && !is_limited(caller) &&
         (action == "s3:GetBucketPolicy" || action == "s3:PutBucketPolicy" ||
          action == "s3:DeleteBucketPolicy");
}

std::string canonical(const ResourcePolicies* policies, std::string_view action,
                      std::string resource) {
  return policies == nullptr ? resource : policies->canonical(action, std::move(resource));
}

Error denied(const policy::Decision& decision, const policy::Request& request) {
  std::string message = policy::describe(decision, request);
  if (request.principal.kind == policy::Principal::Kind::kAnonymous)
    message += ". Sign the request: `eval $(tarn env)` gives a shell its keys.";
  return {"AccessDenied", std::move(message), 403};
}

}  // namespace

void Authorizer::add(std::string service, const ResourcePolicies& policies) {
  policies_.insert_or_assign(std::move(service), &policies);
}

const ResourcePolicies* Authorizer::find(std::string_view service) const {
  const auto found = policies_.find(service);
  return found == policies_.end() ? nullptr : found->second;
}

Authorizer::Identity Authorizer::identity_of(const Caller& caller) const {
  using Kind = Caller::Kind;
  Identity out;
  const bool is_federated = caller.kind == Kind::kFederatedUser && caller.session;
  const bool has_maker = is_federated && !caller.session->user_arn.empty();
  // A federated user has what its maker has, within its session policies.
  out.unrestricted = caller.kind == Kind::kRoot || (is_federated && !has_maker);
  if (caller.kind == Kind::kAssumedRole && caller.session && roles_ != nullptr) {
    if (const Roles::Role role = roles_->find_role(caller.session->role_arn)) {
      out.policies = role->policies;
      out.boundary = role->boundary_policy;
    }
  }
  if ((caller.kind == Kind::kUser || has_maker) && users_ != nullptr) {
    const std::string& arn = has_maker ? caller.session->user_arn : caller.arn;
    if (const Users::User user = users_->find_user(arn)) {
      out.policies = users_->policies_of(*user);
      out.boundary = user->boundary_policy;
    }
  }
  return out;
}

Result<Ground> Authorizer::decide(const RequestContext& context, const Caller& caller,
                                  std::string_view action, std::string_view resource,
                                  const ResourcePolicies* policies, bool own_rules) const {
  const auto document = policies != nullptr ? policies->find(resource) : nullptr;
  const bool is_root = caller.kind == Caller::Kind::kRoot;
  if (is_root && !is_limited(caller) && (document == nullptr || is_way_back(caller, action)))
    return Ground::kPolicy;
  policy::Policies asked;
  const Identity identity = identity_of(caller);
  asked.unrestricted = identity.unrestricted;
  asked.identity = identity.policies;
  asked.boundary = identity.boundary.get();
  if (caller.session) asked.session = caller.session->policies;
  asked.resource = document.get();
  asked.resource_decides = document != nullptr && policies->decides();
  const policy::Request request{principal_of(caller), action, resource, {}, context};
  const policy::Decision decision = policy::evaluate(request, asked);
  if (decision.allowed()) return Ground::kPolicy;
  if (own_rules && decision.outcome == policy::Decision::Outcome::kNotAllowed)
    return Ground::kOwnRules;
  Error error = denied(decision, request);
  if (denials_ == nullptr || caller.kind == Caller::Kind::kAnonymous) return error;
  denials_->passed_over(caller, action, resource, error.message);
  return Ground::kPolicy;
}

Result<Ground> Authorizer::check_permission(const Call& call, const wire::Permission& permission,
                                            bool& asked) const {
  const ResourcePolicies* policies = find(service_of(permission.action));
  // The way of most requests: nothing could decide otherwise.
  if (call.caller.kind == Caller::Kind::kRoot && !is_limited(call.caller) && policies == nullptr)
    return Ground::kPolicy;
  if (!is_needed(permission, call.operation, call.input)) return Ground::kPolicy;
  RequestContext context({call.caller, clock_.now(), &call.operation, call.input, call.headers});
  const bool own_rules = call.operation.anonymous && call.caller.kind == Caller::Kind::kAnonymous;
  Ground ground = Ground::kPolicy;
  for (auto& named : resources_of(permission, call.operation, call.caller, call.input)) {
    asked = true;
    const std::string resource = canonical(policies, permission.action, std::move(named));
    context.set_resource(resource, policies);
    TARN_TRY(const Ground each,
             decide(context, call.caller, permission.action, resource, policies, own_rules));
    if (each == Ground::kOwnRules) ground = each;
  }
  return ground;
}

void Authorizer::check_items(const Call& call, const wire::Permission& permission,
                             std::vector<RefusedItem>& refused) const {
  const ResourcePolicies* policies = find(service_of(permission.action));
  RequestContext context({call.caller, clock_.now(), &call.operation, call.input, call.headers});
  for (const auto& item : item_resources_of(permission, call.operation, call.caller, call.input)) {
    context.set_resource(item.resource, policies);
    auto decided = decide(context, call.caller, permission.action, item.resource, policies, false);
    if (!decided.ok()) refused.push_back({item.index, std::move(decided).error()});
  }
}

Result<Grant> Authorizer::authorize(const Call& call) const {
  Grant grant;
  if (is_beyond_policies(call.caller)) return grant;
  bool asked = false;
  for (const auto& permission : call.operation.permissions) {
    if (!permission.items.empty()) {
      asked = true;
      check_items(call, permission, grant.refused_items);
      continue;
    }
    TARN_TRY(const Ground each, check_permission(call, permission, asked));
    if (each == Ground::kOwnRules) grant.ground = each;
  }
  std::sort(grant.refused_items.begin(), grant.refused_items.end(),
            [](const RefusedItem& a, const RefusedItem& b) { return a.index < b.index; });
  // What needs no permission still needs a caller.
  if (call.caller.kind == Caller::Kind::kAnonymous && !asked && !call.operation.anonymous) {
    return Error("AccessDenied",
                 "Anonymous users cannot invoke this API. Sign the request: `eval $(tarn env)` "
                 "gives a shell its keys.",
                 403);
  }
  return grant;
}

Status Authorizer::check(const Caller& caller, std::string_view action, std::string_view resource,
                         const ConditionValues* given) const {
  if (is_beyond_policies(caller)) return {};
  const ResourcePolicies* policies = find(service_of(action));
  const std::string canonical_resource = canonical(policies, action, std::string(resource));
  RequestContext::Source source{caller, clock_.now()};
  source.given = given;
  RequestContext context(source);
  context.set_resource(canonical_resource, policies);
  auto decided = decide(context, caller, action, canonical_resource, policies, false);
  return decided.ok() ? Status() : Status(std::move(decided).error());
}

Status Authorizer::check_pass_role(const Caller& caller, std::string_view role_arn,
                                   std::string_view service) const {
  if (is_beyond_policies(caller)) return {};
  RequestContext::Source source{caller, clock_.now()};
  source.passed_to = service;
  RequestContext context(source);
  context.set_resource(role_arn, nullptr);
  auto decided = decide(context, caller, "iam:PassRole", role_arn, nullptr, false);
  return decided.ok() ? Status() : Status(std::move(decided).error());
}

}  // namespace tarn::iam
