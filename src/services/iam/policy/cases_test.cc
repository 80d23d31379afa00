// The cases of policy/cases: policies, requests, and what AWS's rules make of them.
//
// evaluation*.json: groups of policies with requests. operators.json: one condition against one
// key. patterns.json: one pattern against one text. malformed.json: what is no policy, and why.
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/iam/policy/evaluate.h"
#include "wire/encoding.h"
#include "wire/json_value.h"

namespace tarn::iam::policy {
namespace {

using Json = nlohmann::json;
using Documents = std::vector<std::shared_ptr<const Document>>;

constexpr std::string_view kAccount = "111122223333";

Json read_cases(const std::string& name) {
  std::ifstream file(std::string(TARN_POLICY_CASES) + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  Json out = Json::parse(text.str(), nullptr, false);
  EXPECT_FALSE(out.is_discarded()) << name;
  return out;
}

// A list of statements stands for a policy of version 2012-10-17.
std::string policy_text(const Json& given) {
  if (!given.is_array()) return given.dump();
  return Json{{"Version", "2012-10-17"}, {"Statement", given}}.dump();
}

std::shared_ptr<const Document> parsed(const Json& given, Document::Kind kind) {
  auto out = Document::parse(policy_text(given), kind);
  if (!out.ok()) {
    ADD_FAILURE() << given << "\n" << out.error().message;
    return Document::nothing();
  }
  return *out;
}

FixedContext context_of(const Json& keys) {
  std::map<std::string, Values, std::less<>> out;
  for (const auto& [key, value] : keys.items()) {
    Values values;
    if (value.is_array()) {
      values = value.get<Values>();
    } else if (!value.is_null()) {
      values = {value.get<std::string>()};
    }
    out.emplace(wire::to_lower(key), std::move(values));
  }
  return FixedContext(std::move(out));
}

// "anonymous", "root", "user/NAME", "role/NAME" (its session "s"), "federated/NAME",
// "service/NAME"; "@444455556666 user/NAME" is of another account.
struct Who {
  explicit Who(std::string text) {
    account = kAccount;
    if (text.starts_with('@')) {
      account = text.substr(1, 12);
      text = text.substr(14);
    }
    const std::size_t slash = text.find('/');
    const std::string kind = text.substr(0, slash);
    const std::string name = slash == std::string::npos ? "" : text.substr(slash + 1);
    if (kind == "root") set(Principal::Kind::kRoot, "arn:aws:iam::" + account + ":root", account);
    if (kind == "user") {
      set(Principal::Kind::kUser, "arn:aws:iam::" + account + ":" + text, "AIDA1234567890123456");
    }
    if (kind == "role") {
      role = "arn:aws:iam::" + account + ":" + text;
      const std::string bare = name.substr(name.rfind('/') + 1);
      set(Principal::Kind::kRoleSession, "arn:aws:sts::" + account + ":assumed-role/" + bare + "/s",
          "AROA1234567890123456:s");
    }
    if (kind == "federated") {
      set(Principal::Kind::kFederatedUser, "arn:aws:sts::" + account + ":federated-user/" + name,
          account + ":" + name);
    }
    if (kind == "service") set(Principal::Kind::kService, name, "");
  }

  void set(Principal::Kind new_kind, std::string new_arn, std::string new_id) {
    principal.kind = new_kind;
    arn = std::move(new_arn);
    id = std::move(new_id);
  }

  [[nodiscard]] Principal get() const {
    Principal out = principal;
    out.account = account;
    out.arn = arn;
    out.user_id = id;
    out.role_arn = role;
    return out;
  }

  Principal principal;
  std::string account;
  std::string arn;
  std::string id;
  std::string role;
};

std::string name_of(const Decision& decision) {
  if (decision.allowed()) return "allowed";
  const char* source = decision.source == Decision::Source::kIdentity   ? "identity"
                       : decision.source == Decision::Source::kBoundary ? "boundary"
                       : decision.source == Decision::Source::kSession  ? "session"
                                                                        : "resource";
  const bool denied = decision.outcome == Decision::Outcome::kDenied;
  return std::string(denied ? "denied by " : "not allowed by ") + source;
}

Documents parsed_list(const Json& group, const char* name) {
  Documents out;
  for (const auto& each : group.value(name, Json::array()))
    out.push_back(parsed(each, Document::Kind::kIdentity));
  return out;
}

void check_group(const Json& group) {
  const Documents identity = parsed_list(group, "identity");
  const Documents session = parsed_list(group, "session");
  const auto boundary =
      group.contains("boundary") ? parsed(group["boundary"], Document::Kind::kIdentity) : nullptr;
  const auto resource =
      group.contains("resource") ? parsed(group["resource"], Document::Kind::kResource) : nullptr;
  for (const auto& request : group["requests"]) {
    const Who who(request.value("who", group.value("who", "user/alice")));
    const FixedContext context = context_of(request.value("keys", Json::object()));
    const auto action = request.value("do", group.value("do", ""));
    const auto on = request.value("on", group.value("on", "*"));
    const auto owner = group.value("owner", "");
    Policies policies;
    policies.unrestricted =
        who.get().kind == Principal::Kind::kRoot || group.value("unrestricted", false);
    policies.identity = identity;
    policies.session = session;
    policies.boundary = boundary.get();
    policies.resource = resource.get();
    policies.resource_decides = group.value("resource_decides", false);
    const Request asked{who.get(), action, on, owner, context};
    EXPECT_EQ(name_of(evaluate(asked, policies)), request.value("is", ""))
        << group.value("name", "") << "\n"
        << request;
  }
}

TEST(PolicyCases, AreEvaluatedByTheRules) {
  for (const char* name : {"evaluation.json", "evaluation_examples.json"}) {
    for (const auto& group : read_cases(name)["groups"]) check_group(group);
  }
}

// [operator, values, what the request has (null: nothing), whether the condition holds]
TEST(PolicyCases, ConditionsHoldOrNot) {
  for (const auto& row : read_cases("operators.json")["rows"]) {
    const Json statement = {{"Effect", "Allow"},
                            {"Action", "*"},
                            {"Resource", "*"},
                            {"Condition", {{row[0], {{"aws:Key", row[1]}}}}}};
    const auto document = parsed(Json::array({statement}), Document::Kind::kIdentity);
    const FixedContext context = context_of({{"aws:key", row[2]}, {"aws:username", "alice"}});
    const Who who("user/alice");
    EXPECT_EQ(document->allows({who.get(), "s3:GetObject", "*", {}, context}), row[3].get<bool>())
        << row;
  }
}

// [pattern, text, whether it matches] of Resource elements; the user's name is al*ce.
TEST(PolicyCases, ResourcesMatchOrNot) {
  for (const auto& row : read_cases("patterns.json")["resources"]) {
    const Json statement = {{"Effect", "Allow"}, {"Action", "*"}, {"Resource", row[0]}};
    const auto document = parsed(Json::array({statement}), Document::Kind::kIdentity);
    const FixedContext context = context_of({{"aws:username", "al*ce"}});
    const auto on = row[1].get<std::string>();
    EXPECT_EQ(document->allows({Who("user/x").get(), "s3:GetObject", on, {}, context}),
              row[2].get<bool>())
        << row;
  }
}

TEST(PolicyCases, ActionsMatchOrNot) {
  for (const auto& row : read_cases("patterns.json")["actions"]) {
    const Json statement = {{"Effect", "Allow"}, {"Action", row[0]}, {"Resource", "*"}};
    const auto document = parsed(Json::array({statement}), Document::Kind::kIdentity);
    const FixedContext context;
    const auto action = row[1].get<std::string>();
    EXPECT_EQ(document->allows({Who("user/x").get(), action, "*", {}, context}), row[2].get<bool>())
        << row;
  }
}

TEST(PolicyCases, WhatIsNoPolicyIsRefusedWithItsReason) {
  for (const auto& row : read_cases("malformed.json")["rows"]) {
    const std::string kind = row.value("kind", "identity");
    const auto text =
        row.contains("text") ? row["text"].get<std::string>() : policy_text(row["policy"]);
    const auto read = Document::parse(text, kind == "resource" ? Document::Kind::kResource
                                            : kind == "trust"  ? Document::Kind::kTrust
                                                               : Document::Kind::kIdentity);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().code, "MalformedPolicyDocument") << text;
    EXPECT_THAT(read.error().message, testing::HasSubstr(row["says"].get<std::string>())) << text;
  }
}

TEST(PolicyCases, PublicPoliciesAreToldApart) {
  for (const auto& row : read_cases("public.json")["rows"]) {
    const auto document = parsed(row[0], Document::Kind::kResource);
    EXPECT_EQ(document->is_public(), row[1].get<bool>()) << row;
  }
}

TEST(PolicyDenial, IsWordedAsAwsWordsIt) {
  const FixedContext context;
  const Who alice("user/alice");
  const Request request{alice.get(), "s3:GetObject", "arn:aws:s3:::b/k", {}, context};
  EXPECT_EQ(describe({Decision::Outcome::kNotAllowed, Decision::Source::kIdentity}, request),
            "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:GetObject "
            "on resource: arn:aws:s3:::b/k because no identity-based policy allows the "
            "s3:GetObject action");
  EXPECT_EQ(describe({Decision::Outcome::kDenied, Decision::Source::kResource}, request),
            "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:GetObject "
            "on resource: arn:aws:s3:::b/k with an explicit deny in a resource-based policy");
}

}  // namespace
}  // namespace tarn::iam::policy
