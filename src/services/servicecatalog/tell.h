// Tell: records as the API tells them.
//
// Place: services/servicecatalog, for the handlers. Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "services/cloudformation/template/template.h"
#include "services/servicecatalog/api.h"
#include "services/servicecatalog/records.h"
#include "services/servicecatalog/request.h"

namespace tarn::servicecatalog {

[[nodiscard]] PortfolioDetail told(const Caller& caller, const PortfolioRecord& portfolio);
[[nodiscard]] ProductViewSummary told_view(const ProductRecord& product, bool has_default_path);
[[nodiscard]] ProductViewDetail told(const Caller& caller, const ProductRecord& product);
[[nodiscard]] ProvisioningArtifactDetail told(const VersionRecord& version);
// A version as end users see it.
[[nodiscard]] ProvisioningArtifact told_artifact(const VersionRecord& version);
[[nodiscard]] ConstraintDetail told(const Caller& caller, const ConstraintRecord& constraint);
[[nodiscard]] TagOptionDetail told(const Caller& caller, const TagOptionRecord& option);
[[nodiscard]] std::vector<ProvisioningArtifactParameter> told_parameters(
    const cloudformation::Template& read);

// Of a portfolio or product.
[[nodiscard]] std::vector<TagOptionDetail> tag_options_of(const Caller& caller, const View& view,
                                                          const std::string& resource_id);
// Of a product, as they were made; `shown` to end users: active ones only.
[[nodiscard]] Entries<VersionRecord> versions_of(const View& view, const std::string& product_id,
                                                 bool shown = false);
// Of a product in a portfolio.
[[nodiscard]] Entries<ConstraintRecord> constraints_of(const View& view,
                                                       const std::string& portfolio_id,
                                                       const std::string& product_id);
[[nodiscard]] std::vector<ConstraintSummary> summaries_of(
    const Entries<ConstraintRecord>& constraints);

}  // namespace tarn::servicecatalog
