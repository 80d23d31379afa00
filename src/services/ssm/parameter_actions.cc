// PutParameter, DeleteParameter, DeleteParameters, DescribeParameters.
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <re2/re2.h>

#include "services/ssm/actions.h"
#include "services/ssm/filters.h"

namespace tarn::ssm {
namespace {

Status refuse_what_is_not_here(const PutParameterRequest& input) {
  if (input.policies && !input.policies->empty() && *input.policies != "[]")
    return not_offered("Policies");
  const std::string data_type = input.data_type.value_or("text");
  if (data_type != "text") return not_offered(fmt::format("DataType {}", data_type));
  return {};
}

// Its tier, by the size of the value.
Result<std::string> tier_of(const PutParameterRequest& input) {
  const std::string asked = input.tier.value_or("Standard");
  const std::size_t size = input.value.size();
  if (size > kMostAdvancedBytes || (asked == "Standard" && size > kMostStandardBytes)) {
    return invalid(
        fmt::format("{} tier parameters support a maximum parameter value of {} characters.", asked,
                    asked == "Standard" ? kMostStandardBytes : kMostAdvancedBytes));
  }
  if (asked != "Intelligent-Tiering") return asked;
  return std::string(size > kMostStandardBytes ? "Advanced" : "Standard");
}

Result<std::map<std::string, std::string>> tags_of(const Caller& caller,
                                                   const std::optional<std::vector<Tag>>& given) {
  std::map<std::string, std::string> out;
  for (const Tag& tag : given.value_or(std::vector<Tag>())) {
    TARN_CHECK(check_tag_key(caller, tag.key));
    out[tag.key] = tag.value;
  }
  TARN_CHECK(check_tag_count(out));
  return out;
}

// What the request says, and of what it does not say what there was.
Result<ParameterVersion> drafted(const Ssm& ssm, const Caller& caller,
                                 const PutParameterRequest& input,
                                 const Parameters::Entry& before) {
  ParameterVersion out;
  if (before != nullptr) {
    const ParameterVersion& was = before->current();
    out.type = was.type;
    out.key_id = was.key_id;
    out.description = was.description;
    out.allowed_pattern = was.allowed_pattern;
  }
  if (before != nullptr && input.type && *input.type != out.type) {
    return Error(
        "HierarchyTypeMismatchException",
        fmt::format("The parameter {} is a {}: its type cannot change.", input.name, out.type));
  }
  out.type = input.type.value_or(out.type);
  if (out.type.empty()) return invalid("A parameter type is required when you create a parameter.");
  if (input.key_id && out.type != "SecureString")
    return invalid("KeyId is for the type SecureString only.");
  out.key_id = input.key_id.value_or(out.key_id);
  out.description = input.description.value_or(out.description);
  out.allowed_pattern = input.allowed_pattern.value_or(out.allowed_pattern);
  TARN_TRY(out.tier, tier_of(input));
  out.modified_ms = ssm.platform.clock.now().ms;
  out.modified_by = caller.arn;
  return out;
}

Status check_value(const ParameterVersion& version, const std::string& value) {
  if (value.empty()) return invalid("Parameter value must not be empty.");
  if (version.allowed_pattern.empty()) return {};
  const re2::RE2 pattern(version.allowed_pattern, re2::RE2::Quiet);
  if (!pattern.ok()) {
    return Error("InvalidAllowedPatternException",
                 fmt::format("{} is no regular expression.", version.allowed_pattern));
  }
  if (re2::RE2::FullMatch(value, pattern)) return {};
  return Error("ParameterPatternMismatchException",
               fmt::format("Parameter value, can't be validated against allowedPattern: {}",
                           version.allowed_pattern));
}

// The oldest version makes room, unless it has a label.
Status add_version(ParameterRecord& record, ParameterVersion version) {
  version.number = record.versions.empty() ? 1 : record.current().number + 1;
  if (record.versions.size() >= kMostVersions) {
    if (!record.versions.front().labels.empty()) {
      return Error("ParameterMaxVersionLimitExceeded",
                   fmt::format("{} has {} versions, the oldest of which has a label: move it.",
                               record.name, kMostVersions));
    }
    record.versions.erase(record.versions.begin());
  }
  record.versions.push_back(std::move(version));
  return {};
}

}  // namespace

Task<Result<PutParameterResult>> handle(PutParameter /*tag*/, Ssm& ssm, const Caller& caller,
                                        PutParameterRequest input) {
  TARN_CO_CHECK(refuse_what_is_not_here(input));
  const Asked asked = asked_of(input.name);
  TARN_CO_CHECK(check_name(asked.name));
  TARN_CO_TRY(const auto tags, tags_of(caller, input.tags));
  const bool overwrites = input.overwrite.value_or(false);
  if (overwrites && !tags.empty())
    co_return invalid("Tags and Overwrite exclude one another: use AddTagsToResource.");
  const auto before = ssm.parameters.find(caller.region, asked.name);
  TARN_CO_TRY(ParameterVersion version, drafted(ssm, caller, input, before));
  TARN_CO_CHECK(check_value(version, input.value));
  TARN_CO_CHECK(co_await protect(ssm, caller, asked.name, version, std::move(input.value)));
  PutParameterResult out;
  const Parameters::Change put = [&](std::optional<ParameterRecord>& record,
                                     std::size_t count) -> Status {
    if (record && !overwrites) {
      return Error("ParameterAlreadyExists",
                   "The parameter already exists. To overwrite this value, set the overwrite "
                   "option in the request to true.");
    }
    if (!record && count >= kMostParameters) {
      return Error("ParameterLimitExceeded",
                   fmt::format("There can be at most {} parameters.", kMostParameters));
    }
    if (!record) record = ParameterRecord{asked.name, {}, tags};
    TARN_CHECK(add_version(*record, version));
    out.version = record->current().number;
    return {};
  };
  TARN_CO_CHECK(co_await change(ssm, caller, asked.name, put));
  out.tier = version.tier;
  co_return out;
}

Task<Result<DeleteParameterResult>> handle(DeleteParameter /*tag*/, Ssm& ssm, const Caller& caller,
                                           DeleteParameterRequest input) {
  const std::string name = asked_of(input.name).name;
  const Parameters::Change remove = [&](std::optional<ParameterRecord>& record,
                                        std::size_t /*count*/) -> Status {
    if (!record) return no_parameter(name);
    record.reset();
    return {};
  };
  TARN_CO_CHECK(co_await change(ssm, caller, name, remove));
  co_return DeleteParameterResult();
}

Task<Result<DeleteParametersResult>> handle(DeleteParameters /*tag*/, Ssm& ssm,
                                            const Caller& caller, DeleteParametersRequest input) {
  DeleteParametersResult out;
  auto& deleted = out.deleted_parameters.emplace();
  auto& invalid_names = out.invalid_parameters.emplace();
  for (const std::string& given : input.names) {
    const std::string name = asked_of(given).name;
    const Parameters::Change remove = [](std::optional<ParameterRecord>& record,
                                         std::size_t /*count*/) -> Status {
      record.reset();
      return {};
    };
    if (ssm.parameters.find(caller.region, name) == nullptr) {
      invalid_names.push_back(given);
      continue;
    }
    TARN_CO_CHECK(co_await change(ssm, caller, name, remove));
    deleted.push_back(given);
  }
  co_return out;
}

Task<Result<DescribeParametersResult>> handle(DescribeParameters /*tag*/, Ssm& ssm,
                                              const Caller& caller,
                                              DescribeParametersRequest input) {
  constexpr std::int32_t kUsualPage = 10;
  if (input.filters && !input.filters->empty())
    co_return not_offered("Filters (ParameterFilters do)");
  if (input.shared.value_or(false)) co_return not_offered("Shared");
  std::vector<ParameterMetadata> all;
  for (const auto& record : ssm.parameters.all(caller.region, "")) {
    TARN_CO_TRY(const bool passes, passes_filters(*record, input.parameter_filters));
    if (!passes) continue;
    const ParameterVersion& version = record->current();
    ParameterMetadata& shown = all.emplace_back();
    shown.name = record->name;
    shown.arn = arn_of(caller, record->name);
    shown.type = version.type;
    shown.key_id = if_any(version.key_id);
    shown.last_modified_date = Timestamp{version.modified_ms};
    shown.last_modified_user = version.modified_by;
    shown.description = if_any(version.description);
    shown.allowed_pattern = if_any(version.allowed_pattern);
    shown.version = version.number;
    shown.tier = version.tier;
    shown.policies.emplace();
    shown.data_type = version.data_type;
  }
  DescribeParametersResult out;
  TARN_CO_TRY(out.parameters, page_of(std::move(all), input.next_token,
                                      input.max_results.value_or(kUsualPage), out.next_token));
  co_return out;
}

}  // namespace tarn::ssm
