#include "services/emr/application_pages.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "services/emr/launch.h"
#include "wire/json_value.h"

namespace tarn::emr {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

// With the patience, how long a look at all of them takes at most.
constexpr int kMostPages = 8;
constexpr milliseconds kDemandPatience{1000};
// Of the first question of a search, and how much longer each next one is.
constexpr milliseconds kFirstPatience{1000};
constexpr int kLonger = 3;

Result<json> ask_page(platform::Network& network, const ApplicationPages& pages, int port,
                      const std::string& path, milliseconds patience) {
  TARN_TRY(const std::string answer, network.get(pages.address, static_cast<std::uint16_t>(port),
                                                 "/api/v1/applications" + path, patience));
  return wire::parse_json(answer);
}

// What one page tells; nullopt: nobody serves it. A driver has one application; who stands in its
// place may name more, and is not asked for them.
std::optional<Demand> demand_of(platform::Network& network, const ApplicationPages& pages,
                                int port) {
  const auto applications = ask_page(network, pages, port, "", kDemandPatience);
  if (!applications.ok() && applications.error().code != code::kTimeout) return std::nullopt;
  if (!applications.ok() || !applications->is_array()) return Demand{0, false};
  if (applications->empty()) return Demand();
  const std::string stages_path =
      "/" + wire::text_or(applications->front(), "id") + "/stages?status=active";
  const auto stages = ask_page(network, pages, port, stages_path, kDemandPatience);
  if (!stages.ok() || !stages->is_array()) return Demand{0, false};
  Demand out;
  for (const json& stage : *stages) {
    out.tasks += std::max(
        0, wire::int_or(stage, "numTasks", 0) - wire::int_or(stage, "numCompleteTasks", 0));
  }
  return out;
}

enum class Whose { kTheirs, kAnothers, kUnknown };

Whose whose_page(platform::Network& network, const ApplicationPages& pages, int port,
                 const std::string& id, milliseconds patience) {
  const auto told = ask_page(network, pages, port, "", patience);
  if (!told.ok()) return told.error().code == code::kTimeout ? Whose::kUnknown : Whose::kAnothers;
  if (!told->is_array() || told->empty()) return Whose::kUnknown;
  return wire::text_or(told->front(), "id") == id ? Whose::kTheirs : Whose::kAnothers;
}

}  // namespace

Demand count_tasks(platform::Network& network, const ApplicationPages& pages, int applications) {
  Demand out;
  int left = std::min(applications, kMostPages);
  // One that began while others ran keeps its port when these have ended: there may be gaps.
  for (int i = 0; i <= kApplicationPorts && left > 0; ++i) {
    const auto demand = demand_of(network, pages, pages.first_port + i);
    if (!demand) continue;
    --left;
    out.tasks += demand->tasks;
    out.whole = out.whole && demand->whole;
  }
  return out;
}

FoundApplication find_application(platform::Network& network, const platform::Clock& clock,
                                  const ApplicationPages& pages, const std::string& id,
                                  milliseconds patience) {
  const auto end = clock.monotonic() + patience;
  std::vector<int> ports;
  for (int i = 0; i <= kApplicationPorts; ++i) ports.push_back(pages.first_port + i);
  for (milliseconds each = kFirstPatience; !ports.empty() && each <= patience; each *= kLonger) {
    std::vector<int> silent;
    for (const int port : ports) {
      const auto left = std::chrono::duration_cast<milliseconds>(end - clock.monotonic());
      if (left <= milliseconds(0)) return {0, silent.empty() ? port : silent.front()};
      const Whose whose = whose_page(network, pages, port, id, std::min(each, left));
      if (whose == Whose::kTheirs) return {port, 0};
      if (whose == Whose::kUnknown) silent.push_back(port);
    }
    ports = std::move(silent);
  }
  return {0, ports.empty() ? 0 : ports.front()};
}

}  // namespace tarn::emr
