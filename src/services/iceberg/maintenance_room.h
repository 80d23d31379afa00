// MaintenanceRoom: table maintenance seen and steered, at /_tarn/maintenance.
//
// Place: services/iceberg; a web room of the gateway. Threads: the control strand.
//
//     GET    /_tarn/maintenance            tables and runs
//     POST   /_tarn/maintenance/runs       {"table": "db.name"} → {"id": 7}
//     DELETE /_tarn/maintenance/runs/7     stops it
#pragma once

#include "gateway/web.h"
#include "services/iceberg/maintenance.h"

namespace tarn::iceberg {

class MaintenanceRoom final : public gateway::WebRoom {
 public:
  explicit MaintenanceRoom(Maintenance& maintenance) : maintenance_(maintenance) {}

  // Errors: 401 without keys, 403 for others than the account's root, 400, 404, 405, 409, 429.
  [[nodiscard]] Task<Result<wire::Response>> serve(gateway::WebRequest request) override;

 private:
  Result<wire::Response> answer_to(const gateway::WebRequest& request);
  Result<wire::Response> run(const gateway::WebRequest& request);

  Maintenance& maintenance_;
};

}  // namespace tarn::iceberg
