// RecordRoom: what tarn tells of clusters beside the EMR API: their records and their logs, at
// /_tarn/clusters.
//
//     GET /_tarn/clusters                            all: {"clusters": […], "now_ms"}
//     GET /_tarn/clusters/j-…                        one
//     GET /_tarn/clusters/j-…/logs/NAME?offset=N     {"text", "next", "ended"}: from byte N on
//
// NAME is master, worker, steps/s-…/stderr (stdout, controller) or bootstrap/1/stderr; negative N
// counts from the end. Logs of a cluster that lives are read from its folder, those of one that has
// ended from its LogUri.
//
// Place: services/emr; a web room of the gateway. Threads: the control strand. For the account's
// root.
#pragma once

#include <string>

#include "gateway/web.h"
#include "services/emr/service.h"

namespace tarn::emr {

class RecordRoom final : public gateway::WebRoom {
 public:
  explicit RecordRoom(EmrService& emr) : emr_(emr) {}
  // Errors: 400, 401, 403, 404, 405.
  [[nodiscard]] Task<Result<wire::Response>> serve(gateway::WebRequest request) override;

 private:
  [[nodiscard]] Task<Result<wire::Response>> log(const gateway::WebRequest& request,
                                                 const Clusters::Entry& life);

  EmrService& emr_;
};

}  // namespace tarn::emr
