// EmrRoom: what clusters serve below /_tarn/emr/, and at ports of their own (gateway/doors.h).
//
//     /_tarn/emr/CLUSTER/livy/…      its Livy server; also http://ADDRESS:8998/…
//     /_tarn/emr/CLUSTER/ui/PORT/…   a page of Spark's; of PORT 18080 also http://ADDRESS:18080/…
//     /_tarn/emr/UI/ui/18080/…       the history server of a persistent application UI
//     /_tarn/emr/STUDIO/studio       leads to the JupyterLab of `tarn notebook`
//     /_tarn/emr/clusters/…          room.h
//
// Place: services/emr; a web room of the gateway. Threads: the control strand.
#pragma once

#include <memory>
#include <string>

#include "gateway/web.h"
#include "services/emr/room.h"
#include "services/emr/service.h"
#include "services/emr/ui_proxy.h"
#include "services/iam/authorizer.h"

namespace tarn::emr {

class EmrRoom final : public gateway::WebRoom {
 public:
  // Both outlive it.
  EmrRoom(EmrService& emr, const iam::Authorizer& authorizer)
      : emr_(emr), authorizer_(authorizer), interruptions_(emr) {}

  // Errors: 401 without keys (or, for pages, a presigned URL's token), 403 (no permission), 404 (no
  // such cluster, or it has no such thing), 405, 502 (Spark does not answer), 503 (it is not there
  // yet), and those of the room that answers.
  [[nodiscard]] Task<Result<wire::Response>> serve(gateway::WebRequest request) override;

 private:
  using Answer = Result<wire::Response>;

  [[nodiscard]] Task<Answer> serve_livy(gateway::WebRequest request, Clusters::Entry life);
  [[nodiscard]] Task<Answer> serve_ui(gateway::WebRequest request);
  // nullopt: who asks may look. Else what is answered: a redirection that gives a cookie.
  [[nodiscard]] Result<std::optional<wire::Response>> admit(const gateway::WebRequest& request,
                                                            std::string_view action,
                                                            const std::string& arn) const;
  [[nodiscard]] Task<Answer> serve_page(PagePlace page);
  // Of a cluster that lives or has ended.
  [[nodiscard]] Task<Answer> serve_history(PagePlace page, std::string cluster);
  [[nodiscard]] Task<Answer> serve_studio(gateway::WebRequest request);

  EmrService& emr_;
  const iam::Authorizer& authorizer_;
  ClusterRoom interruptions_;
};

}  // namespace tarn::emr
