// The chain: what happens to every request, in one visible list.
//
//     request id -> route -> signature -> decode -> validate -> authorize -> handle -> encode ->
//     cross-origin headers -> audit
//
// A browser's preflight (OPTIONS) is answered after the route, by the service alone.
//
// Place: gateway, between the connections (connection.h) and the services. The same for plain HTTP,
// TLS and requests that came through the egress listener. Threads: serve() runs on the I/O thread
// of its connection, for many connections at once; handlers of the control plane are run on the
// control strand. Services and web rooms are added before the first request.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/cross_origin.h"
#include "gateway/router.h"
#include "gateway/service.h"
#include "gateway/web.h"
#include "platform/platform.h"
#include "services/iam/authorizer.h"
#include "services/iam/credentials.h"
#include "wire/http.h"
#include "wire/json_codec.h"
#include "wire/validate.h"

namespace tarn::gateway {

struct ChainOptions {
  std::string account_id;
  std::string default_region;
};

// What one connection keeps between its requests.
struct ConnectionState {
  wire::JsonReader json;
};

struct Exchange;
class AuditLog;

class Chain {
 public:
  Chain(platform::Platform platform, iam::Credentials& credentials,
        const iam::Authorizer& authorizer, ChainOptions options);
  ~Chain();
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  // `cross_origin`: null where pages of other origins have no business with the service.
  void add(Service& service, const CrossOrigin* cross_origin = nullptr);
  // `prefix` is one segment below /_tarn/: "livy".
  void add_web(std::string prefix, WebRoom& room);
  // `path` begins a place of its own: "/iceberg/v1/". What is signed for S3, or names a bucket by
  // its host, is S3's even there.
  void add_site(std::string path, WebRoom& room);

  // Before the first request; must live on.
  void audit_to(AuditLog& log) { audit_log_ = &log; }

  // Never fails: every fault becomes an answer. The body of `request` may be left partly read.
  [[nodiscard]] Task<wire::Response> serve(wire::Request& request, ConnectionState& state);

  [[nodiscard]] platform::Clock& clock() const { return platform_.clock; }

  // Counters of every action in the text format of Prometheus.
  [[nodiscard]] std::string metrics() const;

 private:
  struct Counters {
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> client_errors{0};
    std::atomic<std::uint64_t> server_errors{0};
    std::atomic<std::uint64_t> microseconds{0};
  };

  Task<Status> run(Exchange& exchange);
  Task<Status> read_form(Exchange& exchange) const;
  Status route(Exchange& exchange) const;
  static Status check_route(Exchange& exchange);
  Status answer_preflight(Exchange& exchange) const;
  void add_cross_origin(Exchange& exchange) const;
  [[nodiscard]] const CrossOrigin* cross_origin_of(const Exchange& exchange) const;
  Status check_signature(Exchange& exchange) const;
  Status check_time(const Exchange& exchange) const;
  void wrap_body(Exchange& exchange) const;
  Task<Status> decode(Exchange& exchange) const;
  Status validate(const Exchange& exchange) const;
  Status authorize(Exchange& exchange) const;
  Task<Status> handle(Exchange& exchange) const;
  void encode(Exchange& exchange) const;
  void audit(const Exchange& exchange);
  void tell_audit_log(const Exchange& exchange) const;

  [[nodiscard]] WebRoom* find_site(const wire::Request& request) const;
  Task<wire::Response> serve_web(wire::Request& request, ConnectionState& state,
                                 const std::string& request_id, WebRoom* site);
  Task<Status> serve_web_room(Exchange& exchange, WebRoom& room, WebRequest web);
  Task<Status> sign_in_web(Exchange& exchange, WebRequest& web) const;
  Status check_basic(const wire::Request& request, Caller& caller) const;

  platform::Platform platform_;
  iam::Credentials& credentials_;
  const iam::Authorizer& authorizer_;
  ChainOptions options_;
  Router router_;
  AuditLog* audit_log_ = nullptr;
  std::unordered_map<const Service*, const CrossOrigin*> cross_origin_;
  wire::Validator validator_;
  std::vector<std::pair<std::string, WebRoom*>> web_rooms_;
  std::vector<std::pair<std::string, WebRoom*>> sites_;
  std::unordered_map<const wire::Operation*, std::unique_ptr<Counters>> counters_;
};

}  // namespace tarn::gateway
