#include "services/s3/embedded_store.h"

#include <gmock/gmock.h>

#include "services/s3/body_file.h"
#include "services/s3/store_fixture.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(StoreTest, GivesBackWhatWasPut) {
  // Around the edges of inline bodies, blocks and pieces.
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, kInlineBytes, kInlineBytes + 1, kBlockBytes,
        kBlockBytes + 1, kPieceBytes, kPieceBytes + 1, 3 * kPieceBytes + 12345}) {
    const std::string content = noise(size, size + 1);
    const auto put_result = put("k", content);
    ASSERT_TRUE(put_result.ok()) << size << put_result.error().message;
    EXPECT_EQ(put_result->size, size);
    wire::Checksum md5(wire::ChecksumAlgorithm::kMd5);
    md5.update(content);
    EXPECT_EQ(put_result->etag, wire::to_hex(md5.digest()));
    const auto read = get("k");
    ASSERT_TRUE(read.ok()) << size << read.error().message;
    EXPECT_EQ(*read, content) << size;
  }
}

TEST_F(StoreTest, ReadsAnyRange) {
  const std::string content = noise(2 * kPieceBytes + 777);
  ASSERT_TRUE(put("k", content).ok());
  for (const std::size_t offset :
       {std::size_t{0}, std::size_t{1}, kBlockBytes - 1, kPieceBytes, 2 * kPieceBytes + 700}) {
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{1}, std::size_t{77}, content.size() - offset}) {
      const auto part = get("k", offset, length);
      ASSERT_TRUE(part.ok());
      EXPECT_EQ(*part, content.substr(offset, length)) << offset << "+" << length;
    }
  }
}

TEST_F(StoreTest, TakesBodiesThatArriveInOddPieces) {
  const std::string content = noise(kPieceBytes + 4321);
  for (const std::size_t piece : {std::size_t{1000}, std::size_t{65'537}, content.size()}) {
    wire::Body body = std::make_shared<PieceBody>(content, piece);
    ASSERT_TRUE(run(s3_->put("b", "k", body, {})).ok());
    EXPECT_EQ(*get("k"), content) << piece;
  }
}

TEST_F(StoreTest, ABodyThatBreaksOffLeavesNothing) {
  for (const std::size_t at : {std::size_t{100}, 2 * kPieceBytes}) {
    auto body = std::make_shared<PieceBody>(noise(3 * kPieceBytes), 1000);
    body->breaks_at = at;
    EXPECT_EQ(code_of(run(s3_->put("b", "k", body, {}))), "IncompleteBody");
    EXPECT_EQ(code_of(s3_->head("b", "k")), "NoSuchKey");
    EXPECT_EQ(file_count(), 0U);
  }
}

TEST_F(StoreTest, ReplacedAndRemovedBodiesFreeTheirFiles) {
  ASSERT_TRUE(put("k", noise(kPieceBytes)).ok());
  ASSERT_TRUE(put("k", noise(kPieceBytes, 2)).ok());
  EXPECT_EQ(file_count(), 1U);
  ASSERT_TRUE(run(s3_->remove("b", {{"k", {}}})).ok());
  EXPECT_EQ(file_count(), 0U);
  EXPECT_EQ(code_of(s3_->open("b", "k")), "NoSuchKey");
}

TEST_F(StoreTest, AReaderKeepsWhatItOpened) {
  const std::string before = noise(3 * kPieceBytes);
  ASSERT_TRUE(put("k", before).ok());
  {
    const auto object = s3_->open("b", "k");
    ASSERT_TRUE(put("k", "new").ok());
    EXPECT_EQ(file_count(), 1U);
    const auto body = run(s3_->read(*object, 0, before.size()));
    EXPECT_EQ(*run(wire::read_all(**body, SIZE_MAX)), before);
  }
  scheduler_.run();
  EXPECT_EQ(file_count(), 0U);
  EXPECT_EQ(*get("k"), "new");
}

TEST_F(StoreTest, AFlippedBitIsAnErrorAndNeverData) {
  const std::string content = noise(2 * kPieceBytes);
  ASSERT_TRUE(put("k", content).ok());
  files_.spoil(only_file(), kPieceBytes + 5);
  EXPECT_EQ(code_of(get("k")), code::kCorrupt);
  // Blocks that are whole can still be read.
  EXPECT_EQ(*get("k", 0, kPieceBytes), content.substr(0, kPieceBytes));
  EXPECT_EQ(code_of(get("k", kPieceBytes + 6, 1)), code::kCorrupt);
}

TEST_F(StoreTest, AMissingOrShortFileIsAnError) {
  ASSERT_TRUE(put("k", noise(kPieceBytes)).ok());
  const std::string path = only_file();
  ASSERT_TRUE((*files_.open(path, platform::OpenMode::kReadWrite))->truncate(1000).ok());
  EXPECT_EQ(code_of(get("k")), code::kCorrupt);
  ASSERT_TRUE(files_.remove(path).ok());
  EXPECT_EQ(code_of(get("k")), code::kCorrupt);
}

TEST_F(StoreTest, AcknowledgedObjectsSurviveACrash) {
  const std::string large = noise(kPieceBytes + 1);
  ASSERT_TRUE(put("large", large).ok());
  ASSERT_TRUE(put("small", "text").ok());
  crash();
  EXPECT_EQ(*get("large"), large);
  EXPECT_EQ(*get("small"), "text");
}

// Removes "k" while the body is on its way.
class RemovingBody final : public wire::BodySource {
 public:
  explicit RemovingBody(ObjectStore& store) : store_(store) {}

  Task<Result<std::string_view>> next() override {
    if (std::exchange(done_, true)) co_return std::string_view();
    std::vector<Removal> removals = {{"k", {}, {}}};
    TARN_CO_CHECK(co_await store_.remove("b", std::move(removals)));
    co_return std::string_view("new");
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return std::nullopt; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& trailers() const override {
    return none_;
  }

 private:
  ObjectStore& store_;
  std::vector<std::pair<std::string, std::string>> none_;
  bool done_ = false;
};

TEST_F(StoreTest, AnObjectThatGoesDuringAConditionalWriteIsAConflict) {
  PutOptions options;
  options.condition.if_match = "\"" + put("k", "old")->etag + "\"";
  wire::Body body = std::make_shared<RemovingBody>(*s3_);
  EXPECT_EQ(code_of(run(s3_->put("b", "k", body, options))), "ConditionalRequestConflict");
  EXPECT_EQ(code_of(s3_->head("b", "k")), "NoSuchKey");
}

TEST_F(StoreTest, ACrashWithinAWriteLeavesTheOldObjectAndNoOrphans) {
  const std::string before = noise(kPieceBytes + 1);
  ASSERT_TRUE(put("k", before).ok());
  for (std::uint64_t changes = 0; changes < 6; ++changes) {
    files_.power_off_after(changes);
    const std::string after = noise(2 * kPieceBytes + changes, changes + 2);
    const bool acknowledged = put("k", after).ok();
    crash();
    EXPECT_EQ(*get("k"), acknowledged ? after : before) << changes;
    EXPECT_EQ(file_count(), 1U) << changes;
    ASSERT_TRUE(put("k", before).ok());
  }
}

TEST_F(StoreTest, AWriteOrSyncThatFailsIsNotAcknowledged) {
  ASSERT_TRUE(put("k", "before").ok());
  for (std::uint64_t good = 0; good < 3; ++good) {
    files_.fail_write_after(good);
    EXPECT_EQ(code_of(put("k", noise(2 * kPieceBytes + 1))), code::kIo);
    EXPECT_EQ(*get("k"), "before");
    EXPECT_EQ(file_count(), 0U);
  }
  files_.fail_sync_after(0);
  EXPECT_EQ(code_of(put("k", noise(kPieceBytes))), code::kIo);
  EXPECT_EQ(*get("k"), "before");
  EXPECT_EQ(file_count(), 0U);
}

TEST_F(StoreTest, AFullDiskRefusesWritesAndLetsReadsAndRemovalsGoOn) {
  const std::string content = noise(kPieceBytes);
  ASSERT_TRUE(put("k", content).ok());
  files_.set_capacity(66ULL << 20);  // a little over what is reserved and used
  EXPECT_EQ(code_of(put("large", noise(3 * kPieceBytes))), code::kDiskFull);
  files_.set_capacity(1 << 20);
  EXPECT_EQ(code_of(put("small", "x")), code::kDiskFull);
  EXPECT_EQ(file_count(), 1U);
  EXPECT_EQ(*get("k"), content);
  ASSERT_TRUE(run(s3_->remove("b", {{"k", {}}})).ok());
  EXPECT_EQ(file_count(), 0U);
}

TEST_F(StoreTest, ConditionalWrites) {
  PutOptions create;
  create.condition.if_none_match = "*";
  const auto first = put("k", "1", create);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(code_of(put("k", "2", create)), "PreconditionFailed");
  PutOptions match;
  match.condition.if_match = "\"" + first->etag + "\"";
  ASSERT_TRUE(put("k", "3", match).ok());
  EXPECT_EQ(code_of(put("k", "4", match)), "PreconditionFailed");
  EXPECT_EQ(code_of(put("absent", "4", match)), "NoSuchKey");
  EXPECT_EQ(*get("k"), "3");
}

TEST_F(StoreTest, OfTwoCreatorsAtOnceOneWins) {
  PutOptions create;
  create.condition.if_none_match = "*";
  int won = 0;
  int lost = 0;
  for (int i = 0; i < 8; ++i) {
    wire::Body body = std::make_shared<PieceBody>(noise(kPieceBytes, 50), 100'000);
    start(s3_->put("b", "k", body, create), [&](Result<StoredObject> result) {
      (result.ok() ? won : lost) += 1;
      EXPECT_TRUE(result.ok() || result.error().is("PreconditionFailed"));
    });
  }
  scheduler_.run();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, 7);
  EXPECT_EQ(file_count(), 1U);
}

TEST_F(StoreTest, ChecksumsAreHeldAgainstTheBody) {
  PutOptions options;
  options.integrity.declared = {{wire::ChecksumAlgorithm::kCrc32, "y/Q5Jg=="}};
  EXPECT_TRUE(put("k", "123456789", options).ok());
  EXPECT_EQ(code_of(put("k", "12345678", options)), "BadDigest");
  options.integrity.declared = {{wire::ChecksumAlgorithm::kCrc32, "short"}};
  EXPECT_EQ(code_of(put("k", "123456789", options)), "InvalidRequest");
  PutOptions md5;
  md5.integrity.content_md5 = "JfnnlDI7RTiF9RgfG2JNCw==";
  EXPECT_TRUE(put("k", "123456789", md5).ok());
  EXPECT_EQ(code_of(put("k", "1234567890", md5)), "BadDigest");
  md5.integrity.content_md5 = "no";
  EXPECT_EQ(code_of(put("k", "1", md5)), "InvalidDigest");
}

TEST_F(StoreTest, AChecksumInTheTrailerIsHeldAgainstTheBody) {
  for (const std::string_view name : {"x-amz-checksum-crc32", "x-amz-checksum-crc32c"}) {
    const std::string right = name.ends_with("c") ? "4waSgw==" : "y/Q5Jg==";
    for (const std::string& value : {right, std::string("AAAAAA==")}) {
      auto body = std::make_shared<PieceBody>("123456789", 4);
      body->trailer_fields = {{std::string(name), value}};
      EXPECT_EQ(code_of(run(s3_->put("b", "k", body, {}))), value == right ? "" : "BadDigest");
    }
  }
}

TEST_F(StoreTest, ListsInByteOrderWithFoldersSkippedBySeeking) {
  for (const char* key : {"a/1", "a/2", "a/b/1", "a0", "b", "ü", "a"})
    ASSERT_TRUE(put(key, "x").ok());
  const auto keys = [](const ListPage& page) {
    std::vector<std::string> out;
    for (const auto& object : page.objects) out.push_back(object.key);
    return out;
  };
  const auto all = s3_->list({"b", "", "", "", 1000});
  EXPECT_THAT(keys(*all), ElementsAre("a", "a/1", "a/2", "a/b/1", "a0", "b", "ü"));
  EXPECT_FALSE(all->truncated);
  const auto top = s3_->list({"b", "", "/", "", 1000});
  EXPECT_THAT(keys(*top), ElementsAre("a", "a0", "b", "ü"));
  EXPECT_THAT(top->common_prefixes, ElementsAre("a/"));
  const auto inner = s3_->list({"b", "a/", "/", "", 1000});
  EXPECT_THAT(keys(*inner), ElementsAre("a/1", "a/2"));
  EXPECT_THAT(inner->common_prefixes, ElementsAre("a/b/"));
  EXPECT_THAT(s3_->list({"b", "zz", "", "", 1000})->objects, IsEmpty());
  EXPECT_EQ(code_of(s3_->list({"absent", "", "", "", 1})), "NoSuchBucket");
}

TEST_F(StoreTest, ListPagesJoinToTheWhole) {
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(put("d" + std::to_string(i % 7) + "/" + std::to_string(i), "x").ok());
    ASSERT_TRUE(put("f" + std::to_string(i), "x").ok());
  }
  for (const std::string delimiter : {"", "/"}) {
    const auto whole = s3_->list({"b", "", delimiter, "", 1000});
    for (const std::size_t size : {1U, 2U, 7U, 36U, 37U}) {
      std::vector<std::string> names;
      ListQuery query{"b", "", delimiter, "", size};
      for (bool more = true; more;) {
        const auto page = s3_->list(query);
        ASSERT_LE(page->objects.size() + page->common_prefixes.size(), size);
        for (const auto& object : page->objects) names.push_back(object.key);
        names.insert(names.end(), page->common_prefixes.begin(), page->common_prefixes.end());
        query.after = page->last;
        more = page->truncated;
      }
      EXPECT_EQ(names.size(), whole->objects.size() + whole->common_prefixes.size()) << size;
      std::sort(names.begin(), names.end());
      EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
    }
  }
}

TEST_F(StoreTest, BucketsAreMadeOnceAndRemovedWhenEmpty) {
  StoredBucket bucket{"b", "111122223333", "us-west-2", {}};
  EXPECT_EQ(code_of(run(s3_->create_bucket(bucket))), "BucketAlreadyOwnedByYou");
  bucket.owner = "444455556666";
  EXPECT_EQ(code_of(run(s3_->create_bucket(bucket))), "BucketAlreadyExists");
  ASSERT_TRUE(put("k", "x").ok());
  EXPECT_EQ(code_of(run(s3_->remove_bucket("b"))), "BucketNotEmpty");
  ASSERT_TRUE(run(s3_->remove("b", {{"k", {}}})).ok());
  ASSERT_TRUE(run(s3_->remove_bucket("b")).ok());
  EXPECT_EQ(code_of(put("k", "x")), "NoSuchBucket");
  EXPECT_EQ(code_of(run(s3_->remove_bucket("b"))), "NoSuchBucket");
}

TEST_F(StoreTest, HeadersComeBackAsTheyWerePut) {
  PutOptions options;
  options.headers.content_type = "text/plain";
  options.headers.cache_control = "no-cache";
  options.headers.storage_class = "STANDARD_IA";
  options.headers.metadata = {{"owner", "zoë"}, {"n", ""}};
  ASSERT_TRUE(put("k", "x", options).ok());
  crash();
  const auto object = s3_->head("b", "k");
  EXPECT_EQ(object->headers.content_type, "text/plain");
  EXPECT_EQ(object->headers.cache_control, "no-cache");
  EXPECT_EQ(object->headers.storage_class, "STANDARD_IA");
  EXPECT_EQ(object->headers.metadata, options.headers.metadata);
  EXPECT_EQ(s3_->list({"b", "", "", "", 9})->objects[0].info.headers.storage_class, "STANDARD_IA");
}

}  // namespace
}  // namespace tarn::s3
