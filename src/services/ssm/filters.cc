#include "services/ssm/filters.h"

#include <algorithm>

#include <fmt/format.h>

namespace tarn::ssm {
namespace {

constexpr std::string_view kTag = "tag:";

// The values of the parameter that a filter's key means.
Result<std::vector<std::string>> values_of_key(const ParameterRecord& record,
                                               const std::string& key) {
  const ParameterVersion& version = record.current();
  if (key == "Name" || key == "Path") return std::vector{record.name};
  if (key == "Type") return std::vector{version.type};
  if (key == "KeyId") return std::vector{version.key_id};
  if (key == "Tier") return std::vector{version.tier};
  if (key == "DataType") return std::vector{version.data_type};
  if (key == "Label") return version.labels;
  if (!key.starts_with(kTag))
    return Error("InvalidFilterKey", fmt::format("There is no filter {}.", key));
  const auto tag = record.tags.find(key.substr(kTag.size()));
  return tag == record.tags.end() ? std::vector<std::string>() : std::vector{tag->second};
}

bool is_below(const std::string& name, const std::string& path, bool recursively) {
  const std::string folder = path.ends_with('/') ? path : path + "/";
  if (!name.starts_with(folder)) return false;
  return recursively || name.find('/', folder.size()) == std::string::npos;
}

Result<bool> passes(const ParameterRecord& record, const ParameterStringFilter& filter) {
  TARN_TRY(const auto values, values_of_key(record, filter.key));
  const bool by_path = filter.key == "Path";
  const std::string option = filter.option.value_or(by_path ? "OneLevel" : "Equals");
  const auto wanted = filter.values.value_or(std::vector<std::string>());
  // A key alone asks whether there is such a tag.
  if (wanted.empty()) return !values.empty();
  for (const std::string& value : values) {
    for (const std::string& each : wanted) {
      bool is_it = false;
      if (option == "Equals") {
        is_it = value == each || (filter.key == "Name" && value == "/" + each);
      } else if (option == "BeginsWith") {
        is_it = value.starts_with(each) || (filter.key == "Name" && value.starts_with("/" + each));
      } else if (option == "Contains") {
        is_it = value.find(each) != std::string::npos;
      } else if (option == "OneLevel" || option == "Recursive") {
        is_it = is_below(value, each, option == "Recursive");
      } else {
        return Error("InvalidFilterOption", fmt::format("There is no option {}.", option));
      }
      if (is_it) return true;
    }
  }
  return false;
}

}  // namespace

Result<bool> passes_filters(const ParameterRecord& record,
                            const std::optional<std::vector<ParameterStringFilter>>& filters) {
  for (const auto& filter : filters.value_or(std::vector<ParameterStringFilter>())) {
    TARN_TRY(const bool passed, passes(record, filter));
    if (!passed) return false;
  }
  return true;
}

}  // namespace tarn::ssm
