#include "services/s3/encryption.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "services/s3/body_file.h"
#include "services/s3/body_seal.h"
#include "services/s3/record.h"
#include "services/s3/store_fixture.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

class EncryptionTest : public StoreTest {
 protected:
  // Whether `text` stands anywhere below the data directory.
  bool found_on_disk(const std::string& text) {
    const auto folders = files_.list("/data/s3");
    for (const auto& folder : *folders) {
      const auto files = files_.list("/data/s3/" + folder.name);
      for (const auto& file : *files) {
        const std::string path = "/data/s3/" + folder.name + "/" + file.name;
        if (files_.content(path).find(text) != std::string::npos) return true;
      }
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string content(std::istreambuf_iterator<char>(in), {});
      if (content.find(text) != std::string::npos) return true;
    }
    return false;
  }
  PutOptions by_kms(std::string key = {}) {
    PutOptions options;
    options.encryption.kind = EncryptionKind::kKms;
    options.encryption.key = std::move(key);
    return options;
  }
  std::string new_key() {
    Caller caller;
    caller.account_id = "111122223333";
    caller.region = "us-west-2";
    return kms_->ring().create(caller, {}).value()->arn();
  }
  void set_state(const std::string& arn, kms::KeyState state) {
    ASSERT_TRUE(kms_->ring()
                    .change(arn.substr(arn.rfind('/') + 1),
                            [state](kms::Key& key) -> Status {
                              key.state = state;
                              key.deletion = {INT64_MAX};
                              return {};
                            })
                    .ok());
  }
};

TEST_F(EncryptionTest, NoPlaintextIsOnTheDisk) {
  const std::string mark = "a sentence that nobody else would write";
  for (const std::size_t size : {std::size_t{1000}, 3 * kBlockBytes}) {
    for (const bool kms : {false, true}) {
      const std::string key = std::to_string(size) + (kms ? "kms" : "s3");
      const std::string content = noise(size / 2) + mark + noise(size / 2, 2);
      ASSERT_TRUE(put(key, content, kms ? by_kms() : PutOptions()).ok());
      EXPECT_EQ(*get(key), content);
    }
  }
  close();
  EXPECT_FALSE(found_on_disk(mark));
  open();
}

TEST_F(EncryptionTest, UnlessAskedOtherwiseItIsSseS3) {
  const auto object = put("k", "content");
  EXPECT_EQ(object->encryption.kind, EncryptionKind::kS3);
  wire::Checksum md5(wire::ChecksumAlgorithm::kMd5);
  md5.update("content");
  EXPECT_EQ(object->etag, wire::to_hex(md5.digest()));
}

TEST_F(EncryptionTest, UnderKmsTheEtagTellsNothing) {
  wire::Checksum md5(wire::ChecksumAlgorithm::kMd5);
  md5.update("content");
  const auto one = put("one", "content", by_kms());
  const auto two = put("two", "content", by_kms());
  EXPECT_EQ(one->etag.size(), 32U);
  EXPECT_NE(one->etag, wire::to_hex(md5.digest()));
  EXPECT_NE(one->etag, two->etag);
  EXPECT_EQ(s3_->head("b", "one")->etag, one->etag);
  EXPECT_EQ(one->checksum->value, two->checksum->value) << "checksums are of what clients see";
}

TEST_F(EncryptionTest, TheDefaultOfABucketCounts) {
  const std::string arn = new_key();
  encryption_->set_default([&arn](std::string_view bucket) {
    EncryptionRequest usual;
    if (bucket == "b") usual = {EncryptionKind::kKms, arn, {}, true};
    return usual;
  });
  const auto object = put("k", "content");
  EXPECT_EQ(object->encryption.kind, EncryptionKind::kKms);
  EXPECT_EQ(object->encryption.key_arn, arn);
  EXPECT_TRUE(object->encryption.bucket_key);
  PutOptions asked;
  asked.encryption.kind = EncryptionKind::kS3;
  EXPECT_EQ(put("k", "content", asked)->encryption.kind, EncryptionKind::kS3);
}

TEST_F(EncryptionTest, AKeyThatCannotBeUsedOpensNothing) {
  const std::string arn = new_key();
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, 2 * kPieceBytes}) {
    ASSERT_TRUE(put("k", noise(size), by_kms(arn)).ok());
    set_state(arn, kms::KeyState::kDisabled);
    EXPECT_EQ(code_of(get("k")), "KMS.DisabledException");
    EXPECT_EQ(code_of(put("other", "x", by_kms(arn))), "KMS.DisabledException");
    EXPECT_TRUE(s3_->head("b", "k").ok()) << "what stands beside the body can be read";
    set_state(arn, kms::KeyState::kPendingDeletion);
    EXPECT_EQ(code_of(get("k")), "KMS.KMSInvalidStateException");
    set_state(arn, kms::KeyState::kEnabled);
    EXPECT_EQ(*get("k"), noise(size));
  }
  EXPECT_EQ(code_of(put("k", "x", by_kms("alias/absent"))), "KMS.NotFoundException");
}

TEST_F(EncryptionTest, AnObjectOpensUnderItsOwnNameOnly) {
  ASSERT_TRUE(put("mine", "secret").ok());
  const auto record = records_->get(store::Space::kS3Index, object_key("b", "mine"));
  store::Batch batch;
  batch.put(store::Space::kS3Index, object_key("b", "theirs"), **record);
  ASSERT_TRUE(records_->commit(batch).ok());
  EXPECT_EQ(code_of(get("theirs")), code::kCorrupt);
}

TEST_F(EncryptionTest, WhatTheClientBindsMustBeGoodJson) {
  PutOptions options = by_kms();
  options.encryption.context = R"({"tenant":"a"})";
  ASSERT_TRUE(put("k", "content", options).ok());
  EXPECT_EQ(*get("k"), "content");
  for (const std::string_view wrong : {"", "[]", "{", R"({"a":1})"}) {
    EXPECT_EQ(code_of(parse_context(wrong)), "InvalidArgument") << wrong;
  }
}

TEST_F(EncryptionTest, WhatWasWrittenBeforeEncryptionStaysReadable) {
  for (const std::size_t size : {std::size_t{100}, 2 * kPieceBytes + 5}) {
    const std::string content = noise(size);
    StoredObject object;
    object.size = size;
    object.etag = "00";
    object.body.id.fill('i');
    BodyRecord body;
    body.size = size;
    if (size <= kInlineBytes) {
      body.data = content;
      body.crc32c = wire::crc32c(content);
    } else {
      object.body.kind = body.kind = BodyKind::kFile;
      std::string piece = content;
      auto file = BodyFileWriter::create(files_, s3_->bodies().path(object.body.id));
      ASSERT_TRUE(file.ok() && file->append(piece).ok() && file->finish().ok());
    }
    store::Batch batch;
    batch.put(store::Space::kS3, body_key(object.body.id), encode(body));
    batch.put(store::Space::kS3Index, object_key("b", "old"), encode(object));
    ASSERT_TRUE(records_->commit(batch).ok());
    EXPECT_EQ(*get("old"), content);
    EXPECT_EQ(*get("old", 50, 7), content.substr(50, 7));
  }
}

// --- a sealed file ---

class SealedFileTest : public StoreTest {
 protected:
  static constexpr const char* kPath = "/data/sealed";
  std::string write(std::size_t size) {
    const std::string content = noise(size);
    auto file = BodyFileWriter::create(files_, kPath, seal());
    std::string piece = content;
    EXPECT_TRUE(file->append(piece).ok() && file->finish().ok());
    return content;
  }
  BodySeal seal() const { return BodySeal(std::string(32, 'k'), id_); }
  Result<std::string> read(std::uint64_t size, std::uint64_t offset, std::size_t length) {
    TARN_TRY(auto file, BodyFileReader::open(files_, kPath, size, seal()));
    std::string out;
    TARN_CHECK(file.read(offset, length, out));
    return out;
  }
  void replace(std::uint64_t offset, std::string_view bytes) {
    auto file = files_.open(kPath, platform::OpenMode::kReadWrite);
    ASSERT_TRUE((*file)->write_at(offset, bytes).ok());
  }
  BodyId id_{};
};

TEST_F(SealedFileTest, AnyFlippedBitIsAnError) {
  const std::size_t size = 2 * kBlockBytes + 100;
  const std::string content = write(size);
  const std::size_t whole = files_.content(kPath).size();
  for (std::size_t at = 0; at < whole; at += at < size ? 9973 : 1) {
    if (at >= whole - 16) break;  // version and length, which only people read
    files_.spoil(kPath, at);
    EXPECT_FALSE(read(size, 0, size).ok()) << at;
    files_.spoil(kPath, at);
  }
  EXPECT_EQ(*read(size, 0, size), content);
}

TEST_F(SealedFileTest, ASwappedBlockIsAnError) {
  const std::size_t size = 2 * kBlockBytes;
  write(size);
  const std::string before = files_.content(kPath);
  // The blocks and their seals change places.
  replace(0, before.substr(kBlockBytes, kBlockBytes));
  replace(kBlockBytes, before.substr(0, kBlockBytes));
  replace(size, before.substr(size + kSealTagBytes, kSealTagBytes));
  replace(size + kSealTagBytes, before.substr(size, kSealTagBytes));
  EXPECT_EQ(code_of(read(size, 0, 1)), code::kCorrupt);
  EXPECT_EQ(code_of(read(size, kBlockBytes, 1)), code::kCorrupt);
}

TEST_F(SealedFileTest, ABodyCutShortIsAnError) {
  write(2 * kBlockBytes);
  const std::string before = files_.content(kPath);
  // One block, its seal, and the rest of the file as it was: as if the record had been changed too.
  const std::string cut = before.substr(0, kBlockBytes) +
                          before.substr(2 * kBlockBytes, kSealTagBytes) +
                          before.substr(2 * kBlockBytes + 2 * kSealTagBytes);
  ASSERT_TRUE(files_.remove(kPath).ok());
  auto file = files_.open(kPath, platform::OpenMode::kCreateNew);
  ASSERT_TRUE((*file)->append(cut).ok());
  EXPECT_EQ(code_of(read(kBlockBytes, 0, 1)), code::kCorrupt);
}

TEST_F(SealedFileTest, AnotherBodysKeyOpensNothing) {
  write(kBlockBytes);
  id_.fill('x');
  EXPECT_EQ(code_of(read(kBlockBytes, 0, 1)), code::kCorrupt);
}

TEST_F(SealedFileTest, ARangeReadsTheBlocksItTouchesOnly) {
  const std::size_t size = 32 * kBlockBytes;
  const std::string content = write(size);
  const std::uint64_t before = files_.bytes_read();
  EXPECT_EQ(*read(size, 7 * kBlockBytes + 5, 10), content.substr(7 * kBlockBytes + 5, 10));
  EXPECT_LT(files_.bytes_read() - before, kBlockBytes + 1000);
}

}  // namespace
}  // namespace tarn::s3
