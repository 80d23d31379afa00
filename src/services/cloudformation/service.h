// CloudFormationService: the API of AWS CloudFormation, as far as it is about templates.
//
// Place: services/cloudformation; src/tarn makes one. Threads: control plane; its handlers run on
// the control strand.
#pragma once

#include <span>
#include <string>

#include "gateway/service.h"
#include "services/cloudformation/template_source.h"

namespace tarn::cloudformation {

// What the handlers work on.
struct CloudFormation {
  TemplateSource source;
};

class CloudFormationService final : public gateway::Service {
 public:
  // Both must live on. `endpoint_host` is the server's own ("127.0.0.1:4566"): a TemplateURL may
  // name it.
  CloudFormationService(s3::ObjectStore& objects, const iam::Authorizer& authorizer,
                        std::string endpoint_host)
      : room_{TemplateSource(objects, authorizer, std::move(endpoint_host))} {}

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return &room_; }

 private:
  CloudFormation room_;
};

}  // namespace tarn::cloudformation
