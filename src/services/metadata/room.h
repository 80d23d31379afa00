// MetadataRoom: where a program in a session or on a cluster fetches its keys, as from a
// container's or an instance's metadata service.
//
// Place: services/metadata; the gateway's web room at /_tarn/metadata/. Threads: the control
// strand. Sources:
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html,
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
//
//   GET credentials                       with Authorization: Bearer WORD
//   PUT WORD/latest/api/token             IMDSv2; version 1, without a token, is off
//   GET WORD/latest/meta-data/…           with X-aws-ec2-metadata-token
//
// All programs share the loopback address, so that an address can't tell who asks: the word does.
#pragma once

#include <string>

#include "gateway/web.h"
#include "platform/clock.h"
#include "services/iam/credentials.h"

namespace tarn::metadata {

class MetadataRoom final : public gateway::WebRoom {
 public:
  // The references outlive it.
  MetadataRoom(const iam::Credentials& credentials, platform::Clock& clock)
      : credentials_(credentials), clock_(clock) {}

  // Errors: 401 without a word or token that is good, 400, 403, 404, 405.
  [[nodiscard]] Task<Result<wire::Response>> serve(gateway::WebRequest request) override;

 private:
  [[nodiscard]] Result<wire::Response> container_credentials(
      const gateway::WebRequest& request) const;
  [[nodiscard]] Result<wire::Response> instance(const gateway::WebRequest& request) const;
  [[nodiscard]] Result<wire::Response> instance_session(const gateway::WebRequest& request,
                                                        const iam::Credential& keys) const;
  [[nodiscard]] Result<wire::Response> instance_data(const gateway::WebRequest& request,
                                                     const iam::Credential& keys) const;

  const iam::Credentials& credentials_;
  platform::Clock& clock_;
};

}  // namespace tarn::metadata
