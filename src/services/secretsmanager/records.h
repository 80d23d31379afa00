// SecretRecord: a secret with its versions, as it is kept.
//
// Place: services/secretsmanager; described in docs/formats/secretsmanager.md. Threads: value
// types.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/kms/envelope.h"
#include "wire/json_value.h"

namespace tarn::secretsmanager {

struct SecretVersion {
  std::string id;
  std::vector<std::string> stages;  // AWSCURRENT, AWSPREVIOUS, …; none: deprecated
  std::int64_t created_ms = 0;
  bool is_binary = false;
  kms::Envelope content;

  [[nodiscard]] bool is_at(std::string_view stage) const {
    return std::find(stages.begin(), stages.end(), stage) != stages.end();
  }
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(SecretVersion, id, stages, created_ms, is_binary,
                                                content)

struct SecretRecord {
  std::string name;
  std::string arn;
  std::string description;
  std::string key_id;  // as given; empty: alias/aws/secretsmanager
  std::map<std::string, std::string> tags;
  std::int64_t created_ms = 0;
  std::int64_t changed_ms = 0;
  std::int64_t deleted_ms = 0;          // when it goes; 0: it stays
  std::int64_t marked_ms = 0;           // when that was said
  std::vector<SecretVersion> versions;  // oldest first

  [[nodiscard]] SecretVersion* at(std::string_view stage) {
    for (SecretVersion& version : versions) {
      if (version.is_at(stage)) return &version;
    }
    return nullptr;
  }
  [[nodiscard]] const SecretVersion* find(std::string_view id) const {
    for (const SecretVersion& version : versions) {
      if (version.id == id) return &version;
    }
    return nullptr;
  }
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(SecretRecord, name, arn, description, key_id, tags,
                                                created_ms, changed_ms, deleted_ms, marked_ms,
                                                versions)

}  // namespace tarn::secretsmanager
