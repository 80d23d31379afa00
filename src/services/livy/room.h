// LivyRoom: the REST API of Apache Livy's interactive sessions, at /_tarn/livy/.
//
// Place: services/livy; the gateway's web room. Threads: the control strand.
// Source: https://livy.apache.org/docs/latest/rest-api.html, and what sparkmagic 0.23 reads of it.
//
// Callers sign in with HTTP Basic (access key id and secret access key): a session runs any code.
#pragma once

#include "gateway/web.h"
#include "services/livy/sessions.h"

namespace tarn::livy {

class LivyRoom final : public gateway::WebRoom {
 public:
  // The references outlive it; start() before the first request, shut_down() after the last.
  LivyRoom(platform::Platform platform, iam::Credentials& credentials,
           sandbox::Sandboxes& sandboxes, Options options)
      : sessions_(platform, credentials, sandboxes, std::move(options)) {}

  // Errors: kIo, kDiskFull.
  Status start() { return sessions_.start(); }
  [[nodiscard]] Task<void> shut_down() { return sessions_.shut_down(); }

  [[nodiscard]] const Sessions& sessions() const { return sessions_; }

  // Errors: 401 without keys, 400, 404, 405, 501 (what Livy has and tarn has not, by its name).
  [[nodiscard]] Task<Result<wire::Response>> serve(gateway::WebRequest request) override;

 private:
  Task<Result<wire::Response>> serve_sessions(gateway::WebRequest request);
  Task<Result<wire::Response>> serve_session(gateway::WebRequest request,
                                             std::shared_ptr<Session> session);
  Result<wire::Response> serve_statements(const gateway::WebRequest& request, Session& session);
  Result<wire::Response> serve_statement(const gateway::WebRequest& request, Session& session);
  Task<Result<wire::Response>> create(gateway::WebRequest request);
  Task<Json> describe(std::shared_ptr<Session> session, std::string address);
  Task<Result<wire::Response>> log(gateway::WebRequest request, std::shared_ptr<Session> session);

  Sessions sessions_;
};

}  // namespace tarn::livy
