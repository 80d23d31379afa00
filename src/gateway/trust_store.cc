#include "gateway/trust_store.h"

#include <memory>
#include <vector>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

namespace tarn::gateway {

namespace {

// Oracle's ORACLE_TrustedKeyUsage, and the one value that keytool gives it.
constexpr const char* kTrustedKeyUsage = "2.16.840.1.113894.746875.1.1";
constexpr int kMacIterations = 10'000;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Bags = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), void (*)(STACK_OF(PKCS12_SAFEBAG)*)>;
using Safes = std::unique_ptr<STACK_OF(PKCS7), void (*)(STACK_OF(PKCS7)*)>;
using Store = std::unique_ptr<PKCS12, decltype(&PKCS12_free)>;
using X509Owner = std::unique_ptr<X509, decltype(&X509_free)>;

void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) {
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
void free_safes(STACK_OF(PKCS7) * safes) {
  sk_PKCS7_pop_free(safes, PKCS7_free);
}

bool add_certificate(STACK_OF(PKCS12_SAFEBAG) * bags, X509* certificate, const std::string& name) {
  std::unique_ptr<PKCS12_SAFEBAG, decltype(&PKCS12_SAFEBAG_free)> bag(
      PKCS12_SAFEBAG_create_cert(certificate), &PKCS12_SAFEBAG_free);
  if (!bag) return false;
  if (PKCS12_add_friendlyname_utf8(bag.get(), name.c_str(), -1) != 1) return false;
  // Length -1: the data is an object of the type named.
  const void* value = OBJ_nid2obj(NID_anyExtendedKeyUsage);
  if (PKCS12_add1_attr_by_txt(bag.get(), kTrustedKeyUsage, V_ASN1_OBJECT,
                              static_cast<const unsigned char*>(value), -1) != 1) {
    return false;
  }
  if (sk_PKCS12_SAFEBAG_push(bags, bag.get()) == 0) return false;
  [[maybe_unused]] PKCS12_SAFEBAG* owned_by_bags = bag.release();
  return true;
}

Error failure() {
  ERR_clear_error();
  return {code::kCorrupt, "cannot make the Java trust store of the machine's certificates"};
}

}  // namespace

Result<std::string> java_trust_store(std::string_view pem_bundle, std::string_view password) {
  const Bio pem(BIO_new_mem_buf(pem_bundle.data(), static_cast<int>(pem_bundle.size())), &BIO_free);
  const Bags bags(sk_PKCS12_SAFEBAG_new_null(), &free_bags);
  int count = 0;
  for (;;) {
    const X509Owner certificate(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr),
                                &X509_free);
    if (!certificate) break;
    if (!add_certificate(bags.get(), certificate.get(), fmt::format("authority-{}", ++count)))
      return failure();
  }
  ERR_clear_error();
  if (count == 0) return failure();

  // Certificates are public: not encrypted (nid -1), only bound by the code of the password.
  STACK_OF(PKCS7)* raw_safes = nullptr;
  if (PKCS12_add_safe(&raw_safes, bags.get(), -1, 0, nullptr) != 1) return failure();
  const Safes safes(raw_safes, &free_safes);
  const Store store(PKCS12_add_safes(safes.get(), 0), &PKCS12_free);
  const std::string secret(password);
  if (!store || PKCS12_set_mac(store.get(), secret.c_str(), -1, nullptr, 0, kMacIterations,
                               EVP_sha256()) != 1) {
    return failure();
  }
  unsigned char* bytes = nullptr;
  const int length = i2d_PKCS12(store.get(), &bytes);
  if (length <= 0) return failure();
  const void* data = bytes;
  std::string out(static_cast<const char*>(data), static_cast<std::size_t>(length));
  OPENSSL_free(bytes);
  return out;
}

}  // namespace tarn::gateway
