#include "services/kinesis/stream_keys.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace tarn::kinesis {

kms::EncryptionContext encryption_context(const StreamState& state) {
  return {{"aws:kinesis:arn", state.arn()}};
}

Error kms_error(Error error) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNames = {
      {{"NotFoundException", "KMSNotFoundException"},
       {"DisabledException", "KMSDisabledException"},
       {"KMSInvalidStateException", "KMSInvalidStateException"},
       {"AccessDeniedException", "KMSAccessDeniedException"},
       {"InvalidArnException", "InvalidArgumentException"}}};
  for (const auto& [theirs, ours] : kNames) {
    if (error.is(theirs)) return {ours, std::move(error.message)};
  }
  return error;
}

Result<std::shared_ptr<const BatchCipher>> StreamKeys::find(std::uint32_t number) const {
  if (last_ && last_number_ == number) return last_;
  const auto& known = state_.data_keys;
  const auto held = std::find_if(known.begin(), known.end(),
                                 [number](const DataKeyState& k) { return k.number == number; });
  if (held == known.end() || keys_ == nullptr) {
    return Error(code::kCorrupt,
                 fmt::format("a batch of stream {} is sealed by data key {}, which it has not",
                             state_.name, number));
  }
  const kms::EncryptionContext context = encryption_context(state_);
  Result<std::string> plain = keys_->decrypt(caller_, held->wrapped, context);
  if (!plain.ok()) return kms_error(std::move(plain).error());
  last_ = std::make_shared<const BatchCipher>(number, *plain, origin_, random_);
  last_number_ = number;
  return last_;
}

Result<std::shared_ptr<const BatchCipher>> StreamKeys::current() const {
  if (state_.key_id.empty()) return std::shared_ptr<const BatchCipher>();
  return find(state_.data_keys.back().number);
}

}  // namespace tarn::kinesis
