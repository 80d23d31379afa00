// Health and metrics of the server, under /_tarn/health and /_tarn/metrics.
//
// Place: tarn. Threads: the control strand, so an answer tells that it moves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/chain.h"
#include "gateway/web.h"

namespace tarn::app {

// GET gives {"status": "ok", "version": …, "services": [names]}; 404 below, 405 for other methods.
class HealthRoom final : public gateway::WebRoom {
 public:
  // Before the first request.
  void add_service(std::string_view name) { services_.emplace_back(name); }

  [[nodiscard]] Task<Result<wire::Response>> serve(gateway::WebRequest request) override;

 private:
  std::vector<std::string> services_;
};

// GET gives the chain's counters in the text format of Prometheus.
class MetricsRoom final : public gateway::WebRoom {
 public:
  explicit MetricsRoom(const gateway::Chain& chain) : chain_(chain) {}
  [[nodiscard]] Task<Result<wire::Response>> serve(gateway::WebRequest request) override;

 private:
  const gateway::Chain& chain_;
};

}  // namespace tarn::app
