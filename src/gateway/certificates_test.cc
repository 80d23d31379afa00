#include "gateway/certificates.h"

#include <cstdlib>
#include <filesystem>

#include <sys/stat.h>

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include "platform/real/clock.h"
#include "platform/real/files.h"
#include "platform/real/random.h"

namespace tarn::gateway {
namespace {

TEST(CertificateSubject, IsTheNameAskedForInLowerCase) {
  EXPECT_EQ(certificate_subject("Kinesis.us-west-2.amazonaws.com").value(),
            "kinesis.us-west-2.amazonaws.com");
  EXPECT_EQ(certificate_subject("localhost.").value(), "localhost");
  EXPECT_EQ(certificate_subject("").value(), "localhost");
  EXPECT_EQ(certificate_subject("127.0.0.1").value(), "127.0.0.1");
  EXPECT_EQ(certificate_subject("[::1]").value(), "::1");
}

TEST(CertificateSubject, IsAWildcardForBucketHosts) {
  EXPECT_EQ(certificate_subject("my-bucket.s3.us-west-2.amazonaws.com").value(),
            "*.s3.us-west-2.amazonaws.com");
  EXPECT_EQ(certificate_subject("my-bucket.s3.amazonaws.com").value(), "*.s3.amazonaws.com");
  EXPECT_EQ(certificate_subject("my-bucket.s3-us-west-2.amazonaws.com").value(),
            "*.s3-us-west-2.amazonaws.com");
  EXPECT_EQ(certificate_subject("s3.us-west-2.amazonaws.com").value(),
            "s3.us-west-2.amazonaws.com");
}

TEST(CertificateSubject, ABucketNameWithDotsHasItsOwn) {
  EXPECT_EQ(certificate_subject("my.bucket.s3.us-west-2.amazonaws.com").value(),
            "my.bucket.s3.us-west-2.amazonaws.com");
}

TEST(CertificateSubject, RefusesWhatIsNoHostName) {
  for (const char* name : {"a,IP:1.2.3.4", "a b", "..", "a..b", "*.amazonaws.com", "x\ny"}) {
    EXPECT_EQ(certificate_subject(name).error().code, code::kInvalid) << name;
  }
  EXPECT_EQ(certificate_subject(std::string(300, 'a')).error().code, code::kInvalid);
}

class CertificatesTest : public testing::Test {
 protected:
  CertificatesTest() {
    std::string pattern = testing::TempDir() + "tarn-certificates-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~CertificatesTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<CertificateAuthority> open() {
    auto opened = CertificateAuthority::open(files_, clock_, random_, folder_ + "/tls");
    EXPECT_TRUE(opened.ok());
    return std::move(opened).value();
  }

  struct Handshake {
    bool done = false;
    long verified = X509_V_ERR_UNSPECIFIED;
    std::string protocol;  // by ALPN
  };

  // Protocols as ALPN lists them, each behind its length.
  static constexpr std::string_view kBoth = "\x02h2\x08http/1.1";
  static constexpr std::string_view kOnlyOld = "\x08http/1.1";

  // A client that trusts `bundle` asks the server at `context` for `name`.
  static Handshake handshake(const SslContext& context, const std::string& bundle,
                             const std::string& name, std::string_view offered = kBoth) {
    const SslContext client_context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    EXPECT_EQ(SSL_CTX_load_verify_file(client_context.get(), bundle.c_str()), 1);
    SSL_CTX_set_verify(client_context.get(), SSL_VERIFY_PEER, nullptr);
    const std::unique_ptr<SSL, decltype(&SSL_free)> client(SSL_new(client_context.get()),
                                                           &SSL_free);
    const std::unique_ptr<SSL, decltype(&SSL_free)> server(SSL_new(context.get()), &SSL_free);
    std::string asked = name;
    SSL_ctrl(client.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, asked.data());
    SSL_set1_host(client.get(), name.c_str());
    const std::vector<unsigned char> protocols(offered.begin(), offered.end());
    SSL_set_alpn_protos(client.get(), protocols.data(),
                        static_cast<unsigned int>(protocols.size()));
    BIO* client_side = nullptr;
    BIO* server_side = nullptr;
    BIO_new_bio_pair(&client_side, 0, &server_side, 0);
    SSL_set_bio(client.get(), client_side, client_side);
    SSL_set_bio(server.get(), server_side, server_side);
    Handshake result;
    for (int i = 0; i < 20 && !result.done; ++i) {
      const bool client_done = SSL_connect(client.get()) == 1;
      const bool server_done = SSL_accept(server.get()) == 1;
      result.done = client_done && server_done;
    }
    ERR_clear_error();
    result.verified = SSL_get_verify_result(client.get());
    const unsigned char* protocol = nullptr;
    unsigned int length = 0;
    SSL_get0_alpn_selected(client.get(), &protocol, &length);
    result.protocol.assign(protocol, protocol + length);
    return result;
  }

  std::string folder_;
  platform::real::Threads threads_{{.io_threads = 1}};
  platform::real::Clock clock_{threads_};
  platform::real::Random random_;
  platform::real::Files files_;
};

TEST_F(CertificatesTest, AClientWithTheBundleTrustsEveryName) {
  auto authority = open();
  for (const std::string name : {"kinesis.us-west-2.amazonaws.com", "b.s3.us-west-2.amazonaws.com",
                                 "a.b.s3.us-west-2.amazonaws.com", "localhost"}) {
    const auto context = authority->context_for(name);
    ASSERT_TRUE(context.ok());
    const Handshake shaken = handshake(*context, authority->bundle_path(), name);
    EXPECT_TRUE(shaken.done) << name;
    EXPECT_EQ(shaken.verified, X509_V_OK) << name;
    EXPECT_EQ(shaken.protocol, "h2");
  }
}

TEST_F(CertificatesTest, AClientThatOffersOnlyTheOldProtocolGetsIt) {
  auto authority = open();
  const auto context = authority->context_for("localhost").value();
  const Handshake shaken = handshake(context, authority->bundle_path(), "localhost", kOnlyOld);
  EXPECT_EQ(shaken.protocol, "http/1.1");
}

TEST_F(CertificatesTest, AClientWithoutTheAuthorityDoesNot) {
  auto authority = open();
  const std::string folder = folder_ + "/other";
  auto other = CertificateAuthority::open(files_, clock_, random_, folder).value();
  const auto context = authority->context_for("sts.amazonaws.com").value();
  EXPECT_FALSE(handshake(context, other->bundle_path(), "sts.amazonaws.com").done);
}

TEST_F(CertificatesTest, TheNameInTheHandshakeDecides) {
  auto authority = open();
  const auto context = authority->context_for("").value();
  EXPECT_TRUE(handshake(context, authority->ca_path(), "glue.us-west-2.amazonaws.com").done);
}

TEST_F(CertificatesTest, TheAuthorityIsKept) {
  open();
  const std::string first = files_.read(folder_ + "/tls/ca.pem").value();
  auto again = open();
  EXPECT_EQ(files_.read(folder_ + "/tls/ca.pem").value(), first);
  const auto context = again->context_for("localhost").value();
  EXPECT_TRUE(handshake(context, again->ca_path(), "localhost").done);
}

TEST_F(CertificatesTest, TheKeyIsReadableByItsOwnerOnly) {
  open();
  struct stat info{};
  ASSERT_EQ(::stat((folder_ + "/tls/ca-key.pem").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(CertificatesTest, AKeyThatDoesNotFitIsCorrupt) {
  open();
  ASSERT_TRUE(files_.write_atomically(folder_ + "/tls/ca-key.pem", "nonsense", 0600).ok());
  const auto refused = CertificateAuthority::open(files_, clock_, random_, folder_ + "/tls");
  EXPECT_EQ(refused.error().code, code::kCorrupt);
}

TEST_F(CertificatesTest, ContextsAreSharedPerSubjectAndBounded) {
  auto authority = open();
  const auto first = authority->context_for("a.s3.us-west-2.amazonaws.com").value();
  EXPECT_EQ(authority->context_for("b.s3.us-west-2.amazonaws.com").value(), first);
  for (int i = 0; i < 600; ++i) {
    ASSERT_TRUE(authority->context_for("host-" + std::to_string(i) + ".example.com").ok());
  }
  EXPECT_NE(authority->context_for("a.s3.us-west-2.amazonaws.com").value(),
            first);  // was the oldest
}

TEST_F(CertificatesTest, TheJavaTrustStoreHoldsTheAuthorityAsTrusted) {
  auto authority = open();
  const std::string store = files_.read(authority->trust_store_path()).value();
  const void* data = store.data();
  const auto* bytes = static_cast<const unsigned char*>(data);
  const std::unique_ptr<PKCS12, decltype(&PKCS12_free)> parsed(
      d2i_PKCS12(nullptr, &bytes, static_cast<long>(store.size())), &PKCS12_free);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(PKCS12_verify_mac(parsed.get(), "changeit", -1), 1);
  // 2.16.840.1.113894.746875.1.1 in DER
  EXPECT_NE(store.find("\x60\x86\x48\x01\x86\xf9\x66\xad\xca\x7b\x01\x01"), std::string::npos);
  EXPECT_NE(store.find("Tarn authority "), std::string::npos);
}

}  // namespace
}  // namespace tarn::gateway
