// What the handlers of the Parameter Store share.
//
// Place: services/ssm. Source of quotas and rules for names:
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-about-examples.html
// and https://docs.aws.amazon.com/general/latest/gr/ssm.html Threads: as service.h says.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "services/ssm/api.h"
#include "services/ssm/service.h"

namespace tarn::ssm {

inline constexpr std::size_t kMostParameters = 10'000;   // of an account and Region
inline constexpr std::size_t kMostStandardBytes = 4096;  // of a value
inline constexpr std::size_t kMostAdvancedBytes = 8192;
inline constexpr std::size_t kMostVersions = 100;
inline constexpr std::size_t kMostLabels = 10;  // of a version
inline constexpr std::size_t kMostLevels = 15;  // of a hierarchy
inline constexpr std::size_t kMostTags = 50;    // of a parameter, besides those of aws:

[[nodiscard]] Error invalid(std::string text);            // ValidationException
[[nodiscard]] Error no_parameter(std::string_view name);  // ParameterNotFound
[[nodiscard]] Error not_offered(std::string_view what);   // NotImplemented

// A name as a call gives it: its ARN or itself, with a selector (":3", ":label") or none.
struct Asked {
  std::string name;
  std::string selector;  // without its colon; empty: the current version
};
[[nodiscard]] Asked asked_of(std::string_view given);

// Of a parameter that is to be made. Errors: ValidationException,
// HierarchyLevelLimitExceededException.
[[nodiscard]] Status check_name(std::string_view name);

// arn:aws:ssm:REGION:ACCOUNT:parameter/PATH
[[nodiscard]] std::string arn_of(const Caller& caller, std::string_view name);

// Whether the caller may set or remove a tag. Error: ValidationException ("aws:").
[[nodiscard]] Status check_tag_key(const Caller& caller, const std::string& key);
// Of a parameter. Error: TooManyTagsError.
[[nodiscard]] Status check_tag_count(const std::map<std::string, std::string>& tags);

// Errors: ParameterNotFound; ParameterVersionNotFound.
struct Found {
  Parameters::Entry record;
  const ParameterVersion* version;
};
[[nodiscard]] Result<Found> find(const Ssm& ssm, const Caller& caller, const Asked& asked);

// Sets a version's value, encrypted where it is a SecureString. Errors: InvalidKeyId; AccessDenied
// (a key of the account that the caller may not use).
[[nodiscard]] Task<Status> protect(Ssm& ssm, const Caller& caller, std::string name,
                                   ParameterVersion& version, std::string value);
// The value; of a SecureString its ciphertext, where it is not to be decrypted. Errors: as above.
[[nodiscard]] Result<std::string> value_of(Ssm& ssm, const Caller& caller, const std::string& name,
                                           const ParameterVersion& version, bool decrypts);

// Errors: those of `change`, kIo, kDiskFull.
[[nodiscard]] Task<Status> change(Ssm& ssm, const Caller& caller, std::string name,
                                  const Parameters::Change& change);

// Error: InvalidNextToken.
[[nodiscard]] Result<std::size_t> place_of(const std::optional<std::string>& token);
template <class Shape>
Result<std::vector<Shape>> page_of(std::vector<Shape> all, const std::optional<std::string>& token,
                                   std::int32_t most, std::optional<std::string>& next) {
  TARN_TRY(const std::size_t place, place_of(token));
  std::vector<Shape> out;
  for (std::size_t i = place; i < all.size() && out.size() < static_cast<std::size_t>(most); ++i)
    out.push_back(std::move(all[i]));
  if (place + out.size() < all.size()) next = std::to_string(place + out.size());
  return out;
}

[[nodiscard]] inline std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace tarn::ssm
