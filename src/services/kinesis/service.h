// KinesisService: Amazon Kinesis Data Streams.
//
// Place: services/kinesis. Handlers by noun: stream_actions.cc, shard_actions.cc, tag_actions.cc,
// put_actions.cc, read_actions.cc, consumer_actions.cc. Threads: data-plane handlers on any I/O
// thread, control-plane ones on the control strand (the overlay says which is which); start() and
// stop() from anywhere.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "gateway/service.h"
#include "platform/platform.h"
#include "services/iam/resource_policies.h"
#include "services/kinesis/catalog.h"
#include "services/kinesis/fan_out.h"
#include "services/kinesis/lifecycle.h"
#include "services/kinesis/limits.h"
#include "services/kinesis/log.h"
#include "services/kinesis/tokens.h"
#include "services/kms/keys.h"
#include "store/store.h"

namespace tarn::kinesis {

struct KinesisOptions {
  LogOptions log;
  FanOutOptions fan_out;
  bool aws_limits = false;    // enforce what a shard takes and gives in a second
  kms::Keys* keys = nullptr;  // outlives the service; null where no stream is to be encrypted
};

// A registered consumer, as its stream knew it at one moment.
struct ConsumerView {
  StreamView stream;
  const ConsumerState* consumer = nullptr;  // in the stream's state
};

class KinesisService final : public gateway::Service, public iam::ResourcePolicies {
 public:
  // Streams lie under `directory`; it is made when there is none.
  KinesisService(platform::Platform platform, store::Store& store, std::string directory,
                 KinesisOptions options = {});

  // Ready to serve when it ends. Errors: kIo, kCorrupt, kDiskFull.
  [[nodiscard]] Task<Status> start();
  // Ends the subscriptions, whose answers would otherwise go on for minutes.
  void end_subscriptions() { fan_out_.stop(); }
  // Ends when nothing is under way; requests must have ended before.
  [[nodiscard]] Task<void> stop();

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return this; }

  // The policy of a stream or of a consumer.
  [[nodiscard]] std::shared_ptr<const iam::policy::Document> find(
      std::string_view resource_arn) const override;

  // For the handlers.
  // The stream that a request names by StreamName, StreamARN or both.
  // Errors: InvalidArgumentException (neither, or not the same), ResourceNotFoundException.
  [[nodiscard]] Result<StreamView> resolve(const Caller& caller,
                                           const std::optional<std::string>& name,
                                           const std::optional<std::string>& arn) const;
  // The same, for a change: also ResourceInUseException when it is not ACTIVE.
  [[nodiscard]] Result<StreamView> resolve_active(const Caller& caller,
                                                  const std::optional<std::string>& name,
                                                  const std::optional<std::string>& arn) const;
  // Errors: ResourceNotFoundException (stream or consumer).
  [[nodiscard]] Result<ConsumerView> resolve_consumer(const std::string& arn) const;
  [[nodiscard]] Timestamp now() const { return platform_.clock.now(); }
  [[nodiscard]] platform::Platform& platform() { return platform_; }
  [[nodiscard]] Catalog& catalog() { return catalog_; }
  [[nodiscard]] kms::Keys* keys() const { return keys_; }
  [[nodiscard]] ShardLimits& limits() { return limits_; }
  [[nodiscard]] FanOut& fan_out() { return fan_out_; }
  [[nodiscard]] Lifecycle& lifecycle() { return lifecycle_; }
  [[nodiscard]] Log& log() { return log_; }
  [[nodiscard]] const Tokens& tokens() const { return *tokens_; }

 private:
  [[nodiscard]] Status open_tokens();
  void stream_changed(const std::string& id);

  platform::Platform platform_;
  store::Store& store_;
  const std::string directory_;
  kms::Keys* const keys_;
  Log log_;
  ShardLimits limits_;
  FanOut fan_out_;
  Catalog catalog_;
  Lifecycle lifecycle_;
  std::optional<Tokens> tokens_;
};

}  // namespace tarn::kinesis
