// MasterPage: what a Spark standalone master tells of itself as JSON.
//
// Place: services/emr. Threads: pure functions.
// Source: https://spark.apache.org/docs/4.0.0/spark-standalone.html#monitoring-and-logging, and
// org.apache.spark.deploy.JsonProtocol.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tarn::emr {

struct WorkerLine {
  std::string host;  // as the worker names itself
  int cores = 0;
};

struct MasterPage {
  bool alive = false;               // the master leads, and has taken back what it knew before
  std::vector<WorkerLine> workers;  // that are ALIVE
  int cores = 0;                    // of these, for executors
  std::vector<std::string> applications;  // ids of those that have not ended
};

// Error: kInvalid (it is no such page).
[[nodiscard]] Result<MasterPage> parse_master_page(std::string_view text);

// The executors that run on the worker whose page this is. Error: kInvalid.
[[nodiscard]] Result<int> count_executors(std::string_view worker_page);

}  // namespace tarn::emr
