// The upload in signed chunks of
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, byte by byte.
#include "wire/aws_chunked.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "wire/encoding.h"

namespace tarn::wire {
namespace {

// Gives a text in pieces of `step` bytes, as a slow connection does.
class PiecewiseBody final : public BodySource {
 public:
  PiecewiseBody(std::string text, std::size_t step) : text_(std::move(text)), step_(step) {}
  Task<Result<std::string_view>> next() override {
    const auto piece = std::string_view(text_).substr(at_, step_);
    at_ += piece.size();
    co_return piece;
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return text_.size(); }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& trailers() const override {
    return trailers_;
  }

 private:
  std::string text_;
  std::size_t step_;
  std::size_t at_ = 0;
  std::vector<std::pair<std::string, std::string>> trailers_;
};

Result<std::string> read(Body body) {
  std::optional<Result<std::string>> out;
  start(read_all(*body, 1 << 20),
        [&](Result<std::string> result) { out.emplace(std::move(result)); });
  return std::move(*out);
}

std::string documented_upload() {
  return "10000;chunk-signature="
         "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
         std::string(65536, 'a') +
         "\r\n400;chunk-signature="
         "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
         std::string(1024, 'a') +
         "\r\n0;chunk-signature="
         "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
}

AwsChunkedOptions documented_options() {
  AwsChunkedOptions options;
  options.decoded_length = 66560;
  options.signing = ChunkSigning{
      signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524", "us-east-1", "s3"),
      "20130524T000000Z", "20130524/us-east-1/s3/aws4_request",
      "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"};
  return options;
}

TEST(AwsChunked, AcceptsTheDocumentedUploadHoweverItIsCut) {
  for (const std::size_t step :
       {std::size_t{1}, std::size_t{7}, std::size_t{4096}, std::size_t{1} << 20}) {
    const auto content = read(decode_aws_chunked(
        std::make_shared<PiecewiseBody>(documented_upload(), step), documented_options()));
    ASSERT_TRUE(content.ok()) << content.error().message;
    EXPECT_EQ(*content, std::string(66560, 'a'));
  }
}

TEST(AwsChunked, RefusesAChunkWhoseDataWasChanged) {
  std::string upload = documented_upload();
  upload[100] = 'b';
  const auto content = read(decode_aws_chunked(make_body(upload), documented_options()));
  ASSERT_FALSE(content.ok());
  EXPECT_EQ(content.error().code, "SignatureDoesNotMatch");
}

TEST(AwsChunked, RefusesAnUploadThatIsCutOff) {
  const std::string upload = documented_upload().substr(0, 66000);
  const auto content = read(decode_aws_chunked(make_body(upload), documented_options()));
  ASSERT_FALSE(content.ok());
  EXPECT_EQ(content.error().code, "IncompleteBody");
}

TEST(AwsChunked, GivesTheTrailersOfAnUnsignedUpload) {
  const Body body =
      decode_aws_chunked(make_body("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"), {});
  const auto content = read(body);
  ASSERT_TRUE(content.ok());
  EXPECT_EQ(*content, "hello");
  ASSERT_EQ(body->trailers().size(), 1U);
  EXPECT_EQ(body->trailers()[0].first, "x-amz-checksum-crc32");
  EXPECT_EQ(body->trailers()[0].second, "NhCmhg==");
}

TEST(AwsChunked, RefusesADecodedLengthThatDoesNotHold) {
  AwsChunkedOptions options;
  options.decoded_length = 6;
  const auto content = read(decode_aws_chunked(make_body("5\r\nhello\r\n0\r\n\r\n"), options));
  ASSERT_FALSE(content.ok());
  EXPECT_EQ(content.error().code, "IncompleteBody");
}

TEST(AwsChunked, RefusesWhatIsNoChunk) {
  for (const std::string text :
       {"zz\r\nhello", "5\r\nhello!\r\n0\r\n\r\n", "ffffffffffffffffff\r\n"}) {
    const auto content = read(decode_aws_chunked(make_body(text), {}));
    ASSERT_FALSE(content.ok()) << text;
    EXPECT_EQ(content.error().code, "InvalidChunkSizeError") << text;
  }
}

TEST(HashedBody, RefusesABodyThatIsNotWhatWasSigned) {
  const auto right = read(expect_sha256(
      make_body("hello"), "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"));
  EXPECT_TRUE(right.ok());
  const auto wrong = read(expect_sha256(
      make_body("hallo"), "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"));
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, "XAmzContentSHA256Mismatch");
}

}  // namespace
}  // namespace tarn::wire
