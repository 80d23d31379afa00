// Launch terms: by which way a caller launches a product, and what that way asks and adds.
//
// Place: services/servicecatalog, for what end users call. Sources:
// https://docs.aws.amazon.com/servicecatalog/latest/dg/API_ListLaunchPaths.html,
// https://docs.aws.amazon.com/servicecatalog/latest/adminguide/tagoptions.html and
// https://docs.aws.amazon.com/servicecatalog/latest/adminguide/autotags.html Threads: the control
// strand.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "services/servicecatalog/request.h"

namespace tarn::servicecatalog {

// What a request names; one of id and name each, of a path none where there is one only.
struct Wanted {
  std::optional<std::string> product_id;
  std::optional<std::string> product_name;
  std::optional<std::string> path_id;
  std::optional<std::string> path_name;
};

struct LaunchTerms {
  Entry<ProductRecord> product;
  Entry<PathRecord> path;
  Entry<PortfolioRecord> portfolio;
  Entries<ConstraintRecord> constraints;
};

// A product that the caller can launch. Errors: InvalidParametersException,
// ResourceNotFoundException.
[[nodiscard]] Result<Entry<ProductRecord>> visible_product(const ServiceCatalog& room,
                                                           const Caller& caller,
                                                           const Wanted& wanted);
// Errors: as above, and where there are several ways and none is named.
[[nodiscard]] Result<LaunchTerms> terms_of(const ServiceCatalog& room, const Caller& caller,
                                           const Wanted& wanted);

// Active options of product and portfolio: values by key.
[[nodiscard]] std::map<std::string, std::vector<std::string>> offered_tags(
    const View& view, const LaunchTerms& terms);
// Tags of portfolio and product that a launch takes over: all but those of aws:.
[[nodiscard]] TagMap inherited_tags(const PortfolioRecord& portfolio, const ProductRecord& product);
// The same, options that leave no choice, and what is given. Error:
// InvalidParametersException: a value that is not offered, or none where there is a choice.
[[nodiscard]] Result<TagMap> tags_of_launch(const View& view, const LaunchTerms& terms,
                                            const TagMap& given);
// aws:servicecatalog:…
[[nodiscard]] TagMap auto_tags(const std::string& account_id, const std::string& region,
                               const LaunchPlan& plan, const Maker& maker,
                               const std::string& provisioned_arn);

// The plan of a launch of a version, without parameters.
[[nodiscard]] LaunchPlan plan_of(const Caller& caller, const LaunchTerms& terms,
                                 const VersionRecord& version);
// Of the TEMPLATE constraints: JSON documents.
[[nodiscard]] std::vector<std::string> rules_of(const Entries<ConstraintRecord>& constraints);

}  // namespace tarn::servicecatalog
