// CreateProvisioningArtifact, UpdateProvisioningArtifact, DeleteProvisioningArtifact,
// DescribeProvisioningArtifact, ListProvisioningArtifacts.
#include <algorithm>
#include <utility>

#include "services/servicecatalog/actions.h"
#include "services/servicecatalog/tell.h"
#include "services/servicecatalog/versions.h"

namespace tarn::servicecatalog {
namespace {

Result<Entry<VersionRecord>> version_in(const Draft& draft, const std::string& product_id,
                                        const std::string& id) {
  const auto found = draft.find<VersionRecord>(id);
  if (found != nullptr && found->product_id == product_id) return found;
  return missing(fmt::format("Provisioning artifact {} not found for product {}.", id, product_id));
}

}  // namespace

Task<Result<CreateProvisioningArtifactOutput>> handle(CreateProvisioningArtifact /*tag*/,
                                                      ServiceCatalog& room, const Caller& caller,
                                                      CreateProvisioningArtifactInput input) {
  TARN_CO_CHECK(product_of(View(room.catalog, caller.region), input.product_id));
  ProvisioningArtifactProperties properties = input.parameters;
  TARN_CO_TRY(VersionRecord made, co_await read_version(room, caller, std::move(properties)));
  made.product_id = input.product_id;
  made.origin = origin_of(std::move(input));
  const Catalog::Change put = [&](Draft& draft) -> Status {
    TARN_TRY(const auto before, made_before<VersionRecord>(draft, made.origin));
    if (before != nullptr) {
      made = *before;
      return {};
    }
    TARN_TRY(const auto product, product_of(draft, made.product_id));
    const auto others = draft.all<VersionRecord>(
        [&](const VersionRecord& each) { return each.product_id == product->id; });
    if (others.size() >= kMostVersions) return too_many("versions of a product", kMostVersions);
    for (const auto& each : others) made.place = std::max(made.place, each->place + 1);
    draft.put(made);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  CreateProvisioningArtifactOutput out;
  out.provisioning_artifact_detail = told(made);
  out.info = info_of(made);
  out.status = "AVAILABLE";
  co_return out;
}

Task<Result<UpdateProvisioningArtifactOutput>> handle(UpdateProvisioningArtifact /*tag*/,
                                                      ServiceCatalog& room, const Caller& caller,
                                                      UpdateProvisioningArtifactInput input) {
  VersionRecord changed;
  const Catalog::Change put = [&](Draft& draft) -> Status {
    TARN_TRY(const auto before,
             version_in(draft, input.product_id, input.provisioning_artifact_id));
    changed = *before;
    changed.name = input.name.value_or(changed.name);
    changed.description = input.description.value_or(changed.description);
    changed.is_active = input.active.value_or(changed.is_active);
    changed.guidance = input.guidance.value_or(changed.guidance);
    draft.put(changed);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  UpdateProvisioningArtifactOutput out;
  out.provisioning_artifact_detail = told(changed);
  out.info = info_of(changed);
  out.status = "AVAILABLE";
  co_return out;
}

Task<Result<DeleteProvisioningArtifactOutput>> handle(DeleteProvisioningArtifact /*tag*/,
                                                      ServiceCatalog& room, const Caller& caller,
                                                      DeleteProvisioningArtifactInput input) {
  const Catalog::Change remove = [&](Draft& draft) -> Status {
    TARN_TRY(const auto version,
             version_in(draft, input.product_id, input.provisioning_artifact_id));
    const bool is_provisioned = draft.any<ProvisionedRecord>(
        [&](const ProvisionedRecord& each) { return each.plan.version_id == version->id; });
    if (is_provisioned) {
      return in_use(fmt::format(
          "Provisioning artifact {} cannot be deleted while something is provisioned of it.",
          version->id));
    }
    const auto versions = draft.all<VersionRecord>(
        [&](const VersionRecord& each) { return each.product_id == input.product_id; });
    if (versions.size() == 1)
      return invalid("The last provisioning artifact of a product cannot be deleted.");
    draft.remove(*version);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, remove));
  co_return DeleteProvisioningArtifactOutput();
}

Task<Result<DescribeProvisioningArtifactOutput>> handle(DescribeProvisioningArtifact /*tag*/,
                                                        ServiceCatalog& room, const Caller& caller,
                                                        DescribeProvisioningArtifactInput input) {
  const View view(room.catalog, caller.region);
  std::string product_id;
  const auto by_id = view.find<VersionRecord>(input.provisioning_artifact_id.value_or(""));
  if (by_id != nullptr && !input.product_id && !input.product_name) {
    product_id = by_id->product_id;
  } else {
    TARN_CO_TRY(const auto product, find_product(view, input.product_id, input.product_name));
    product_id = product->id;
  }
  TARN_CO_TRY(const auto version, find_version(view, product_id, input.provisioning_artifact_id,
                                               input.provisioning_artifact_name));
  DescribeProvisioningArtifactOutput out;
  out.provisioning_artifact_detail = told(*version);
  out.info = info_of(*version);
  if (input.verbose.value_or(false)) (*out.info)["CloudFormationTemplate"] = version->text;
  out.status = "AVAILABLE";
  if (input.include_provisioning_artifact_parameters.value_or(false)) {
    const auto read = cloudformation::parse_template(version->text);
    if (!read.ok()) co_return invalid(read.error().message);
    out.provisioning_artifact_parameters = told_parameters(*read);
  }
  co_return out;
}

Task<Result<ListProvisioningArtifactsOutput>> handle(ListProvisioningArtifacts /*tag*/,
                                                     ServiceCatalog& room, const Caller& caller,
                                                     ListProvisioningArtifactsInput input) {
  const View view(room.catalog, caller.region);
  TARN_CO_TRY(const auto product, product_of(view, input.product_id));
  ListProvisioningArtifactsOutput out;
  auto& shown = out.provisioning_artifact_details.emplace();
  for (const auto& version : versions_of(view, product->id)) shown.push_back(told(*version));
  co_return out;
}

}  // namespace tarn::servicecatalog
