#include "services/ec2/ssh_key.h"

#include <array>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "wire/encoding.h"

namespace tarn::ec2 {
namespace {

constexpr int kRsaBits = 2048;
constexpr std::size_t kPemLine = 70;
constexpr std::size_t kBlock = 8;  // what private parts without a cipher are padded to

template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using BioHandle = std::unique_ptr<BIO, Freeing<BIO_free>>;
using NumberHandle = std::unique_ptr<BIGNUM, Freeing<BN_free>>;

Error failed(const char* what) {
  return {code::kIo, fmt::format("OpenSSL could not make a key pair: {}", what)};
}

std::string length_of(std::size_t size) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<char>((size >> shift) & 255));
  return out;
}

// A string of SSH: its length and its bytes.
std::string field(std::string_view bytes) {
  return length_of(bytes.size()) + std::string(bytes);
}

std::string bytes_of(const BIGNUM& number) {
  std::vector<unsigned char> bytes(static_cast<std::size_t>(BN_num_bytes(&number)));
  BN_bn2bin(&number, bytes.data());
  std::string out(bytes.begin(), bytes.end());
  // A positive number must not look like a negative one.
  if (!out.empty() && (static_cast<unsigned char>(out.front()) & 0x80) != 0) out.insert(0, 1, '\0');
  return out;
}

Result<std::string> number_field(const EVP_PKEY& key, const char* name) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(&key, name, &raw) != 1) return failed(name);
  const NumberHandle number(raw);
  return field(bytes_of(*number));
}

std::string digest_of(std::string_view bytes, const EVP_MD* method) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, method, nullptr);
  return {digest.begin(), digest.begin() + size};
}

std::string with_colons(std::string_view bytes) {
  std::string out;
  for (const char c : bytes)
    out += fmt::format("{}{:02x}", out.empty() ? "" : ":", static_cast<unsigned char>(c));
  return out;
}

std::string text_in(BIO& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string public_key_text(std::string_view name, std::string_view blob) {
  return fmt::format("{} {}", name, wire::to_base64(blob));
}

Result<SshKey> make_rsa() {
  const KeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{kRsaBits}));
  if (!key) return failed("RSA");
  SshKey out;
  out.type = "rsa";
  TARN_TRY(const std::string exponent, number_field(*key, OSSL_PKEY_PARAM_RSA_E));
  TARN_TRY(const std::string modulus, number_field(*key, OSSL_PKEY_PARAM_RSA_N));
  out.public_key = public_key_text("ssh-rsa", field("ssh-rsa") + exponent + modulus);
  const BioHandle pem(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey_traditional(pem.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                           nullptr) != 1)
    return failed("PEM");
  out.private_key = text_in(*pem);
  // Of one that EC2 made: SHA-1 of the private key as PKCS #8.
  const BioHandle der(BIO_new(BIO_s_mem()));
  if (i2d_PKCS8PrivateKey_bio(der.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return failed("DER");
  out.fingerprint = with_colons(digest_of(text_in(*der), EVP_sha1()));
  return out;
}

std::string sha256_fingerprint(std::string_view blob) {
  std::string out = wire::to_base64(digest_of(blob, EVP_sha256()));
  return out;
}

std::string openssh_private_key(std::string_view public_bytes, std::string_view seed,
                                std::string_view blob) {
  // Twice the same number shows that the private part was read with the right key.
  std::string secret = length_of(0) + length_of(0);
  secret += field("ssh-ed25519") + field(public_bytes);
  secret += field(std::string(seed) + std::string(public_bytes)) + field("");
  for (char pad = 1; secret.size() % kBlock != 0; ++pad) secret.push_back(pad);
  std::string whole("openssh-key-v1");
  whole.push_back('\0');
  whole += field("none") + field("none") + field("") + length_of(1) + field(blob) + field(secret);
  const std::string text = wire::to_base64(whole);
  std::string out = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
  for (std::size_t at = 0; at < text.size(); at += kPemLine)
    out += text.substr(at, kPemLine) + "\n";
  return out + "-----END OPENSSH PRIVATE KEY-----\n";
}

Result<SshKey> make_ed25519() {
  const KeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key) return failed("ED25519");
  std::array<unsigned char, 32> bytes{};
  std::array<unsigned char, 32> seed{};
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) != 1 ||
      EVP_PKEY_get_raw_private_key(key.get(), seed.data(), &size) != 1)
    return failed("raw key");
  const std::string public_bytes(bytes.begin(), bytes.end());
  const std::string blob = field("ssh-ed25519") + field(public_bytes);
  SshKey out;
  out.type = "ed25519";
  out.public_key = public_key_text("ssh-ed25519", blob);
  out.private_key = openssh_private_key(public_bytes, std::string(seed.begin(), seed.end()), blob);
  out.fingerprint = sha256_fingerprint(blob);
  return out;
}

// The next string of SSH, taken off the text; nullopt where it is cut off.
std::optional<std::string> take_field(std::string_view& blob) {
  if (blob.size() < 4) return std::nullopt;
  std::size_t size = 0;
  for (int i = 0; i < 4; ++i)
    size = (size << 8) | static_cast<unsigned char>(blob[static_cast<std::size_t>(i)]);
  if (blob.size() - 4 < size) return std::nullopt;
  std::string out(blob.substr(4, size));
  blob.remove_prefix(4 + size);
  return out;
}

// MD5 of the public key as an SPKI structure: of one that was brought.
Result<std::string> brought_rsa_fingerprint(std::string_view exponent, std::string_view modulus) {
  const auto number = [](std::string_view bytes) {
    const std::string text(bytes);
    std::vector<unsigned char> copy(text.begin(), text.end());
    return NumberHandle(BN_bin2bn(copy.data(), static_cast<int>(copy.size()), nullptr));
  };
  const NumberHandle e = number(exponent);
  const NumberHandle n = number(modulus);
  using BuilderHandle = std::unique_ptr<OSSL_PARAM_BLD, Freeing<OSSL_PARAM_BLD_free>>;
  using ParamsHandle = std::unique_ptr<OSSL_PARAM, Freeing<OSSL_PARAM_free>>;
  using ContextHandle = std::unique_ptr<EVP_PKEY_CTX, Freeing<EVP_PKEY_CTX_free>>;
  const BuilderHandle builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  const ParamsHandle params(OSSL_PARAM_BLD_to_param(builder.get()));
  const ContextHandle context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* raw = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return Error("InvalidKey.Format", "Key is not in valid OpenSSH public key format");
  const KeyHandle key(raw);
  const BioHandle der(BIO_new(BIO_s_mem()));
  i2d_PUBKEY_bio(der.get(), key.get());
  return with_colons(digest_of(text_in(*der), EVP_md5()));
}

}  // namespace

Result<SshKey> make_ssh_key(std::string_view type) {
  if (type == "rsa") return make_rsa();
  if (type == "ed25519") return make_ed25519();
  return Error("InvalidParameterValue",
               fmt::format("Value ({}) for parameter KeyType is invalid: rsa or ed25519.", type));
}

Result<SshKey> read_ssh_key(std::string_view text) {
  const Error invalid("InvalidKey.Format", "Key is not in valid OpenSSH public key format");
  const std::size_t first = text.find(' ');
  if (first == std::string_view::npos) return invalid;
  const std::string_view name = text.substr(0, first);
  const std::string_view rest = text.substr(first + 1);
  const std::string_view encoded = rest.substr(0, rest.find_first_of(" \r\n"));
  const auto blob = wire::from_base64(encoded);
  if (!blob) return invalid;
  std::string_view left = *blob;
  const auto inner = take_field(left);
  if (!inner || *inner != name) return invalid;
  SshKey out;
  out.public_key = public_key_text(name, *blob);
  if (name == "ssh-ed25519") {
    out.type = "ed25519";
    out.fingerprint = sha256_fingerprint(*blob);
    return out;
  }
  const auto exponent = take_field(left);
  const auto modulus = take_field(left);
  if (name != "ssh-rsa" || !exponent || !modulus) return invalid;
  out.type = "rsa";
  TARN_TRY(out.fingerprint, brought_rsa_fingerprint(*exponent, *modulus));
  return out;
}

}  // namespace tarn::ec2
