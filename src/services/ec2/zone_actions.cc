// DescribeAvailabilityZones, DescribeRegions.
#include <algorithm>
#include <array>
#include <utility>

#include "services/ec2/actions.h"
#include "services/ec2/zones.h"

namespace tarn::ec2 {
namespace {

constexpr std::array<FilterPath, 6> kZoneFilters = {{
    {"zone-name", "ZoneName"},
    {"zone-id", "ZoneId"},
    {"region-name", "RegionName"},
    {"state", "State"},
    {"opt-in-status", "OptInStatus"},
    {"zone-type", "ZoneType"},
}};
constexpr std::array<FilterPath, 3> kRegionFilters = {{
    {"region-name", "RegionName"},
    {"endpoint", "Endpoint"},
    {"opt-in-status", "OptInStatus"},
}};

AvailabilityZone to_wire(const Caller& caller, const Zone& zone) {
  AvailabilityZone out;
  out.zone_name = zone.name;
  out.zone_id = zone.id;
  out.region_name = caller.region;
  out.group_name = caller.region + "-zg-1";
  out.network_border_group = caller.region;
  out.zone_type = "availability-zone";
  out.opt_in_status = "opt-in-not-required";
  out.state = "available";
  return out;
}

// Neither zones nor regions have tags.
template <class Shape>
Result<std::vector<Shape>> filtered(std::vector<Shape> all, const Filters& filters,
                                    FilterPaths known) {
  TARN_CHECK(check_filters(filters, known));
  std::erase_if(all, [&](const Shape& shape) {
    const auto wanted = filters.value_or(std::vector<Filter>());
    return !std::all_of(wanted.begin(), wanted.end(), [&](const Filter& filter) {
      return value_passes(filter, Shape::schema(), &shape, known);
    });
  });
  return all;
}

bool is_named(const std::optional<std::vector<std::string>>& names, const std::string& name) {
  return !names || names->empty() || std::find(names->begin(), names->end(), name) != names->end();
}

}  // namespace

Task<Result<DescribeAvailabilityZonesResult>> handle(DescribeAvailabilityZones /*tag*/,
                                                     Ec2& /*ec2*/, const Caller& caller,
                                                     DescribeAvailabilityZonesRequest input) {
  std::vector<AvailabilityZone> all;
  const auto zones = zones_of(caller.region);
  for (const std::string& name : input.zone_names.value_or(std::vector<std::string>())) {
    const auto is_it = [&](const Zone& zone) {
      return zone.name == name;
    };
    if (std::none_of(zones.begin(), zones.end(), is_it)) {
      co_return Error("InvalidParameterValue",
                      fmt::format("Invalid availability zone: [{}]", name));
    }
  }
  for (const Zone& zone : zones) {
    if (is_named(input.zone_names, zone.name) && is_named(input.zone_ids, zone.id))
      all.push_back(to_wire(caller, zone));
  }
  DescribeAvailabilityZonesResult out;
  TARN_CO_TRY(out.availability_zones, filtered(std::move(all), input.filters, kZoneFilters));
  co_return out;
}

Task<Result<DescribeRegionsResult>> handle(DescribeRegions /*tag*/, Ec2& /*ec2*/,
                                           const Caller& /*caller*/, DescribeRegionsRequest input) {
  std::vector<Region> all;
  for (const std::string& name : usual_regions()) {
    if (!is_named(input.region_names, name)) continue;
    Region& region = all.emplace_back();
    region.region_name = name;
    region.endpoint = fmt::format("ec2.{}.amazonaws.com", name);
    region.opt_in_status = "opt-in-not-required";
  }
  DescribeRegionsResult out;
  TARN_CO_TRY(out.regions, filtered(std::move(all), input.filters, kRegionFilters));
  co_return out;
}

}  // namespace tarn::ec2
