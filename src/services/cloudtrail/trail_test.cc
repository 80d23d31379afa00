#include "services/cloudtrail/trail.h"

#include <filesystem>
#include <memory>

#include <unistd.h>

#include <gtest/gtest.h>

#include "services/cloudtrail/event.h"
#include "services/iam/session.h"
#include "sim/failing_files.h"
#include "sim/scheduler.h"

namespace tarn::cloudtrail {
namespace {

using Strings = std::vector<std::string>;
using std::chrono::hours;

constexpr std::uint64_t kRing = 10;

class NoProcesses final : public platform::Processes {
 public:
  Result<std::unique_ptr<platform::Process>> spawn(platform::ProcessSpec) override {
    return Error(code::kNotFound, "no programs here");
  }
};

gateway::AuditedCall call_of(const std::string& name) {
  gateway::AuditedCall call;
  call.caller.kind = Caller::Kind::kUser;
  call.caller.account_id = "111122223333";
  call.caller.arn = "arn:aws:iam::111122223333:user/team/jo";
  call.caller.access_key_id = "AKIAJO";
  call.caller.region = "us-west-2";
  call.event_source = "kinesis.amazonaws.com";
  call.event_name = name;
  call.resource = "arn:aws:kinesis:us-west-2:111122223333:stream/clicks";
  return call;
}

class TrailTest : public testing::Test {
 protected:
  TrailTest() {
    static int number = 0;
    directory_ = std::filesystem::temp_directory_path() /
                 ("tarn-trail-test-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    open();
  }
  ~TrailTest() override {
    trail_.reset();
    records_.reset();
    std::filesystem::remove_all(directory_);
  }
  void open() {
    trail_.reset();
    records_.reset();
    records_ = std::move(store::open_store(directory_.string())).value();
    const platform::Platform platform{scheduler_, scheduler_, scheduler_, files_, processes_};
    trail_ = std::make_unique<Trail>(platform, *records_, kRing);
    ASSERT_TRUE(trail_->load().ok());
  }
  void record(const std::string& name) {
    trail_->record(call_of(name));
    ASSERT_TRUE(trail_->flush().ok());
  }
  TrailQuery query(std::string attribute = "", std::string value = "") {
    TrailQuery out;
    out.account = "111122223333";
    out.region = "us-west-2";
    out.attribute = std::move(attribute);
    out.value = std::move(value);
    out.to = scheduler_.now();
    return out;
  }
  // Of all pages.
  Strings names(TrailQuery asked) {
    Strings out;
    while (true) {
      const TrailPage page = trail_->look_up(asked).value();
      for (const auto& event : page.events) out.push_back(event.value("eventName", ""));
      if (!page.next) return out;
      asked.before = *page.next;
    }
  }

  sim::Scheduler scheduler_{7};
  sim::FailingFiles files_{7};
  NoProcesses processes_;
  std::filesystem::path directory_;
  std::unique_ptr<store::Store> records_;
  std::unique_ptr<Trail> trail_;
};

TEST_F(TrailTest, TheLatestEventComesFirstAndPagesGoOn) {
  for (const char* name : {"A", "B", "C", "D", "E"}) record(name);
  for (const std::size_t limit : {1U, 2U, 5U, 50U}) {
    TrailQuery asked = query();
    asked.limit = limit;
    EXPECT_EQ(names(asked), (Strings{"E", "D", "C", "B", "A"})) << limit;
  }
}

TEST_F(TrailTest, EventsOutliveTheServer) {
  record("A");
  open();
  record("B");
  EXPECT_EQ(names(query()), (Strings{"B", "A"}));
}

TEST_F(TrailTest, TheRingForgetsTheOldest) {
  for (std::uint64_t i = 1; i <= 3 * kRing; ++i) record(std::to_string(i));
  const Strings kept = names(query());
  EXPECT_EQ(kept.front(), std::to_string(3 * kRing));
  EXPECT_GE(kept.size(), kRing);
  EXPECT_LE(kept.size(), 2 * kRing);
  open();
  EXPECT_EQ(names(query()), kept);
}

TEST_F(TrailTest, EventsOfMoreThanNinetyDaysGo) {
  record("old");
  scheduler_.run_for(hours(24 * 90 + 1));
  record("new");
  EXPECT_EQ(names(query()), (Strings{"new"}));
}

TEST_F(TrailTest, TimesBoundALookUp) {
  record("A");
  scheduler_.run_for(hours(1));
  record("B");
  scheduler_.run_for(hours(1));
  record("C");
  TrailQuery asked = query();
  asked.from = scheduler_.now() - hours(1);
  EXPECT_EQ(names(asked), (Strings{"C", "B"}));
  asked.to = scheduler_.now() - hours(1);
  EXPECT_EQ(names(asked), (Strings{"B"}));
}

TEST_F(TrailTest, AttributesChooseEvents) {
  record("CreateStream");
  record("DescribeStream");
  EXPECT_EQ(names(query("EventName", "CreateStream")), (Strings{"CreateStream"}));
  EXPECT_EQ(names(query("ReadOnly", "true")), (Strings{"DescribeStream"}));
  for (const auto& [attribute, value] :
       {std::pair("Username", "jo"), std::pair("AccessKeyId", "AKIAJO"),
        std::pair("EventSource", "kinesis.amazonaws.com"), std::pair("ResourceName", "clicks"),
        std::pair("ResourceName", "arn:aws:kinesis:us-west-2:111122223333:stream/clicks")}) {
    EXPECT_EQ(names(query(attribute, value)).size(), 2U) << attribute;
    EXPECT_EQ(names(query(attribute, "another")).size(), 0U) << attribute;
  }
}

TEST_F(TrailTest, AnotherRegionHasOtherEvents) {
  record("A");
  TrailQuery asked = query();
  asked.region = "eu-west-1";
  EXPECT_EQ(names(asked), Strings());
}

TEST_F(TrailTest, WhatWaitsIsBounded) {
  for (std::size_t i = 0; i < Trail::kMostWaiting + 5; ++i) trail_->record(call_of("A"));
  ASSERT_TRUE(trail_->flush().ok());
  EXPECT_FALSE(trail_->has_waiting());
  record("B");
  EXPECT_EQ(names(query("EventName", "B")), (Strings{"B"}));
}

TEST(Event, ASessionOfARoleTellsItsRole) {
  gateway::AuditedCall call = call_of("CreateStream");
  auto session = std::make_shared<iam::Session>();
  session->role_arn = "arn:aws:iam::111122223333:role/team/worker";
  call.caller.kind = Caller::Kind::kAssumedRole;
  call.caller.arn = "arn:aws:sts::111122223333:assumed-role/worker/run-7";
  call.caller.session = session;
  call.error_code = "AccessDeniedException";
  call.error_message = "no";
  const nlohmann::json event = event_of(call, Timestamp{1'700'000'000'000}, "an id");
  EXPECT_EQ(username_of(event), "run-7");
  EXPECT_EQ(event["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"], "worker");
  EXPECT_EQ(event["eventTime"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(event["errorCode"], "AccessDenied");
  EXPECT_FALSE(event.contains("additionalEventData"));
}

TEST(Event, WhatOnlyReadsIsKnownByItsVerb) {
  for (const char* name : {"GetRecords", "ListStreams", "DescribeCluster", "BatchGetPartition"})
    EXPECT_TRUE(is_read_only(name)) << name;
  for (const char* name : {"CreateStream", "BatchDeleteTable", "AssumeRole", "PutItem"})
    EXPECT_FALSE(is_read_only(name)) << name;
}

}  // namespace
}  // namespace tarn::cloudtrail
