// ListReleaseLabels, DescribeReleaseLabel, ListSupportedInstanceTypes.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/emr/actions.h"
#include "services/emr/releases.h"
#include "services/emr/request.h"
#include "wire/encoding.h"

namespace tarn::emr {
namespace {

// https://docs.aws.amazon.com/emr/latest/APIReference/API_ListReleaseLabels.html
constexpr std::int32_t kLabelsPerPage = 100;
constexpr std::size_t kTypesPerPage = 50;

Error invalid_release(std::string text) {
  return {"InvalidRequestException", std::move(text)};
}

// "spark@4.0.5" or "spark": the application filter of ListReleaseLabels.
bool has_application(const std::string& filter, const std::string& spark) {
  const std::string wanted = wire::to_lower(filter);
  return wanted == "spark" || wanted == "spark@" + spark;
}

SupportedInstanceType describe_type(const InstanceType& type) {
  SupportedInstanceType out;
  out.type = type.name;
  out.vcpu = type.vcpu;
  out.memory_gb = static_cast<float>(type.memory_mib) / 1024;
  out.instance_family_id = type.family();
  out.architecture = type.architecture;
  out.is64_bits_only = true;
  return out;
}

}  // namespace

Task<Result<ListReleaseLabelsOutput>> handle(ListReleaseLabels /*tag*/, EmrService& emr,
                                             const Caller& /*caller*/,
                                             ListReleaseLabelsInput input) {
  std::vector<std::string> wanted;
  for (const std::string_view label : release_labels()) {
    if (input.filters && input.filters->prefix && !label.starts_with(*input.filters->prefix)) {
      continue;
    }
    if (input.filters && input.filters->application &&
        !has_application(*input.filters->application, emr.options().spark_version)) {
      continue;
    }
    wanted.emplace_back(label);
  }
  const std::int32_t size = std::min(input.max_results.value_or(kLabelsPerPage), kLabelsPerPage);
  ListReleaseLabelsOutput out;
  TARN_CO_TRY(out.release_labels,
              take_page(wanted, input.next_token, static_cast<std::size_t>(size), out.next_token));
  co_return out;
}

// What stands for the label here: the one Spark that is installed.
Task<Result<DescribeReleaseLabelOutput>> handle(DescribeReleaseLabel /*tag*/, EmrService& emr,
                                                const Caller& /*caller*/,
                                                DescribeReleaseLabelInput input) {
  const std::string label = input.release_label.value_or(std::string(release_labels().front()));
  if (!check_release(label).ok()) {
    co_return invalid_release(fmt::format("Release label '{}' is not valid.", label));
  }
  DescribeReleaseLabelOutput out;
  out.release_label = label;
  SimplifiedApplication& spark = out.applications.emplace().emplace_back();
  spark.name = "Spark";
  spark.version = emr.options().spark_version;
  out.available_os_releases.emplace();
  co_return out;
}

Task<Result<ListSupportedInstanceTypesOutput>> handle(ListSupportedInstanceTypes /*tag*/,
                                                      EmrService& emr, const Caller& /*caller*/,
                                                      ListSupportedInstanceTypesInput input) {
  if (!check_release(input.release_label).ok()) {
    co_return invalid_release(fmt::format("Release label '{}' is not valid.", input.release_label));
  }
  std::vector<SupportedInstanceType> all;
  for (const InstanceType& type : emr.types().all()) all.push_back(describe_type(type));
  ListSupportedInstanceTypesOutput out;
  TARN_CO_TRY(out.supported_instance_types,
              take_page(all, input.marker, kTypesPerPage, out.marker));
  co_return out;
}

}  // namespace tarn::emr
