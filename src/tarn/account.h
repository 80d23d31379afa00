// Account: the one AWS account of a data directory and the access key of its root.
//
// Place: tarn. Made at the first start, kept in the store's space `account`
// (docs/formats/data-directory.md). Threads: for the start of the program.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "platform/random.h"
#include "services/iam/credentials.h"
#include "store/store.h"

namespace tarn::app {

struct AccountPresets {
  std::optional<std::string> account_id;
  std::optional<std::string> access_key_id;
  std::optional<std::string> secret_access_key;
};

// Errors: kInvalid, naming the variable: not 12 digits; not the account that the data belong to; a
// key id that is not 16 to 128 letters, digits or underscores; a secret that is not 8 to 128
// printable characters; one without the other.
[[nodiscard]] Status check_presets(const AccountPresets& presets);

// The account in `store`; made and durable when it returns where there is none. A preset key
// replaces the stored one. Errors: those of check_presets, kCorrupt, kIo, kDiskFull.
[[nodiscard]] Result<iam::RootKey> open_account(store::Store& store, platform::Random& random,
                                                const AccountPresets& presets);

}  // namespace tarn::app
