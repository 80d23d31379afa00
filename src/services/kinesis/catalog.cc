#include "services/kinesis/catalog.h"

#include <mutex>

#include "services/kinesis/stream_codec.h"

namespace tarn::kinesis {

namespace {

constexpr auto kSpace = store::Space::kKinesis;
constexpr std::string_view kStreamKeys = "stream/";

std::string stream_key(const std::string& id) {
  return std::string(kStreamKeys) + id;
}

StreamName name_of(const StreamState& state) {
  return {state.account, state.region, state.name};
}

}  // namespace

Result<std::vector<StreamState>> Catalog::load() {
  TARN_TRY(const auto pairs, store_.scan(kSpace, kStreamKeys));
  std::vector<StreamState> states;
  for (const auto& [key, value] : pairs) {
    TARN_TRY(StreamState state, decode_stream(value));
    states.push_back(std::move(state));
  }
  return states;
}

StreamView Catalog::find(const StreamName& name) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

StreamView Catalog::find_id(const std::string& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::vector<StreamView> Catalog::list(const std::string& account, const std::string& region) const {
  const std::shared_lock lock(mutex_);
  std::vector<StreamView> streams;
  for (const auto& [name, stream] : by_name_) {
    if (account.empty() || (name.account == account && name.region == region)) {
      streams.push_back(stream);
    }
  }
  return streams;
}

void Catalog::publish(StreamView stream) {
  const std::string id = stream->state().id;
  {
    const std::unique_lock lock(mutex_);
    by_id_[id] = stream;
    by_name_[name_of(stream->state())] = std::move(stream);
  }
  on_change_(id);
}

Task<Status> Catalog::add(StreamState state, std::function<Status()> check) {
  const Turnstile::Turn turn = co_await turns_.take();
  TARN_CO_CHECK(check());
  store::Batch batch;
  batch.put(kSpace, stream_key(state.id), encode_stream(state));
  TARN_CO_CHECK(co_await tasks_.offload([&] { return store_.commit(batch); }));
  publish(std::make_shared<const Stream>(std::move(state), Stream::Logs()));
  co_return Status();
}

Task<Status> Catalog::change(std::string id, Edit edit, Stream::Logs logs) {
  const Turnstile::Turn turn = co_await turns_.take();
  const StreamView before = find_id(id);
  if (!before) co_return Error(code::kNotFound, "the stream is gone");
  StreamState state = before->state();
  TARN_CO_CHECK(edit(state));
  store::Batch batch;
  batch.put(kSpace, stream_key(id), encode_stream(state));
  TARN_CO_CHECK(co_await tasks_.offload([&] { return store_.commit(batch); }));
  for (const auto& [number, log] : before->logs()) {
    if (state.find(number) != nullptr) logs.emplace(number, log);
  }
  publish(std::make_shared<const Stream>(std::move(state), std::move(logs)));
  co_return Status();
}

Task<Status> Catalog::remove(std::string id) {
  const Turnstile::Turn turn = co_await turns_.take();
  const StreamView before = find_id(id);
  if (!before) co_return Status();
  store::Batch batch;
  batch.remove(kSpace, stream_key(id));
  TARN_CO_CHECK(co_await tasks_.offload([&] { return store_.commit(batch); }));
  {
    const std::unique_lock lock(mutex_);
    by_id_.erase(id);
    by_name_.erase(name_of(before->state()));
  }
  on_change_(id);
  co_return Status();
}

}  // namespace tarn::kinesis
