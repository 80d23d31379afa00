#include "services/emr/security_configuration.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "wire/stored_json.h"

namespace tarn::emr {
namespace {

using nlohmann::json;

constexpr char kSecurityRecordVersion = '1';

Error bad_security(std::string text) {
  return {"InvalidRequestException", std::move(text)};
}

// An absent member is an empty object. Error: InvalidRequestException.
Result<json> object_at(const json& in, const std::string& member) {
  const auto found = in.find(member);
  if (found == in.end()) return json::object();
  if (!found->is_object()) return bad_security(fmt::format("{} must be an object.", member));
  return *found;
}

Result<bool> flag_at(const json& in, const std::string& member) {
  const auto found = in.find(member);
  if (found == in.end() || !found->is_boolean()) {
    return bad_security(fmt::format("EncryptionConfiguration needs {}: true or false.", member));
  }
  return found->get<bool>();
}

// Of S3EncryptionConfiguration, or of one bucket of its Overrides.
Result<s3::EncryptionRequest> s3_encryption(const json& in, Security& security) {
  const std::string mode = in.value("EncryptionMode", "");
  s3::EncryptionRequest out;
  if (mode == "SSE-S3") {
    out.kind = s3::EncryptionKind::kS3;
    return out;
  }
  if (mode == "SSE-KMS") {
    out.kind = s3::EncryptionKind::kKms;
    out.key = in.value("AwsKmsKey", "");
    if (out.key.empty()) return bad_security("EncryptionMode SSE-KMS needs an AwsKmsKey.");
    return out;
  }
  if (mode != "CSE-KMS" && mode != "CSE-Custom") {
    return bad_security(fmt::format(
        "EncryptionMode '{}' is none of SSE-S3, SSE-KMS, CSE-KMS and CSE-Custom.", mode));
  }
  security.not_here = "S3EncryptionConfiguration with EncryptionMode " + mode;
  return out;
}

Status read_at_rest(const json& encryption, Security& out) {
  TARN_TRY(const json at_rest, object_at(encryption, "AtRestEncryptionConfiguration"));
  TARN_TRY(const json on_s3, object_at(at_rest, "S3EncryptionConfiguration"));
  TARN_TRY(const json on_disk, object_at(at_rest, "LocalDiskEncryptionConfiguration"));
  if (on_s3.empty() && on_disk.empty()) {
    return bad_security(
        "EnableAtRestEncryption is true: give AtRestEncryptionConfiguration with "
        "S3EncryptionConfiguration or LocalDiskEncryptionConfiguration.");
  }
  if (!on_disk.empty()) out.not_here = "LocalDiskEncryptionConfiguration";
  if (on_s3.empty()) return {};
  TARN_TRY(out.s3, s3_encryption(on_s3, out));
  for (const json& each : on_s3.value("Overrides", json::array())) {
    const std::string bucket = each.is_object() ? each.value("BucketName", "") : "";
    if (bucket.empty()) return bad_security("Each of Overrides needs a BucketName.");
    TARN_TRY(out.overrides[bucket], s3_encryption(each, out));
  }
  return {};
}

Status read_encryption(const json& encryption, Security& out) {
  TARN_TRY(const bool in_transit, flag_at(encryption, "EnableInTransitEncryption"));
  TARN_TRY(const bool at_rest, flag_at(encryption, "EnableAtRestEncryption"));
  if (in_transit) {
    TARN_TRY(const json how, object_at(encryption, "InTransitEncryptionConfiguration"));
    if (!how.contains("TLSCertificateConfiguration")) {
      return bad_security(
          "EnableInTransitEncryption is true: give InTransitEncryptionConfiguration with "
          "TLSCertificateConfiguration.");
    }
    out.not_here = "EnableInTransitEncryption";
  }
  return at_rest ? read_at_rest(encryption, out) : Status();
}

constexpr std::array<const char*, 3> kNotHere = {
    "AuthenticationConfiguration", "AuthorizationConfiguration", "LakeFormationConfiguration"};

Status read_parts(const json& value, Security& out) {
  bool any = false;
  for (const auto& [name, part] : value.items()) {
    any = true;
    if (!part.is_object()) return bad_security(fmt::format("{} must be an object.", name));
    if (name == "EncryptionConfiguration") {
      TARN_CHECK(read_encryption(part, out));
    } else if (name == "InstanceMetadataServiceConfiguration") {
      // Version 2 is the only one here, which either choice allows.
      const int version = part.value("MinimumInstanceMetadataServiceVersion", 0);
      if (version != 1 && version != 2)
        return bad_security("MinimumInstanceMetadataServiceVersion must be 1 or 2.");
    } else if (std::find(kNotHere.begin(), kNotHere.end(), name) != kNotHere.end()) {
      out.not_here = name;
    } else {
      return bad_security(fmt::format("{} is no part of a security configuration.", name));
    }
  }
  return any ? Status() : Status(bad_security("The security configuration is empty."));
}

void add_s3a(std::map<std::string, std::string>& out, const std::string& prefix,
             const s3::EncryptionRequest& encryption) {
  if (encryption.kind == s3::EncryptionKind::kNone) return;
  const bool kms = encryption.kind == s3::EncryptionKind::kKms;
  out[prefix + "encryption.algorithm"] = kms ? "SSE-KMS" : "AES256";
  if (kms) out[prefix + "encryption.key"] = encryption.key;
}

}  // namespace

std::string security_key(std::string_view account, std::string_view region, std::string_view name) {
  std::string out(kSecurityPrefix);
  out.append(account).push_back('\0');
  out.append(region).push_back('\0');
  return out.append(name);
}

std::string encode(const SecurityConfigurationRecord& security) {
  const json value = {{"account", security.account},
                      {"region", security.region},
                      {"name", security.name},
                      {"text", security.text},
                      {"created", security.created.ms}};
  return wire::to_record(kSecurityRecordVersion, value);
}

Result<SecurityConfigurationRecord> decode_security(std::string_view record) {
  TARN_TRY(const json value,
           wire::from_record(kSecurityRecordVersion, record, "a security configuration"));
  SecurityConfigurationRecord out;
  out.account = value.value("account", "");
  out.region = value.value("region", "");
  out.name = value.value("name", "");
  out.text = value.value("text", "");
  out.created.ms = value.value("created", std::int64_t{0});
  return out;
}

Result<Security> read_security(const std::string& text) {
  const json value = wire::parse_json(text);
  if (!value.is_object()) return bad_security("The security configuration is no JSON object.");
  Security out;
  try {
    TARN_CHECK(read_parts(value, out));
  } catch (const json::exception&) {
    return bad_security("A member of the security configuration has the wrong type.");
  }
  return out;
}

// https://hadoop.apache.org/docs/r3.4.1/hadoop-aws/tools/hadoop-aws/encryption.html
std::map<std::string, std::string> s3a_settings(const Security& security) {
  std::map<std::string, std::string> out;
  add_s3a(out, "fs.s3a.", security.s3);
  for (const auto& [bucket, encryption] : security.overrides)
    add_s3a(out, "fs.s3a.bucket." + bucket + ".", encryption);
  return out;
}

}  // namespace tarn::emr
