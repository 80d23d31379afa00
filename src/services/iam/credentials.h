// Credentials: who owns an access key. The root key of the account, the keys of users and the
// temporary keys that STS gives out.
//
// Place: services/iam; the gateway's signature step reads it on every request, STS and Livy
// sessions add to it. Threads: safe from any thread; find() takes a shared lock and no disk.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "gateway/service.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "services/iam/access_keys.h"
#include "services/iam/role.h"
#include "services/iam/session.h"
#include "store/store.h"

namespace tarn::iam {

struct Credential {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // empty: a long-lived key
  std::optional<Timestamp> expires;
  Caller::Kind kind = Caller::Kind::kRoot;
  std::string account_id;
  std::string arn;
  std::string user_id;
  std::shared_ptr<const Session> session;  // of temporary keys
};

struct RootKey {
  std::string account_id;
  std::string access_key_id;
  std::string secret_access_key;
};

class Credentials {
 public:
  // Expired keys are taken out when there are so many keys, then each time their number doubled.
  static constexpr std::size_t kSweepFrom = 128;

  Credentials(store::Store& store, platform::Clock& clock, platform::Random& random, RootKey root);

  // Reads users' keys and the temporary keys that have not expired. Errors: kIo, kCorrupt.
  Status load();

  // nullopt where no such key is known, or it is not active. Expired ones are found: the signature
  // step tells them apart.
  [[nodiscard]] std::optional<Credential> find(std::string_view access_key_id) const;

  // New temporary keys of the same principal as `owner`, durable when it returns, which may do what
  // `owner` may and, where there is one, `policy` (of Kind::kIdentity) allows. Blocks. Errors: kIo,
  // kDiskFull.
  [[nodiscard]] Result<Credential> issue_session(
      const Credential& owner, std::chrono::seconds duration,
      std::shared_ptr<const policy::Document> policy = nullptr);

  // The same as another principal, federated-user/NAME, with session tags. Without a policy the
  // keys may do what policies of resources allow them by their name, and nothing else. Errors: as
  // above.
  [[nodiscard]] Result<Credential> issue_federated(const Credential& owner,
                                                   std::chrono::seconds duration,
                                                   const std::string& name,
                                                   std::shared_ptr<const policy::Document> policy,
                                                   std::map<std::string, std::string> tags);

  // Keys of a session of `role`, assumed-role/ROLE/NAME: what the role's policies allow at the time
  // of a call and, of `terms`, its policies too; its tags are the session's beside the role's.
  // Errors: as above.
  [[nodiscard]] Result<Credential> issue_role_session(const RoleRecord& role,
                                                      const std::string& name,
                                                      std::chrono::seconds duration,
                                                      Session terms = {});

  // Temporary keys live on until `duration` from now, durable when it returns, even if their time
  // was over. Blocks. Errors: kNotFound, kIo, kDiskFull.
  [[nodiscard]] Status extend(const std::string& access_key_id, std::chrono::seconds duration);
  // Temporary keys are unknown from now on; none of that id is no error. Blocks. Errors: kIo,
  // kDiskFull.
  [[nodiscard]] Status revoke(const std::string& access_key_id);

  [[nodiscard]] const Credential& root() const { return root_; }
  [[nodiscard]] AccessKeys& access_keys() { return access_keys_; }

 private:
  Result<Credential> issue(Credential keys, Session terms, std::chrono::seconds duration);
  // Takes the keys that have expired out of memory and, by `batch`, out of the store.
  void sweep(store::Batch& batch);

  store::Store& store_;
  platform::Clock& clock_;
  platform::Random& random_;
  Credential root_;
  AccessKeys access_keys_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Credential> sessions_;  // by access key id
  std::size_t sweep_at_ = kSweepFrom;                     // of sessions_
};

}  // namespace tarn::iam
