// Orders: what a server tells an agent of a worker, as JSON (docs/formats/agents.md).
//
// Place: services/emr; the server writes them, the agent reads them. Threads: pure functions, but
// for read_trust and write_trust, which block.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "platform/files.h"
#include "sandbox/sandbox.h"
#include "services/emr/launch.h"
#include "wire/json_value.h"

namespace tarn::emr {

// The server's certificates as orders have them: base64.
struct TrustStores {
  std::string ca_bundle;
  std::string trust_store;
};
// Blocks. Errors: kIo, kNotFound.
[[nodiscard]] Result<TrustStores> read_trust(const EmrOptions& options, platform::Files& files);

struct WorkerOrder {
  ClusterRecord cluster;  // as far as a worker needs it
  iam::Credential keys;
  WorkerPlan plan;
  std::string region;
  std::string endpoint_url;  // of the server, where the agent reaches it
  std::string proxy_host;
  int proxy_port = 0;
  std::string trust_store_password;
  // Of the server's certificate authority; empty: it has none.
  std::string ca_bundle;
  std::string trust_store;
  // Where the server has what drivers name to their executors: paths_of().
  std::vector<std::string> paths;
};

// The server's: endpoints of `options` with the cluster's address in the place of its own.
[[nodiscard]] nlohmann::json make_order(const EmrOptions& options, const ClusterRecord& cluster,
                                        const iam::Credential& keys, const WorkerPlan& plan,
                                        const TrustStores& trust);
// Error: kInvalid.
[[nodiscard]] Result<WorkerOrder> parse_order(const nlohmann::json& order);

// The agent's: makes `options` those of the order, with trust stores below its data directory.
void follow_order(const WorkerOrder& order, EmrOptions& options);
// Errors: kIo, kDiskFull.
[[nodiscard]] Status write_trust(const WorkerOrder& order, const EmrOptions& options,
                                 platform::Files& files);
// What the server's drivers name is found in the sandbox at the server's paths.
void add_paths(const WorkerOrder& order, const EmrOptions& options, sandbox::Sandbox& box);

}  // namespace tarn::emr
