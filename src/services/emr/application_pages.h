// ApplicationPages: what the drivers of a cluster's applications tell at pages of their own, which
// Spark's master does not: where an application's page is, and how many tasks it has.
//
// Place: services/emr, under life.h and ui_actions.cc. Threads: safe from any; the calls block.
// Source: https://spark.apache.org/docs/4.0.0/monitoring.html#rest-api
//
// A page that nobody serves refuses at once. One that takes the connection and is silent is
// something else: its driver is at work, or makes its first answer (Spark's REST API takes a second
// of a processor to begin). Silence says nothing of what runs.
#pragma once

#include <chrono>
#include <string>

#include "platform/clock.h"
#include "platform/network.h"

namespace tarn::emr {

// Where the pages are: `address`, from `first_port` (usually 4040) on.
struct ApplicationPages {
  std::string address;
  int first_port = 0;
};

struct Demand {
  int tasks = 0;      // that run or wait in active stages
  bool whole = true;  // every page told; else there may be more
};

// Of at most `applications` pages, those at the lowest ports.
[[nodiscard]] Demand count_tasks(platform::Network& network, const ApplicationPages& pages,
                                 int applications);

struct FoundApplication {
  int port = 0;         // 0: no page says that it is the application's
  int silent_port = 0;  // of one that said nothing and may be; 0: there is none
};

// Each page says whose it is. Silent ones are asked again, and longer, until `patience` is over.
[[nodiscard]] FoundApplication find_application(platform::Network& network,
                                                const platform::Clock& clock,
                                                const ApplicationPages& pages,
                                                const std::string& id,
                                                std::chrono::milliseconds patience);

}  // namespace tarn::emr
