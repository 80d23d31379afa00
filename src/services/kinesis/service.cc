#include "services/kinesis/service.h"

#include <utility>

#include "services/kinesis/api.h"
#include "services/kinesis/faults.h"
#include "services/kinesis/handlers.h"

namespace tarn::kinesis {

namespace {

constexpr std::string_view kTokenKey = "secret/tokens";
constexpr std::size_t kTokenKeyBytes = 32;

using Actions = AllActions<gateway::ActionList, KinesisService>;

// Of what is no such ARN nothing that a stream could have. Account, region and name of
// "arn:aws:kinesis:REGION:ACCOUNT:stream/NAME", with or without
// "/consumer/…".
StreamName parse_arn(std::string_view arn) {
  StreamName parsed;
  for (int skipped = 0; skipped < 3; ++skipped) arn.remove_prefix(arn.find(':') + 1);
  parsed.region = arn.substr(0, arn.find(':'));
  arn.remove_prefix(arn.find(':') + 1);
  parsed.account = arn.substr(0, arn.find(':'));
  arn.remove_prefix(arn.find('/') + 1);
  parsed.name = arn.substr(0, arn.find('/'));
  return parsed;
}

}  // namespace

KinesisService::KinesisService(platform::Platform platform, store::Store& store,
                               std::string directory, KinesisOptions options)
    : platform_(platform),
      store_(store),
      directory_(std::move(directory)),
      keys_(options.keys),
      log_(platform.clock, platform.files, platform.tasks, options.log),
      limits_(platform.clock, options.aws_limits),
      fan_out_(*this, options.fan_out),
      catalog_(store, platform.tasks, [this](const std::string& id) { stream_changed(id); }),
      lifecycle_(platform, catalog_, log_, limits_, directory_) {}

void KinesisService::stream_changed(const std::string& id) {
  fan_out_.stream_changed(id);
  if (!catalog_.find_id(id)) limits_.forget(id);
}

const wire::ServiceModel& KinesisService::model() const {
  return service_model();
}

std::span<const gateway::Action> KinesisService::actions() const {
  return Actions::table();
}

Task<Status> KinesisService::start() {
  co_await platform::resume_on(platform_.tasks.control());
  const auto open = [this]() -> Status {
    TARN_CHECK(platform_.files.make_directories(directory_));
    return open_tokens();
  };
  TARN_CO_CHECK(co_await platform_.tasks.offload(open));
  Status started = co_await lifecycle_.start();
  co_return started;
}

Task<void> KinesisService::stop() {
  co_await platform::resume_on(platform_.tasks.control());
  co_await lifecycle_.stop();
  co_await log_.stop();
}

// Iterators outlive a restart, so the key does too.
Status KinesisService::open_tokens() {
  TARN_TRY(std::optional<std::string> key, store_.get(store::Space::kKinesis, kTokenKey));
  if (!key) {
    key.emplace(kTokenKeyBytes, '\0');
    platform_.random.fill(std::as_writable_bytes(std::span(*key)));
    store::Batch batch;
    batch.put(store::Space::kKinesis, std::string(kTokenKey), *key);
    TARN_CHECK(store_.commit(batch));
  }
  tokens_.emplace(std::move(*key));
  return {};
}

Result<StreamView> KinesisService::resolve(const Caller& caller,
                                           const std::optional<std::string>& name,
                                           const std::optional<std::string>& arn) const {
  if (!name && !arn) return invalid_argument("Either StreamName or StreamARN must be given.");
  StreamName wanted = arn ? parse_arn(*arn) : StreamName{caller.account_id, caller.region, *name};
  if (name && *name != wanted.name) {
    return invalid_argument(
        fmt::format("StreamName {} is not the stream of StreamARN {}.", *name, *arn));
  }
  StreamView stream = catalog_.find(wanted);
  if (!stream) return stream_not_found(wanted.name, wanted.account);
  return stream;
}

std::shared_ptr<const iam::policy::Document> KinesisService::find(
    std::string_view resource_arn) const {
  const StreamView stream = catalog_.find(parse_arn(resource_arn));
  if (!stream) return nullptr;
  constexpr std::string_view kConsumer = "/consumer/";
  const std::size_t at = resource_arn.find(kConsumer);
  if (at == std::string_view::npos) return stream->policy();
  const std::string_view named = resource_arn.substr(at + kConsumer.size());
  const std::string_view name = named.substr(0, named.find(':'));
  return name.empty() ? nullptr : stream->policy(name);
}

Result<ConsumerView> KinesisService::resolve_consumer(const std::string& arn) const {
  StreamView stream = catalog_.find(parse_arn(arn));
  if (!stream) return consumer_not_found(arn);
  for (const ConsumerState& consumer : stream->state().consumers) {
    if (stream->state().arn(consumer) == arn) return ConsumerView{std::move(stream), &consumer};
  }
  return consumer_not_found(arn);
}

Result<StreamView> KinesisService::resolve_active(const Caller& caller,
                                                  const std::optional<std::string>& name,
                                                  const std::optional<std::string>& arn) const {
  TARN_TRY(StreamView stream, resolve(caller, name, arn));
  const StreamState& state = stream->state();
  if (state.status != StreamStatus::kActive) {
    return stream_not_active(state.name, state.account, to_text(state.status));
  }
  return stream;
}

}  // namespace tarn::kinesis
