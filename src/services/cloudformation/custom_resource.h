// Custom resources: AWS::CloudFormation::CustomResource and Custom::…, which functions make.
//
// Place: services/cloudformation. Threads: the control strand.
//
// A function is told what is wanted and where to answer, by a PUT to ResponseURL:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html. The URL is of this
// server, with a word that is good for one answer.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "gateway/in_process.h"
#include "gateway/web.h"
#include "platform/platform.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::cloudformation {

// Answers that are waited for, and have come: the web room /_tarn/custom-resources/.
class CustomAnswers final : public gateway::WebRoom {
 public:
  CustomAnswers(platform::Platform& platform, std::string endpoint_host)
      : platform_(platform), endpoint_host_(std::move(endpoint_host)) {}

  // A new place for one answer.
  [[nodiscard]] std::string open();
  [[nodiscard]] std::string url(const std::string& word) const;
  // What came; nothing until then.
  [[nodiscard]] std::optional<Json> take(const std::string& word);
  void close(const std::string& word) { waited_.erase(word); }

  // PUT WORD. Errors: 404, 405, 400 (no JSON object).
  [[nodiscard]] Task<Result<wire::Response>> serve(gateway::WebRequest request) override;

 private:
  platform::Platform& platform_;
  const std::string endpoint_host_;
  std::map<std::string, std::optional<Json>> waited_;  // by word
};

// All must live on.
[[nodiscard]] std::unique_ptr<ResourceType> custom_resource_type(const gateway::InProcess& calls,
                                                                 CustomAnswers& answers,
                                                                 platform::Platform& platform);

}  // namespace tarn::cloudformation
