// Versions of keys: what a write, a delete and the delete of one version leave behind.
#include "services/s3/versions.h"

#include <gmock/gmock.h>

#include "services/s3/body_file.h"
#include "services/s3/body_reader.h"
#include "services/s3/record.h"
#include "services/s3/store_fixture.h"

namespace tarn::s3 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class VersionsTest : public StoreTest {
 protected:
  void keep_versions(Versioning versioning) {
    ASSERT_TRUE(run(s3_->set_versioning("b", versioning)).ok());
  }
  std::string put_version(const std::string& key, const std::string& content) {
    return shown_version(put(key, content)->version);
  }
  Removed remove(const std::string& key, const std::string& version = {}) {
    const auto outcomes = run(s3_->remove("b", {{key, {}, version}}));
    return *outcomes->front();
  }
  Result<std::string> get_version(const std::string& key, const std::string& version) {
    TARN_TRY(const OpenObject object, s3_->open_version("b", key, version));
    TARN_TRY(const wire::Body body, run(s3_->read(object, 0, object.info.size)));
    return run(wire::read_all(*body, SIZE_MAX));
  }
  // "key:etag or marker" of every version, "*" before the latest.
  std::vector<std::string> all(VersionQuery query = {}) {
    query.bucket = "b";
    std::vector<std::string> out;
    const auto page = s3_->list_versions(query);
    for (const ListedVersion& listed : page->versions) {
      const bool marker = listed.info.version.delete_marker;
      out.push_back((listed.is_latest ? "*" : "") + listed.key + ":" +
                    (marker ? "marker" : std::to_string(listed.info.size)));
    }
    for (const std::string& prefix : page->common_prefixes) out.push_back(prefix);
    return out;
  }
};

TEST_F(VersionsTest, ABucketWithoutVersioningHasOnlyNullVersions) {
  EXPECT_EQ(put_version("k", "1"), "null");
  EXPECT_EQ(put_version("k", "22"), "null");
  EXPECT_EQ(*get_version("k", "null"), "22");
  EXPECT_THAT(all(), ElementsAre("*k:2"));
  EXPECT_FALSE(remove("k").delete_marker);
  EXPECT_THAT(all(), IsEmpty());
}

TEST_F(VersionsTest, EveryWriteMakesAVersionThatCanBeRead) {
  ASSERT_TRUE(put("k", "before").ok());
  keep_versions(Versioning::kEnabled);
  const std::string one = put_version("k", "1");
  const std::string two = put_version("k", noise(kInlineBytes + 1));
  EXPECT_EQ(one.size(), 32U);
  EXPECT_NE(one, two);
  EXPECT_EQ(*get("k"), noise(kInlineBytes + 1));
  EXPECT_EQ(*get_version("k", one), "1");
  EXPECT_EQ(*get_version("k", two), noise(kInlineBytes + 1));
  EXPECT_EQ(*get_version("k", "null"), "before");
  EXPECT_THAT(all(), ElementsAre("*k:16385", "k:1", "k:6"));
  crash();
  EXPECT_EQ(*get_version("k", "null"), "before");
  EXPECT_EQ(*get_version("k", two), noise(kInlineBytes + 1));
}

TEST_F(VersionsTest, ADeleteMarkerHidesTheKeyAndGoesLikeAVersion) {
  keep_versions(Versioning::kEnabled);
  const std::string one = put_version("k", "1");
  const Removed removed = remove("k");
  EXPECT_TRUE(removed.delete_marker);
  const auto gone = s3_->head("b", "k");
  EXPECT_EQ(code_of(gone), "NoSuchKey");
  EXPECT_THAT(gone.error().headers,
              ElementsAre(testing::Pair("x-amz-delete-marker", "true"),
                          testing::Pair("x-amz-version-id", removed.version_id)));
  EXPECT_EQ(code_of(s3_->head_version("b", "k", removed.version_id)), "MethodNotAllowed");
  EXPECT_THAT(s3_->list({"b", "", "", "", 1000})->objects, IsEmpty());
  EXPECT_EQ(*get_version("k", one), "1");
  EXPECT_THAT(all(), ElementsAre("*k:marker", "k:1"));
  EXPECT_EQ(code_of(run(s3_->remove_bucket("b"))), "BucketNotEmpty");
  EXPECT_TRUE(remove("k", removed.version_id).delete_marker);
  EXPECT_EQ(*get("k"), "1");
  EXPECT_THAT(all(), ElementsAre("*k:1"));
}

TEST_F(VersionsTest, ADeleteOfAnAbsentKeyMakesAMarkerToo) {
  keep_versions(Versioning::kEnabled);
  EXPECT_TRUE(remove("k").delete_marker);
  EXPECT_TRUE(remove("k").delete_marker);
  EXPECT_THAT(all(), ElementsAre("*k:marker", "k:marker"));
}

TEST_F(VersionsTest, RemovingTheCurrentVersionBringsBackTheOneBefore) {
  keep_versions(Versioning::kEnabled);
  const std::string one = put_version("k", noise(kPieceBytes));
  const std::string two = put_version("k", noise(kPieceBytes, 2));
  EXPECT_EQ(file_count(), 2U);
  EXPECT_EQ(remove("k", two).version_id, two);
  EXPECT_EQ(file_count(), 1U);
  EXPECT_EQ(*get("k"), noise(kPieceBytes));
  EXPECT_EQ(remove("k", one).version_id, one);
  EXPECT_EQ(file_count(), 0U);
  EXPECT_THAT(all(), IsEmpty());
  ASSERT_TRUE(run(s3_->remove_bucket("b")).ok());
}

TEST_F(VersionsTest, SuspendedBucketsHaveOneNullVersionBesideTheOthers) {
  keep_versions(Versioning::kEnabled);
  const std::string one = put_version("k", "1");
  keep_versions(Versioning::kSuspended);
  EXPECT_EQ(put_version("k", "22"), "null");
  EXPECT_EQ(put_version("k", "333"), "null");
  EXPECT_THAT(all(), ElementsAre("*k:3", "k:1"));
  EXPECT_EQ(remove("k").version_id, "null");
  EXPECT_THAT(all(), ElementsAre("*k:marker", "k:1"));
  EXPECT_EQ(put_version("k", "4444"), "null");
  EXPECT_THAT(all(), ElementsAre("*k:4", "k:1"));
  keep_versions(Versioning::kEnabled);
  ASSERT_TRUE(put("k", "55555").ok());
  keep_versions(Versioning::kSuspended);
  EXPECT_THAT(all(), ElementsAre("*k:5", "k:4", "k:1"));
  EXPECT_EQ(put_version("k", "666666"), "null");
  EXPECT_THAT(all(), ElementsAre("*k:6", "k:5", "k:1"));
  EXPECT_EQ(*get_version("k", "null"), "666666");
  EXPECT_EQ(*get_version("k", one), "1");
}

TEST_F(VersionsTest, OrderHoldsWhenTheClockStepsBack) {
  keep_versions(Versioning::kEnabled);
  ASSERT_TRUE(put("k", "1").ok());
  scheduler_.step_wall_clock(std::chrono::hours(-5));
  ASSERT_TRUE(put("k", "22").ok());
  remove("k");
  EXPECT_THAT(all(), ElementsAre("*k:marker", "k:2", "k:1"));
}

TEST_F(VersionsTest, UnknownVersionsAreNamed) {
  keep_versions(Versioning::kEnabled);
  const std::string one = put_version("k", "1");
  EXPECT_EQ(code_of(s3_->head_version("b", "other", one)), "NoSuchVersion");
  EXPECT_EQ(code_of(s3_->head_version("b", "k", "null")), "NoSuchVersion");
  EXPECT_EQ(code_of(s3_->head_version("b", "k", "no-id")), "InvalidArgument");
  EXPECT_EQ(remove("other", one).version_id, one);  // removing what is not there is no error
}

TEST_F(VersionsTest, TagsBelongToAVersionAndChangeNothingElse) {
  keep_versions(Versioning::kEnabled);
  const std::string one = put_version("k", "1");
  const auto two = put("k", "2");
  ASSERT_TRUE(run(s3_->set_tags("b", "k", one, {{"a", "old"}})).ok());
  ASSERT_TRUE(run(s3_->set_tags("b", "k", "", {{"a", "new"}})).ok());
  EXPECT_EQ(s3_->head_version("b", "k", one)->tags, (Tags{{"a", "old"}}));
  const auto head = s3_->head("b", "k");
  EXPECT_EQ(head->tags, (Tags{{"a", "new"}}));
  EXPECT_EQ(head->version.id, two->version.id);
  EXPECT_EQ(head->etag, two->etag);
  EXPECT_EQ(*get("k"), "2");
  EXPECT_EQ(code_of(run(s3_->set_tags("b", "absent", "", {}))), "NoSuchKey");
}

class VersionListTest : public VersionsTest {
 protected:
  // Three versions of "a", the newest a marker; two of "a\0b"; one of "d/e", "d/f" and "g".
  void SetUp() override {
    keep_versions(Versioning::kEnabled);
    for (const std::string_view key : {"a", "a", "g", "d/f", "d/e"}) {
      ASSERT_TRUE(put(std::string(key), "x").ok());
    }
    remove("a");
    const std::string odd("a\0b", 3);
    ASSERT_TRUE(put(odd, "xx").ok());
    ASSERT_TRUE(put(odd, "xxx").ok());
  }
};

TEST_F(VersionListTest, IsByKeyAndFromNewToOld) {
  const std::string odd("a\0b", 3);
  EXPECT_THAT(all(), ElementsAre("*a:marker", "a:1", "a:1", "*" + odd + ":3", odd + ":2", "*d/e:1",
                                 "*d/f:1", "*g:1"));
  VersionQuery query;
  query.delimiter = "/";
  EXPECT_THAT(all(query),
              ElementsAre("*a:marker", "a:1", "a:1", "*" + odd + ":3", odd + ":2", "*g:1", "d/"));
  query.prefix = "d/";
  EXPECT_THAT(all(query), ElementsAre("*d/e:1", "*d/f:1"));
  query.prefix = "a";
  query.after_key = "a";
  EXPECT_THAT(all(query), ElementsAre("*" + odd + ":3", odd + ":2"));
}

TEST_F(VersionListTest, PagesOfAnySizeJoinToTheWhole) {
  for (const std::string_view delimiter : {"", "/"}) {
    VersionQuery whole;
    whole.delimiter = delimiter;
    const std::vector<std::string> expected = all(whole);
    for (std::size_t size = 1; size < 5; ++size) {
      std::vector<std::string> joined;
      VersionQuery query = whole;
      query.bucket = "b";
      query.max_keys = size;
      for (bool more = true; more;) {
        const auto page = s3_->list_versions(query);
        const std::vector<std::string> shown = all(query);
        joined.insert(joined.end(), shown.begin(), shown.end());
        more = page->truncated;
        query.after_key = page->last_key;
        query.after_version = page->last_version;
      }
      EXPECT_THAT(joined, testing::UnorderedElementsAreArray(expected)) << size << delimiter;
    }
  }
}

TEST(VersionRecord, OlderRecordsAreStillRead) {
  StoredObject object;
  object.etag = "e";
  object.headers.metadata["m"] = "1";
  const std::string before = encode(object);  // no version, no tags: as version 1 began
  object.version = {7, "id", true};
  object.tags = {{"a", "b"}, {"c", ""}};
  const auto read = decode_object(encode(object));
  EXPECT_EQ(read->version.sequence, 7U);
  EXPECT_EQ(read->version.id, "id");
  EXPECT_TRUE(read->version.delete_marker);
  EXPECT_EQ(read->tags, object.tags);
  EXPECT_TRUE(encode(object).starts_with(before));
  EXPECT_EQ(decode_object(before)->version.sequence, 0U);
  EXPECT_EQ(code_of(decode_object(before + "\x7f")), code::kCorrupt);
}

}  // namespace
}  // namespace tarn::s3
