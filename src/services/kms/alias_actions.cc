// CreateAlias, UpdateAlias, DeleteAlias, ListAliases.
#include <algorithm>
#include <utility>

#include "services/kms/actions.h"
#include "services/kms/faults.h"
#include "services/kms/request.h"

namespace tarn::kms {
namespace {

// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
constexpr std::int32_t kAliasesPerPage = 50;
constexpr std::int32_t kMostAliasesPerPage = 100;

// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html. Errors:
// ValidationException, NotAuthorizedException (aliases of AWS managed keys).
Status check_alias(const std::string& name) {
  constexpr std::string_view kAlias = "alias/";
  if (!name.starts_with(kAlias) || name.size() == kAlias.size()) {
    return Error("ValidationException",
                 "Invalid identifier: the name of an alias begins with alias/");
  }
  if (name.find(':') != std::string::npos) {
    return Error("ValidationException", name + " contains invalid characters for an alias");
  }
  if (name.starts_with("alias/aws/")) {
    return Error("NotAuthorizedException",
                 "Aliases that begin with alias/aws/ are those of AWS managed keys: choose another "
                 "name");
  }
  return {};
}

// The customer's key that an alias may lead to. Errors: NotFoundException,
// KMSInvalidStateException, AccessDeniedException.
Result<KeyView> find_target(KmsService& kms, const Caller& caller, const std::string& name) {
  if (name.find("alias/") != std::string::npos) {
    return Error("ValidationException", "Aliases must refer to keys. Not aliases");
  }
  TARN_TRY(KeyView key, find_named(kms, caller, name));
  if (key->manager != Manager::kCustomer) return managed_by_aws(*key);
  TARN_CHECK(changeable(*key));
  return key;
}

}  // namespace

Task<Result<wire::Unit>> handle(CreateAlias, KmsService& kms, const Caller& caller,
                                CreateAliasRequest input) {
  TARN_CO_CHECK(check_alias(input.alias_name));
  TARN_CO_TRY(const KeyView target, find_target(kms, caller, input.target_key_id));
  auto work = [&] {
    return kms.ring().create_alias(caller, std::move(input.alias_name), *target);
  };
  TARN_CO_CHECK(co_await kms.platform().tasks.offload(work));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(UpdateAlias, KmsService& kms, const Caller& caller,
                                UpdateAliasRequest input) {
  TARN_CO_CHECK(check_alias(input.alias_name));
  TARN_CO_TRY(const KeyView target, find_target(kms, caller, input.target_key_id));
  auto work = [&] {
    return kms.ring().update_alias(caller, input.alias_name, *target);
  };
  TARN_CO_CHECK(co_await kms.platform().tasks.offload(work));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(DeleteAlias, KmsService& kms, const Caller& caller,
                                DeleteAliasRequest input) {
  TARN_CO_CHECK(check_alias(input.alias_name));
  auto work = [&] {
    return kms.ring().delete_alias(caller, input.alias_name);
  };
  TARN_CO_CHECK(co_await kms.platform().tasks.offload(work));
  co_return wire::Unit();
}

Task<Result<ListAliasesResponse>> handle(ListAliases, KmsService& kms, const Caller& caller,
                                         ListAliasesRequest input) {
  std::vector<Alias> all = kms.ring().aliases(caller);
  if (input.key_id) {
    TARN_CO_TRY(const KeyView key, find_named(kms, caller, *input.key_id));
    std::erase_if(all, [&key](const Alias& alias) { return alias.key_id != key->id; });
  }
  const std::int32_t limit = std::min(input.limit.value_or(kAliasesPerPage), kMostAliasesPerPage);
  ListAliasesResponse out;
  std::vector<Alias> page;
  TARN_CO_CHECK(take_page(all, input.marker, static_cast<std::size_t>(limit), out, page,
                          [](const Alias& alias) { return alias.name; }));
  out.aliases.emplace();
  for (const Alias& alias : page) {
    AliasListEntry& entry = out.aliases->emplace_back();
    entry.alias_name = alias.name;
    entry.alias_arn = alias.arn();
    entry.target_key_id = alias.key_id;
    entry.creation_date = alias.created;
    entry.last_updated_date = alias.updated;
  }
  co_return out;
}

}  // namespace tarn::kms
