// SecurityConfiguration: a named set of security settings, and what it means for a cluster here.
//
// Place: services/emr. Threads: records are values of the control strand; the functions are pure.
// Source:
// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-create-security-configuration.html
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/clock.h"
#include "services/s3/encryption.h"

namespace tarn::emr {

struct SecurityConfigurationRecord {
  std::string account;
  std::string region;
  std::string name;
  std::string text;  // JSON, as it came
  Timestamp created;
};

// Key and value in space `emr`; docs/formats/emr.md. Decoding fails with kCorrupt.
inline constexpr std::string_view kSecurityPrefix = "x";
[[nodiscard]] std::string security_key(std::string_view account, std::string_view region,
                                       std::string_view name);
[[nodiscard]] std::string encode(const SecurityConfigurationRecord& security);
[[nodiscard]] Result<SecurityConfigurationRecord> decode_security(std::string_view record);

// What is encrypted, and how.
struct Security {
  s3::EncryptionRequest s3;                                // of what the cluster writes to S3
  std::map<std::string, s3::EncryptionRequest> overrides;  // by bucket
  std::string not_here;  // the first setting that a cluster here cannot keep; empty: none
};

// Error: InvalidRequestException (no such settings; says which and what to write).
[[nodiscard]] Result<Security> read_security(const std::string& text);

// As S3A takes it: fs.s3a.encryption.algorithm and its like.
[[nodiscard]] std::map<std::string, std::string> s3a_settings(const Security& security);

}  // namespace tarn::emr
