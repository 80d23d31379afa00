#include "services/ec2/zones.h"

#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

namespace tarn::ec2 {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 3> kOtherCounts = {
    {{"us-east-1", 6}, {"us-west-2", 4}, {"us-west-1", 2}}};
constexpr int kUsualCount = 3;

int count_of(std::string_view region) {
  for (const auto& [name, count] : kOtherCounts) {
    if (name == region) return count;
  }
  return kUsualCount;
}

// "usw2" of "us-west-2": the country, the first letters of the direction, the number.
std::string short_name(std::string_view region) {
  const std::size_t first = region.find('-');
  const std::size_t last = region.rfind('-');
  if (first == std::string_view::npos || last == first) return std::string(region);
  const std::string_view direction = region.substr(first + 1, last - first - 1);
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kTwo = {
      {{"northeast", "ne"},
       {"northwest", "nw"},
       {"southeast", "se"},
       {"southwest", "sw"},
       {"central", "c"}}};
  std::string letters(direction.substr(0, 1));
  for (const auto& [word, abbreviation] : kTwo) {
    if (word == direction) letters = abbreviation;
  }
  return fmt::format("{}{}{}", region.substr(0, first), letters, region.substr(last + 1));
}

}  // namespace

std::vector<Zone> zones_of(std::string_view region) {
  std::vector<Zone> out;
  for (int i = 0; i < count_of(region); ++i) {
    out.push_back({fmt::format("{}{}", region, static_cast<char>('a' + i)),
                   fmt::format("{}-az{}", short_name(region), i + 1)});
  }
  return out;
}

const std::vector<std::string>& usual_regions() {
  static const std::vector<std::string> kRegions = {
      "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1",
      "ap-southeast-2", "ca-central-1",   "eu-central-1",   "eu-north-1", "eu-west-1",
      "eu-west-2",      "eu-west-3",      "sa-east-1",      "us-east-1",  "us-east-2",
      "us-west-1",      "us-west-2"};
  return kRegions;
}

}  // namespace tarn::ec2
