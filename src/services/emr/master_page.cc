#include "services/emr/master_page.h"

#include "wire/json_value.h"

namespace tarn::emr {

Result<MasterPage> parse_master_page(std::string_view text) {
  const auto page = wire::parse_json(text);
  if (!page.is_object() || !page.contains("status") || !page.contains("workers")) {
    return Error(code::kInvalid, "this is no page of a Spark master");
  }
  MasterPage out;
  // What runs on the cluster may stand in the master's place.
  out.alive = wire::text_or(page, "status") == "ALIVE";
  for (const auto& worker : page["workers"]) {
    if (wire::text_or(worker, "state") != "ALIVE") continue;
    out.workers.push_back({wire::text_or(worker, "host"), wire::int_or(worker, "cores", 0)});
    out.cores += out.workers.back().cores;
  }
  const auto applications = page.find("activeapps");
  if (applications == page.end()) return out;
  for (const auto& application : *applications) {
    out.applications.push_back(wire::text_or(application, "id"));
  }
  return out;
}

Result<int> count_executors(std::string_view worker_page) {
  const auto page = wire::parse_json(worker_page);
  if (!page.is_object() || !page.contains("executors")) {
    return Error(code::kInvalid, "this is no page of a Spark worker");
  }
  return static_cast<int>(page["executors"].size());
}

}  // namespace tarn::emr
