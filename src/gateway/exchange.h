// Exchange: one request on its way through the chain. Internal to the gateway.
#pragma once

#include <optional>
#include <string>

#include "gateway/chain.h"
#include "gateway/fault.h"

namespace tarn::gateway {

struct Exchange {
  wire::Request& request;
  ConnectionState& state;
  std::string request_id;
  std::chrono::nanoseconds began{0};

  Route route;
  wire::Protocol protocol = wire::Protocol::kRestXml;
  bool cbor = false;
  std::optional<wire::Signature> signature;
  wire::FormPairs form;  // of a form-encoded body
  std::string content;   // the body, where it is read whole
  bool content_read = false;
  Caller caller;
  std::string resource;  // ARN asked for
  wire::AnyShape input;
  wire::AnyShape output;
  wire::Response response;
  std::string error_code;  // empty: success
  std::string error_message;

  [[nodiscard]] const wire::ServiceModel* model() const {
    return route.service != nullptr ? &route.service->model() : nullptr;
  }
  [[nodiscard]] const wire::Operation* operation() const {
    return route.action != nullptr ? route.action->operation : nullptr;
  }
};

}  // namespace tarn::gateway
