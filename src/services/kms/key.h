// Key: a KMS key as the room holds it, with its material open.
//
// Place: services/kms. Threads: a value; published as shared constants by the key ring.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "platform/clock.h"
#include "services/iam/policy/document.h"
#include "services/kms/grant.h"

namespace tarn::kms {

// Who made the key and may change it
// (https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-mgmt).
enum class Manager : std::uint8_t {
  kCustomer = 0,
  kAws = 1,    // AWS managed: "alias/aws/SERVICE", seen and not changed by the account
  kOwned = 2,  // AWS owned: of a service itself, not seen by the account
};

enum class KeyState : std::uint8_t { kEnabled = 0, kDisabled = 1, kPendingDeletion = 2 };

struct Material {
  std::string id;  // 64 hexadecimal digits
  Timestamp created;
  bool on_demand = false;  // made by RotateKeyOnDemand
  std::string bytes;       // 32
};

struct Rotation {
  std::int32_t period_days = 0;  // 0: off
  Timestamp next;
};

struct Key {
  std::string id;  // UUID
  std::string account;
  std::string region;
  std::string description;
  Timestamp created;
  Manager manager = Manager::kCustomer;
  std::string service;  // of an AWS managed or owned key: "s3"
  KeyState state = KeyState::kEnabled;
  std::int32_t window_days = 0;  // kPendingDeletion
  Timestamp deletion;            // kPendingDeletion
  std::string policy;            // the policy "default", as it came
  std::vector<Grant> grants;
  // Policy and grants, read; set where the key is published.
  std::shared_ptr<const iam::policy::Document> rules;
  std::map<std::string, std::string> tags;
  Rotation rotation;
  std::vector<Material> materials;  // oldest first; a ciphertext names its place, from 1

  [[nodiscard]] std::string arn() const { return make_arn("kms", region, account, "key/" + id); }
  [[nodiscard]] bool gone(Timestamp now) const {
    return state == KeyState::kPendingDeletion && deletion <= now;
  }
  [[nodiscard]] bool rotation_due(Timestamp now) const {
    return rotation.period_days > 0 && rotation.next <= now;
  }
};

using KeyView = std::shared_ptr<const Key>;

struct Alias {
  std::string account;
  std::string region;
  std::string name;  // "alias/…"
  std::string key_id;
  Timestamp created;
  Timestamp updated;

  [[nodiscard]] std::string arn() const { return make_arn("kms", region, account, name); }
};

}  // namespace tarn::kms
