#include "services/servicecatalog/resources/resources.h"

#include <utility>

namespace tarn::servicecatalog {

std::vector<OwnedType> resource_types(const gateway::InProcess& calls, platform::Clock& clock) {
  std::vector<OwnedType> out = portfolio_types(calls);
  for (auto& type : association_types(calls)) out.push_back(std::move(type));
  for (auto& type : constraint_types(calls)) out.push_back(std::move(type));
  out.push_back(product_type(calls));
  out.push_back(provisioned_product_type(calls, clock));
  return out;
}

}  // namespace tarn::servicecatalog
