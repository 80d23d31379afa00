#include "services/kms/root_key.h"

#include <span>
#include <utility>

#include <fmt/format.h>

#include "wire/aes_gcm.h"
#include "wire/digest.h"
#include "wire/encoding.h"

namespace tarn::kms {
namespace {

using store::Space;

constexpr std::size_t kSecretBytes = 32;
constexpr std::string_view kFilePrefix = "tarn-root-key-1:";
constexpr unsigned kFileMode = 0600;
// In the store: version, then what derive(kCheckPurpose) of the key gives.
constexpr std::string_view kCheckKey = "root";
constexpr char kCheckVersion = 1;
constexpr std::string_view kCheckPurpose = "tarn kms check";
constexpr std::string_view kWrapPurpose = "tarn kms wrap";

// Error: kInvalid.
Result<std::string> parse(std::string_view content, const std::string& path) {
  const std::string_view line = wire::trim(content);
  if (line.starts_with(kFilePrefix)) {
    const auto secret = wire::from_hex(line.substr(kFilePrefix.size()));
    if (secret && secret->size() == kSecretBytes) return *secret;
  }
  return Error(code::kInvalid,
               fmt::format("{} is not a root key: it must hold one line, \"{}\" and 64 hexadecimal "
                           "digits. Put the file of this data directory there, or name it by "
                           "--root-key-file (TARN_ROOT_KEY_FILE)",
                           path, kFilePrefix));
}

Error missing(const std::string& path) {
  return {
      code::kInvalid,
      fmt::format("the root key {} is missing, without which the KMS keys of this data directory "
                  "and all that they encrypt stay closed. Put the file back there, or name it by "
                  "--root-key-file (TARN_ROOT_KEY_FILE). If it is lost for good, so is that "
                  "data: start with a new --data-dir",
                  path)};
}

Error wrong(const std::string& path) {
  return {code::kInvalid,
          fmt::format("{} is not the root key of this data directory: its KMS keys were wrapped by "
                      "another. Put that file back there, or name it by --root-key-file "
                      "(TARN_ROOT_KEY_FILE)",
                      path)};
}

}  // namespace

RootKey::RootKey(std::string secret) : secret_(std::move(secret)) {
  wrapping_ = derive(kWrapPurpose);
}

Result<RootKey> RootKey::open(platform::Files& files, platform::Random& random, store::Store& store,
                              const std::string& path) {
  TARN_TRY(const auto known, store.get(Space::kKms, kCheckKey));
  const Result<std::string> content = files.read(path);
  if (!content.ok() && !content.error().is(code::kNotFound)) {
    return Error(code::kInvalid, fmt::format("the root key can't be read: {}; let the user that "
                                             "runs tarn read it",
                                             content.error().message));
  }
  if (!content.ok() && known) return missing(path);
  std::string secret;
  if (content.ok()) {
    TARN_TRY(secret, parse(*content, path));
  } else {
    secret = random.bytes(kSecretBytes);
    const std::string line = fmt::format("{}{}\n", kFilePrefix, wire::to_hex(secret));
    TARN_CHECK(files.write_atomically(path, line, kFileMode));
  }
  RootKey root(std::move(secret));
  const std::string check = std::string(1, kCheckVersion) + root.derive(kCheckPurpose);
  if (known) {
    if (!wire::equals_in_constant_time(*known, check)) return wrong(path);
    return root;
  }
  store::Batch batch;
  batch.put(Space::kKms, std::string(kCheckKey), check);
  TARN_CHECK(store.commit(batch));
  return root;
}

std::string RootKey::wrap(platform::Random& random, std::string_view secret,
                          std::string_view bound) const {
  std::string out = random.bytes(wire::kGcmNonceBytes);
  const std::string nonce = out;
  std::string sealed(secret);
  std::string tag;
  wire::AesGcm(wrapping_).seal(nonce, bound, sealed, tag);
  return out.append(sealed).append(tag);
}

Result<std::string> RootKey::unwrap(std::string_view wrapped, std::string_view bound) const {
  Error damaged(code::kCorrupt, "the stored material of a KMS key is damaged");
  if (wrapped.size() < wire::kGcmNonceBytes + wire::kGcmTagBytes) return damaged;
  const std::string_view nonce = wrapped.substr(0, wire::kGcmNonceBytes);
  const std::string_view tag = wrapped.substr(wrapped.size() - wire::kGcmTagBytes);
  wrapped.remove_prefix(nonce.size());
  wrapped.remove_suffix(tag.size());
  std::string secret(wrapped);
  if (!wire::AesGcm(wrapping_).open(nonce, bound, secret, tag)) return damaged;
  return secret;
}

std::string RootKey::derive(std::string_view purpose) const {
  return wire::hmac_sha256(secret_, purpose);
}

}  // namespace tarn::kms
