// MasterPage: what a Spark standalone master tells of itself as JSON.
//
// Place: services/emr. Threads: pure functions.
// Source: https://spark.apache.org/docs/4.0.0/spark-standalone.html#monitoring-and-logging, and
// org.apache.spark.deploy.JsonProtocol.
#pragma once

#include <string_view>

#include "base/result.h"

namespace tarn::emr {

struct MasterPage {
  bool alive = false;    // the master leads, and has taken back what it knew before
  int workers = 0;       // that are ALIVE
  int cores = 0;         // of these, for executors
  int applications = 0;  // that have not ended
};

// Error: kInvalid (it is no such page).
[[nodiscard]] Result<MasterPage> parse_master_page(std::string_view text);

}  // namespace tarn::emr
