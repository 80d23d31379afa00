// Trust stores: the authorities that a client shall believe, in the forms that clients read.
//
// Place: gateway, under certificates.cc. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::gateway {

// The certificates of a PEM bundle as a PKCS #12 store that Java takes for trusted ones: each bears
// the attribute trustedKeyUsage = anyExtendedKeyUsage, without which Java ignores certificates that
// have no key
// (https://docs.oracle.com/en/java/javase/17/security/java-cryptography-architecture-jca-reference-guide.html;
// sun.security.pkcs12.PKCS12KeyStore). Errors: kCorrupt for a bundle without a certificate.
[[nodiscard]] Result<std::string> java_trust_store(std::string_view pem_bundle,
                                                   std::string_view password);

}  // namespace tarn::gateway
