// CreateGrant, ListGrants, ListRetirableGrants, RetireGrant, RevokeGrant.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "services/kms/actions.h"
#include "services/kms/faults.h"
#include "services/kms/request.h"
#include "wire/encoding.h"

namespace tarn::kms {
namespace {

constexpr std::int32_t kGrantsPerPage = 50;
// Of a key; AWS has 50,000. They are part of its record.
constexpr std::size_t kMostGrants = 1'000;
constexpr std::size_t kGrantIdBytes = 32;

// Those that a symmetric key has
// (https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations).
constexpr std::array<std::string_view, 10> kGrantable = {"Decrypt",
                                                         "Encrypt",
                                                         "GenerateDataKey",
                                                         "GenerateDataKeyWithoutPlaintext",
                                                         "ReEncryptFrom",
                                                         "ReEncryptTo",
                                                         "RetireGrant",
                                                         "DescribeKey",
                                                         "GenerateDataKeyPair",
                                                         "GenerateDataKeyPairWithoutPlaintext"};

Error no_such_grant(const std::string& id) {
  return {"NotFoundException", fmt::format("Grant {} does not exist.", id)};
}

Status check_principal(const std::string& arn, const Caller& caller) {
  const bool is_principal = arn.starts_with(make_arn("iam", "", caller.account_id, "")) ||
                            arn.starts_with(make_arn("sts", "", caller.account_id, ""));
  if (is_principal) return {};
  return Error("InvalidArnException",
               fmt::format("Invalid arn {}: name a user, a role, a session or the account of {}",
                           arn, caller.account_id));
}

Status check_operations(const std::vector<std::string>& operations) {
  if (operations.empty())
    return Error("ValidationException", "Operations must name one operation at least.");
  for (const std::string& operation : operations) {
    TARN_CHECK(refuse(operation == "CreateGrant", "A grant of CreateGrant"));
    if (std::find(kGrantable.begin(), kGrantable.end(), operation) != kGrantable.end()) continue;
    return Error("ValidationException",
                 fmt::format("{} is no operation of a symmetric encryption key.", operation));
  }
  return {};
}

Result<Grant> grant_of(CreateGrantRequest& input, const Caller& caller) {
  TARN_CHECK(refuse(input.grantee_service_principal.has_value(), "GranteeServicePrincipal"));
  TARN_CHECK(refuse(input.retiring_service_principal.has_value(), "RetiringServicePrincipal"));
  Grant out;
  if (!input.grantee_principal)
    return Error("ValidationException", "GranteePrincipal must be given.");
  TARN_CHECK(check_principal(*input.grantee_principal, caller));
  if (input.retiring_principal) TARN_CHECK(check_principal(*input.retiring_principal, caller));
  TARN_CHECK(check_operations(input.operations));
  out.grantee = std::move(*input.grantee_principal);
  out.retiring = input.retiring_principal.value_or("");
  out.operations = std::move(input.operations);
  out.name = input.name.value_or("");
  if (!input.constraints) return out;
  TARN_CHECK(refuse(input.constraints->source_arn.has_value(), "The constraint SourceArn"));
  out.context_equals = std::move(input.constraints->encryption_context_equals);
  out.context_subset = std::move(input.constraints->encryption_context_subset);
  if (out.context_equals && out.context_subset) {
    return Error("ValidationException",
                 "A grant has EncryptionContextEquals or EncryptionContextSubset, not both.");
  }
  return out;
}

GrantListEntry entry_of(const Key& key, const Grant& grant) {
  GrantListEntry out;
  out.key_id = key.arn();
  out.grant_id = grant.id;
  if (!grant.name.empty()) out.name = grant.name;
  out.creation_date = grant.created;
  out.grantee_principal = grant.grantee;
  if (!grant.retiring.empty()) out.retiring_principal = grant.retiring;
  out.issuing_account = make_arn("iam", "", key.account, "root");
  out.operations = grant.operations;
  if (grant.context_equals || grant.context_subset) {
    GrantConstraints& constraints = out.constraints.emplace();
    constraints.encryption_context_equals = grant.context_equals;
    constraints.encryption_context_subset = grant.context_subset;
  }
  return out;
}

Result<ListGrantsResponse> page_of_grants(const std::vector<GrantListEntry>& all,
                                          const std::optional<std::string>& marker,
                                          const std::optional<std::int32_t>& limit) {
  ListGrantsResponse out;
  std::vector<GrantListEntry> page;
  TARN_CHECK(take_page(all, marker, static_cast<std::size_t>(limit.value_or(kGrantsPerPage)), out,
                       page,
                       [](const GrantListEntry& each) { return each.grant_id.value_or(""); }));
  out.grants = std::move(page);
  return out;
}

Status refuse_dry_run(const std::optional<bool>& asked) {
  if (!asked.value_or(false)) return {};
  return Error("DryRunOperationException",
               "The request would have succeeded, but the DryRun option is set.");
}

// The grant goes; who may do that was asked before.
Task<Result<wire::Unit>> remove_grant(KmsService& kms, const Caller& caller, std::string key_id,
                                      std::string grant_id) {
  std::function<Status(Key&)> edit = [&grant_id](Key& key) -> Status {
    TARN_CHECK(changeable(key));
    const auto removed =
        std::erase_if(key.grants, [&](const Grant& grant) { return grant.id == grant_id; });
    return removed == 0 ? Status(no_such_grant(grant_id)) : Status();
  };
  TARN_CO_CHECK(co_await change_named(kms, caller, std::move(key_id), std::move(edit)));
  co_return wire::Unit();
}

// What RetireGrant names: by a token, or by key and grant.
Result<GrantPlace> retired_by(KmsService& kms, const Caller& caller,
                              const RetireGrantRequest& input) {
  if (input.grant_token) {
    if (const auto place = parse_token(*input.grant_token)) return *place;
    return Error("InvalidGrantTokenException", "The grant token is none that CreateGrant gave.");
  }
  if (!input.key_id || !input.grant_id) {
    return Error("ValidationException", "Give GrantToken, or KeyId and GrantId.");
  }
  TARN_TRY(const KeyView key, find_named(kms, caller, *input.key_id));
  return GrantPlace{key->id, *input.grant_id};
}

const Grant* find_grant(const Key& key, const std::string& id) {
  const auto found = std::find_if(key.grants.begin(), key.grants.end(),
                                  [&](const Grant& grant) { return grant.id == id; });
  return found == key.grants.end() ? nullptr : &*found;
}

}  // namespace

Task<Result<CreateGrantResponse>> handle(CreateGrant, KmsService& kms, const Caller& caller,
                                         CreateGrantRequest input) {
  TARN_CO_CHECK(check_grant_tokens(kms, input.grant_tokens));
  TARN_CO_TRY(Grant wanted, grant_of(input, caller));
  TARN_CO_TRY(const KeyView named, find_named(kms, caller, input.key_id));
  TARN_CO_CHECK(usable(*named));
  TARN_CO_CHECK(refuse_dry_run(input.dry_run));
  wanted.id = wire::to_hex(kms.platform().random.bytes(kGrantIdBytes));
  wanted.created = kms.platform().clock.now();
  std::function<Status(Key&)> edit = [&wanted](Key& key) -> Status {
    TARN_CHECK(usable(key));
    // The same under the same name is the same grant, so that a call can be repeated.
    const auto same = std::find_if(key.grants.begin(), key.grants.end(), [&](const Grant& grant) {
      return !wanted.name.empty() && grant.is_alike(wanted);
    });
    if (same != key.grants.end()) {
      wanted = *same;
      return {};
    }
    if (key.grants.size() >= kMostGrants) {
      return Error("LimitExceededException",
                   fmt::format("{} has {} grants, which is the most a key can have here.",
                               key.arn(), kMostGrants));
    }
    key.grants.push_back(wanted);
    return {};
  };
  TARN_CO_TRY(const KeyView key,
              co_await change_named(kms, caller, std::move(input.key_id), std::move(edit)));
  CreateGrantResponse out;
  out.grant_id = wanted.id;
  out.grant_token = token_of(*key, wanted);
  co_return out;
}

Task<Result<ListGrantsResponse>> handle(ListGrants, KmsService& kms, const Caller& caller,
                                        ListGrantsRequest input) {
  TARN_CO_CHECK(refuse(input.grantee_service_principal.has_value(), "GranteeServicePrincipal"));
  TARN_CO_TRY(const KeyView key, find_named(kms, caller, input.key_id));
  std::vector<GrantListEntry> all;
  for (const Grant& grant : key->grants) {
    if (input.grant_id && grant.id != *input.grant_id) continue;
    if (input.grantee_principal && grant.grantee != *input.grantee_principal) continue;
    all.push_back(entry_of(*key, grant));
  }
  std::sort(all.begin(), all.end(),
            [](const auto& one, const auto& other) { return one.grant_id < other.grant_id; });
  co_return page_of_grants(all, input.marker, input.limit);
}

Task<Result<ListGrantsResponse>> handle(ListRetirableGrants, KmsService& kms, const Caller& caller,
                                        ListRetirableGrantsRequest input) {
  TARN_CO_CHECK(refuse(input.retiring_service_principal.has_value(), "RetiringServicePrincipal"));
  if (!input.retiring_principal)
    co_return Error("ValidationException", "RetiringPrincipal must be given.");
  std::vector<GrantListEntry> all;
  for (const KeyView& key : kms.ring().keys(caller)) {
    for (const Grant& grant : key->grants) {
      if (grant.retiring == *input.retiring_principal) all.push_back(entry_of(*key, grant));
    }
  }
  std::sort(all.begin(), all.end(),
            [](const auto& one, const auto& other) { return one.grant_id < other.grant_id; });
  co_return page_of_grants(all, input.marker, input.limit);
}

Task<Result<wire::Unit>> handle(RetireGrant, KmsService& kms, const Caller& caller,
                                RetireGrantRequest input) {
  TARN_CO_TRY(const GrantPlace place, retired_by(kms, caller, input));
  TARN_CO_TRY(const KeyView key, find_named(kms, caller, place.key_id));
  const Grant* grant = find_grant(*key, place.grant_id);
  if (grant == nullptr) co_return no_such_grant(place.grant_id);
  if (!grant->may_be_retired_by(caller)) {
    const Status allowed = kms.authorizer().check(caller, "kms:RetireGrant", key->arn());
    if (!allowed.ok()) co_return Error("AccessDeniedException", allowed.error().message);
  }
  TARN_CO_CHECK(refuse_dry_run(input.dry_run));
  std::string key_id = place.key_id;
  std::string grant_id = place.grant_id;
  co_return co_await remove_grant(kms, caller, std::move(key_id), std::move(grant_id));
}

Task<Result<wire::Unit>> handle(RevokeGrant, KmsService& kms, const Caller& caller,
                                RevokeGrantRequest input) {
  TARN_CO_TRY(const KeyView key, find_named(kms, caller, input.key_id));
  if (find_grant(*key, input.grant_id) == nullptr) co_return no_such_grant(input.grant_id);
  TARN_CO_CHECK(refuse_dry_run(input.dry_run));
  co_return co_await remove_grant(kms, caller, std::move(input.key_id), std::move(input.grant_id));
}

}  // namespace tarn::kms
