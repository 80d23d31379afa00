// Request: what Glue's requests have in common.
//
// Place: glue, between the wire's inputs and the metastore.
// Threads: for one request.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "services/glue/api.h"
#include "services/glue/metastore.h"
#include "services/glue/service.h"

namespace tarn::glue {

// The catalog that is meant. Error: EntityNotFoundException, where CatalogId is not the caller's
// account.
[[nodiscard]] Result<Owner> owner_of(const Caller& caller,
                                     const std::optional<std::string>& catalog_id);

[[nodiscard]] PageRequest page_of(const std::optional<std::string>& next_token,
                                  const std::optional<std::int32_t>& max_results);

// Error: NotImplemented by the parameter's name, where `given`.
[[nodiscard]] Status refuse(bool given, const char* parameter);

// Whether the caller may set or remove a tag. Error: InvalidInputException ("aws:").
[[nodiscard]] Status check_tag_key(const Caller& caller, const std::string& key);

[[nodiscard]] ErrorDetail detail_of(const Error& error);

// Runs `work`, which gives a Result<Output> or Error, on the blocking pool.
template <class Output, class Work>
Task<Result<Output>> on_disk(GlueService& service, Work work) {
  Result<Output> done =
      co_await service.tasks().offload([&]() -> Result<Output> { return work(); });
  co_return done;
}

}  // namespace tarn::glue
