// CreateSecret, UpdateSecret, DescribeSecret, ListSecrets, DeleteSecret, RestoreSecret,
// TagResource, UntagResource.
#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "services/secretsmanager/actions.h"

namespace tarn::secretsmanager {
namespace {

constexpr std::int64_t kDayMs = std::chrono::milliseconds(std::chrono::hours(24)).count();
constexpr std::int64_t kUsualWindow = 30;  // days
constexpr std::int64_t kLeastWindow = 7;
constexpr std::int64_t kMostWindow = 30;
constexpr std::size_t kArnLetters = 6;
constexpr std::string_view kNameLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+=.@-";

std::string version_id_of(SecretsManager& room, const std::optional<std::string>& token) {
  return token ? *token : room.platform.random.uuid();
}

Status check_new(const CreateSecretRequest& input) {
  if (input.add_replica_regions && !input.add_replica_regions->empty())
    return not_offered("AddReplicaRegions");
  if (input.type) return not_offered("Type");
  if (input.name.find_first_not_of(kNameLetters) == std::string::npos) return {};
  return invalid(
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
      "following: -/_+=.@!");
}

Error is_there(const std::string& name) {
  return {"ResourceExistsException",
          fmt::format("The operation failed because the secret {} already exists.", name)};
}

bool passes_one(const SecretRecord& secret, const std::string& key, const std::string& value) {
  const auto in = [&](const std::string& text) {
    return text.starts_with(value);
  };
  if (key == "name") return in(secret.name);
  if (key == "description") return in(secret.description);
  const bool by_key = key == "tag-key" || key == "all";
  const bool by_value = key == "tag-value" || key == "all";
  const bool tagged = std::any_of(secret.tags.begin(), secret.tags.end(), [&](const auto& tag) {
    return (by_key && in(tag.first)) || (by_value && in(tag.second));
  });
  return tagged || (key == "all" && (in(secret.name) || in(secret.description)));
}

bool passes(const SecretRecord& secret, const std::optional<std::vector<Filter>>& filters) {
  const auto all = filters.value_or(std::vector<Filter>());
  return std::all_of(all.begin(), all.end(), [&](const Filter& filter) {
    const auto values = filter.values.value_or(std::vector<std::string>());
    return std::any_of(values.begin(), values.end(), [&](const std::string& value) {
      return passes_one(secret, filter.key.value_or("all"), value);
    });
  });
}

// What DescribeSecret and ListSecrets tell alike.
template <class Shown>
void tell(const SecretRecord& secret, Shown& out) {
  out.arn = secret.arn;
  out.name = secret.name;
  out.description = if_any(secret.description);
  out.kms_key_id = if_any(secret.key_id);
  out.created_date = Timestamp{secret.created_ms};
  out.last_changed_date = Timestamp{secret.changed_ms};
  if (secret.marked_ms != 0) out.deleted_date = Timestamp{secret.marked_ms};
  out.tags = told_tags(secret);
}

}  // namespace

Task<Result<CreateSecretResponse>> handle(CreateSecret /*tag*/, SecretsManager& room,
                                          const Caller& caller, CreateSecretRequest input) {
  TARN_CO_CHECK(check_new(input));
  TARN_CO_TRY(auto content, content_of(input.secret_string, input.secret_binary));
  SecretRecord made;
  made.name = input.name;
  const std::string end = room.platform.random.text(
      kArnLetters, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
  made.arn = make_arn("secretsmanager", caller.region, caller.account_id,
                      fmt::format("secret:{}-{}", input.name, end));
  made.description = input.description.value_or("");
  made.key_id = input.kms_key_id.value_or("");
  made.created_ms = room.platform.clock.now().ms;
  made.changed_ms = made.created_ms;
  TARN_CO_CHECK(add_tags(caller, made, input.tags));
  CreateSecretResponse out;
  if (content) {
    out.version_id = version_id_of(room, input.client_request_token);
    TARN_CO_TRY(SecretVersion version,
                co_await seal_version(room, caller, made, *out.version_id, *std::move(content)));
    TARN_CO_CHECK(add_version(made, std::move(version), {std::string(kCurrent)}));
  }
  const Secrets::Change put = [&](std::optional<SecretRecord>& record,
                                  std::size_t /*count*/) -> Status {
    if (record && !is_gone(room, *record)) {
      if (record->deleted_ms == 0) return is_there(made.name);
      return not_allowed(
          "You can't create this secret because a secret with this name is already scheduled for "
          "deletion.");
    }
    record = made;
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, made.name, put));
  out.arn = made.arn;
  out.name = made.name;
  co_return out;
}

Task<Result<UpdateSecretResponse>> handle(UpdateSecret /*tag*/, SecretsManager& room,
                                          const Caller& caller, UpdateSecretRequest input) {
  if (input.type) co_return not_offered("Type");
  TARN_CO_TRY(auto content, content_of(input.secret_string, input.secret_binary));
  TARN_CO_TRY(const auto before, secret_of(room, caller, input.secret_id));
  SecretRecord changed = *before;
  changed.description = input.description.value_or(changed.description);
  changed.key_id = input.kms_key_id.value_or(changed.key_id);
  UpdateSecretResponse out;
  std::optional<SecretVersion> version;
  if (content) {
    out.version_id = version_id_of(room, input.client_request_token);
    TARN_CO_TRY(version,
                co_await seal_version(room, caller, changed, *out.version_id, *std::move(content)));
  }
  const Secrets::Change put = [&](std::optional<SecretRecord>& record,
                                  std::size_t /*count*/) -> Status {
    if (!record) return no_secret();
    record->description = changed.description;
    record->key_id = changed.key_id;
    record->changed_ms = room.platform.clock.now().ms;
    if (!version) return {};
    if (record->find(version->id) != nullptr) return is_there(version->id);
    return add_version(*record, *version, {std::string(kCurrent)});
  };
  TARN_CO_CHECK(co_await change(room, caller, changed.name, put));
  out.arn = changed.arn;
  out.name = changed.name;
  co_return out;
}

Task<Result<DescribeSecretResponse>> handle(DescribeSecret /*tag*/, SecretsManager& room,
                                            const Caller& caller, DescribeSecretRequest input) {
  TARN_CO_TRY(const auto secret, secret_of(room, caller, input.secret_id, true));
  DescribeSecretResponse out;
  tell(*secret, out);
  out.version_ids_to_stages = told_stages(*secret);
  co_return out;
}

Task<Result<ListSecretsResponse>> handle(ListSecrets /*tag*/, SecretsManager& room,
                                         const Caller& caller, ListSecretsRequest input) {
  constexpr std::int32_t kUsualPage = 100;
  if (input.sort_by && *input.sort_by != "name" && *input.sort_by != "created-date")
    co_return not_offered(fmt::format("SortBy {}", *input.sort_by));
  auto all = room.secrets.all(caller.region, "");
  const bool with_marked = input.include_planned_deletion.value_or(false);
  std::erase_if(all, [&](const auto& secret) {
    return is_gone(room, *secret) || (secret->deleted_ms != 0 && !with_marked) ||
           !passes(*secret, input.filters);
  });
  if (input.sort_by.value_or("created-date") == "created-date") {
    std::stable_sort(all.begin(), all.end(), [](const auto& one, const auto& other) {
      return one->created_ms < other->created_ms;
    });
  }
  if (input.sort_order == "desc") std::reverse(all.begin(), all.end());
  ListSecretsResponse out;
  auto& shown = out.secret_list.emplace();
  TARN_CO_TRY(std::size_t place, place_of(input.next_token));
  const auto most = static_cast<std::size_t>(input.max_results.value_or(kUsualPage));
  for (; place < all.size() && shown.size() < most; ++place) {
    tell(*all[place], shown.emplace_back());
    shown.back().secret_versions_to_stages = told_stages(*all[place]);
  }
  if (place < all.size()) out.next_token = std::to_string(place);
  co_return out;
}

Task<Result<DeleteSecretResponse>> handle(DeleteSecret /*tag*/, SecretsManager& room,
                                          const Caller& caller, DeleteSecretRequest input) {
  const bool at_once = input.force_delete_without_recovery.value_or(false);
  if (at_once && input.recovery_window_in_days)
    co_return invalid("ForceDeleteWithoutRecovery and RecoveryWindowInDays exclude one another.");
  const std::int64_t days = input.recovery_window_in_days.value_or(kUsualWindow);
  if (days < kLeastWindow || days > kMostWindow)
    co_return invalid("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
  TARN_CO_TRY(const auto secret, secret_of(room, caller, input.secret_id, at_once));
  const std::int64_t now = room.platform.clock.now().ms;
  const std::int64_t when = at_once ? now : now + days * kDayMs;
  const Secrets::Change mark = [&](std::optional<SecretRecord>& record,
                                   std::size_t /*count*/) -> Status {
    if (!record) return no_secret();
    record->deleted_ms = when;
    record->marked_ms = now;
    if (at_once) record.reset();
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, secret->name, mark));
  DeleteSecretResponse out;
  out.arn = secret->arn;
  out.name = secret->name;
  out.deletion_date = Timestamp{when};
  co_return out;
}

Task<Result<RestoreSecretResponse>> handle(RestoreSecret /*tag*/, SecretsManager& room,
                                           const Caller& caller, RestoreSecretRequest input) {
  TARN_CO_TRY(const auto secret, secret_of(room, caller, input.secret_id, true));
  const Secrets::Change restore = [](std::optional<SecretRecord>& record,
                                     std::size_t /*count*/) -> Status {
    if (!record) return no_secret();
    record->deleted_ms = 0;
    record->marked_ms = 0;
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, secret->name, restore));
  RestoreSecretResponse out;
  out.arn = secret->arn;
  out.name = secret->name;
  co_return out;
}

Task<Result<wire::Unit>> handle(TagResource /*tag*/, SecretsManager& room, const Caller& caller,
                                TagResourceRequest input) {
  TARN_CO_TRY(const auto secret, secret_of(room, caller, input.secret_id));
  const std::optional<std::vector<Tag>> tags = std::move(input.tags);
  const Secrets::Change put = [&](std::optional<SecretRecord>& record,
                                  std::size_t /*count*/) -> Status {
    if (!record) return no_secret();
    return add_tags(caller, *record, tags);
  };
  TARN_CO_CHECK(co_await change(room, caller, secret->name, put));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(UntagResource /*tag*/, SecretsManager& room, const Caller& caller,
                                UntagResourceRequest input) {
  TARN_CO_TRY(const auto secret, secret_of(room, caller, input.secret_id));
  const Secrets::Change put = [&](std::optional<SecretRecord>& record,
                                  std::size_t /*count*/) -> Status {
    if (!record) return no_secret();
    return remove_tags(caller, *record, input.tag_keys);
  };
  TARN_CO_CHECK(co_await change(room, caller, secret->name, put));
  co_return wire::Unit();
}

}  // namespace tarn::secretsmanager
