// CreateSecurityConfiguration, DescribeSecurityConfiguration, ListSecurityConfigurations,
// DeleteSecurityConfiguration.
#include <utility>

#include <fmt/format.h>

#include "services/emr/actions.h"
#include "services/emr/request.h"
#include "services/emr/security_configuration.h"

namespace tarn::emr {
namespace {

// https://docs.aws.amazon.com/emr/latest/APIReference/API_ListSecurityConfigurations.html
constexpr std::size_t kSecurityPage = 50;

std::string key_of(const Caller& caller, const std::string& name) {
  return security_key(caller.account_id, caller.region, name);
}

}  // namespace

Result<SecurityConfigurationRecord> find_security(const EmrService& emr, const Caller& caller,
                                                  const std::string& name) {
  const auto found = emr.security().find(key_of(caller, name));
  if (found != emr.security().end()) return found->second;
  return Error("InvalidRequestException",
               fmt::format("Security configuration with name '{}' does not exist.", name));
}

Task<Result<CreateSecurityConfigurationOutput>> handle(CreateSecurityConfiguration /*tag*/,
                                                       EmrService& emr, const Caller& caller,
                                                       CreateSecurityConfigurationInput input) {
  TARN_CO_TRY([[maybe_unused]] const Security read, read_security(input.security_configuration));
  const std::string key = key_of(caller, input.name);
  SecurityConfigurationRecord made;
  made.account = caller.account_id;
  made.region = caller.region;
  made.name = input.name;
  made.text = input.security_configuration;
  made.created = emr.platform().clock.now();
  if (!emr.security().emplace(key, made).second) {
    co_return Error(
        "InvalidRequestException",
        fmt::format("Security configuration with name '{}' already exists.", input.name));
  }
  store::Batch batch;
  batch.put(store::Space::kEmr, key, encode(made));
  const Status kept = co_await emr.journal().commit(std::move(batch));
  if (!kept.ok()) {
    emr.security().erase(key);
    co_return kept.error();
  }
  CreateSecurityConfigurationOutput out;
  out.name = made.name;
  out.creation_date_time = made.created;
  co_return out;
}

Task<Result<DescribeSecurityConfigurationOutput>> handle(DescribeSecurityConfiguration /*tag*/,
                                                         EmrService& emr, const Caller& caller,
                                                         DescribeSecurityConfigurationInput input) {
  TARN_CO_TRY(const SecurityConfigurationRecord found, find_security(emr, caller, input.name));
  DescribeSecurityConfigurationOutput out;
  out.name = found.name;
  out.security_configuration = found.text;
  out.creation_date_time = found.created;
  co_return out;
}

Task<Result<ListSecurityConfigurationsOutput>> handle(ListSecurityConfigurations /*tag*/,
                                                      EmrService& emr, const Caller& caller,
                                                      ListSecurityConfigurationsInput input) {
  std::vector<SecurityConfigurationSummary> all;
  for (const auto& [key, each] : emr.security()) {
    if (each.account != caller.account_id || each.region != caller.region) continue;
    SecurityConfigurationSummary& summary = all.emplace_back();
    summary.name = each.name;
    summary.creation_date_time = each.created;
  }
  ListSecurityConfigurationsOutput out;
  TARN_CO_TRY(out.security_configurations, take_page(all, input.marker, kSecurityPage, out.marker));
  co_return out;
}

Task<Result<DeleteSecurityConfigurationOutput>> handle(DeleteSecurityConfiguration /*tag*/,
                                                       EmrService& emr, const Caller& caller,
                                                       DeleteSecurityConfigurationInput input) {
  TARN_CO_TRY(const SecurityConfigurationRecord found, find_security(emr, caller, input.name));
  const std::string key = key_of(caller, input.name);
  store::Batch batch;
  batch.remove(store::Space::kEmr, key);
  TARN_CO_CHECK(co_await emr.journal().commit(std::move(batch)));
  emr.security().erase(key);
  co_return DeleteSecurityConfigurationOutput();
}

}  // namespace tarn::emr
