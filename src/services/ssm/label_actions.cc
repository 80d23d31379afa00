// LabelParameterVersion, UnlabelParameterVersion.
#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "services/ssm/actions.h"

namespace tarn::ssm {
namespace {

// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html
bool is_label(const std::string& label) {
  const bool begins_well = !label.empty() && !(label.front() >= '0' && label.front() <= '9');
  const auto is_letter = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
  };
  return begins_well && !label.starts_with("aws") && !label.starts_with("ssm") &&
         std::all_of(label.begin(), label.end(), is_letter);
}

ParameterVersion* version_in(ParameterRecord& record, std::int64_t number) {
  for (ParameterVersion& version : record.versions) {
    if (version.number == number) return &version;
  }
  return nullptr;
}

Error no_version(const std::string& name, std::int64_t number) {
  return {"ParameterVersionNotFound", fmt::format("Parameter {} has no version {}.", name, number)};
}

// A label is on one version only: it moves.
void move_label(ParameterRecord& record, ParameterVersion& to, const std::string& label) {
  for (ParameterVersion& version : record.versions) std::erase(version.labels, label);
  to.labels.push_back(label);
}

}  // namespace

Task<Result<LabelParameterVersionResult>> handle(LabelParameterVersion /*tag*/, Ssm& ssm,
                                                 const Caller& caller,
                                                 LabelParameterVersionRequest input) {
  const std::string name = asked_of(input.name).name;
  LabelParameterVersionResult out;
  auto& refused = out.invalid_labels.emplace();
  const Parameters::Change put = [&](std::optional<ParameterRecord>& record,
                                     std::size_t /*count*/) -> Status {
    if (!record) return no_parameter(name);
    const std::int64_t number = input.parameter_version.value_or(record->current().number);
    ParameterVersion* const version = version_in(*record, number);
    if (version == nullptr) return no_version(name, number);
    for (const std::string& label : input.labels) {
      if (!is_label(label)) {
        refused.push_back(label);
      } else {
        move_label(*record, *version, label);
      }
    }
    if (version->labels.size() > kMostLabels) {
      return Error("ParameterVersionLabelLimitExceeded",
                   fmt::format("A version has at most {} labels.", kMostLabels));
    }
    out.parameter_version = number;
    return {};
  };
  TARN_CO_CHECK(co_await change(ssm, caller, name, put));
  co_return out;
}

Task<Result<UnlabelParameterVersionResult>> handle(UnlabelParameterVersion /*tag*/, Ssm& ssm,
                                                   const Caller& caller,
                                                   UnlabelParameterVersionRequest input) {
  const std::string name = asked_of(input.name).name;
  UnlabelParameterVersionResult out;
  auto& removed = out.removed_labels.emplace();
  auto& refused = out.invalid_labels.emplace();
  const Parameters::Change put = [&](std::optional<ParameterRecord>& record,
                                     std::size_t /*count*/) -> Status {
    if (!record) return no_parameter(name);
    ParameterVersion* const version = version_in(*record, input.parameter_version);
    if (version == nullptr) return no_version(name, input.parameter_version);
    for (const std::string& label : input.labels) {
      const bool was_there = std::erase(version->labels, label) > 0;
      (was_there ? removed : refused).push_back(label);
    }
    return {};
  };
  TARN_CO_CHECK(co_await change(ssm, caller, name, put));
  co_return out;
}

}  // namespace tarn::ssm
