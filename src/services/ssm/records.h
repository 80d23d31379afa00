// ParameterRecord: a parameter with its versions, as it is kept.
//
// Place: services/ssm; described in docs/formats/ssm.md. Threads: value types.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "services/kms/envelope.h"
#include "wire/json_value.h"

namespace tarn::ssm {

struct ParameterVersion {
  std::int64_t number = 1;
  std::string type;      // String, StringList, SecureString
  std::string value;     // of a SecureString empty
  std::string key_id;    // of a SecureString: as given, or alias/aws/ssm
  kms::Envelope secret;  // of a SecureString
  std::string description;
  std::string allowed_pattern;
  std::string tier = "Standard";
  std::string data_type = "text";
  std::int64_t modified_ms = 0;
  std::string modified_by;  // ARN
  std::vector<std::string> labels;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ParameterVersion, number, type, value, key_id,
                                                secret, description, allowed_pattern, tier,
                                                data_type, modified_ms, modified_by, labels)

struct ParameterRecord {
  std::string name;
  std::vector<ParameterVersion> versions;  // by number; at least one, the last is the current one
  std::map<std::string, std::string> tags;

  [[nodiscard]] const ParameterVersion& current() const { return versions.back(); }
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ParameterRecord, name, versions, tags)

}  // namespace tarn::ssm
