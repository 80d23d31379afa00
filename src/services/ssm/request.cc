#include "services/ssm/request.h"

#include <charconv>

#include <fmt/format.h>

#include "base/ids.h"
#include "gateway/system_tags.h"
#include "services/kms/envelope.h"

namespace tarn::ssm {
namespace {

constexpr std::string_view kParameter = ":parameter/";
constexpr std::string_view kManagedKey = "alias/aws/ssm";
constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/";

// As AWS binds parameters to their ARN:
// https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
kms::EncryptionContext context_of(const Caller& caller, const std::string& name) {
  return {{"PARAMETER_ARN", arn_of(caller, name)}};
}

// The key that AWS manages serves everybody in the account; another one only whom policies let.
Status check_key(const Ssm& ssm, const Caller& caller, std::string_view action,
                 std::string_view key_id, std::string_view key_arn) {
  if (key_id == kManagedKey) return {};
  const Status checked = ssm.authorizer.check(caller, action, key_arn);
  if (checked.ok()) return {};
  return Error("AccessDeniedException", checked.error().message, 400);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Error invalid(std::string text) {
  return {"ValidationException", std::move(text)};
}

Error no_parameter(std::string_view name) {
  if (name.starts_with("/aws/")) {
    return {"ParameterNotFound",
            fmt::format("The public parameter {} is not kept here: give its value.", name)};
  }
  return {"ParameterNotFound", fmt::format("Parameter {} not found.", name)};
}

Error not_offered(std::string_view what) {
  return {"NotImplemented", fmt::format("{} is not offered. Leave it out.", what), 501};
}

Asked asked_of(std::string_view given) {
  std::string_view name = given;
  bool is_arn = false;
  if (given.starts_with("arn:")) {
    const std::size_t at = given.find(kParameter);
    is_arn = at != std::string_view::npos;
    if (is_arn) name = given.substr(at + kParameter.size());
  }
  const std::size_t colon = name.find(':');
  Asked out;
  out.name = name.substr(0, colon);
  if (colon != std::string_view::npos) out.selector = name.substr(colon + 1);
  // In an ARN the name of a hierarchy has lost its first slash.
  if (is_arn && out.name.find('/') != std::string::npos) out.name.insert(0, "/");
  return out;
}

Status check_name(std::string_view name) {
  if (name.find_first_not_of(kLetters) != std::string_view::npos || name.ends_with('/')) {
    return invalid(fmt::format(
        "Parameter name {}: only letters, digits and . - _ are allowed, and / between levels.",
        name));
  }
  const auto levels = static_cast<std::size_t>(std::count(name.begin(), name.end(), '/'));
  if (levels > 0 && !name.starts_with('/'))
    return invalid(fmt::format("Parameter name {} must be fully qualified: begin with /.", name));
  if (levels > kMostLevels) {
    return Error("HierarchyLevelLimitExceededException",
                 fmt::format("A hierarchy has at most {} levels.", kMostLevels));
  }
  const std::string_view first = name.starts_with('/') ? name.substr(1) : name;
  if (first.starts_with("aws") || first.starts_with("ssm"))
    return invalid(fmt::format("Parameter name {}: must not begin with aws or ssm.", name));
  return {};
}

std::string arn_of(const Caller& caller, std::string_view name) {
  const std::string_view path = name.starts_with('/') ? name.substr(1) : name;
  return make_arn("ssm", caller.region, caller.account_id, fmt::format("parameter/{}", path));
}

Result<Found> find(const Ssm& ssm, const Caller& caller, const Asked& asked) {
  const auto record = ssm.parameters.find(caller.region, asked.name);
  if (record == nullptr) return no_parameter(asked.name);
  if (asked.selector.empty()) return Found{record, &record->current()};
  for (const ParameterVersion& version : record->versions) {
    const auto& labels = version.labels;
    const bool is_it = is_number(asked.selector) ? std::to_string(version.number) == asked.selector
                                                 : std::find(labels.begin(), labels.end(),
                                                             asked.selector) != labels.end();
    if (is_it) return Found{record, &version};
  }
  return Error("ParameterVersionNotFound",
               fmt::format("Parameter {} has no version {}.", asked.name, asked.selector));
}

Task<Status> protect(Ssm& ssm, const Caller& caller, std::string name, ParameterVersion& version,
                     std::string value) {
  if (version.type != "SecureString") {
    version.key_id.clear();
    version.value = std::move(value);
    co_return Status();
  }
  if (version.key_id.empty()) version.key_id = kManagedKey;
  const auto key = ssm.keys.resolve(caller, version.key_id);
  if (!key.ok()) co_return Error("InvalidKeyId", key.error().message);
  TARN_CO_CHECK(check_key(ssm, caller, "kms:Encrypt", version.key_id, *key));
  std::string wrapping = version.key_id;
  kms::EncryptionContext context = context_of(caller, name);
  auto sealed = co_await kms::seal(ssm.keys, ssm.platform.random, caller, std::move(wrapping),
                                   std::move(context), std::move(value));
  if (!sealed.ok()) co_return Error("InvalidKeyId", sealed.error().message);
  version.secret = *std::move(sealed);
  co_return Status();
}

Result<std::string> value_of(Ssm& ssm, const Caller& caller, const std::string& name,
                             const ParameterVersion& version, bool decrypts) {
  if (version.type != "SecureString") return version.value;
  if (!decrypts) return version.secret.sealed;
  TARN_CHECK(check_key(ssm, caller, "kms:Decrypt", version.key_id, version.secret.key_arn));
  auto opened = kms::open(ssm.keys, caller, version.secret, context_of(caller, name));
  if (opened.ok() || opened.error().is(code::kCorrupt)) return opened;
  return Error("InvalidKeyId", opened.error().message);
}

Task<Status> change(Ssm& ssm, const Caller& caller, std::string name,
                    const Parameters::Change& change) {
  const auto work = [&] {
    return ssm.parameters.change(caller.region, name, change);
  };
  co_return co_await ssm.platform.tasks.offload(work);
}

Result<std::size_t> place_of(const std::optional<std::string>& token) {
  std::size_t place = 0;
  if (!token || token->empty()) return place;
  const char* const end = token->data() + token->size();
  const auto read = std::from_chars(token->data(), end, place);
  if (read.ec != std::errc() || read.ptr != end)
    return Error("InvalidNextToken", "The specified token isn't valid.");
  return place;
}

Status check_tag_key(const Caller& caller, const std::string& key) {
  if (gateway::may_change_tag(caller, key)) return {};
  return invalid("Tag keys cannot begin with aws:.");
}

Status check_tag_count(const std::map<std::string, std::string>& tags) {
  if (gateway::count_own_tags(tags) <= kMostTags) return {};
  return Error("TooManyTagsError", fmt::format("A parameter has at most {} tags.", kMostTags));
}

}  // namespace tarn::ssm
