// CertificateAuthority: the account's own, so that AWS names can lead home.
//
// Place: gateway; used by its listener wherever TLS begins. Made by src/tarn in the data
// directory's `tls` folder. Threads: context_for is safe from any thread; open belongs to the start
// of the program. Contexts hand a client on to the context of the name it asks for (SNI), so the
// authority must outlive every handshake.
//
// The authority's key never leaves its folder, and nothing on the machine trusts it by itself: a
// client is led to it by bundle_path() (Python, the AWS CLI, curl) or trust_store_path() (Java).
// Files: docs/formats/data-directory.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/ssl.h>

#include "base/result.h"
#include "platform/clock.h"
#include "platform/files.h"
#include "platform/random.h"

namespace tarn::gateway {

using SslContext = std::shared_ptr<SSL_CTX>;
using Certificate = std::shared_ptr<X509>;
using PrivateKey = std::shared_ptr<EVP_PKEY>;

// Password of the Java trust store: it holds public certificates only, so this is Java's customary
// one.
inline constexpr std::string_view kTrustStorePassword = "changeit";

class CertificateAuthority {
 private:
  // Lets open alone construct.
  struct Opened {};

 public:
  // Reads the authority in `directory`, or makes it where there is none, and writes the bundles
  // that trust it and the machine's own authorities. Errors: kIo, kDiskFull; kCorrupt when key and
  // certificate do not fit.
  static Result<std::unique_ptr<CertificateAuthority>> open(platform::Files& files,
                                                            platform::Clock& clock,
                                                            platform::Random& random,
                                                            const std::string& directory);

  CertificateAuthority(Opened, platform::Clock& clock, platform::Random& random,
                       std::string directory);
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;
  ~CertificateAuthority() = default;

  // The authority's certificate alone (PEM).
  [[nodiscard]] std::string ca_path() const;
  // The machine's authorities and this one (PEM), for AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE,
  // SSL_CERT_FILE.
  [[nodiscard]] std::string bundle_path() const;
  // The same as a PKCS #12 trust store, for -Djavax.net.ssl.trustStore.
  [[nodiscard]] std::string trust_store_path() const;

  // A server's TLS 1.2/1.3 context with a certificate for `server_name` (a host name or an IP
  // literal; empty: localhost) and ALPN "http/1.1". Names below one S3 endpoint share a wildcard
  // certificate, as AWS's do. Errors: kInvalid for what is no host name.
  [[nodiscard]] Result<SslContext> context_for(std::string_view server_name);

 private:
  struct Entry {
    SslContext context;
    Timestamp made;
    std::uint64_t used = 0;  // order of the last use
  };

  Status load(platform::Files& files);
  Status create(platform::Files& files);
  Status write_bundles(platform::Files& files);
  Result<SslContext> make_context(const std::string& subject);
  void evict_oldest();

  platform::Clock& clock_;
  platform::Random& random_;
  const std::string directory_;
  Certificate certificate_;
  PrivateKey key_;
  PrivateKey server_key_;  // of all server certificates; new with each start

  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> contexts_;
  std::uint64_t uses_ = 0;
};

// The name that a certificate for `server_name` is made for: lower case,
// "*.s3.us-west-2.amazonaws.com" for a bucket's host without dots in the bucket's name. Errors:
// kInvalid.
[[nodiscard]] Result<std::string> certificate_subject(std::string_view server_name);

}  // namespace tarn::gateway
