// Guidance: the deployment and the cleanup of the guidance's platform, step by step, by the same
// actions that its own commands take. Each step looks first at what is there, so that a deployment
// or a cleanup that was cut short goes on when it is asked again.
//
// Place: tarn; `tarn deploy guidance` and `tarn destroy guidance` (guidance_command.h). Threads:
// the main thread's; blocks.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/files.h"
#include "tarn/aws_calls.h"
#include "tarn/server_file.h"
#include "tarn/stack_operator.h"

namespace tarn::app {

// As the guidance's commands name them.
inline constexpr std::string_view kStudioStack = "analytics-with-emr";
inline constexpr std::string_view kProductStack = "emr-service-catalog-product";
inline constexpr std::string_view kStreamStack = "emr-kinesis-stream";
inline constexpr std::string_view kGeneratorStack = "kinesis-data-generator";

struct GuidanceOptions {
  std::string user_arn;  // who may assume the Studio's role; empty: whoever the account lets
  std::string key_name = "emr-cluster-key";
  std::string key_file;   // where a new key pair's private key goes
  std::string templates;  // URL of their folder
};

class Guidance {
 public:
  // Asked before objects are deleted: how many, of which bucket.
  using Ask = std::function<bool(std::size_t objects, const std::string& bucket)>;

  // All must live on.
  Guidance(const ServerFacts& facts, const AwsCalls& calls, platform::Files& files,
           GuidanceOptions options)
      : facts_(facts), calls_(calls), files_(files), options_(std::move(options)), stacks_(calls) {}

  // Errors: what stopped it, in the words of the service.
  [[nodiscard]] Status deploy();
  // Errors: as above; kCancelled (the bucket may not be emptied).
  [[nodiscard]] Status destroy(const Ask& ask);

 private:
  void step(std::string_view what);
  [[nodiscard]] StackOrder order(std::string_view stack, std::string_view template_name) const;
  Status make_key_pair();
  Status remove_key_pair();
  void tell_outcome(const StackOperator::Values& studio, const StackOperator::Values& product,
                    const StackOperator::Values& generator) const;
  // Everything that was launched from products of the portfolio, and products that were added.
  Status end_products();
  Status end_provisioned(const std::vector<std::string>& products);
  Status leave_portfolio(const std::string& portfolio, const std::string& product);
  Status wait_for_record(const std::string& record);
  // Of the Studio; empty where there is none.
  std::string studio_bucket();
  // The first of a bucket's versions.
  Result<std::vector<nlohmann::json>> some_objects(const std::string& bucket);
  // Once, where the Studio's bucket has any. Error: kCancelled.
  Status ask_for_objects(const Ask& ask);
  Status empty_bucket(const Ask& ask);

  const ServerFacts& facts_;
  const AwsCalls& calls_;
  platform::Files& files_;
  const GuidanceOptions options_;
  StackOperator stacks_;
  int step_ = 0;
  int steps_ = 0;
  bool may_empty_ = false;  // the Studio's bucket
};

}  // namespace tarn::app
