// A version that is to be made of what a request says of its template.
//
// Place: services/servicecatalog, for products and provisioning artifacts. Threads: the control
// strand.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "services/servicecatalog/request.h"

namespace tarn::servicecatalog {

// With its template, read with the caller's own permission and, unless that is refused, checked; of
// no product yet. Errors: InvalidParametersException; NotImplemented (another source than
// LoadTemplateFromURL, another type); AccessDenied, of the object.
[[nodiscard]] Task<Result<VersionRecord>> read_version(ServiceCatalog& room, const Caller& caller,
                                                       ProvisioningArtifactProperties properties);

// What there is to tell of where a version came from.
[[nodiscard]] std::map<std::string, std::string> info_of(const VersionRecord& version);

// A product by its id or, where none is given, its name. Errors: InvalidParametersException (none
// or both), ResourceNotFoundException.
[[nodiscard]] Result<Entry<ProductRecord>> find_product(const View& view,
                                                        const std::optional<std::string>& id,
                                                        const std::optional<std::string>& name);
// A version of the product alike.
[[nodiscard]] Result<Entry<VersionRecord>> find_version(const View& view,
                                                        const std::string& product_id,
                                                        const std::optional<std::string>& id,
                                                        const std::optional<std::string>& name);

}  // namespace tarn::servicecatalog
