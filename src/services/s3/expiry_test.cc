// Lifecycle under virtual time: rules, what they make of objects, and the sweep that does it.
#include "services/s3/expiry.h"

#include <gmock/gmock.h>

#include "services/s3/lifecycle.h"
#include "services/s3/store_fixture.h"
#include "services/s3/versions.h"

namespace tarn::s3 {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr hours kDay{24};

Rules rules(const std::string& xml) {
  auto read = from_document<BucketLifecycleConfiguration>("<L>" + xml + "</L>");
  return read.ok() ? std::move(read->rules) : Rules();
}

std::string rule(const std::string& what, const std::string& filter = "<Filter/>") {
  return "<Rule><Status>Enabled</Status>" + filter + what + "</Rule>";
}

std::string refused(const std::string& xml) {
  Rules read = rules(xml);
  const Status checked = check(read);
  return checked.ok() ? "" : checked.error().code;
}

const std::string kAfterThree = "<Expiration><Days>3</Days></Expiration>";

TEST(Lifecycle, ChecksRules) {
  EXPECT_EQ(refused(rule(kAfterThree)), "");
  EXPECT_EQ(refused(rule(kAfterThree, "<Prefix>a/</Prefix>")), "");
  EXPECT_EQ(refused(rule(kAfterThree, "")), "MalformedXML");
  EXPECT_EQ(refused(""), "MalformedXML");
  EXPECT_EQ(refused(rule("")), "InvalidRequest");
  EXPECT_EQ(refused(rule("<Expiration><Days>0</Days></Expiration>")), "InvalidArgument");
  EXPECT_EQ(refused(rule("<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true"
                         "</ExpiredObjectDeleteMarker></Expiration>")),
            "MalformedXML");
  EXPECT_EQ(refused(rule("<Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>")), "");
  EXPECT_EQ(refused(rule("<Expiration><Date>2030-01-01T01:00:00Z</Date></Expiration>")),
            "InvalidArgument");
  EXPECT_EQ(refused(rule("<Transition><Days>1</Days><StorageClass>GLACIER</StorageClass>"
                         "</Transition>")),
            "NotImplemented");
  EXPECT_EQ(refused(rule("<AbortIncompleteMultipartUpload><DaysAfterInitiation>1"
                         "</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
                         "<Filter><ObjectSizeLessThan>5</ObjectSizeLessThan></Filter>")),
            "InvalidRequest");
  const std::string twice =
      "<Rule><ID>i</ID><Status>Enabled</Status><Filter/>" + kAfterThree + "</Rule>";
  EXPECT_EQ(refused(twice + twice), "InvalidArgument");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += rule(kAfterThree);
  EXPECT_EQ(refused(many), "");
  EXPECT_EQ(refused(many + rule(kAfterThree)), "MalformedXML");
}

TEST(Lifecycle, DaysEndAtTheNextMidnight) {
  const Timestamp noon{12 * 3600 * 1000};
  EXPECT_EQ(due_after(noon, 1).ms, 2 * 24 * 3600 * 1000);
  EXPECT_EQ(due_after({0}, 1).ms, 24 * 3600 * 1000);
}

TEST(Lifecycle, FiltersByPrefixTagAndSize) {
  const Rules filtered = rules(rule(kAfterThree,
                                    "<Filter><And><Prefix>logs/</Prefix><Tag><Key>a</Key><Value>1"
                                    "</Value></Tag><ObjectSizeGreaterThan>10"
                                    "</ObjectSizeGreaterThan></And></Filter>"));
  StoredObject object;
  object.size = 11;
  object.tags = {{"a", "1"}, {"b", "2"}};
  EXPECT_TRUE(expiry_of(filtered, "logs/x", object).has_value());
  EXPECT_FALSE(expiry_of(filtered, "x", object).has_value());
  object.size = 10;
  EXPECT_FALSE(expiry_of(filtered, "logs/x", object).has_value());
  object.size = 11;
  object.tags = {{"a", "2"}};
  EXPECT_FALSE(expiry_of(filtered, "logs/x", object).has_value());
  Rules off = filtered;
  off.front().status = "Disabled";
  object.tags = {{"a", "1"}};
  EXPECT_FALSE(expiry_of(off, "logs/x", object).has_value());
}

TEST(Lifecycle, TheHeaderNamesTheEarliestRule) {
  Rules two =
      rules(rule("<Expiration><Days>9</Days></Expiration>") +
            "<Rule><ID>soon</ID><Status>Enabled</Status><Filter/>" + kAfterThree + "</Rule>");
  ASSERT_TRUE(check(two).ok());
  EXPECT_EQ(expiry_header(two, "k", StoredObject()),
            "expiry-date=\"Sun, 04 Jan 1970 00:00:00 GMT\", rule-id=\"soon\"");
  EXPECT_EQ(expiry_header({}, "k", StoredObject()), std::nullopt);
}

class ExpiryTest : public StoreTest {
 protected:
  ExpiryTest() { make(); }
  ~ExpiryTest() override { expiry_.reset(); }

  void make() {
    settings_ = std::make_unique<Settings>(*records_, s3_->ledger());
    EXPECT_TRUE(settings_->load().ok());
    expiry_.emplace(
        Expiry::Parts{platform(), *records_, s3_->ledger(), *s3_, s3_->uploads(), *settings_});
  }
  void set_rules(const std::string& xml) {
    const std::optional<std::string> document = "<L>" + xml + "</L>";
    ASSERT_TRUE(run(settings_->set("b", setting::kLifecycle, document)).ok());
  }
  void keep_versions() { ASSERT_TRUE(run(s3_->set_versioning("b", Versioning::kEnabled)).ok()); }
  void sweep_after(std::chrono::milliseconds time) {
    scheduler_.run_for(time);
    scheduler_.spawn(expiry_->run());
    scheduler_.run();
  }
  std::vector<std::string> keys() {
    std::vector<std::string> out;
    const auto page = s3_->list({"b", "", "", "", 2000});
    for (const auto& listed : page->objects) out.push_back(listed.key);
    return out;
  }
  std::size_t version_count() {
    VersionQuery query;
    query.bucket = "b";
    return s3_->list_versions(query)->versions.size();
  }

  std::unique_ptr<Settings> settings_;
  std::optional<Expiry> expiry_;
};

TEST_F(ExpiryTest, ObjectsGoWhenTheirDaysAreOver) {
  set_rules(rule(kAfterThree, "<Filter><Prefix>old/</Prefix></Filter>"));
  ASSERT_TRUE(put("old/1", noise(kInlineBytes + 1)).ok());
  ASSERT_TRUE(put("new/1", "x").ok());
  sweep_after(2 * kDay);
  EXPECT_THAT(keys(), ElementsAre("new/1", "old/1"));
  ASSERT_TRUE(put("old/2", "x").ok());
  sweep_after(2 * kDay);
  EXPECT_THAT(keys(), ElementsAre("new/1", "old/2"));
  EXPECT_EQ(file_count(), 0U);
}

TEST_F(ExpiryTest, ADayIsSweptOnceUnlessTheRulesChange) {
  ASSERT_TRUE(put("k", "x").ok());
  sweep_after(kDay);
  set_rules(rule("<Expiration><Date>2020-01-01T00:00:00Z</Date></Expiration>"));
  sweep_after(hours(0));
  EXPECT_THAT(keys(), ElementsAre("k"));
  expiry_->begin("b");
  scheduler_.run();
  EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(ExpiryTest, CurrentVersionsGetAMarkerAndOlderOnesGo) {
  keep_versions();
  set_rules(rule(kAfterThree) +
            rule("<NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays>"
                 "<NewerNoncurrentVersions>1</NewerNoncurrentVersions>"
                 "</NoncurrentVersionExpiration>"));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(put("k", "x").ok());
  EXPECT_EQ(version_count(), 4U);
  // Of the three that are not current the newest is kept.
  sweep_after(3 * kDay);
  EXPECT_EQ(version_count(), 2U);
  EXPECT_THAT(keys(), ElementsAre("k"));
  // The current one goes under a marker, and becomes the one that is kept.
  sweep_after(kDay);
  EXPECT_THAT(keys(), IsEmpty());
  EXPECT_EQ(version_count(), 3U);
  sweep_after(3 * kDay);
  EXPECT_EQ(version_count(), 2U);
}

TEST_F(ExpiryTest, AMarkerThatIsAloneGoes) {
  keep_versions();
  set_rules(
      rule("<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>"
           "</Expiration>"));
  ASSERT_TRUE(put("kept", "x").ok());
  ASSERT_TRUE(run(s3_->remove("b", {{"kept", {}}, {"alone", {}}})).ok());
  EXPECT_EQ(version_count(), 3U);
  sweep_after(kDay);
  EXPECT_EQ(version_count(), 2U);
}

TEST_F(ExpiryTest, AWriteAfterTheSweepLookedIsKept) {
  set_rules(rule(kAfterThree));
  ASSERT_TRUE(put("k", "old").ok());
  const StoredObject seen = *s3_->head("b", "k");
  scheduler_.run_for(4 * kDay);
  ASSERT_TRUE(put("k", "old").ok());  // the same bytes, and so the same ETag
  Removal removal{"k", {}, {}};
  removal.condition.if_match = seen.etag;
  removal.condition.last_modified = seen.last_modified;
  const auto outcomes = run(s3_->remove("b", {removal}));
  EXPECT_EQ(outcomes->front().error().code, "PreconditionFailed");
  EXPECT_THAT(keys(), ElementsAre("k"));
}

TEST_F(ExpiryTest, AbandonedUploadsAreSwept) {
  StoredUpload upload;
  upload.bucket = "b";
  upload.key = "k";
  const std::string id = *run(s3_->uploads().create(upload));
  ASSERT_TRUE(
      run(s3_->uploads().put_part({"b", "k", id}, 1, wire::make_body(noise(kInlineBytes + 1)), {}))
          .ok());
  sweep_after(kAbandonedDays * kDay - hours(1));
  EXPECT_EQ(file_count(), 1U);
  sweep_after(kDay + hours(1));
  EXPECT_EQ(file_count(), 0U);
  EXPECT_EQ(s3_->uploads().find({"b", "k", id}).error().code, "NoSuchUpload");
}

TEST_F(ExpiryTest, ARuleSaysWhenUploadsAreAbandoned) {
  set_rules(
      rule("<AbortIncompleteMultipartUpload><DaysAfterInitiation>30</DaysAfterInitiation>"
           "</AbortIncompleteMultipartUpload>",
           "<Filter><Prefix>slow/</Prefix></Filter>"));
  StoredUpload upload;
  upload.bucket = "b";
  for (const std::string_view key : {"slow/k", "k"}) {
    upload.key = key;
    ASSERT_TRUE(run(s3_->uploads().create(upload)).ok());
  }
  sweep_after(9 * kDay);
  const auto left = s3_->uploads().list({"b", "", "", "", "", 1000});
  ASSERT_EQ(left->uploads.size(), 1U);
  EXPECT_EQ(left->uploads.front().key, "slow/k");
}

TEST_F(ExpiryTest, GoesOnAfterARestartWithinAPass) {
  set_rules(rule(kAfterThree));
  for (int i = 0; i < 1100; ++i) ASSERT_TRUE(put("k" + std::to_string(10'000 + i), "x").ok());
  scheduler_.run_for(5 * kDay);
  // The server is stopped while the first page of 1,000 is under way.
  scheduler_.spawn(expiry_->run());
  scheduler_.spawn(expiry_->stop());
  scheduler_.run();
  EXPECT_EQ(keys().size(), 100U);
  expiry_.reset();
  settings_.reset();
  crash();
  make();
  sweep_after(hours(0));
  EXPECT_THAT(keys(), IsEmpty());
}

}  // namespace
}  // namespace tarn::s3
