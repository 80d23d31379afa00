// GetSecretValue, PutSecretValue, ListSecretVersionIds, UpdateSecretVersionStage,
// GetRandomPassword.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/secretsmanager/actions.h"
#include "services/secretsmanager/password.h"

namespace tarn::secretsmanager {
namespace {

// By id, by stage, by both, or the current one.
Result<const SecretVersion*> version_of(const SecretRecord& secret,
                                        const GetSecretValueRequest& input) {
  const std::string stage =
      input.version_stage.value_or(input.version_id ? std::string() : std::string(kCurrent));
  for (const SecretVersion& version : secret.versions) {
    const bool is_it = input.version_id.value_or(version.id) == version.id &&
                       (stage.empty() || version.is_at(stage));
    if (is_it) return &version;
  }
  return Error("ResourceNotFoundException",
               fmt::format("Secrets Manager can't find the specified secret value for {}.",
                           input.version_id ? "VersionId: " + *input.version_id
                                            : "staging label: " + stage));
}

}  // namespace

Task<Result<GetSecretValueResponse>> handle(GetSecretValue /*tag*/, SecretsManager& room,
                                            const Caller& caller, GetSecretValueRequest input) {
  TARN_CO_TRY(const auto secret, secret_of(room, caller, input.secret_id));
  TARN_CO_TRY(const SecretVersion* const version, version_of(*secret, input));
  TARN_CO_TRY(std::string bytes, open_version(room, caller, *secret, *version));
  GetSecretValueResponse out;
  out.arn = secret->arn;
  out.name = secret->name;
  out.version_id = version->id;
  (version->is_binary ? out.secret_binary : out.secret_string) = std::move(bytes);
  out.version_stages = version->stages;
  out.created_date = Timestamp{version->created_ms};
  co_return out;
}

Task<Result<PutSecretValueResponse>> handle(PutSecretValue /*tag*/, SecretsManager& room,
                                            const Caller& caller, PutSecretValueRequest input) {
  TARN_CO_TRY(auto content, content_of(input.secret_string, input.secret_binary));
  if (!content) co_return invalid("You must provide either SecretString or SecretBinary.");
  TARN_CO_TRY(const auto secret, secret_of(room, caller, input.secret_id));
  PutSecretValueResponse out;
  out.arn = secret->arn;
  out.name = secret->name;
  out.version_id =
      input.client_request_token ? *input.client_request_token : room.platform.random.uuid();
  const std::string bytes = content->bytes;
  TARN_CO_TRY(const SecretVersion version,
              co_await seal_version(room, caller, *secret, *out.version_id, *std::move(content)));
  const std::vector<std::string> stages =
      input.version_stages.value_or(std::vector<std::string>{std::string(kCurrent)});
  const Secrets::Change put = [&](std::optional<SecretRecord>& record,
                                  std::size_t /*count*/) -> Status {
    if (!record) return no_secret();
    const SecretVersion* const there = record->find(version.id);
    if (there == nullptr) {
      record->changed_ms = version.created_ms;
      TARN_CHECK(add_version(*record, version, stages));
      out.version_stages = record->find(version.id)->stages;
      return {};
    }
    // The same again is no error.
    TARN_TRY(const std::string before, open_version(room, caller, *record, *there));
    out.version_stages = there->stages;
    if (before == bytes && there->is_binary == version.is_binary) return {};
    return Error("ResourceExistsException",
                 fmt::format("There is a version {} with another value.", version.id));
  };
  TARN_CO_CHECK(co_await change(room, caller, secret->name, put));
  co_return out;
}

Task<Result<ListSecretVersionIdsResponse>> handle(ListSecretVersionIds /*tag*/,
                                                  SecretsManager& room, const Caller& caller,
                                                  ListSecretVersionIdsRequest input) {
  constexpr std::int32_t kUsualPage = 100;
  TARN_CO_TRY(const auto secret, secret_of(room, caller, input.secret_id, true));
  ListSecretVersionIdsResponse out;
  out.arn = secret->arn;
  out.name = secret->name;
  auto& shown = out.versions.emplace();
  TARN_CO_TRY(std::size_t place, place_of(input.next_token));
  const auto most = static_cast<std::size_t>(input.max_results.value_or(kUsualPage));
  const auto& all = secret->versions;
  for (; place < all.size() && shown.size() < most; ++place) {
    if (all[place].stages.empty() && !input.include_deprecated.value_or(false)) continue;
    SecretVersionsListEntry& each = shown.emplace_back();
    each.version_id = all[place].id;
    each.version_stages = all[place].stages;
    each.created_date = Timestamp{all[place].created_ms};
  }
  if (place < all.size()) out.next_token = std::to_string(place);
  co_return out;
}

Task<Result<UpdateSecretVersionStageResponse>> handle(UpdateSecretVersionStage /*tag*/,
                                                      SecretsManager& room, const Caller& caller,
                                                      UpdateSecretVersionStageRequest input) {
  TARN_CO_TRY(const auto secret, secret_of(room, caller, input.secret_id));
  const Secrets::Change put = [&](std::optional<SecretRecord>& record,
                                  std::size_t /*count*/) -> Status {
    if (!record) return no_secret();
    const SecretVersion* const holder = record->at(input.version_stage);
    const std::string from = holder == nullptr ? std::string() : holder->id;
    if (!from.empty() && input.remove_from_version_id.value_or("") != from) {
      return invalid(fmt::format(
          "The parameter RemoveFromVersionId can't be empty or another: the staging label {} is "
          "attached to version {}.",
          input.version_stage, from));
    }
    const std::string to = input.move_to_version_id.value_or("");
    if (!to.empty() && record->find(to) == nullptr)
      return invalid(fmt::format("There is no version {}.", to));
    if (to.empty() && input.version_stage == kCurrent)
      return invalid("AWSCURRENT can only be moved to another version.");
    if (input.version_stage == kCurrent) move_stage(*record, std::string(kPrevious), from);
    move_stage(*record, input.version_stage, to);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, secret->name, put));
  UpdateSecretVersionStageResponse out;
  out.arn = secret->arn;
  out.name = secret->name;
  co_return out;
}

Task<Result<GetRandomPasswordResponse>> handle(GetRandomPassword /*tag*/, SecretsManager& room,
                                               const Caller& /*caller*/,
                                               GetRandomPasswordRequest input) {
  PasswordRules rules;
  rules.length = static_cast<std::size_t>(input.password_length.value_or(32));
  rules.excluded = input.exclude_characters.value_or("");
  rules.numbers = !input.exclude_numbers.value_or(false);
  rules.punctuation = !input.exclude_punctuation.value_or(false);
  rules.uppercase = !input.exclude_uppercase.value_or(false);
  rules.lowercase = !input.exclude_lowercase.value_or(false);
  rules.space = input.include_space.value_or(false);
  rules.each = input.require_each_included_type.value_or(true);
  GetRandomPasswordResponse out;
  TARN_CO_TRY(out.random_password, make_password(room.platform.random, rules));
  co_return out;
}

}  // namespace tarn::secretsmanager
