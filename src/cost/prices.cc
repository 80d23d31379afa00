#include "cost/prices.h"

#include <fmt/format.h>

#include "wire/json_value.h"

namespace tarn::cost {
namespace {

using nlohmann::json;

Result<json> read_object(platform::Files& files, const std::string& path) {
  TARN_TRY(const std::string text, files.read(path));
  json value = wire::parse_json(text);
  if (!value.is_object()) return Error(code::kCorrupt, fmt::format("{} is no JSON object", path));
  return value;
}

template <class Value>
std::map<std::string, Value, std::less<>> map_at(const json& in, const char* member) {
  std::map<std::string, Value, std::less<>> out;
  const json found = in.value(member, json::object());
  for (const auto& [name, value] : found.items()) out.emplace(name, value.template get<Value>());
  return out;
}

template <class Map>
std::optional<double> found_in(const Map& map, std::string_view name) {
  const auto found = map.find(name);
  return found == map.end() ? std::nullopt : std::optional<double>(found->second);
}

}  // namespace

Result<Prices> Prices::read(platform::Files& files, const std::string& folder) {
  TARN_TRY(const json types, read_object(files, folder + "/instance-types.json"));
  TARN_TRY(const json services, read_object(files, folder + "/services.json"));
  Prices out;
  out.region = services.value("region", "");
  out.as_of = services.value("as_of", "");
  out.hours_per_month = services.value("hours_per_month", 0.0);
  out.emr_share = types.value("emr_share_of_price", 0.0);
  const json spot = services.value("spot_share_of_price", json::object());
  out.spot_least = spot.value("least", 0.0);
  out.spot_most = spot.value("most", 0.0);
  out.root_gb = services.value("ebs_root_gb", 0.0);
  out.rates_ = map_at<double>(services, "rates");
  out.sources_ = map_at<std::string>(services, "sources");
  out.storage_ = map_at<double>(services, "ebs_gb_by_size");
  for (const json& type : types.value("types", json::array())) {
    if (type.contains("usd_per_hour"))
      out.instances_.emplace(type.value("type", ""), type.value("usd_per_hour", 0.0));
  }
  return out;
}

std::optional<double> Prices::instance_hour(std::string_view type) const {
  return found_in(instances_, type);
}

double Prices::rate(std::string_view name) const {
  return found_in(rates_, name).value_or(0);
}

std::string Prices::source(std::string_view service) const {
  const auto found = sources_.find(service);
  return found == sources_.end() ? std::string() : found->second;
}

std::optional<double> Prices::default_storage(std::string_view type) const {
  const std::size_t dot = type.find('.');
  return dot == std::string_view::npos ? std::nullopt : found_in(storage_, type.substr(dot + 1));
}

}  // namespace tarn::cost
