// Records: everything that Service Catalog keeps, as it is kept.
//
// Place: services/servicecatalog; described in docs/formats/servicecatalog.md. Ids are AWS's:
// "port-", "prod-", "pa-", "lpv2-", "cons-", "tag-", "pp-", "rec-" and 13 letters and digits.
// Threads: value types.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "wire/json_value.h"

namespace tarn::servicecatalog {

using TagMap = std::map<std::string, std::string>;

// What was asked when a record was made: the same token and request give the same record again.
struct Origin {
  std::string token;    // IdempotencyToken
  std::string request;  // its other members, as JSON
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Origin, token, request)

struct PortfolioRecord {
  static constexpr const char* kKind = "portfolio";
  std::string id;
  std::string name;
  std::string description;
  std::string provider;
  std::int64_t created_ms = 0;
  TagMap tags;
  Origin origin;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(PortfolioRecord, id, name, description, provider,
                                                created_ms, tags, origin)

struct ProductRecord {
  static constexpr const char* kKind = "product";
  std::string id;
  std::string view_id;  // "prodview-…"
  std::string name;
  std::string owner;
  std::string description;
  std::string distributor;
  std::string support_description;
  std::string support_email;
  std::string support_url;
  std::int64_t created_ms = 0;
  TagMap tags;
  Origin origin;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ProductRecord, id, view_id, name, owner,
                                                description, distributor, support_description,
                                                support_email, support_url, created_ms, tags,
                                                origin)

// A version of a product: a provisioning artifact.
struct VersionRecord {
  static constexpr const char* kKind = "version";
  std::string id;
  std::string product_id;
  std::string name;
  std::string description;
  std::string url;   // where the template came from
  std::string text;  // the template
  std::string guidance = "DEFAULT";
  bool is_active = true;
  std::int64_t created_ms = 0;
  std::uint64_t place = 0;  // among the versions of the product, in the order of their making
  Origin origin;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(VersionRecord, id, product_id, name, description,
                                                url, text, guidance, is_active, created_ms, place,
                                                origin)

// A product in a portfolio: a launch path.
struct PathRecord {
  static constexpr const char* kKind = "path";
  std::string id;
  std::string portfolio_id;
  std::string product_id;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(PathRecord, id, portfolio_id, product_id)

// Who may use a portfolio.
struct PrincipalRecord {
  static constexpr const char* kKind = "principal";
  std::string id;  // PORTFOLIO/ARN
  std::string portfolio_id;
  std::string arn;
  std::string type;  // IAM, IAM_PATTERN
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(PrincipalRecord, id, portfolio_id, arn, type)

struct ConstraintRecord {
  static constexpr const char* kKind = "constraint";
  std::string id;
  std::string type;  // LAUNCH, TEMPLATE, NOTIFICATION
  std::string portfolio_id;
  std::string product_id;
  std::string description;
  std::string parameters;  // JSON
  Origin origin;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ConstraintRecord, id, type, portfolio_id,
                                                product_id, description, parameters, origin)

struct TagOptionRecord {
  static constexpr const char* kKind = "tagoption";
  std::string id;
  std::string key;
  std::string value;
  bool is_active = true;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(TagOptionRecord, id, key, value, is_active)

// A tag option of a portfolio or product.
struct TagOptionUseRecord {
  static constexpr const char* kKind = "tagoptionuse";
  std::string id;  // TAG OPTION/RESOURCE
  std::string tag_option_id;
  std::string resource_id;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(TagOptionUseRecord, id, tag_option_id, resource_id)

struct StackOutput {
  std::string key;
  std::string value;
  std::string description;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(StackOutput, key, value, description)

// Who made something, as access levels ask for it.
struct Maker {
  std::string user_arn;     // of the user, role or root
  std::string session_arn;  // as the caller is named: of a role, its session
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Maker, user_arn, session_arn)

// What a stack is launched from: of a provisioned product, and of an operation on it.
struct LaunchPlan {
  std::string product_id;
  std::string version_id;
  std::string path_id;
  std::string portfolio_id;
  std::string launch_role;  // ARN; empty: the caller's own permissions
  std::map<std::string, std::string> parameters;
  TagMap tags;
  std::vector<std::string> notification_arns;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(LaunchPlan, product_id, version_id, path_id,
                                                portfolio_id, launch_role, parameters, tags,
                                                notification_arns)

struct ProvisionedRecord {
  static constexpr const char* kKind = "provisioned";
  std::string id;
  std::string name;
  std::string status;  // AVAILABLE, UNDER_CHANGE, TAINTED, ERROR
  std::string status_message;
  std::string stack_id;  // empty: none was made
  std::int64_t created_ms = 0;
  std::string token;  // of its provisioning
  std::string last_record_id;
  std::string last_provisioning_record_id;
  std::string last_successful_record_id;
  Maker maker;
  LaunchPlan plan;
  std::vector<StackOutput> outputs;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ProvisionedRecord, id, name, status, status_message,
                                                stack_id, created_ms, token, last_record_id,
                                                last_provisioning_record_id,
                                                last_successful_record_id, maker, plan, outputs)

// An operation on a provisioned product: what the API calls a record.
struct OperationRecord {
  static constexpr const char* kKind = "record";
  std::string id;
  std::string type;    // PROVISION_PRODUCT, UPDATE_PROVISIONED_PRODUCT, …
  std::string status;  // CREATED, IN_PROGRESS, IN_PROGRESS_IN_ERROR, SUCCEEDED, FAILED
  std::string provisioned_id;
  std::string provisioned_name;
  std::int64_t created_ms = 0;
  std::int64_t updated_ms = 0;
  std::string error_code;  // empty: it has not failed
  std::string error;
  std::string keys;  // access key id under which the stack is operated; empty: it has ended
  bool retains = false;
  bool ignores_errors = false;
  std::string stack_id;
  Maker maker;
  LaunchPlan plan;
  std::vector<StackOutput> outputs;
  Origin origin;

  [[nodiscard]] bool has_ended() const { return status == "SUCCEEDED" || status == "FAILED"; }
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(OperationRecord, id, type, status, provisioned_id,
                                                provisioned_name, created_ms, updated_ms,
                                                error_code, error, keys, retains, ignores_errors,
                                                stack_id, maker, plan, outputs, origin)

}  // namespace tarn::servicecatalog
