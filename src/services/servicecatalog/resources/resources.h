// The resource types that stacks can make of Service Catalog.
//
// Place: services/servicecatalog/resources; src/tarn adds them to the service of stacks. Threads:
// the control strand. Properties, ids and attributes as
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_ServiceCatalog.html
#pragma once

#include <memory>
#include <vector>

#include "gateway/in_process.h"
#include "platform/clock.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::servicecatalog {

using OwnedType = std::unique_ptr<cloudformation::ResourceType>;

// All of them. Both must live on.
[[nodiscard]] std::vector<OwnedType> resource_types(const gateway::InProcess& calls,
                                                    platform::Clock& clock);

// AWS::ServiceCatalog::Portfolio, TagOption.
[[nodiscard]] std::vector<OwnedType> portfolio_types(const gateway::InProcess& calls);
// AWS::ServiceCatalog::PortfolioProductAssociation, PortfolioPrincipalAssociation,
// TagOptionAssociation.
[[nodiscard]] std::vector<OwnedType> association_types(const gateway::InProcess& calls);
// AWS::ServiceCatalog::CloudFormationProduct.
[[nodiscard]] OwnedType product_type(const gateway::InProcess& calls);
// AWS::ServiceCatalog::LaunchRoleConstraint, LaunchTemplateConstraint,
// LaunchNotificationConstraint.
[[nodiscard]] std::vector<OwnedType> constraint_types(const gateway::InProcess& calls);
// AWS::ServiceCatalog::CloudFormationProvisionedProduct.
[[nodiscard]] OwnedType provisioned_product_type(const gateway::InProcess& calls,
                                                 platform::Clock& clock);

}  // namespace tarn::servicecatalog
