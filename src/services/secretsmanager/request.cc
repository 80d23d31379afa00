#include "services/secretsmanager/request.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "gateway/system_tags.h"
#include "services/kms/envelope.h"

namespace tarn::secretsmanager {
namespace {

constexpr std::string_view kSecretOf = ":secret:";
constexpr std::string_view kManagedKey = "alias/aws/secretsmanager";
constexpr std::size_t kArnEnd = 7;  // a dash and six letters

// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
kms::EncryptionContext context_of(const SecretRecord& secret, std::string_view version) {
  return {{"SecretARN", secret.arn}, {"SecretVersionId", std::string(version)}};
}

// The key that AWS manages serves everybody in the account; another one only whom policies let.
Status check_secret_key(const SecretsManager& room, const Caller& caller, std::string_view action,
                        std::string_view key_arn, bool is_managed) {
  if (is_managed) return {};
  const Status checked = room.authorizer.check(caller, action, key_arn);
  if (checked.ok()) return {};
  return Error("AccessDeniedException", checked.error().message, 400);
}

Error reserved_tag() {
  return invalid("Tag keys cannot begin with aws:.");
}

}  // namespace

Error invalid(std::string text) {
  return {"InvalidParameterException", std::move(text)};
}
Error not_allowed(std::string text) {
  return {"InvalidRequestException", std::move(text)};
}
Error no_secret() {
  return {"ResourceNotFoundException", "Secrets Manager can't find the specified secret."};
}
Error not_offered(std::string_view what) {
  return {"NotImplemented", fmt::format("{} is not offered. Leave it out.", what), 501};
}

Secrets::Entry find_secret(const Secrets& secrets, std::string_view region, std::string_view id) {
  const std::size_t at = id.starts_with("arn:") ? id.find(kSecretOf) : id.npos;
  if (at == id.npos) return secrets.find(region, id);
  const std::string_view name = id.substr(at + kSecretOf.size());
  if (const auto found = secrets.find(region, name)) return found;
  if (name.size() <= kArnEnd) return nullptr;
  const auto found = secrets.find(region, name.substr(0, name.size() - kArnEnd));
  return found != nullptr && found->arn == id ? found : nullptr;
}

bool is_gone(const SecretsManager& room, const SecretRecord& secret) {
  return secret.deleted_ms != 0 && secret.deleted_ms <= room.platform.clock.now().ms;
}

Result<Secrets::Entry> secret_of(const SecretsManager& room, const Caller& caller,
                                 std::string_view id, bool accepted) {
  auto found = find_secret(room.secrets, caller.region, id);
  if (found == nullptr || is_gone(room, *found)) return no_secret();
  if (found->deleted_ms != 0 && !accepted) {
    return not_allowed(
        "You can't perform this operation on the secret because it was marked for deletion.");
  }
  return found;
}

Result<std::optional<Content>> content_of(std::optional<std::string>& text,
                                          std::optional<std::string>& binary) {
  if (text && binary) return invalid("You can't specify both SecretString and SecretBinary.");
  if (text) return std::optional(Content{false, std::move(*text)});
  if (binary) return std::optional(Content{true, std::move(*binary)});
  return std::optional<Content>();
}

Task<Result<SecretVersion>> seal_version(SecretsManager& room, const Caller& caller,
                                         const SecretRecord& secret, std::string id,
                                         Content content) {
  std::string key = secret.key_id.empty() ? std::string(kManagedKey) : secret.key_id;
  const auto arn = room.keys.resolve(caller, key);
  if (!arn.ok()) co_return Error("EncryptionFailure", arn.error().message);
  TARN_CO_CHECK(check_secret_key(room, caller, "kms:GenerateDataKey", *arn, key == kManagedKey));
  kms::EncryptionContext context = context_of(secret, id);
  auto sealed = co_await kms::seal(room.keys, room.platform.random, caller, std::move(key),
                                   std::move(context), std::move(content.bytes));
  if (!sealed.ok()) co_return Error("EncryptionFailure", sealed.error().message);
  SecretVersion out;
  out.id = std::move(id);
  out.created_ms = room.platform.clock.now().ms;
  out.is_binary = content.is_binary;
  out.content = *std::move(sealed);
  co_return out;
}

Result<std::string> open_version(SecretsManager& room, const Caller& caller,
                                 const SecretRecord& secret, const SecretVersion& version) {
  const bool is_managed = secret.key_id.empty() || secret.key_id == kManagedKey;
  TARN_CHECK(check_secret_key(room, caller, "kms:Decrypt", version.content.key_arn, is_managed));
  auto opened = kms::open(room.keys, caller, version.content, context_of(secret, version.id));
  if (opened.ok() || opened.error().is(code::kCorrupt)) return opened;
  return Error("DecryptionFailure", opened.error().message);
}

void move_stage(SecretRecord& secret, const std::string& stage, std::string_view to) {
  for (SecretVersion& version : secret.versions) {
    std::erase(version.stages, stage);
    if (version.id == to) version.stages.push_back(stage);
  }
}

Status add_version(SecretRecord& secret, SecretVersion version,
                   const std::vector<std::string>& stages) {
  const std::string id = version.id;
  const SecretVersion* const current = secret.at(kCurrent);
  const std::string current_id = current == nullptr ? std::string() : current->id;
  secret.versions.push_back(std::move(version));
  for (const std::string& stage : stages) {
    if (stage == kCurrent) move_stage(secret, std::string(kPrevious), current_id);
    move_stage(secret, stage, id);
  }
  // The oldest that is at no stage makes room.
  while (secret.versions.size() > kMostVersions) {
    const auto oldest = std::find_if(secret.versions.begin(), secret.versions.end(),
                                     [](const auto& each) { return each.stages.empty(); });
    if (oldest == secret.versions.end()) {
      return Error("LimitExceededException",
                   fmt::format("A secret has at most {} versions.", kMostVersions));
    }
    secret.versions.erase(oldest);
  }
  return {};
}

Task<Status> change(SecretsManager& room, const Caller& caller, std::string name,
                    const Secrets::Change& change) {
  const auto work = [&] {
    return room.secrets.change(caller.region, name, change);
  };
  co_return co_await room.platform.tasks.offload(work);
}

Status add_tags(const Caller& caller, SecretRecord& secret,
                const std::optional<std::vector<Tag>>& given) {
  for (const Tag& tag : given.value_or(std::vector<Tag>())) {
    const std::string key = tag.key.value_or("");
    if (!gateway::may_change_tag(caller, key)) return reserved_tag();
    secret.tags[key] = tag.value.value_or("");
  }
  if (gateway::count_own_tags(secret.tags) <= kMostTags) return {};
  return invalid(fmt::format("A secret has at most {} tags.", kMostTags));
}

Status remove_tags(const Caller& caller, SecretRecord& secret,
                   const std::vector<std::string>& keys) {
  if (!gateway::may_change_tags(caller, keys)) return reserved_tag();
  for (const std::string& key : keys) secret.tags.erase(key);
  return {};
}

std::vector<Tag> told_tags(const SecretRecord& secret) {
  std::vector<Tag> out;
  for (const auto& [key, value] : secret.tags) {
    out.emplace_back();
    out.back().key = key;
    out.back().value = value;
  }
  return out;
}

std::map<std::string, std::vector<std::string>> told_stages(const SecretRecord& secret) {
  std::map<std::string, std::vector<std::string>> out;
  for (const SecretVersion& version : secret.versions) {
    if (!version.stages.empty()) out[version.id] = version.stages;
  }
  return out;
}

Result<std::size_t> place_of(const std::optional<std::string>& token) {
  std::size_t place = 0;
  if (!token || token->empty()) return place;
  const char* const end = token->data() + token->size();
  const auto read = std::from_chars(token->data(), end, place);
  if (read.ec != std::errc() || read.ptr != end)
    return Error("InvalidNextTokenException", "The NextToken is none that was given.");
  return place;
}

}  // namespace tarn::secretsmanager
