// What the handlers of Secrets Manager share.
//
// Place: services/secretsmanager. Source of quotas:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html Threads: as
// service.h says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "services/secretsmanager/api.h"
#include "services/secretsmanager/service.h"

namespace tarn::secretsmanager {

inline constexpr std::size_t kMostVersions = 100;
inline constexpr std::size_t kMostTags = 50;
inline constexpr std::string_view kCurrent = "AWSCURRENT";
inline constexpr std::string_view kPrevious = "AWSPREVIOUS";
inline constexpr std::string_view kPending = "AWSPENDING";

[[nodiscard]] Error invalid(std::string text);      // InvalidParameterException
[[nodiscard]] Error not_allowed(std::string text);  // InvalidRequestException
[[nodiscard]] Error no_secret();                    // ResourceNotFoundException
[[nodiscard]] Error not_offered(std::string_view what);

// By name, ARN, or ARN without the dash and six letters at its end; nullptr where there is none.
[[nodiscard]] Secrets::Entry find_secret(const Secrets& secrets, std::string_view region,
                                         std::string_view id);
// Of the caller's Region. Errors: ResourceNotFoundException; InvalidRequestException of one that is
// marked for deletion, unless that is `accepted`.
[[nodiscard]] Result<Secrets::Entry> secret_of(const SecretsManager& room, const Caller& caller,
                                               std::string_view id, bool accepted = false);
// Whether its day has come.
[[nodiscard]] bool is_gone(const SecretsManager& room, const SecretRecord& secret);

// What is to be kept: one of both. Error: InvalidParameterException.
struct Content {
  bool is_binary = false;
  std::string bytes;
};
[[nodiscard]] Result<std::optional<Content>> content_of(std::optional<std::string>& text,
                                                        std::optional<std::string>& binary);

// Encrypted under the secret's key. Errors: EncryptionFailure; AccessDenied (a key of the account
// that the caller may not use).
[[nodiscard]] Task<Result<SecretVersion>> seal_version(SecretsManager& room, const Caller& caller,
                                                       const SecretRecord& secret, std::string id,
                                                       Content content);
// Errors: DecryptionFailure, AccessDenied.
[[nodiscard]] Result<std::string> open_version(SecretsManager& room, const Caller& caller,
                                               const SecretRecord& secret,
                                               const SecretVersion& version);

// Adds a version at the stages, which leave the versions that had them; where it becomes the
// current one, that one becomes the previous one. Error: LimitExceededException.
[[nodiscard]] Status add_version(SecretRecord& secret, SecretVersion version,
                                 const std::vector<std::string>& stages);
// Moves a stage to the version of that id, or nowhere.
void move_stage(SecretRecord& secret, const std::string& stage, std::string_view to);

// Errors: those of `change`, kIo, kDiskFull.
[[nodiscard]] Task<Status> change(SecretsManager& room, const Caller& caller, std::string name,
                                  const Secrets::Change& change);

// Errors: InvalidParameterException ("aws:", more than 50).
[[nodiscard]] Status add_tags(const Caller& caller, SecretRecord& secret,
                              const std::optional<std::vector<Tag>>& given);
[[nodiscard]] Status remove_tags(const Caller& caller, SecretRecord& secret,
                                 const std::vector<std::string>& keys);
[[nodiscard]] std::vector<Tag> told_tags(const SecretRecord& secret);
[[nodiscard]] std::map<std::string, std::vector<std::string>> told_stages(
    const SecretRecord& secret);

[[nodiscard]] inline std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// Error: InvalidNextTokenException.
[[nodiscard]] Result<std::size_t> place_of(const std::optional<std::string>& token);

}  // namespace tarn::secretsmanager
