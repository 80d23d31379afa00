// Whatever the policies are: evaluation ends with a decision, an explicit denial wins, limits only
// take away.
#include <memory>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include <gtest/gtest.h>

#include "services/iam/policy/evaluate.h"
#include "wire/json_value.h"

namespace tarn::iam::policy {
namespace {

using Json = nlohmann::json;
using Documents = std::vector<std::shared_ptr<const Document>>;

std::string any_of(std::vector<std::string> texts) {
  return *rc::gen::elementOf(std::move(texts));
}

Json any_condition() {
  const std::string value = any_of({"a", "a*", "${aws:username}", "${aws:nothing}", "b", "*"});
  return {{any_of({"StringEquals", "StringLike", "StringNotEquals", "StringNotLikeIfExists",
                   "ForAllValues:StringLike", "ForAnyValue:StringNotEquals"}),
           {{any_of({"aws:username", "s3:prefix", "aws:nothing"}), value}}}};
}

Json any_statement(bool of_resource) {
  Json out = {{"Effect", any_of({"Allow", "Allow", "Deny"})}};
  out[any_of({"Action", "Action", "NotAction"})] =
      any_of({"*", "s3:*", "s3:Get*", "s3:GetObject", "kinesis:*", "s3:?etObject"});
  out[any_of({"Resource", "Resource", "NotResource"})] =
      any_of({"*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::c"});
  if (*rc::gen::arbitrary<bool>()) out["Condition"] = any_condition();
  if (of_resource) {
    const std::string who = any_of({"*", "111122223333", "arn:aws:iam::111122223333:user/alice",
                                    "arn:aws:iam::111122223333:role/r", "444455556666"});
    out[any_of({"Principal", "Principal", "NotPrincipal"})] = {{"AWS", who}};
  }
  return out;
}

std::shared_ptr<const Document> any_document(bool of_resource) {
  Json statements = Json::array();
  const int count = *rc::gen::inRange(1, 5);
  for (int i = 0; i < count; ++i) statements.push_back(any_statement(of_resource));
  const Json policy = {{"Version", "2012-10-17"}, {"Statement", statements}};
  auto parsed = Document::parse(
      policy.dump(), of_resource ? Document::Kind::kResource : Document::Kind::kIdentity);
  RC_ASSERT(parsed.ok());
  return *parsed;
}

Documents any_documents() {
  Documents out;
  const int count = *rc::gen::inRange(0, 3);
  for (int i = 0; i < count; ++i) out.push_back(any_document(false));
  return out;
}

Principal any_principal() {
  Principal out;
  out.account = "111122223333";
  switch (*rc::gen::inRange(0, 4)) {
    case 0: return out;
    case 1:
      out.kind = Principal::Kind::kUser;
      out.arn = "arn:aws:iam::111122223333:user/alice";
      return out;
    case 2:
      out.kind = Principal::Kind::kRoleSession;
      out.arn = "arn:aws:sts::111122223333:assumed-role/r/s";
      out.role_arn = "arn:aws:iam::111122223333:role/r";
      return out;
    default:
      out.kind = Principal::Kind::kRoot;
      out.arn = "arn:aws:iam::111122223333:root";
      return out;
  }
}

struct Given {
  Documents identity = any_documents();
  Documents session = any_documents();
  std::shared_ptr<const Document> boundary =
      *rc::gen::arbitrary<bool>() ? any_document(false) : nullptr;
  std::shared_ptr<const Document> resource =
      *rc::gen::arbitrary<bool>() ? any_document(true) : nullptr;
  FixedContext context{{{"aws:username", {any_of({"a", "b", "alice"})}}, {"s3:prefix", {"a"}}}};
  Principal principal = any_principal();
  std::string action = any_of({"s3:GetObject", "s3:PutObject", "kinesis:PutRecord"});
  std::string on = any_of({"arn:aws:s3:::b/a/k", "arn:aws:s3:::c", "*"});
  std::string owner = any_of({"", "111122223333", "444455556666"});

  [[nodiscard]] Request request() const { return {principal, action, on, owner, context}; }
  [[nodiscard]] Policies policies() const {
    Policies out;
    out.unrestricted = principal.kind == Principal::Kind::kRoot;
    out.identity = identity;
    out.session = session;
    out.boundary = boundary.get();
    out.resource = resource.get();
    return out;
  }
  [[nodiscard]] bool is_denied() const {
    bool denied = false;
    for (const auto& document : identity) denied |= document->denial(request()) != nullptr;
    for (const auto& document : session) denied |= document->denial(request()) != nullptr;
    denied |= boundary != nullptr && boundary->denial(request()) != nullptr;
    denied |= resource != nullptr && resource->denial(request()) != nullptr;
    return denied;
  }
};

bool holds(const char* what, const std::function<void()>& property) {
  return rc::check(what, property);
}

TEST(PolicyProperties, AnExplicitDenialAlwaysWins) {
  EXPECT_TRUE(holds("a denial wins", [] {
    const Given given;
    const Decision decision = evaluate(given.request(), given.policies());
    RC_ASSERT((decision.outcome == Decision::Outcome::kDenied) == given.is_denied());
    if (!decision.allowed()) RC_ASSERT(!describe(decision, given.request()).empty());
  }));
}

TEST(PolicyProperties, LimitsOnlyTakeAway) {
  EXPECT_TRUE(holds("limits take away", [] {
    const Given given;
    Policies unlimited = given.policies();
    unlimited.boundary = nullptr;
    unlimited.session = {};
    if (evaluate(given.request(), given.policies()).allowed())
      RC_ASSERT(evaluate(given.request(), unlimited).allowed());
  }));
}

TEST(PolicyProperties, WithoutAnyPolicyNobodyButTheRootIsAllowed) {
  EXPECT_TRUE(holds("nothing is allowed by nothing", [] {
    const Given given;
    Policies none;
    none.unrestricted = given.principal.kind == Principal::Kind::kRoot;
    const bool own = given.owner.empty() || given.owner == given.principal.account;
    RC_ASSERT(evaluate(given.request(), none).allowed() == (none.unrestricted && own));
  }));
}

}  // namespace
}  // namespace tarn::iam::policy
