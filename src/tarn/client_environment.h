// What leads a client to the server: environment variables for shells, AWS tools and Java.
//
// Place: tarn; used by `tarn env`, `tarn aws` and the notebook and generator commands. Threads:
// pure functions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tarn/server_file.h"

namespace tarn::app {

struct Variable {
  std::string name;
  std::string value;
  bool unset = false;  // it must not be there
};

// Keys, region and AWS_ENDPOINT_URL, which AWS CLI and SDKs honour (not the CLI for `aws emr`).
[[nodiscard]] std::vector<Variable> direct_environment(const ServerFacts& facts);

// Keys and region, the server as proxy of http and https and the authority that it signs with, so
// that every AWS name leads to it without an endpoint set anywhere. TARN_JAVA_OPTIONS holds what a
// JVM needs, for spark-submit --driver-java-options or JAVA_TOOL_OPTIONS: JVMs read no proxy from
// the environment.
[[nodiscard]] std::vector<Variable> transparent_environment(const ServerFacts& facts);

// Takes back what either of the two sets.
[[nodiscard]] std::vector<Variable> cleared_environment();

// System properties of a JVM that lead its AWS clients to the server.
[[nodiscard]] std::vector<std::string> java_options(const ServerFacts& facts);

}  // namespace tarn::app
