#include "services/servicecatalog/provisioned_products.h"

#include "base/ids.h"
#include "services/servicecatalog/launch_terms.h"

namespace tarn::servicecatalog {
namespace {

constexpr std::string_view kStackType = "CFN_STACK";

bool is_called(const Caller& caller, const ProvisionedRecord& product, const std::string& name) {
  return product.name == name || provisioned_arn(caller.account_id, caller.region, product) == name;
}

}  // namespace

Result<Entry<ProvisionedRecord>> find_provisioned(const ServiceCatalog& room, const Caller& caller,
                                                  std::string_view action,
                                                  const std::optional<std::string>& id,
                                                  const std::optional<std::string>& name) {
  if (id.has_value() == name.has_value())
    return invalid("Give either the id or the name of the provisioned product.");
  const auto found =
      room.catalog.all<ProvisionedRecord>(caller.region, [&](const ProvisionedRecord& each) {
        return id ? each.id == *id : is_called(caller, each, *name);
      });
  if (found.empty())
    return missing(fmt::format("Provisioned product {} not found.", id ? *id : *name));
  TARN_CHECK(check_level(room.identities.authorizer, caller, action,
                         level_of(found.front()->maker, caller)));
  return found.front();
}

Result<Level> asked_level(const ServiceCatalog& room, const Caller& caller, std::string_view action,
                          const std::optional<AccessLevelFilter>& filter) {
  if (!filter) return Level::kUser;
  if (filter->value.value_or("self") != "self")
    return invalid("The only value of an AccessLevelFilter is self.");
  const std::string key = filter->key.value_or("User");
  const Level level = key == "Account" ? Level::kAccount
                      : key == "Role"  ? Level::kRole
                                       : Level::kUser;
  TARN_CHECK(check_level(room.identities.authorizer, caller, action, level));
  return level;
}

ProvisionedProductDetail told(const Caller& caller, const ProvisionedRecord& product) {
  ProvisionedProductDetail out;
  out.name = product.name;
  out.arn = provisioned_arn(caller.account_id, caller.region, product);
  out.type = kStackType;
  out.id = product.id;
  out.status = product.status;
  out.status_message = if_any(product.status_message);
  out.created_time = Timestamp{product.created_ms};
  out.idempotency_token = product.token;
  out.last_record_id = product.last_record_id;
  out.last_provisioning_record_id = if_any(product.last_provisioning_record_id);
  out.last_successful_provisioning_record_id = if_any(product.last_successful_record_id);
  out.product_id = product.plan.product_id;
  out.provisioning_artifact_id = product.plan.version_id;
  out.launch_role_arn = if_any(product.plan.launch_role);
  return out;
}

ProvisionedProductAttribute told_attribute(const ServiceCatalog& room, const Caller& caller,
                                           const ProvisionedRecord& product) {
  const std::string arn = provisioned_arn(caller.account_id, caller.region, product);
  ProvisionedProductAttribute out;
  out.name = product.name;
  out.arn = arn;
  out.type = kStackType;
  out.id = product.id;
  out.status = product.status;
  out.status_message = if_any(product.status_message);
  out.created_time = Timestamp{product.created_ms};
  out.idempotency_token = product.token;
  out.last_record_id = product.last_record_id;
  out.last_provisioning_record_id = if_any(product.last_provisioning_record_id);
  out.last_successful_provisioning_record_id = if_any(product.last_successful_record_id);
  TagMap tags = auto_tags(caller.account_id, caller.region, product.plan, product.maker, arn);
  tags.insert(product.plan.tags.begin(), product.plan.tags.end());
  out.tags = told_tags(tags);
  out.physical_id = if_any(product.stack_id);
  out.product_id = product.plan.product_id;
  if (const auto of = room.catalog.find<ProductRecord>(caller.region, product.plan.product_id))
    out.product_name = of->name;
  out.provisioning_artifact_id = product.plan.version_id;
  if (const auto of = room.catalog.find<VersionRecord>(caller.region, product.plan.version_id))
    out.provisioning_artifact_name = of->name;
  out.user_arn = product.maker.user_arn;
  out.user_arn_session = product.maker.session_arn;
  return out;
}

RecordDetail told(const Caller& caller, const OperationRecord& operation) {
  RecordDetail out;
  out.record_id = operation.id;
  out.provisioned_product_name = operation.provisioned_name;
  out.status = operation.status;
  out.created_time = Timestamp{operation.created_ms};
  out.updated_time = Timestamp{operation.updated_ms};
  out.provisioned_product_type = kStackType;
  out.record_type = operation.type;
  out.provisioned_product_id = operation.provisioned_id;
  out.product_id = operation.plan.product_id;
  out.provisioning_artifact_id = operation.plan.version_id;
  out.path_id = if_any(operation.plan.path_id);
  out.launch_role_arn = if_any(operation.plan.launch_role);
  auto& errors = out.record_errors.emplace();
  if (!operation.error.empty()) {
    errors.emplace_back();
    errors.back().code = operation.error_code;
    errors.back().description = operation.error;
  }
  const std::string arn =
      make_arn("servicecatalog", caller.region, caller.account_id,
               fmt::format("stack/{}/{}", operation.provisioned_name, operation.provisioned_id));
  TagMap tags = auto_tags(caller.account_id, caller.region, operation.plan, operation.maker, arn);
  tags.insert(operation.plan.tags.begin(), operation.plan.tags.end());
  auto& shown = out.record_tags.emplace();
  for (const auto& [key, value] : tags) {
    shown.emplace_back();
    shown.back().key = key;
    shown.back().value = value;
  }
  return out;
}

std::vector<RecordOutput> told_outputs(const std::vector<StackOutput>& outputs) {
  std::vector<RecordOutput> out;
  for (const StackOutput& each : outputs) {
    RecordOutput& shown = out.emplace_back();
    shown.output_key = each.key;
    shown.output_value = each.value;
    shown.description = if_any(each.description);
  }
  return out;
}

}  // namespace tarn::servicecatalog
