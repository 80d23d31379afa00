// SimulatePrincipalPolicy, SimulateCustomPolicy: what evaluation would say, for actions, resources
// and condition keys that the call names.
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "services/iam/identity_policies.h"
#include "services/iam/policy/evaluate.h"
#include "wire/encoding.h"

namespace tarn::iam {
namespace {

using policy::Document;
using DocumentView = std::shared_ptr<const Document>;

// The call's context entries, over what is known of the principal; notes what is asked in vain.
class SimulatedContext final : public policy::Context {
 public:
  using Known = std::map<std::string, policy::Values, std::less<>>;
  explicit SimulatedContext(Known known) : known_(std::move(known)) {}

  [[nodiscard]] policy::Values find(std::string_view key) const override {
    const auto found = known_.find(key);
    if (found != known_.end()) return found->second;
    missing_.emplace(key);
    return {};
  }
  [[nodiscard]] std::vector<std::string> missing() const {
    return {missing_.begin(), missing_.end()};
  }

 private:
  Known known_;
  mutable std::set<std::string> missing_;
};

// A policy that is asked, as MatchedStatements names it.
struct Source {
  std::string id;
  std::string type;
  DocumentView document;
};

// What is asked, of whom.
struct Simulation {
  policy::Principal principal;
  std::string arn;  // what `principal` points into
  std::string account;
  std::string user_id;
  std::vector<Source> sources;
  std::vector<DocumentView> identity;  // of the sources
  DocumentView boundary;
  DocumentView resource;
  SimulatedContext::Known known;
};

Result<DocumentView> parse_input(const std::string& text, Document::Kind kind) {
  auto document = Document::parse(text, kind);
  if (document.ok()) return document;
  return Error("InvalidInput", document.error().message);
}

void add_source(Simulation& simulation, Source source) {
  simulation.identity.push_back(source.document);
  simulation.sources.push_back(std::move(source));
}

// The policies of an identity, in the order in which compile() makes them.
void add_identity(const Iam& iam, const IdentityRecord& identity, const char* type,
                  Simulation& simulation) {
  auto document = identity.policies.begin();
  for (const auto& [name, text] : identity.inline_policies)
    add_source(simulation, {name, type, *document++});
  for (const std::string& arn : identity.attached) {
    if (const auto managed = iam.managed.find(arn))
      add_source(simulation, {managed->name, managed->of_aws() ? "aws-managed" : "user-managed",
                              managed->document});
  }
  if (identity.boundary_policy) simulation.boundary = identity.boundary_policy;
}

void know_principal(const IdentityRecord& identity, Simulation& simulation) {
  simulation.account = identity.account;
  simulation.user_id = identity.id;
  simulation.known["aws:principalarn"] = {simulation.arn};
  simulation.known["aws:principalaccount"] = {identity.account};
  simulation.known["aws:userid"] = {identity.id};
  for (const auto& [name, value] : identity.tags)
    simulation.known["aws:principaltag/" + wire::to_lower(name)] = {value};
}

// Errors: NoSuchEntity, InvalidInput.
Status add_principal(const Iam& iam, const std::string& arn, Simulation& simulation) {
  simulation.arn = arn;
  if (const Users::User user = iam.users.find_user(arn)) {
    add_identity(iam, *user, "user", simulation);
    for (const std::string& key : user->groups) {
      const Users::Group group = iam.users.find_group(key);
      if (group) add_identity(iam, *group, "group", simulation);
    }
    know_principal(*user, simulation);
    simulation.known["aws:username"] = {user->name};
    simulation.known["aws:principaltype"] = {"User"};
    simulation.principal.kind = policy::Principal::Kind::kUser;
    return {};
  }
  if (const Users::Group group = iam.users.find_group(arn)) {
    add_identity(iam, *group, "group", simulation);
    know_principal(*group, simulation);
    simulation.principal.kind = policy::Principal::Kind::kUser;
    return {};
  }
  if (const Roles::Role role = iam.roles.find_role(arn)) {
    add_identity(iam, *role, "role", simulation);
    know_principal(*role, simulation);
    simulation.known["aws:principaltype"] = {"AssumedRole"};
    simulation.principal.kind = policy::Principal::Kind::kRoleSession;
    return {};
  }
  return Error("NoSuchEntity", fmt::format("{} is no user, group or role of this account.", arn));
}

// What both calls may add. Error: InvalidInput.
template <class Request>
Status add_inputs(const Request& input, const std::vector<std::string>& policies,
                  Simulation& simulation) {
  for (std::size_t i = 0; i < policies.size(); ++i) {
    TARN_TRY(auto document, parse_input(policies[i], Document::Kind::kIdentity));
    add_source(simulation, {fmt::format("PolicyInputList.{}", i + 1), "none", std::move(document)});
  }
  if (input.permissions_boundary_policy_input_list &&
      !input.permissions_boundary_policy_input_list->empty()) {
    TARN_TRY(simulation.boundary, parse_input(input.permissions_boundary_policy_input_list->front(),
                                              Document::Kind::kIdentity));
  }
  if (input.resource_policy) {
    TARN_TRY(simulation.resource, parse_input(*input.resource_policy, Document::Kind::kResource));
  }
  if (input.caller_arn) simulation.arn = *input.caller_arn;
  for (const auto& entry : input.context_entries.value_or(std::vector<ContextEntry>())) {
    simulation.known[wire::to_lower(entry.context_key_name.value_or(""))] =
        entry.context_key_values.value_or(std::vector<std::string>());
  }
  return {};
}

std::string word_of(const policy::Decision& decision) {
  if (decision.allowed()) return "allowed";
  return decision.outcome == policy::Decision::Outcome::kDenied ? "explicitDeny" : "implicitDeny";
}

std::vector<Statement> matched(const Simulation& simulation, const policy::Request& request) {
  std::vector<Statement> out;
  for (const Source& source : simulation.sources) {
    if (source.document->denial(request) == nullptr && !source.document->allows(request)) continue;
    Statement& each = out.emplace_back();
    each.source_policy_id = source.id;
    each.source_policy_type = source.type;
  }
  return out;
}

EvaluationResult evaluate_one(const Simulation& simulation, const std::string& action,
                              const std::string& resource) {
  const SimulatedContext context(simulation.known);
  policy::Principal principal = simulation.principal;
  principal.arn = simulation.arn;
  principal.account = simulation.account;
  principal.user_id = simulation.user_id;
  if (principal.kind == policy::Principal::Kind::kRoleSession) principal.role_arn = simulation.arn;
  const policy::Request request{principal, action, resource, {}, context};
  policy::Policies asked;
  asked.identity = simulation.identity;
  asked.boundary = simulation.boundary.get();
  asked.resource = simulation.resource.get();
  EvaluationResult out;
  out.eval_action_name = action;
  out.eval_resource_name = resource;
  out.eval_decision = word_of(policy::evaluate(request, asked));
  out.matched_statements = matched(simulation, request);
  if (simulation.boundary) {
    out.permissions_boundary_decision_detail.emplace();
    out.permissions_boundary_decision_detail->allowed_by_permissions_boundary =
        simulation.boundary->denial(request) == nullptr && simulation.boundary->allows(request);
  }
  out.missing_context_values = context.missing();
  return out;
}

template <class Request>
Result<SimulatePolicyResponse> simulate(const Simulation& simulation, const Request& input) {
  std::vector<EvaluationResult> all;
  const auto resources = input.resource_arns.value_or(std::vector<std::string>{"*"});
  for (const std::string& action : input.action_names) {
    for (const std::string& resource : resources)
      all.push_back(evaluate_one(simulation, action, resource));
  }
  SimulatePolicyResponse out;
  TARN_TRY(out.evaluation_results, take_page(std::move(all), input.marker, input.max_items, out));
  return out;
}

}  // namespace

Task<Result<SimulatePolicyResponse>> handle(SimulatePrincipalPolicy /*tag*/, Iam& iam,
                                            const Caller& /*caller*/,
                                            SimulatePrincipalPolicyRequest input) {
  Simulation simulation;
  TARN_CO_CHECK(add_principal(iam, input.policy_source_arn, simulation));
  const auto policies = input.policy_input_list.value_or(std::vector<std::string>());
  TARN_CO_CHECK(add_inputs(input, policies, simulation));
  co_return simulate(simulation, input);
}

Task<Result<SimulatePolicyResponse>> handle(SimulateCustomPolicy /*tag*/, Iam& /*iam*/,
                                            const Caller& caller,
                                            SimulateCustomPolicyRequest input) {
  Simulation simulation;
  simulation.principal.kind = policy::Principal::Kind::kUser;
  simulation.account = caller.account_id;
  TARN_CO_CHECK(add_inputs(input, input.policy_input_list, simulation));
  co_return simulate(simulation, input);
}

}  // namespace tarn::iam
