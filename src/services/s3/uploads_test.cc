#include "services/s3/uploads.h"

#include <gmock/gmock.h>

#include "services/s3/body_file.h"
#include "services/s3/store_fixture.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

using wire::ChecksumAlgorithm;

class UploadsTest : public StoreTest {
 protected:
  UploadName begin(const std::string& key,
                   ChecksumAlgorithm algorithm = ChecksumAlgorithm::kCrc64Nvme,
                   bool composite = false) {
    StoredUpload upload;
    upload.bucket = "b";
    upload.key = key;
    upload.checksum_algorithm = algorithm;
    upload.checksum_composite = composite;
    upload.headers.content_type = "video/mp4";
    return {"b", key, *run(s3_->uploads().create(upload))};
  }
  Result<StoredPart> part(const UploadName& name, std::uint32_t number, std::string content,
                          Integrity integrity = {}) {
    wire::Body body = wire::make_body(std::move(content));
    return run(s3_->uploads().put_part(name, number, body, std::move(integrity)));
  }
  NamedPart named(const StoredPart& stored) {
    return {stored.number, wire::to_hex(stored.md5), {}};
  }
  Result<StoredObject> complete(const UploadName& name, std::vector<NamedPart> parts) {
    UploadCompletion completion;
    completion.parts = std::move(parts);
    return run(s3_->uploads().complete(name, completion));
  }
};

TEST_F(UploadsTest, TheObjectIsItsPartsInOrder) {
  const std::string one = noise(kMinPartBytes, 1);
  const std::string two = noise(kMinPartBytes + 999, 2);
  const std::string three = "the end";  // small enough to be inline
  const UploadName name = begin("k");
  // Parts come in any order, and a part can be sent again.
  const auto third = part(name, 30, three);
  const auto wrong = part(name, 2, noise(kMinPartBytes, 9));
  const auto second = part(name, 2, two);
  const auto first = part(name, 1, one);
  crash();
  EXPECT_EQ(code_of(s3_->head("b", "k")), "NoSuchKey");
  const auto object = complete(name, {named(*first), named(*second), named(*third)});
  ASSERT_TRUE(object.ok()) << object.error().message;
  wire::Checksum md5(ChecksumAlgorithm::kMd5);
  md5.update(first->md5 + second->md5 + third->md5);
  EXPECT_EQ(object->etag, wire::to_hex(md5.digest()) + "-3");
  EXPECT_EQ(object->headers.content_type, "video/mp4");
  crash();
  const std::string whole = one + two + three;
  EXPECT_EQ(*get("k"), whole);
  EXPECT_EQ(*get("k", one.size() - 3, 10), whole.substr(one.size() - 3, 10));
  EXPECT_EQ(*get("k", whole.size() - 9, 9), whole.substr(whole.size() - 9));
  // The full-object checksum is that of the bytes, though no one read them in a row.
  wire::Checksum crc(ChecksumAlgorithm::kCrc64Nvme);
  crc.update(whole);
  EXPECT_EQ(object->checksum->value, crc.digest());
  EXPECT_EQ(s3_->open("b", "k")->segments.size(), 3U);
  EXPECT_EQ(file_count(), 2U);
  ASSERT_TRUE(run(s3_->remove("b", {{"k", {}}})).ok());
  EXPECT_EQ(file_count(), 0U);
}

TEST_F(UploadsTest, ACompositeChecksumIsThatOfTheParts) {
  const UploadName name = begin("k", ChecksumAlgorithm::kSha256, true);
  const auto one = part(name, 1, noise(kMinPartBytes));
  const auto two = part(name, 2, "x");
  wire::Checksum sha(ChecksumAlgorithm::kSha256);
  sha.update(one->checksum.value + two->checksum.value);
  const auto object = complete(name, {named(*one), named(*two)});
  EXPECT_TRUE(object->checksum->composite);
  EXPECT_EQ(object->checksum->value, sha.digest());
}

TEST_F(UploadsTest, PartsThatAreNamedButUnusedGo) {
  const UploadName name = begin("k");
  const auto one = part(name, 1, noise(kMinPartBytes));
  const auto two = part(name, 2, noise(kMinPartBytes, 2));
  ASSERT_TRUE(complete(name, {named(*two)}).ok());
  EXPECT_EQ(file_count(), 1U);
  EXPECT_EQ(*get("k"), noise(kMinPartBytes, 2));
}

TEST_F(UploadsTest, WrongPartListsAreRefusedAndTheUploadLivesOn) {
  const UploadName name = begin("k");
  const auto one = part(name, 1, noise(kMinPartBytes - 1));
  const auto two = part(name, 2, "x");
  EXPECT_EQ(code_of(complete(name, {})), "MalformedXML");
  EXPECT_EQ(code_of(complete(name, {named(*two), named(*one)})), "InvalidPartOrder");
  EXPECT_EQ(code_of(complete(name, {named(*one), named(*two)})), "EntityTooSmall");
  EXPECT_EQ(code_of(complete(name, {{3, wire::to_hex(one->md5), {}}})), "InvalidPart");
  EXPECT_EQ(code_of(complete(name, {{1, "0123", {}}})), "InvalidPart");
  ASSERT_TRUE(complete(name, {named(*one)}).ok());
}

TEST_F(UploadsTest, CompletingTwiceGivesTheSameObject) {
  const UploadName name = begin("k");
  const auto one = part(name, 1, "x");
  const auto first = complete(name, {named(*one)});
  const auto again = complete(name, {named(*one)});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->etag, first->etag);
  ASSERT_TRUE(put("k", "other").ok());
  EXPECT_EQ(code_of(complete(name, {named(*one)})), "NoSuchUpload");
}

TEST_F(UploadsTest, AbortingFreesEverything) {
  const UploadName name = begin("k");
  ASSERT_TRUE(part(name, 1, noise(kMinPartBytes)).ok());
  EXPECT_EQ(code_of(run(s3_->remove_bucket("b"))), "BucketNotEmpty");
  ASSERT_TRUE(run(s3_->uploads().abort(name, std::nullopt)).ok());
  EXPECT_EQ(file_count(), 0U);
  EXPECT_EQ(code_of(run(s3_->uploads().abort(name, std::nullopt))), "NoSuchUpload");
  EXPECT_EQ(code_of(part(name, 1, "x")), "NoSuchUpload");
  ASSERT_TRUE(run(s3_->remove_bucket("b")).ok());
}

TEST_F(UploadsTest, CompletionKeepsToItsCondition) {
  ASSERT_TRUE(put("k", "there").ok());
  const UploadName name = begin("k");
  const auto one = part(name, 1, "x");
  UploadCompletion completion;
  completion.parts = {named(*one)};
  completion.condition.if_none_match = "*";
  EXPECT_EQ(code_of(run(s3_->uploads().complete(name, completion))), "PreconditionFailed");
  EXPECT_EQ(*get("k"), "there");
  ASSERT_TRUE(run(s3_->remove("b", {{"k", {}}})).ok());
  EXPECT_TRUE(run(s3_->uploads().complete(name, completion)).ok());
}

TEST_F(UploadsTest, ListsUploadsByKeyAndTime) {
  const UploadName late = begin("z/1");
  const UploadName first = begin("a");
  scheduler_.run_for(std::chrono::seconds(2));
  const UploadName second = begin("a");
  const auto all = s3_->uploads().list({"b", "", "", "", "", 1000});
  ASSERT_EQ(all->uploads.size(), 3U);
  EXPECT_EQ(all->uploads[0].id, first.id);
  EXPECT_EQ(all->uploads[1].id, second.id);
  EXPECT_EQ(all->uploads[2].key, "z/1");
  const auto page = s3_->uploads().list({"b", "", "", "", "", 1});
  EXPECT_TRUE(page->truncated);
  const auto rest = s3_->uploads().list({"b", "", "", page->next_key, page->next_id, 1000});
  EXPECT_EQ(rest->uploads.size(), 2U);
  EXPECT_EQ(rest->uploads[0].id, second.id);
  const auto folders = s3_->uploads().list({"b", "", "/", "", "", 1000});
  EXPECT_EQ(folders->uploads.size(), 2U);
  EXPECT_THAT(folders->common_prefixes, testing::ElementsAre("z/"));
}

TEST_F(UploadsTest, ListsPartsByNumber) {
  const UploadName name = begin("k");
  for (const std::uint32_t number : {300U, 2U, 10'000U}) ASSERT_TRUE(part(name, number, "x").ok());
  const auto page = s3_->uploads().parts(name, 0, 2);
  EXPECT_TRUE(page->truncated);
  EXPECT_EQ(page->parts[0].number, 2U);
  EXPECT_EQ(page->parts[1].number, 300U);
  const auto rest = s3_->uploads().parts(name, 300, 2);
  EXPECT_FALSE(rest->truncated);
  EXPECT_EQ(rest->parts[0].number, 10'000U);
}

}  // namespace
}  // namespace tarn::s3
