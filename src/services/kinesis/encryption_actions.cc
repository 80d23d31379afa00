// Encryption of streams: begun and ended; what was written before stays as it was.
#include <algorithm>

#include "services/kinesis/faults.h"
#include "services/kinesis/handlers.h"
#include "services/kinesis/shapes.h"
#include "services/kinesis/stream_keys.h"

namespace tarn::kinesis {

namespace {

constexpr std::int64_t kQuotaWindowMs = 86'400'000;
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StartStreamEncryption.html
constexpr std::size_t kEncryptionChangesADay = 25;

Status note_change(StreamState& state, std::int64_t now_ms) {
  auto& changes = state.encryption_changes_ms;
  std::erase_if(changes, [now_ms](std::int64_t ms) { return ms <= now_ms - kQuotaWindowMs; });
  if (changes.size() >= kEncryptionChangesADay) {
    return Error("LimitExceededException",
                 fmt::format("The encryption of stream {} under account {} was changed {} times "
                             "within 24 hours, which is the limit.",
                             state.name, state.account, kEncryptionChangesADay));
  }
  changes.push_back(now_ms);
  return {};
}

Status check_type(const std::string& type) {
  if (type == values::encryption_type::kKms) return {};
  return invalid_argument(fmt::format("EncryptionType must be KMS, not {}.", type));
}

// Keys that no record which is still kept was sealed with.
void drop_old_keys(StreamState& state, std::int64_t now_ms) {
  auto& keys = state.data_keys;
  // A key was used until the next one came.
  while (keys.size() > 1 && keys[1].made_ms < now_ms - 2 * state.retention_ms())
    keys.erase(keys.begin());
}

}  // namespace

Answer<StartStreamEncryption> handle(StartStreamEncryption, KinesisService& kinesis,
                                     const Caller& caller, StartStreamEncryptionInput input) {
  TARN_CO_CHECK(check_type(input.encryption_type));
  if (kinesis.keys() == nullptr)
    co_return Error("NotImplemented", "This server has no KMS, so that no stream is encrypted.",
                    501);
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve_active(caller, input.stream_name, input.stream_arn));
  const kms::EncryptionContext context = encryption_context(stream->state());
  const std::string key_id = input.key_id;
  auto made = co_await kinesis.keys()->generate_data_key(caller, key_id, context);
  if (!made.ok()) co_return kms_error(std::move(made).error());
  const std::int64_t now = kinesis.now().ms;
  Catalog::Edit edit = [&](StreamState& state) -> Status {
    TARN_CHECK(must_be_active(state));
    TARN_CHECK(note_change(state, now));
    drop_old_keys(state, now);
    const std::uint32_t number = state.data_keys.empty() ? 1 : state.data_keys.back().number + 1;
    state.data_keys.push_back({number, made->ciphertext, now});
    state.key_id = key_id;
    return {};
  };
  TARN_CO_CHECK(co_await kinesis.catalog().change(stream->state().id, std::move(edit)));
  co_return wire::Unit();
}

Answer<StopStreamEncryption> handle(StopStreamEncryption, KinesisService& kinesis,
                                    const Caller& caller, StopStreamEncryptionInput input) {
  TARN_CO_CHECK(check_type(input.encryption_type));
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve_active(caller, input.stream_name, input.stream_arn));
  const std::int64_t now = kinesis.now().ms;
  Catalog::Edit edit = [&](StreamState& state) -> Status {
    TARN_CHECK(must_be_active(state));
    if (state.key_id != input.key_id) {
      return invalid_argument(
          fmt::format("Stream {} under account {} is not encrypted by the key {}.", state.name,
                      state.account, input.key_id));
    }
    TARN_CHECK(note_change(state, now));
    state.key_id.clear();
    return {};
  };
  TARN_CO_CHECK(co_await kinesis.catalog().change(stream->state().id, std::move(edit)));
  co_return wire::Unit();
}

}  // namespace tarn::kinesis
