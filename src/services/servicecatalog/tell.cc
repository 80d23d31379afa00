#include "services/servicecatalog/tell.h"

#include <algorithm>

#include <fmt/format.h>

namespace tarn::servicecatalog {
namespace {

constexpr std::string_view kTemplateType = "CLOUD_FORMATION_TEMPLATE";

template <class Number>
std::optional<std::string> text_of(const std::optional<Number>& number) {
  if (!number) return std::nullopt;
  return fmt::format("{}", *number);
}

}  // namespace

PortfolioDetail told(const Caller& caller, const PortfolioRecord& portfolio) {
  PortfolioDetail out;
  out.id = portfolio.id;
  out.arn = catalog_arn(caller, "portfolio", portfolio.id);
  out.display_name = portfolio.name;
  out.description = if_any(portfolio.description);
  out.created_time = Timestamp{portfolio.created_ms};
  out.provider_name = portfolio.provider;
  return out;
}

ProductViewSummary told_view(const ProductRecord& product, bool has_default_path) {
  ProductViewSummary out;
  out.id = product.view_id;
  out.product_id = product.id;
  out.name = product.name;
  out.owner = product.owner;
  out.short_description = if_any(product.description);
  out.type = kTemplateType;
  out.distributor = if_any(product.distributor);
  out.has_default_path = has_default_path;
  out.support_email = if_any(product.support_email);
  out.support_description = if_any(product.support_description);
  out.support_url = if_any(product.support_url);
  return out;
}

ProductViewDetail told(const Caller& caller, const ProductRecord& product) {
  ProductViewDetail out;
  out.product_view_summary = told_view(product, false);
  out.status = "AVAILABLE";
  out.product_arn = catalog_arn(caller, "product", product.id);
  out.created_time = Timestamp{product.created_ms};
  return out;
}

ProvisioningArtifactDetail told(const VersionRecord& version) {
  ProvisioningArtifactDetail out;
  out.id = version.id;
  out.name = version.name;
  out.description = if_any(version.description);
  out.type = kTemplateType;
  out.created_time = Timestamp{version.created_ms};
  out.active = version.is_active;
  out.guidance = version.guidance;
  return out;
}

ProvisioningArtifact told_artifact(const VersionRecord& version) {
  ProvisioningArtifact out;
  out.id = version.id;
  out.name = version.name;
  out.description = if_any(version.description);
  out.created_time = Timestamp{version.created_ms};
  out.guidance = version.guidance;
  return out;
}

ConstraintDetail told(const Caller& caller, const ConstraintRecord& constraint) {
  ConstraintDetail out;
  out.constraint_id = constraint.id;
  out.type = constraint.type;
  out.description = if_any(constraint.description);
  out.owner = caller.account_id;
  out.product_id = constraint.product_id;
  out.portfolio_id = constraint.portfolio_id;
  return out;
}

TagOptionDetail told(const Caller& caller, const TagOptionRecord& option) {
  TagOptionDetail out;
  out.key = option.key;
  out.value = option.value;
  out.active = option.is_active;
  out.id = option.id;
  out.owner = caller.account_id;
  return out;
}

std::vector<ProvisioningArtifactParameter> told_parameters(const cloudformation::Template& read) {
  std::vector<ProvisioningArtifactParameter> out;
  for (const cloudformation::ParameterDefinition& each : read.parameters) {
    ProvisioningArtifactParameter& shown = out.emplace_back();
    shown.parameter_key = each.name;
    shown.default_value = each.otherwise;
    shown.parameter_type = each.type;
    shown.is_no_echo = each.no_echo;
    shown.description = if_any(each.description);
    ParameterConstraints& constraints = shown.parameter_constraints.emplace();
    constraints.allowed_values = each.allowed_values;
    constraints.allowed_pattern = each.allowed_pattern;
    constraints.constraint_description = if_any(each.constraint_description);
    constraints.min_length = text_of(each.min_length);
    constraints.max_length = text_of(each.max_length);
    constraints.min_value = text_of(each.min_value);
    constraints.max_value = text_of(each.max_value);
  }
  return out;
}

std::vector<TagOptionDetail> tag_options_of(const Caller& caller, const View& view,
                                            const std::string& resource_id) {
  std::vector<TagOptionDetail> out;
  const auto uses = view.all<TagOptionUseRecord>(
      [&](const TagOptionUseRecord& use) { return use.resource_id == resource_id; });
  for (const auto& use : uses) {
    const auto option = view.find<TagOptionRecord>(use->tag_option_id);
    if (option != nullptr) out.push_back(told(caller, *option));
  }
  return out;
}

Entries<VersionRecord> versions_of(const View& view, const std::string& product_id, bool shown) {
  auto out = view.all<VersionRecord>([&](const VersionRecord& version) {
    return version.product_id == product_id && (version.is_active || !shown);
  });
  std::sort(out.begin(), out.end(),
            [](const auto& one, const auto& other) { return one->place < other->place; });
  return out;
}

Entries<ConstraintRecord> constraints_of(const View& view, const std::string& portfolio_id,
                                         const std::string& product_id) {
  return view.all<ConstraintRecord>([&](const ConstraintRecord& constraint) {
    return constraint.portfolio_id == portfolio_id && constraint.product_id == product_id;
  });
}

std::vector<ConstraintSummary> summaries_of(const Entries<ConstraintRecord>& constraints) {
  std::vector<ConstraintSummary> out;
  for (const auto& each : constraints) {
    ConstraintSummary& shown = out.emplace_back();
    shown.type = each->type;
    shown.description = if_any(each->description);
  }
  return out;
}

}  // namespace tarn::servicecatalog
