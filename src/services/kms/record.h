// Records: keys and values of the KMS room in the store; described in docs/formats/kms.md.
//
// Place: services/kms. Threads: pure functions. Decoding fails with kCorrupt and the record's name.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/random.h"
#include "services/kms/key.h"
#include "services/kms/root_key.h"

namespace tarn::kms {

inline constexpr std::string_view kKeyPrefix = "k";
inline constexpr std::string_view kAliasPrefix = "a";

[[nodiscard]] std::string record_key(const Key& key);
[[nodiscard]] std::string record_key(const Alias& alias);

// The material stands wrapped by `root`.
[[nodiscard]] std::string encode(const Key& key, const RootKey& root, platform::Random& random);
[[nodiscard]] Result<Key> decode_key(std::string_view record, const RootKey& root);
[[nodiscard]] std::string encode(const Alias& alias);
[[nodiscard]] Result<Alias> decode_alias(std::string_view record);

}  // namespace tarn::kms
