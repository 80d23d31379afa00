#include "tarn/account.h"

#include <algorithm>

#include <fmt/format.h>

#include "wire/json_value.h"

namespace tarn::app {

namespace {

constexpr std::string_view kKey = "account";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_account_id(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of(kDigits) == std::string_view::npos;
}

// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html)
bool is_access_key_id(std::string_view text) {
  const auto is_word = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  return text.size() >= 16 && text.size() <= 128 && std::all_of(text.begin(), text.end(), is_word);
}

bool is_secret(std::string_view text) {
  return text.size() >= 8 && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::string to_record(const iam::RootKey& account) {
  return nlohmann::json{{"v", 1},
                        {"account_id", account.account_id},
                        {"access_key_id", account.access_key_id},
                        {"secret_access_key", account.secret_access_key}}
      .dump();
}

Result<iam::RootKey> from_record(const std::string& record) {
  const auto json = wire::parse_json(record);
  if (!json.is_object() || json.value("v", 0) != 1) {
    return Error(code::kCorrupt,
                 "the account's record in the store is not readable by this version of tarn");
  }
  return iam::RootKey{json.value("account_id", ""), json.value("access_key_id", ""),
                      json.value("secret_access_key", "")};
}

iam::RootKey make_account(platform::Random& random) {
  iam::RootKey account;
  account.account_id = random.text(1, kDigits.substr(1)) + random.text(11, kDigits);
  account.access_key_id = "AKIA" + random.text(16, kBase32);
  account.secret_access_key = random.text(40, kBase64);
  return account;
}

}  // namespace

Status check_presets(const AccountPresets& presets) {
  if (presets.account_id && !is_account_id(*presets.account_id)) {
    return Error(code::kInvalid,
                 fmt::format("TARN_ACCOUNT_ID must be 12 digits, such as 123456789012; it is '{}'",
                             *presets.account_id));
  }
  if (presets.access_key_id.has_value() != presets.secret_access_key.has_value()) {
    return Error(code::kInvalid,
                 "TARN_ROOT_ACCESS_KEY_ID and TARN_ROOT_SECRET_ACCESS_KEY belong together: set "
                 "both or none");
  }
  if (presets.access_key_id && !is_access_key_id(*presets.access_key_id)) {
    return Error(
        code::kInvalid,
        fmt::format(
            "TARN_ROOT_ACCESS_KEY_ID must be 16 to 128 letters, digits or underscores, such as "
            "AKIAIOSFODNN7EXAMPLE; it is '{}'",
            *presets.access_key_id));
  }
  if (presets.secret_access_key && !is_secret(*presets.secret_access_key)) {
    return Error(
        code::kInvalid,
        "TARN_ROOT_SECRET_ACCESS_KEY must be 8 to 128 printable characters without spaces");
  }
  return {};
}

Result<iam::RootKey> open_account(store::Store& store, platform::Random& random,
                                  const AccountPresets& presets) {
  TARN_CHECK(check_presets(presets));
  TARN_TRY(const auto record, store.get(store::Space::kAccount, kKey));
  iam::RootKey account;
  if (record) {
    TARN_TRY(account, from_record(*record));
    if (presets.account_id && *presets.account_id != account.account_id) {
      return Error(code::kInvalid, fmt::format("TARN_ACCOUNT_ID is {}, but the data directory "
                                               "belongs to account {}; unset it, or use "
                                               "another --data-dir",
                                               *presets.account_id, account.account_id));
    }
  } else {
    account = make_account(random);
    if (presets.account_id) account.account_id = *presets.account_id;
  }
  if (presets.access_key_id) {
    account.access_key_id = *presets.access_key_id;
    account.secret_access_key = *presets.secret_access_key;
  }
  std::string wanted = to_record(account);
  if (record && *record == wanted) return account;
  store::Batch batch;
  batch.put(store::Space::kAccount, std::string(kKey), std::move(wanted));
  TARN_CHECK(store.commit(batch));
  return account;
}

}  // namespace tarn::app
