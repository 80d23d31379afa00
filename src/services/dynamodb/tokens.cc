#include "services/dynamodb/tokens.h"

#include <charconv>

#include "wire/digest.h"
#include "wire/encoding.h"
#include "wire/json_codec.h"

namespace tarn::dynamodb {
namespace {

constexpr std::string_view kPrefix = "token/";
constexpr std::chrono::minutes kValid{10};

std::string_view digest_of(std::string_view record) {
  return record.substr(record.find(' ') + 1);
}

}  // namespace

Once once_of(const Caller& caller, const std::string& token, const TransactWriteItemsInput& input,
             Timestamp now) {
  const std::string json = wire::to_json(TransactWriteItemsInput::schema(), &input);
  const Timestamp until = now + kValid;
  Once out;
  out.key = std::string(kPrefix) + caller.account_id + "/" + caller.region + "/" + token;
  out.record = std::to_string(until.ms) + " " + wire::to_hex(wire::sha256(json));
  return out;
}

Status check_same_request(const Once& once) {
  if (digest_of(*once.found) == digest_of(once.record)) return {};
  return Error("IdempotentParameterMismatchException",
               "Your previous request with the same client request token had other parameters. Use "
               "a new token.");
}

Status sweep_tokens(store::Store& store, Timestamp now) {
  TARN_TRY(const auto tokens, store.scan(store::Space::kDynamodb, kPrefix));
  store::Batch batch;
  for (const auto& [key, record] : tokens) {
    std::int64_t until = 0;
    std::from_chars(record.data(), record.data() + record.size(), until);
    if (until <= now.ms) batch.remove(store::Space::kDynamodb, key);
  }
  return batch.empty() ? Status() : store.commit(batch);
}

}  // namespace tarn::dynamodb
