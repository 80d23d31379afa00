// ProvisionProduct, UpdateProvisionedProduct, TerminateProvisionedProduct: what begins operations.
#include <utility>

#include "services/servicecatalog/actions.h"
#include "services/servicecatalog/launch_terms.h"
#include "services/servicecatalog/provisioned_products.h"
#include "services/servicecatalog/tell.h"
#include "services/servicecatalog/versions.h"

namespace tarn::servicecatalog {
namespace {

constexpr std::size_t kMostLaunchTags = 50;

OperationRecord begun_by(ServiceCatalog& room, const Caller& caller, std::string_view type,
                         Origin origin) {
  OperationRecord out;
  out.id = new_id(room, "rec-");
  out.type = type;
  out.status = "CREATED";
  out.created_ms = room.platform.clock.now().ms;
  out.updated_ms = out.created_ms;
  out.keys = caller.access_key_id;
  out.maker = maker_of(caller);
  out.origin = std::move(origin);
  return out;
}

// An end user sees a version that is active.
Result<Entry<VersionRecord>> launchable(const View& view, const std::string& product_id,
                                        const std::optional<std::string>& id,
                                        const std::optional<std::string>& name) {
  TARN_TRY(auto version, find_version(view, product_id, id, name));
  if (version->is_active) return version;
  return invalid(fmt::format("Provisioning artifact {} is not active.", version->id));
}

// The record and its product, as they are when the operation begins; the record of before where
// this was asked already, in which case nothing is begun.
Task<Result<bool>> keep(ServiceCatalog& room, const Caller& caller, OperationRecord& operation,
                        ProvisionedRecord& product) {
  bool is_new = false;
  const Catalog::Change put = [&](Draft& draft) -> Status {
    TARN_TRY(const auto before, made_before<OperationRecord>(draft, operation.origin));
    if (before != nullptr) {
      operation = *before;
      return {};
    }
    const auto there = draft.find<ProvisionedRecord>(product.id);
    if (there != nullptr && there->status == "UNDER_CHANGE") {
      return invalid(
          fmt::format("Provisioned product {} is UNDER_CHANGE: wait until its operation has ended.",
                      product.id));
    }
    const bool is_taken = draft.any<ProvisionedRecord>([&](const ProvisionedRecord& each) {
      return each.id != product.id && each.name == product.name;
    });
    if (is_taken)
      return duplicate(fmt::format("There is a provisioned product named {}.", product.name));
    product.status = "UNDER_CHANGE";
    product.status_message.clear();
    product.last_record_id = operation.id;
    is_new = true;
    draft.put(operation);
    draft.put(product);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  co_return is_new;
}

Task<Result<RecordDetail>> begin(ServiceCatalog& room, const Caller& caller,
                                 OperationRecord operation, ProvisionedRecord product) {
  operation.provisioned_id = product.id;
  operation.provisioned_name = product.name;
  operation.stack_id = product.stack_id;
  TARN_CO_TRY(const bool is_new, co_await keep(room, caller, operation, product));
  if (is_new) room.provisioning.begin(caller.region, operation.id);
  co_return told(caller, operation);
}

// Values that are kept where the request does not say otherwise: those of parameters that the new
// template still has.
Result<std::map<std::string, std::string>> updated_parameters(
    const LaunchPlan& before, const VersionRecord& version,
    const std::optional<std::vector<UpdateProvisioningParameter>>& given) {
  const auto read = cloudformation::parse_template(version.text);
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : before.parameters) {
    if (!read.ok() || read->find_parameter(key) != nullptr) out[key] = value;
  }
  for (const auto& each : given.value_or(std::vector<UpdateProvisioningParameter>())) {
    const std::string key = each.key.value_or("");
    if (!each.use_previous_value.value_or(false)) {
      out[key] = each.value.value_or("");
    } else if (!before.parameters.contains(key) && read.ok() &&
               read->find_parameter(key) == nullptr) {
      return invalid(fmt::format("UsePreviousValue: {} has no previous value.", key));
    }
  }
  return out;
}

// What an update leads to: another product or version, by a way that the caller has.
Result<LaunchPlan> updated_plan(const ServiceCatalog& room, const Caller& caller,
                                const UpdateProvisionedProductInput& input,
                                const LaunchPlan& before) {
  const View view(room.catalog, caller.region);
  Wanted wanted{input.product_id, input.product_name, input.path_id, input.path_name};
  const bool same_product = !input.product_id && !input.product_name;
  if (same_product) wanted.product_id = before.product_id;
  if (same_product && !input.path_id && !input.path_name) wanted.path_id = before.path_id;
  TARN_TRY(const LaunchTerms terms, terms_of(room, caller, wanted));
  std::optional<std::string> version_id = input.provisioning_artifact_id;
  if (!version_id && !input.provisioning_artifact_name) version_id = before.version_id;
  TARN_TRY(const auto version,
           find_version(view, terms.product->id, version_id, input.provisioning_artifact_name));
  if (!version->is_active && version->id != before.version_id)
    return invalid(fmt::format("Provisioning artifact {} is not active.", version->id));
  LaunchPlan out = plan_of(caller, terms, *version);
  TARN_TRY(out.parameters, updated_parameters(before, *version, input.provisioning_parameters));
  out.tags = before.tags;
  return out;
}

}  // namespace

Task<Result<ProvisionProductOutput>> handle(ProvisionProduct /*tag*/, ServiceCatalog& room,
                                            const Caller& caller, ProvisionProductInput input) {
  if (input.provisioning_preferences) co_return not_offered("ProvisioningPreferences");
  const View view(room.catalog, caller.region);
  const Wanted wanted{input.product_id, input.product_name, input.path_id, input.path_name};
  TARN_CO_TRY(const LaunchTerms terms, terms_of(room, caller, wanted));
  TARN_CO_TRY(const auto version,
              launchable(view, terms.product->id, input.provisioning_artifact_id,
                         input.provisioning_artifact_name));
  LaunchPlan plan = plan_of(caller, terms, *version);
  TARN_CO_TRY(const TagMap tags, tag_map(caller, input.tags, kMostLaunchTags));
  TARN_CO_TRY(plan.tags, tags_of_launch(view, terms, tags));
  for (const auto& each :
       input.provisioning_parameters.value_or(std::vector<ProvisioningParameter>()))
    plan.parameters[each.key.value_or("")] = each.value.value_or("");
  for (const std::string& arn : input.notification_arns.value_or(std::vector<std::string>()))
    plan.notification_arns.push_back(arn);
  ProvisionedRecord product;
  product.id = new_id(room, "pp-");
  product.name = input.provisioned_product_name;
  product.token = input.provision_token;
  Origin origin = origin_of(std::move(input), &ProvisionProductInput::provision_token);
  OperationRecord operation = begun_by(room, caller, "PROVISION_PRODUCT", std::move(origin));
  product.created_ms = operation.created_ms;
  product.maker = operation.maker;
  product.plan = plan;
  product.last_provisioning_record_id = operation.id;
  operation.plan = std::move(plan);
  ProvisionProductOutput out;
  TARN_CO_TRY(out.record_detail,
              co_await begin(room, caller, std::move(operation), std::move(product)));
  co_return out;
}

Task<Result<UpdateProvisionedProductOutput>> handle(UpdateProvisionedProduct /*tag*/,
                                                    ServiceCatalog& room, const Caller& caller,
                                                    UpdateProvisionedProductInput input) {
  if (input.provisioning_preferences) co_return not_offered("ProvisioningPreferences");
  if (input.tags && !input.tags->empty()) {
    co_return invalid(
        "Tags of a provisioned product are changed only where a RESOURCE_UPDATE constraint allows "
        "it. Leave Tags out.");
  }
  TARN_CO_TRY(const auto found,
              find_provisioned(room, caller, "servicecatalog:UpdateProvisionedProduct",
                               input.provisioned_product_id, input.provisioned_product_name));
  TARN_CO_TRY(LaunchPlan plan, updated_plan(room, caller, input, found->plan));
  ProvisionedRecord product = *found;
  Origin origin = origin_of(std::move(input), &UpdateProvisionedProductInput::update_token);
  OperationRecord operation =
      begun_by(room, caller, "UPDATE_PROVISIONED_PRODUCT", std::move(origin));
  operation.plan = std::move(plan);
  operation.outputs = product.outputs;
  product.last_provisioning_record_id = operation.id;
  UpdateProvisionedProductOutput out;
  TARN_CO_TRY(out.record_detail,
              co_await begin(room, caller, std::move(operation), std::move(product)));
  co_return out;
}

Task<Result<TerminateProvisionedProductOutput>> handle(TerminateProvisionedProduct /*tag*/,
                                                       ServiceCatalog& room, const Caller& caller,
                                                       TerminateProvisionedProductInput input) {
  TARN_CO_TRY(const auto found,
              find_provisioned(room, caller, "servicecatalog:TerminateProvisionedProduct",
                               input.provisioned_product_id, input.provisioned_product_name));
  ProvisionedRecord product = *found;
  const bool retains = input.retain_physical_resources.value_or(false);
  const bool ignores_errors = input.ignore_errors.value_or(false);
  Origin origin = origin_of(std::move(input), &TerminateProvisionedProductInput::terminate_token);
  OperationRecord operation =
      begun_by(room, caller, "TERMINATE_PROVISIONED_PRODUCT", std::move(origin));
  operation.plan = product.plan;
  operation.retains = retains;
  operation.ignores_errors = ignores_errors;
  TerminateProvisionedProductOutput out;
  TARN_CO_TRY(out.record_detail,
              co_await begin(room, caller, std::move(operation), std::move(product)));
  co_return out;
}

}  // namespace tarn::servicecatalog
