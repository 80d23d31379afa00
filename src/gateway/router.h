// The router: which service and operation a request means, decided once.
//
// Place: gateway. Threads: constant after the services are added.
//
// The service comes from the credential scope, X-Amz-Target, the Host header, the Version of a
// form, or is S3; the operation from X-Amz-Target, Action, or method, path and query. An operation
// that the model knows and tarn does not implement is found too, so that it can be refused by its
// name.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/service.h"
#include "wire/http.h"
#include "wire/query_codec.h"
#include "wire/rest_codec.h"
#include "wire/schema.h"
#include "wire/sigv4.h"

namespace tarn::gateway {

struct Route {
  Service* service = nullptr;      // nullptr: a service that is not here
  const Action* action = nullptr;  // nullptr: an operation that is not here
  std::string service_name;        // as the request names it
  std::string operation_name;      // as the request names it, or the model for REST; may be empty
  bool known = false;              // the model has such an operation
  std::string region;              // by scope or host; empty: none given
  std::string path;     // path-style, encoded: with the bucket of a virtual host put in front
  wire::Labels labels;  // of a REST path
};

class Router {
 public:
  void add(Service& service) { services_.push_back(&service); }
  [[nodiscard]] const std::vector<Service*>& services() const { return services_; }

  // The service and, for JSON and REST, the operation. `form` holds the pairs of a form-encoded
  // body (empty otherwise).
  [[nodiscard]] Route find(const wire::Request& request,
                           const std::optional<wire::Signature>& signature,
                           const wire::FormPairs& form) const;

 private:
  std::vector<Service*> services_;
};

// Whether the Host header names a bucket: "bucket.s3.us-west-2.amazonaws.com".
[[nodiscard]] bool names_bucket(std::string_view host);

// The protocol in which to refuse a request to a service that is not here.
[[nodiscard]] wire::Protocol guess_protocol(const wire::Request& request);

}  // namespace tarn::gateway
