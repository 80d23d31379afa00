// GetParameter, GetParameters, GetParametersByPath, GetParameterHistory.
#include <utility>

#include <fmt/format.h>

#include "services/ssm/actions.h"
#include "services/ssm/filters.h"

namespace tarn::ssm {
namespace {

Result<Parameter> told(Ssm& ssm, const Caller& caller, const Found& found, const Asked& asked,
                       bool decrypts) {
  Parameter out;
  out.name = found.record->name;
  out.type = found.version->type;
  TARN_TRY(out.value, value_of(ssm, caller, found.record->name, *found.version, decrypts));
  out.version = found.version->number;
  if (!asked.selector.empty()) out.selector = ":" + asked.selector;
  out.last_modified_date = Timestamp{found.version->modified_ms};
  out.arn = arn_of(caller, found.record->name);
  out.data_type = found.version->data_type;
  return out;
}

}  // namespace

Task<Result<GetParameterResult>> handle(GetParameter /*tag*/, Ssm& ssm, const Caller& caller,
                                        GetParameterRequest input) {
  const Asked asked = asked_of(input.name);
  TARN_CO_TRY(const Found found, find(ssm, caller, asked));
  GetParameterResult out;
  TARN_CO_TRY(out.parameter,
              told(ssm, caller, found, asked, input.with_decryption.value_or(false)));
  co_return out;
}

Task<Result<GetParametersResult>> handle(GetParameters /*tag*/, Ssm& ssm, const Caller& caller,
                                         GetParametersRequest input) {
  GetParametersResult out;
  auto& shown = out.parameters.emplace();
  auto& invalid_names = out.invalid_parameters.emplace();
  for (const std::string& name : input.names) {
    const Asked asked = asked_of(name);
    const auto found = find(ssm, caller, asked);
    if (!found.ok()) {
      invalid_names.push_back(name);
      continue;
    }
    TARN_CO_TRY(Parameter each,
                told(ssm, caller, *found, asked, input.with_decryption.value_or(false)));
    shown.push_back(std::move(each));
  }
  co_return out;
}

Task<Result<GetParametersByPathResult>> handle(GetParametersByPath /*tag*/, Ssm& ssm,
                                               const Caller& caller,
                                               GetParametersByPathRequest input) {
  constexpr std::int32_t kUsualPage = 10;
  if (!input.path.starts_with('/')) {
    co_return invalid(fmt::format("The parameter path {} must begin with /.", input.path));
  }
  const std::string folder = input.path.ends_with('/') ? input.path : input.path + "/";
  const bool recursively = input.recursive.value_or(false);
  std::vector<Parameter> all;
  for (const auto& record : ssm.parameters.all(caller.region, folder)) {
    if (!recursively && record->name.find('/', folder.size()) != std::string::npos) continue;
    TARN_CO_TRY(const bool passes, passes_filters(*record, input.parameter_filters));
    if (!passes) continue;
    const Found found{record, &record->current()};
    TARN_CO_TRY(Parameter each,
                told(ssm, caller, found, Asked(), input.with_decryption.value_or(false)));
    all.push_back(std::move(each));
  }
  GetParametersByPathResult out;
  TARN_CO_TRY(out.parameters, page_of(std::move(all), input.next_token,
                                      input.max_results.value_or(kUsualPage), out.next_token));
  co_return out;
}

Task<Result<GetParameterHistoryResult>> handle(GetParameterHistory /*tag*/, Ssm& ssm,
                                               const Caller& caller,
                                               GetParameterHistoryRequest input) {
  constexpr std::int32_t kUsualPage = 50;
  TARN_CO_TRY(const Found found, find(ssm, caller, Asked{asked_of(input.name).name, {}}));
  std::vector<ParameterHistory> all;
  for (const ParameterVersion& version : found.record->versions) {
    ParameterHistory& shown = all.emplace_back();
    shown.name = found.record->name;
    shown.type = version.type;
    shown.key_id = if_any(version.key_id);
    shown.last_modified_date = Timestamp{version.modified_ms};
    shown.last_modified_user = version.modified_by;
    shown.description = if_any(version.description);
    TARN_CO_TRY(shown.value, value_of(ssm, caller, found.record->name, version,
                                      input.with_decryption.value_or(false)));
    shown.allowed_pattern = if_any(version.allowed_pattern);
    shown.version = version.number;
    shown.labels = version.labels;
    shown.tier = version.tier;
    shown.policies.emplace();
    shown.data_type = version.data_type;
  }
  GetParameterHistoryResult out;
  TARN_CO_TRY(out.parameters, page_of(std::move(all), input.next_token,
                                      input.max_results.value_or(kUsualPage), out.next_token));
  co_return out;
}

}  // namespace tarn::ssm
