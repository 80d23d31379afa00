// ClusterRoom: what tarn offers of a cluster beside the EMR API, under /_tarn/emr.
//
//   POST /_tarn/emr/clusters/j-…/interruptions   {"instance": "i-…", "notice": 120}, both optional:
//        EC2 takes a Spot instance back; answers 202 {"instance": "i-…", "notice": 120}
//
// Place: services/emr. Threads: the control strand. For the account's root.
#pragma once

#include "gateway/web.h"
#include "services/emr/service.h"

namespace tarn::emr {

class ClusterRoom final : public gateway::WebRoom {
 public:
  explicit ClusterRoom(EmrService& emr) : emr_(emr) {}
  // Errors: 400 with the reason, 401, 403, 404, 405.
  [[nodiscard]] Task<Result<wire::Response>> serve(gateway::WebRequest request) override;

 private:
  [[nodiscard]] Task<Result<wire::Response>> interrupt(gateway::WebRequest request);

  EmrService& emr_;
};

}  // namespace tarn::emr
