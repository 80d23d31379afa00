// Provisioned products and their records: found and told.
//
// Place: services/servicecatalog, for the handlers. Threads: the control strand.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/servicecatalog/request.h"

namespace tarn::servicecatalog {

// By id, or by name or ARN, whose makers the caller's policies let through. Errors:
// InvalidParametersException (none or both), ResourceNotFoundException, AccessDenied.
[[nodiscard]] Result<Entry<ProvisionedRecord>> find_provisioned(
    const ServiceCatalog& room, const Caller& caller, std::string_view action,
    const std::optional<std::string>& id, const std::optional<std::string>& name);

// What an AccessLevelFilter lets see; without one what the caller made himself. Errors:
// InvalidParametersException, AccessDenied.
[[nodiscard]] Result<Level> asked_level(const ServiceCatalog& room, const Caller& caller,
                                        std::string_view action,
                                        const std::optional<AccessLevelFilter>& filter);

[[nodiscard]] ProvisionedProductDetail told(const Caller& caller, const ProvisionedRecord& product);
[[nodiscard]] ProvisionedProductAttribute told_attribute(const ServiceCatalog& room,
                                                         const Caller& caller,
                                                         const ProvisionedRecord& product);
[[nodiscard]] RecordDetail told(const Caller& caller, const OperationRecord& operation);
[[nodiscard]] std::vector<RecordOutput> told_outputs(const std::vector<StackOutput>& outputs);

}  // namespace tarn::servicecatalog
