// Document: a policy, read, checked and compiled once.
//
// Place: services/iam/policy; services that keep policies on their resources parse them here when
// they are put and hand the document to the authorizer (resource_policies.h). Source:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
// Threads: immutable.
//
//     TARN_TRY(auto policy, policy::Document::parse(text, policy::Document::Kind::kResource));
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/iam/policy/condition.h"
#include "services/iam/policy/context.h"
#include "services/iam/policy/pattern.h"
#include "services/iam/policy/principal.h"

namespace tarn::iam::policy {

// What is asked: may `principal` do `action` on `resource`? The texts belong to the caller.
struct Request {
  Principal principal;
  std::string_view action;            // "s3:GetObject"
  std::string_view resource;          // an ARN, or "*" where the action has none
  std::string_view resource_account;  // the owner's; empty: the principal's own
  const Context& context;
};

struct Statement {
  std::string sid;
  bool allows = false;  // Effect
  std::optional<Principals> principals;
  bool not_principals = false;
  std::vector<Pattern> actions;
  bool not_actions = false;
  std::vector<Pattern> resources;  // empty in a policy that needs none: any
  bool not_resources = false;
  std::vector<Condition> conditions;

  // Whether action, resource and conditions hold; principals are asked apart.
  [[nodiscard]] bool applies(const Request& request) const;
  // How closely it names the principal; kSelf where it has no principal element.
  [[nodiscard]] Principals::Closeness names(const Principal& principal) const;
};

class Document {
 public:
  enum class Kind : unsigned char {
    kIdentity,  // of users and roles, permissions boundaries, session policies: no Principal
    kResource,  // of a resource: Principal and Resource
    kTrust      // of a role: Principal, no Resource
  };

  // Error: MalformedPolicyDocument (400), which names the statement and what is wrong with it; the
  // caller renames it where its service has a name of its own (S3: MalformedPolicy). The size is
  // for the caller to check: each service has its own limit.
  [[nodiscard]] static Result<std::shared_ptr<const Document>> parse(std::string_view text,
                                                                     Kind kind);
  // A policy that allows nothing: that of a federated user who was given none.
  [[nodiscard]] static std::shared_ptr<const Document> nothing();

  [[nodiscard]] const std::string& text() const { return text_; }  // as it was given
  [[nodiscard]] const std::vector<Statement>& statements() const { return statements_; }
  // The texts of all Resource and NotResource elements, so that a service can check that a policy
  // speaks of the resource it is put on.
  [[nodiscard]] const std::vector<std::string>& resources() const { return resources_; }

  // Whether it lets everybody in, as S3 understands a public policy: an Allow for "*" without a
  // condition that asks for known callers
  // (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).
  [[nodiscard]] bool is_public() const;

  // The statement that denies the request, or nullptr.
  [[nodiscard]] const Statement* denial(const Request& request) const;
  // How closely the statements that allow the request name its principal; kNone: none does.
  [[nodiscard]] Principals::Closeness grant(const Request& request) const;
  [[nodiscard]] bool allows(const Request& request) const {
    return grant(request) != Principals::Closeness::kNone;
  }

 private:
  friend class DocumentParser;

  std::string text_;
  std::vector<Statement> statements_;
  std::vector<std::string> resources_;
};

}  // namespace tarn::iam::policy
