// DescribeProvisionedProduct, GetProvisionedProductOutputs, ScanProvisionedProducts,
// SearchProvisionedProducts, UpdateProvisionedProductProperties.
#include <algorithm>
#include <utility>

#include "services/servicecatalog/actions.h"
#include "services/servicecatalog/product_search.h"
#include "services/servicecatalog/provisioned_products.h"
#include "services/servicecatalog/tell.h"

namespace tarn::servicecatalog {
namespace {

// Newest first.
Entries<ProvisionedRecord> seen_by(const ServiceCatalog& room, const Caller& caller, Level level) {
  auto out = room.catalog.all<ProvisionedRecord>(
      caller.region, [&](const auto& each) { return level_of(each.maker, caller) <= level; });
  std::sort(out.begin(), out.end(), [](const auto& one, const auto& other) {
    return std::pair(other->created_ms, other->id) < std::pair(one->created_ms, one->id);
  });
  return out;
}

// A word of a SearchQuery, "field:value" or free.
// https://docs.aws.amazon.com/servicecatalog/latest/dg/API_SearchProvisionedProducts.html
Result<bool> has_word(const ProvisionedProductAttribute& product, const std::string& word) {
  const std::map<std::string, std::string> fields = {
      {"arn", product.arn.value_or("")},
      {"id", product.id.value_or("")},
      {"idempotencyToken", product.idempotency_token.value_or("")},
      {"lastRecordId", product.last_record_id.value_or("")},
      {"name", product.name.value_or("")},
      {"physicalId", product.physical_id.value_or("")},
      {"productId", product.product_id.value_or("")},
      {"productName", product.product_name.value_or("")},
      {"provisioningArtifactId", product.provisioning_artifact_id.value_or("")},
      {"provisioningArtifactName", product.provisioning_artifact_name.value_or("")},
      {"status", product.status.value_or("")},
      {"type", product.type.value_or("")},
      {"userArn", product.user_arn.value_or("")},
      {"userArnSession", product.user_arn_session.value_or("")}};
  const std::size_t colon = word.find(':');
  if (colon != std::string::npos && !word.starts_with("arn:")) {
    const auto field = fields.find(word.substr(0, colon));
    if (field == fields.end())
      return invalid(fmt::format("SearchQuery has no field {}.", word.substr(0, colon)));
    return has_text(field->second, std::string_view(word).substr(colon + 1));
  }
  return std::any_of(fields.begin(), fields.end(),
                     [&](const auto& field) { return has_text(field.second, word); });
}

using SearchFilters = std::optional<std::map<std::string, std::vector<std::string>>>;

Result<bool> is_found(const ProvisionedProductAttribute& product, const SearchFilters& filters) {
  if (!filters) return true;
  for (const auto& [by, words] : *filters) {
    bool any = words.empty();
    for (const std::string& word : words) {
      TARN_TRY(const bool has, has_word(product, word));
      any = any || has;
    }
    if (!any) return false;
  }
  return true;
}

Status sort_found(std::vector<ProvisionedProductAttribute>& all,
                  const std::optional<std::string>& by, const std::optional<std::string>& order) {
  const std::string field = by.value_or("createdTime");
  const auto text_of = [&](const ProvisionedProductAttribute& each) {
    if (field == "arn") return each.arn.value_or("");
    if (field == "id") return each.id.value_or("");
    if (field == "name") return each.name.value_or("");
    return each.last_record_id.value_or("");
  };
  if (field != "arn" && field != "id" && field != "name" && field != "lastRecordId" &&
      field != "createdTime")
    return invalid(
        fmt::format("SortBy {} is none of: arn, id, name, lastRecordId, createdTime.", field));
  std::stable_sort(all.begin(), all.end(), [&](const auto& one, const auto& other) {
    if (field == "createdTime") return one.created_time < other.created_time;
    return text_of(one) < text_of(other);
  });
  // The newest first where nothing else is asked.
  const bool ascends = order ? *order == "ASCENDING" : by.has_value();
  if (!ascends) std::reverse(all.begin(), all.end());
  return {};
}

}  // namespace

Task<Result<DescribeProvisionedProductOutput>> handle(DescribeProvisionedProduct /*tag*/,
                                                      ServiceCatalog& room, const Caller& caller,
                                                      DescribeProvisionedProductInput input) {
  TARN_CO_TRY(const auto found,
              find_provisioned(room, caller, "servicecatalog:DescribeProvisionedProduct", input.id,
                               input.name));
  DescribeProvisionedProductOutput out;
  out.provisioned_product_detail = told(caller, *found);
  out.cloud_watch_dashboards.emplace();
  co_return out;
}

Task<Result<GetProvisionedProductOutputsOutput>> handle(GetProvisionedProductOutputs /*tag*/,
                                                        ServiceCatalog& room, const Caller& caller,
                                                        GetProvisionedProductOutputsInput input) {
  TARN_CO_TRY(const auto found,
              find_provisioned(room, caller, "servicecatalog:GetProvisionedProductOutputs",
                               input.provisioned_product_id, input.provisioned_product_name));
  auto all = told_outputs(found->outputs);
  const auto keys = input.output_keys.value_or(std::vector<std::string>());
  for (const std::string& key : keys) {
    const bool is_there = std::any_of(all.begin(), all.end(),
                                      [&](const auto& each) { return each.output_key == key; });
    if (!is_there) co_return invalid(fmt::format("There is no output {}.", key));
  }
  std::erase_if(all, [&](const RecordOutput& each) {
    return !keys.empty() && std::find(keys.begin(), keys.end(), *each.output_key) == keys.end();
  });
  GetProvisionedProductOutputsOutput out;
  TARN_CO_TRY(out.outputs,
              page_of(std::move(all), input.page_token, input.page_size, out.next_page_token));
  co_return out;
}

Task<Result<ScanProvisionedProductsOutput>> handle(ScanProvisionedProducts /*tag*/,
                                                   ServiceCatalog& room, const Caller& caller,
                                                   ScanProvisionedProductsInput input) {
  TARN_CO_TRY(const Level level, asked_level(room, caller, "servicecatalog:ScanProvisionedProducts",
                                             input.access_level_filter));
  std::vector<ProvisionedProductDetail> all;
  for (const auto& each : seen_by(room, caller, level)) all.push_back(told(caller, *each));
  ScanProvisionedProductsOutput out;
  TARN_CO_TRY(out.provisioned_products,
              page_of(std::move(all), input.page_token, input.page_size, out.next_page_token));
  co_return out;
}

Task<Result<SearchProvisionedProductsOutput>> handle(SearchProvisionedProducts /*tag*/,
                                                     ServiceCatalog& room, const Caller& caller,
                                                     SearchProvisionedProductsInput input) {
  TARN_CO_TRY(const Level level,
              asked_level(room, caller, "servicecatalog:SearchProvisionedProducts",
                          input.access_level_filter));
  std::vector<ProvisionedProductAttribute> all;
  for (const auto& each : seen_by(room, caller, level)) {
    ProvisionedProductAttribute shown = told_attribute(room, caller, *each);
    TARN_CO_TRY(const bool found, is_found(shown, input.filters));
    if (found) all.push_back(std::move(shown));
  }
  TARN_CO_CHECK(sort_found(all, input.sort_by, input.sort_order));
  SearchProvisionedProductsOutput out;
  out.total_results_count = static_cast<std::int32_t>(all.size());
  TARN_CO_TRY(out.provisioned_products,
              page_of(std::move(all), input.page_token, input.page_size, out.next_page_token));
  co_return out;
}

Task<Result<UpdateProvisionedProductPropertiesOutput>> handle(
    UpdateProvisionedProductProperties /*tag*/, ServiceCatalog& room, const Caller& caller,
    UpdateProvisionedProductPropertiesInput input) {
  constexpr std::string_view kAction = "servicecatalog:UpdateProvisionedProductProperties";
  // Whoever may do it may do it to all: only administrators have it.
  TARN_CO_CHECK(check_level(room.identities.authorizer, caller, kAction, Level::kAccount));
  OperationRecord operation;
  operation.id = new_id(room, "rec-");
  operation.type = "UPDATE_PROVISIONED_PRODUCT_PROPERTIES";
  operation.status = "SUCCEEDED";
  operation.created_ms = room.platform.clock.now().ms;
  operation.updated_ms = operation.created_ms;
  operation.maker = maker_of(caller);
  const Catalog::Change put = [&](Draft& draft) -> Status {
    const auto before = draft.find<ProvisionedRecord>(input.provisioned_product_id);
    if (before == nullptr) {
      return missing(
          fmt::format("Provisioned product {} not found.", input.provisioned_product_id));
    }
    if (before->status == "UNDER_CHANGE") {
      return Error("InvalidStateException",
                   fmt::format("Provisioned product {} is UNDER_CHANGE.", before->id));
    }
    ProvisionedRecord changed = *before;
    for (const auto& [key, value] : input.provisioned_product_properties) {
      if (key == "OWNER") changed.maker = {value, value};
      if (key == "LAUNCH_ROLE") changed.plan.launch_role = value;
    }
    changed.last_record_id = operation.id;
    operation.provisioned_id = changed.id;
    operation.provisioned_name = changed.name;
    operation.plan = changed.plan;
    draft.put(changed);
    draft.put(operation);
    return {};
  };
  const auto role = input.provisioned_product_properties.find("LAUNCH_ROLE");
  if (role != input.provisioned_product_properties.end()) {
    TARN_CO_CHECK(as_told(room.identities.authorizer.check_pass_role(
        caller, role->second, "servicecatalog.amazonaws.com")));
  }
  TARN_CO_CHECK(co_await change(room, caller, put));
  UpdateProvisionedProductPropertiesOutput out;
  out.provisioned_product_id = input.provisioned_product_id;
  out.provisioned_product_properties = input.provisioned_product_properties;
  out.record_id = operation.id;
  out.status = operation.status;
  co_return out;
}

}  // namespace tarn::servicecatalog
