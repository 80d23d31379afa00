// KeyRing: all KMS keys and aliases, in memory as they are in the store.
//
// Place: services/kms, under the handlers and the port (room_keys.h). Threads: safe from any
// thread. Finding and decrypting take a shared lock and no disk; what says "blocks" commits to the
// store and belongs on Tasks::offload.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "platform/platform.h"
#include "services/kms/key.h"
#include "services/kms/root_key.h"
#include "store/store.h"

namespace tarn::kms {

struct NewKey {
  std::string description;
  std::string policy;
  std::map<std::string, std::string> tags;
};

class KeyRing {
 public:
  KeyRing(platform::Platform platform, store::Store& store, RootKey root);

  // Reads all keys; destroys those whose deletion fell due. Blocks. Errors: kIo, kCorrupt.
  Status load();

  // The key that `name` (as in keys.h) names, in any state. Errors: NotFoundException,
  // InvalidArnException.
  [[nodiscard]] Result<KeyView> find(const Caller& caller, std::string_view name) const;
  // The same, made where `name` is an AWS managed key that was not used yet, and with new material
  // where its rotation fell due.
  [[nodiscard]] Task<Result<KeyView>> obtain(Caller caller, std::string name);
  // The ARN that an AWS managed or owned key will have when it is used; nullopt: `name` is none.
  [[nodiscard]] std::optional<std::string> arn_of_unused(const Caller& caller,
                                                         std::string_view name) const;
  // The key that made `ciphertext`. Error: InvalidCiphertextException.
  [[nodiscard]] Result<KeyView> find_maker(std::string_view ciphertext) const;
  // Whether a token of CreateGrant leads to a grant.
  [[nodiscard]] bool has_grant(const GrantPlace& place) const;
  // What the account sees in its Region, in the order of their ids.
  [[nodiscard]] std::vector<KeyView> keys(const Caller& caller) const;
  // In the order of their names.
  [[nodiscard]] std::vector<Alias> aliases(const Caller& caller) const;

  // Blocks. Errors here and below: kIo, kDiskFull.
  [[nodiscard]] Result<KeyView> create(const Caller& caller, NewKey wanted);
  // Applies `edit` to the key; nothing is changed where it fails. Blocks. Errors:
  // NotFoundException, those of `edit`.
  [[nodiscard]] Result<KeyView> change(const std::string& id,
                                       const std::function<Status(Key&)>& edit);
  // New material from now on; the old stays, for what it encrypted.
  void add_material(Key& key, bool on_demand);

  // Blocks. Errors: AlreadyExistsException, LimitExceededException.
  Status create_alias(const Caller& caller, std::string name, const Key& target);
  // Blocks. Errors: NotFoundException, LimitExceededException.
  Status update_alias(const Caller& caller, const std::string& name, const Key& target);
  // Blocks. Error: NotFoundException.
  Status delete_alias(const Caller& caller, const std::string& name);

 private:
  using AliasName = std::string;  // its key in the store

  [[nodiscard]] Result<KeyView> find_id(std::string_view account, std::string_view region,
                                        std::string_view id) const;
  [[nodiscard]] Result<KeyView> find_alias(std::string_view account, std::string_view region,
                                           std::string_view name) const;
  [[nodiscard]] std::string service_key_id(const Caller& caller, std::string_view name) const;
  [[nodiscard]] Result<KeyView> make_service_key(const Caller& caller, std::string_view name);
  [[nodiscard]] Result<KeyView> rotate(const std::string& id);
  [[nodiscard]] Key fresh(const Caller& caller);
  // With `writing_` held: commits `batch`, to which the keys that are gone are added, and shows
  // what it changes.
  Status commit(store::Batch batch, const KeyView& key, const std::optional<Alias>& alias);
  [[nodiscard]] std::optional<Alias> find_stored(const Alias& alias) const;
  [[nodiscard]] Status check_alias_count(const Key& target) const;

  platform::Platform platform_;
  store::Store& store_;
  const RootKey root_;
  std::mutex writing_;  // one change at a time; taken before mutex_
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, KeyView> keys_;  // by id
  std::map<AliasName, Alias> aliases_;
};

}  // namespace tarn::kms
