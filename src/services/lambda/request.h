// Request: what the requests of Lambda have in common.
//
// Place: services/lambda, between the wire's inputs and the functions. Threads: the control strand.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/lambda/api.h"
#include "services/lambda/service.h"

namespace tarn::lambda {

// A function as requests name it: NAME, ACCOUNT:function:NAME or its ARN, each with a qualifier
// where one is wanted.
struct FunctionName {
  std::string name;
  std::string qualifier;
};

// Error: InvalidParameterValueException (another account's or Region's, two qualifiers).
[[nodiscard]] Result<FunctionName> parse_name(const Caller& caller, const std::string& given,
                                              const std::optional<std::string>& qualifier = {});
// Errors: as above, ResourceNotFoundException.
[[nodiscard]] Result<Functions::Entry> find_function(Lambda& lambda, const Caller& caller,
                                                     const std::string& given);
[[nodiscard]] Result<Target> find_called(Lambda& lambda, const Caller& caller,
                                         const std::string& given,
                                         const std::optional<std::string>& qualifier);

// Error: NotImplemented by the parameter's name, where `given`.
[[nodiscard]] Status refuse(bool given, std::string_view parameter);
[[nodiscard]] Error invalid(std::string message);

// Error: PreconditionFailedException where `wanted` is not the revision that there is.
[[nodiscard]] Status check_revision(const std::optional<std::string>& wanted,
                                    const std::string& revision);

// A version as the API shows it.
[[nodiscard]] FunctionConfiguration describe(const FunctionRecord& function,
                                             const Version& version);
[[nodiscard]] AliasConfiguration describe(const FunctionRecord& function, const Alias& alias);

// The page of `all` that begins at `marker`, which is the number of the first. Error:
// InvalidParameterValueException.
template <class Entry>
Result<std::vector<Entry>> take_page(const std::vector<Entry>& all,
                                     const std::optional<std::string>& marker,
                                     const std::optional<std::int32_t>& size,
                                     std::optional<std::string>& next);
[[nodiscard]] Result<std::size_t> place_of(const std::optional<std::string>& marker);

inline constexpr std::int32_t kPage = 50;  // of functions, versions and aliases

template <class Entry>
Result<std::vector<Entry>> take_page(const std::vector<Entry>& all,
                                     const std::optional<std::string>& marker,
                                     const std::optional<std::int32_t>& size,
                                     std::optional<std::string>& next) {
  TARN_TRY(const std::size_t place, place_of(marker));
  const auto most = static_cast<std::size_t>(std::clamp(size.value_or(kPage), 1, kPage));
  std::vector<Entry> out;
  for (std::size_t i = place; i < all.size() && out.size() < most; ++i) out.push_back(all[i]);
  if (place + out.size() < all.size()) next = std::to_string(place + out.size());
  return out;
}

}  // namespace tarn::lambda
