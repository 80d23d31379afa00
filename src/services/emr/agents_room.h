// AgentsRoom: where agents report, under /_tarn/agents (docs/formats/agents.md).
//
//   POST /_tarn/agents/report   an agent's report, Authorization: Bearer TOKEN; its orders
//   GET  /_tarn/agents          the hosts, for the account's root
//
// Place: services/emr. Threads: the control strand.
#pragma once

#include <string>

#include "gateway/web.h"
#include "services/emr/hosts.h"

namespace tarn::emr {

class AgentsRoom final : public gateway::WebRoom {
 public:
  // `spark_version` is this server's: an agent with another one is refused.
  AgentsRoom(Hosts& hosts, std::string token, std::string spark_version);
  // Errors: 400 (no report, or of another Spark), 401, 403, 404, 405.
  [[nodiscard]] Task<Result<wire::Response>> serve(gateway::WebRequest request) override;

 private:
  [[nodiscard]] Result<wire::Response> take_report(const gateway::WebRequest& request);

  Hosts& hosts_;
  const std::string token_;
  const std::string spark_version_;
};

}  // namespace tarn::emr
