#include "gateway/certificates.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <vector>

#include <arpa/inet.h>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "gateway/trust_store.h"

namespace tarn::gateway {

namespace {

using std::chrono::hours;

constexpr std::size_t kMaxContexts = 512;
constexpr hours kDay{24};
constexpr hours kAuthorityLife = 3650 * kDay;
constexpr hours kServerLife = 90 * kDay;
// A context is made anew well before its certificate ends, for servers that run for months.
constexpr hours kContextLife = 30 * kDay;

// Where Linux distributions keep the authorities that the machine trusts.
constexpr std::array<const char*, 3> kSystemBundles = {"/etc/ssl/certs/ca-certificates.crt",
                                                       "/etc/pki/tls/certs/ca-bundle.crt",
                                                       "/etc/ssl/ca-bundle.pem"};

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

Error tls_failure(std::string_view what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return {code::kIo, fmt::format("TLS: cannot {}: {}", what, text.data())};
}

Certificate own(X509* certificate) {
  return {certificate, &X509_free};
}
PrivateKey own(EVP_PKEY* key) {
  return {key, &EVP_PKEY_free};
}

std::string contents(BIO* memory) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(memory, &data);  // NOLINT: OpenSSL's macro
  return {data, static_cast<std::size_t>(length)};
}

Result<std::string> to_pem(X509* certificate) {
  const Bio out(BIO_new(BIO_s_mem()), &BIO_free);
  if (PEM_write_bio_X509(out.get(), certificate) != 1) return tls_failure("write a certificate");
  return contents(out.get());
}

Result<std::string> to_pem(EVP_PKEY* key) {
  const Bio out(BIO_new(BIO_s_mem()), &BIO_free);
  if (PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return tls_failure("write a key");
  }
  return contents(out.get());
}

Bio reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

Result<PrivateKey> make_key() {
  PrivateKey key = own(EVP_EC_gen("P-256"));
  if (!key) return tls_failure("make a key");
  return key;
}

Status add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), &X509_EXTENSION_free);
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1)
    return tls_failure("make a certificate");
  return {};
}

Status set_serial(X509* certificate, platform::Random& random) {
  std::array<std::byte, 16> bytes{};
  random.fill(bytes);
  // RFC 5280 section 4.1.2.2: positive, not zero.
  bytes[0] = (bytes[0] & std::byte{0x3f}) | std::byte{0x40};
  const void* data = bytes.data();
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(
      BN_bin2bn(static_cast<const unsigned char*>(data), static_cast<int>(bytes.size()), nullptr),
      &BN_free);
  if (!number || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr) {
    return tls_failure("make a certificate");
  }
  return {};
}

Status set_validity(X509* certificate, Timestamp now, hours life) {
  const Timestamp begin = now - kDay;
  const Timestamp end = now + life;
  if (ASN1_TIME_set(X509_getm_notBefore(certificate), begin.seconds()) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate), end.seconds()) == nullptr) {
    return tls_failure("make a certificate");
  }
  return {};
}

void add_name(X509_NAME* name, const char* field, std::string_view value) {
  const void* data = value.data();
  X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, static_cast<const unsigned char*>(data),
                             static_cast<int>(value.size()), -1, 0);
}

// A certificate without extensions and signature.
Result<Certificate> begin_certificate(platform::Random& random, Timestamp now, hours life,
                                      EVP_PKEY* key, std::string_view common_name) {
  Certificate certificate = own(X509_new());
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return tls_failure("make a certificate");
  }
  TARN_CHECK(set_serial(certificate.get(), random));
  TARN_CHECK(set_validity(certificate.get(), now, life));
  X509_NAME* name = X509_get_subject_name(certificate.get());
  add_name(name, "O", "Tarn");
  add_name(name, "CN", common_name);
  return certificate;
}

bool is_ip(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> out{};
  return ::inet_pton(AF_INET, name.c_str(), out.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), out.data()) == 1;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

// ALPN: this listener speaks HTTP/2 and HTTP/1.1, and prefers the first.
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_length,
                    const unsigned char* in, unsigned int in_length, void*) {
  static constexpr std::array<unsigned char, 12> kOurs = {2,   'h', '2', 8,   'h', 't',
                                                          't', 'p', '/', '1', '.', '1'};
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_length, kOurs.data(), kOurs.size(), in, in_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

// SNI: the client is served by the context of the name that it asks for.
int follow_server_name(SSL* ssl, int*, void* argument) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_OK;
  const Result<SslContext> context =
      static_cast<CertificateAuthority*>(argument)->context_for(name);
  if (!context.ok()) return SSL_TLSEXT_ERR_ALERT_FATAL;
  if (SSL_get_SSL_CTX(ssl) != context.value().get()) SSL_set_SSL_CTX(ssl, context.value().get());
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<std::string> certificate_subject(std::string_view server_name) {
  std::string name(server_name.empty() ? "localhost" : server_name);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  if (name.size() > 2 && name.front() == '[' && name.back() == ']')
    name = name.substr(1, name.size() - 2);
  if (is_ip(name)) return name;
  if (name.size() > 1 && name.back() == '.') name.pop_back();
  const bool plausible = name.size() <= 253 && name.front() != '.' &&
                         name.find("..") == std::string::npos &&
                         std::all_of(name.begin(), name.end(), is_host_character);
  if (!plausible) return Error(code::kInvalid, fmt::format("'{}' is no host name", server_name));

  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return name;
  const std::string_view parent = std::string_view(name).substr(dot + 1);
  const bool below_s3 = parent.starts_with("s3.") || parent.starts_with("s3-");
  if (below_s3 && parent.find(".amazonaws.com") != std::string_view::npos)
    return fmt::format("*.{}", parent);
  return name;
}

CertificateAuthority::CertificateAuthority(Opened, platform::Clock& clock, platform::Random& random,
                                           std::string directory)
    : clock_(clock), random_(random), directory_(std::move(directory)) {}

std::string CertificateAuthority::ca_path() const {
  return directory_ + "/ca.pem";
}
std::string CertificateAuthority::bundle_path() const {
  return directory_ + "/ca-bundle.pem";
}
std::string CertificateAuthority::trust_store_path() const {
  return directory_ + "/truststore.p12";
}

Result<std::unique_ptr<CertificateAuthority>> CertificateAuthority::open(
    platform::Files& files, platform::Clock& clock, platform::Random& random,
    const std::string& directory) {
  auto authority = std::make_unique<CertificateAuthority>(Opened{}, clock, random, directory);
  TARN_CHECK(files.make_directories(directory));
  if (files.exists(authority->ca_path())) {
    TARN_CHECK(authority->load(files));
  } else {
    TARN_CHECK(authority->create(files));
  }
  TARN_TRY(authority->server_key_, make_key());
  TARN_CHECK(authority->write_bundles(files));
  return authority;
}

Status CertificateAuthority::load(platform::Files& files) {
  const std::string key_path = directory_ + "/ca-key.pem";
  TARN_TRY(const std::string certificate_pem, files.read(ca_path()));
  TARN_TRY(const std::string key_pem, files.read(key_path));
  certificate_ = own(PEM_read_bio_X509(reader(certificate_pem).get(), nullptr, nullptr, nullptr));
  key_ = own(PEM_read_bio_PrivateKey(reader(key_pem).get(), nullptr, nullptr, nullptr));
  if (!certificate_ || !key_ || X509_check_private_key(certificate_.get(), key_.get()) != 1) {
    ERR_clear_error();
    return Error(code::kCorrupt,
                 fmt::format("{} and {} are no certificate and its key; remove both to have the "
                             "authority made anew",
                             ca_path(), key_path));
  }
  return {};
}

Status CertificateAuthority::create(platform::Files& files) {
  TARN_TRY(key_, make_key());
  // A name of its own, so that the authorities of several data directories can be told apart.
  const std::string name =
      fmt::format("Tarn authority {}", random_.text(8, "abcdefghijklmnopqrstuvwxyz234567"));
  TARN_TRY(certificate_,
           begin_certificate(random_, clock_.now(), kAuthorityLife, key_.get(), name));
  X509* raw = certificate_.get();
  if (X509_set_issuer_name(raw, X509_get_subject_name(raw)) != 1)
    return tls_failure("make a certificate");
  TARN_CHECK(add_extension(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
  TARN_CHECK(add_extension(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign"));
  TARN_CHECK(add_extension(raw, raw, NID_subject_key_identifier, "hash"));
  if (X509_sign(raw, key_.get(), EVP_sha256()) == 0) return tls_failure("sign a certificate");

  // The key first: an authority without its certificate is made anew, one without its key cannot
  // be.
  TARN_TRY(const std::string key_pem, to_pem(key_.get()));
  TARN_TRY(const std::string certificate_pem, to_pem(raw));
  TARN_CHECK(files.write_atomically(directory_ + "/ca-key.pem", key_pem, 0600));
  return files.write_atomically(ca_path(), certificate_pem, 0644);
}

Status CertificateAuthority::write_bundles(platform::Files& files) {
  std::string bundle;
  for (const char* path : kSystemBundles) {
    auto system = files.read(path);
    if (!system.ok()) continue;
    bundle = std::move(system).value();
    if (!bundle.empty() && bundle.back() != '\n') bundle.push_back('\n');
    break;
  }
  TARN_TRY(const std::string own_pem, to_pem(certificate_.get()));
  bundle += own_pem;
  if (files.exists(trust_store_path())) {
    const auto before = files.read(bundle_path());
    if (before.ok() && before.value() == bundle) return {};
  }
  TARN_TRY(const std::string java, java_trust_store(bundle, kTrustStorePassword));
  // The trust store first: the bundle tells that both are of this state.
  TARN_CHECK(files.write_atomically(trust_store_path(), java, 0644));
  return files.write_atomically(bundle_path(), bundle, 0644);
}

Result<SslContext> CertificateAuthority::context_for(std::string_view server_name) {
  TARN_TRY(const std::string subject, certificate_subject(server_name));
  const Timestamp now = clock_.now();
  const std::lock_guard lock(mutex_);
  auto found = contexts_.find(subject);
  if (found != contexts_.end() && now < found->second.made + kContextLife &&
      found->second.made < now + kDay) {
    found->second.used = ++uses_;
    return found->second.context;
  }
  TARN_TRY(SslContext context, make_context(subject));
  if (found == contexts_.end() && contexts_.size() >= kMaxContexts) evict_oldest();
  contexts_.insert_or_assign(subject, Entry{context, now, ++uses_});
  return context;
}

void CertificateAuthority::evict_oldest() {
  const auto oldest =
      std::min_element(contexts_.begin(), contexts_.end(),
                       [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
  contexts_.erase(oldest);
}

Result<SslContext> CertificateAuthority::make_context(const std::string& subject) {
  TARN_TRY(const Certificate certificate,
           begin_certificate(random_, clock_.now(), kServerLife, server_key_.get(), "tarn"));
  X509* raw = certificate.get();
  if (X509_set_issuer_name(raw, X509_get_subject_name(certificate_.get())) != 1) {
    return tls_failure("make a certificate");
  }
  std::string names = fmt::format("{}:{}", is_ip(subject) ? "IP" : "DNS", subject);
  // Clients reach a listener on this machine by either name.
  if (subject == "localhost") names += ",IP:127.0.0.1,IP:::1";
  TARN_CHECK(add_extension(raw, certificate_.get(), NID_basic_constraints, "critical,CA:FALSE"));
  TARN_CHECK(add_extension(raw, certificate_.get(), NID_key_usage, "critical,digitalSignature"));
  TARN_CHECK(add_extension(raw, certificate_.get(), NID_ext_key_usage, "serverAuth"));
  TARN_CHECK(add_extension(raw, certificate_.get(), NID_subject_key_identifier, "hash"));
  TARN_CHECK(add_extension(raw, certificate_.get(), NID_authority_key_identifier, "keyid:always"));
  TARN_CHECK(add_extension(raw, certificate_.get(), NID_subject_alt_name, names));
  if (X509_sign(raw, key_.get(), EVP_sha256()) == 0) return tls_failure("sign a certificate");

  SslContext context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!context || SSL_CTX_use_certificate(context.get(), raw) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), server_key_.get()) != 1 ||
      SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return tls_failure("make a TLS context");
  }
  // Idle connections are many: their buffers go back.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context.get(), &select_protocol, nullptr);
  // SSL_CTX_set_tlsext_servername_callback is a macro with a C cast.
  SSL_CTX_callback_ctrl(context.get(), SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                        reinterpret_cast<void (*)()>(&follow_server_name));  // NOLINT
  SSL_CTX_set_tlsext_servername_arg(context.get(), this);
  return context;
}

}  // namespace tarn::gateway
