#include "services/kinesis/log.h"

#include <random>

#include <gtest/gtest.h>

#include "services/kinesis/log_fixture.h"

namespace tarn::kinesis {
namespace {

using Strings = std::vector<std::string>;

Strings numbered(std::size_t first, std::size_t count, std::size_t size = 0) {
  Strings records;
  for (std::size_t i = first; i < first + count; ++i) {
    std::string record = "record " + std::to_string(i) + " ";
    if (record.size() < size) record.resize(size, 'x');
    records.push_back(std::move(record));
  }
  return records;
}

TEST(Log, GivesBackWhatWasAppendedInOrder) {
  LogFixture log;
  const Append one = log.append({"a", "b"});
  const Append two = log.append({"c"});
  ASSERT_TRUE(one.status.ok());
  EXPECT_EQ(one.first, 1U);
  EXPECT_EQ(two.first, 3U);
  EXPECT_EQ(log.read_all(), (Strings{"a", "b", "c"}));
}

TEST(Log, KeepsKeysTimesAndEmptyRecords) {
  LogFixture log;
  std::vector<Append> appends(1);
  appends[0].shard = log.shard;
  appends[0].pack.add("première clé", "");
  start(log.log->append(appends));
  log.scheduler.run();
  const auto read = log.shard->read({});
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->records.size(), 1U);
  EXPECT_EQ(read->records[0].partition_key, "première clé");
  EXPECT_EQ(read->records[0].data, "");
  EXPECT_EQ(read->records[0].arrived_ms, log.scheduler.now().ms);
}

TEST(Log, SyncsManyRequestsTogether) {
  LogFixture log;
  std::vector<std::vector<Append>> requests(50);
  for (auto& appends : requests) {
    appends.resize(1);
    appends[0].shard = log.shard;
    appends[0].pack.add("k", "v");
    start(log.log->append(appends));
  }
  const std::uint64_t before = log.files.syncs();
  log.scheduler.run();
  EXPECT_EQ(log.shard->end(), 51U);
  EXPECT_LE(log.files.syncs() - before, 2U);
}

TEST(Log, ShowsReadersOnlyWhatIsOnTheDisk) {
  LogFixture log;
  log.files.fail_sync_after(0);
  const Append lost = log.append({"never synced"});
  EXPECT_TRUE(lost.status.error().is(code::kIo));
  EXPECT_TRUE(log.read_all().empty());
}

TEST(Log, GoesOnInANewSegmentAfterAFailedSync) {
  LogFixture log;
  ASSERT_TRUE(log.append({"one"}).status.ok());
  log.files.fail_sync_after(0);
  EXPECT_FALSE(log.append({"lost"}).status.ok());
  ASSERT_TRUE(log.append({"two"}).status.ok());
  EXPECT_EQ(log.read_all(), (Strings{"one", "two"}));
  ASSERT_TRUE(log.restart(true).ok());
  EXPECT_EQ(log.read_all(), (Strings{"one", "two"}));
}

TEST(Log, AcknowledgesNothingWhileNoSegmentCanBeSynced) {
  LogFixture log;
  log.files.fail_sync_after(0);
  EXPECT_FALSE(log.append({"lost"}).status.ok());
  log.files.fail_sync_after(0);  // that of the new segment's header
  EXPECT_FALSE(log.append({"lost too"}).status.ok());
  EXPECT_TRUE(log.append({"kept"}).status.ok());
  EXPECT_EQ(log.read_all(), Strings{"kept"});
}

TEST(Log, RefusesWritesOnAFullDiskAndReadsOn) {
  LogFixture log;
  ASSERT_TRUE(log.append({"before"}).status.ok());
  log.files.set_capacity(400);
  const Append refused = log.append(numbered(0, 100));
  EXPECT_TRUE(refused.status.error().is(code::kDiskFull));
  EXPECT_EQ(log.read_all(), Strings{"before"});
  log.files.set_capacity(UINT64_MAX);
  ASSERT_TRUE(log.append({"after"}).status.ok());
  EXPECT_EQ(log.read_all(), (Strings{"before", "after"}));
  ASSERT_TRUE(log.restart(true).ok());
  EXPECT_EQ(log.read_all(), (Strings{"before", "after"}));
}

TEST(Log, SurvivesAFullDiskWhoseTailCannotBeCut) {
  LogFixture log;
  ASSERT_TRUE(log.append({"before"}).status.ok());
  log.files.set_capacity(400);
  log.files.fail_truncate_after(0);
  EXPECT_FALSE(log.append(numbered(0, 100)).status.ok());
  log.files.set_capacity(UINT64_MAX);
  ASSERT_TRUE(log.append({"after"}).status.ok());
  ASSERT_TRUE(log.restart(true).ok());
  EXPECT_EQ(log.read_all(), (Strings{"before", "after"}));
}

TEST(Log, RollsSegmentsBySizeAndReadsAcrossThem) {
  LogOptions options;
  options.segment_bytes = 4096;
  LogFixture log(1, options);
  for (std::size_t i = 0; i < 40; ++i)
    ASSERT_TRUE(log.append(numbered(i * 10, 10, 50)).status.ok());
  EXPECT_GE(log.files.list(kShardFolder)->size(), 5U);
  EXPECT_EQ(log.read_all(), numbered(0, 400, 50));
  ASSERT_TRUE(log.restart(false).ok());
  EXPECT_EQ(log.read_all(), numbered(0, 400, 50));
  ReadPosition middle;
  middle.counter = 200;
  EXPECT_EQ(log.read_all(middle), numbered(199, 201, 50));
}

TEST(Log, SplitsLargePacksIntoBatchesAndTakesLargeRecordsWhole) {
  LogFixture log;
  Strings records = numbered(0, 30, 100'000);
  records.push_back(std::string(10U << 20, 'L'));
  ASSERT_TRUE(log.append(records).status.ok());
  ASSERT_TRUE(log.append({"small"}).status.ok());
  records.emplace_back("small");
  EXPECT_EQ(log.read_all(), records);
  ASSERT_TRUE(log.restart(true).ok());
  EXPECT_EQ(log.read_all(), records);
}

TEST(Log, HonoursTheLimitsOfARead) {
  LogFixture log;
  ASSERT_TRUE(log.append(numbered(0, 100, 1000)).status.ok());
  ReadRequest few;
  few.max_records = 7;
  EXPECT_EQ(log.shard->read(few)->records.size(), 7U);
  ReadRequest small;
  small.max_bytes = 3009;  // three records of 1,000 bytes and their keys of 3
  EXPECT_EQ(log.shard->read(small)->records.size(), 3U);
  small.max_bytes = 3008;
  EXPECT_EQ(log.shard->read(small)->records.size(), 2U);
  small.max_bytes = 1;
  EXPECT_EQ(log.shard->read(small)->records.size(), 1U) << "one record always passes";
}

TEST(Log, ContinuesFromAHintWithoutTheIndex) {
  LogFixture log;
  for (std::size_t i = 0; i < 20; ++i)
    ASSERT_TRUE(log.append(numbered(i * 50, 50, 100)).status.ok());
  ReadRequest request;
  request.max_records = 33;
  std::size_t records = 0;
  for (;;) {
    const auto result = log.shard->read(request);
    ASSERT_TRUE(result.ok());
    records += result->records.size();
    if (result->records.empty()) break;
    request.from = result->next;
  }
  EXPECT_EQ(records, 1000U);
}

TEST(Log, IgnoresAHintThatPointsNowhere) {
  LogFixture log;
  ASSERT_TRUE(log.append(numbered(0, 10)).status.ok());
  ReadRequest request;
  request.from = {5, 1, SegmentHeader::kBytes + 13};
  const auto result = log.shard->read(request);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->records.front().counter, 5U);
}

TEST(Log, FindsRecordsByTime) {
  LogOptions options;
  options.segment_bytes = 3000;
  options.index_bytes = 500;
  LogFixture log(1, options);
  const std::int64_t begin = log.scheduler.now().ms;
  for (std::size_t i = 0; i < 50; ++i) {
    ASSERT_TRUE(log.append(numbered(i * 2, 2, 100)).status.ok());
    log.scheduler.run_for(std::chrono::milliseconds(10));
  }
  const auto check = [&] {
    EXPECT_EQ(log.shard->find_time(begin - 1000).value(), 1U);
    EXPECT_EQ(log.shard->find_time(begin).value(), 1U);
    EXPECT_EQ(log.shard->find_time(begin + 1).value(), 3U);
    EXPECT_EQ(log.shard->find_time(begin + 250).value(), 51U);
    EXPECT_EQ(log.shard->find_time(begin + 245).value(), 51U);
    EXPECT_EQ(log.shard->find_time(begin + 490).value(), 99U);
    EXPECT_EQ(log.shard->find_time(begin + 491).value(), 101U);
  };
  check();
  ASSERT_TRUE(log.restart(false).ok());
  check();
}

TEST(Log, NeverLetsTimesGoBack) {
  LogFixture log;
  ASSERT_TRUE(log.append({"a"}).status.ok());
  log.scheduler.step_wall_clock(std::chrono::hours(-2));
  const Append later = log.append({"b"});
  ASSERT_TRUE(later.status.ok());
  EXPECT_EQ(later.arrived.ms, log.scheduler.now().ms + 2 * 3600 * 1000);
}

TEST(Log, DropsWholeSegmentsPastRetention) {
  LogOptions options;
  options.segment_bytes = 2000;
  LogFixture log(1, options);
  for (std::size_t i = 0; i < 30; ++i) {
    ASSERT_TRUE(log.append(numbered(i * 2, 2, 100)).status.ok());
    log.scheduler.run_for(std::chrono::hours(1));
  }
  const std::int64_t horizon = log.scheduler.now().ms - 10 * 3600 * 1000;
  ASSERT_TRUE(log.log->expire(log.shard, horizon).ok());
  EXPECT_GT(log.shard->first(), 20U);
  EXPECT_LE(log.shard->first(), 41U) << "a record within retention was dropped";
  ReadRequest gone;
  gone.from.counter = 5;
  EXPECT_TRUE(log.shard->read(gone).error().is(log_code::kTrimmed));
  EXPECT_EQ(log.read_all().back(), numbered(59, 1, 100)[0]);
}

TEST(Log, DropsTheNewestSegmentToo) {
  LogFixture log;
  ASSERT_TRUE(log.append({"old"}).status.ok());
  const std::int64_t horizon = log.scheduler.now().ms + 1;
  log.scheduler.run_for(std::chrono::hours(1));
  for (int pass = 0; pass < 2; ++pass) {
    ASSERT_TRUE(log.log->expire(log.shard, horizon).ok());
    log.scheduler.run();
  }
  EXPECT_EQ(log.shard->first(), 2U);
  EXPECT_TRUE(log.read_all().empty());
  ASSERT_TRUE(log.restart(true).ok());
  const Append next = log.append({"new"});
  EXPECT_EQ(next.first, 2U) << "counters go on where they were";
  EXPECT_EQ(log.read_all(), Strings{"new"});
}

TEST(Log, ClosesAShardAfterWhatWasLetIn) {
  LogFixture log;
  std::vector<Append> appends(1);
  appends[0].shard = log.shard;
  appends[0].pack.add("k", "last");
  start(log.log->append(appends));
  std::optional<Counter> end;
  start(log.log->close_shard(log.shard), [&](Result<Counter> result) { end = result.value(); });
  log.scheduler.run();
  EXPECT_EQ(end, 2U);
  EXPECT_TRUE(appends[0].status.ok());
  EXPECT_TRUE(log.append({"late"}).status.error().is(log_code::kShardClosed));
  EXPECT_EQ(log.read_all(), Strings{"last"});
}

TEST(Log, BoundsTheBytesThatWait) {
  LogOptions options;
  options.queue_bytes = 1000;
  LogFixture log(1, options);
  std::vector<std::vector<Append>> requests(20);
  for (auto& appends : requests) {
    appends.resize(1);
    appends[0].shard = log.shard;
    appends[0].pack.add("k", std::string(400, 'x'));
    start(log.log->append(appends));
  }
  log.scheduler.run();
  EXPECT_EQ(log.shard->end(), 21U);
  std::vector<Append> large(1);
  large[0].shard = log.shard;
  large[0].pack.add("k", std::string(5000, 'x'));
  start(log.log->append(large));
  log.scheduler.run();
  EXPECT_TRUE(large[0].status.ok()) << "one over the bound passes alone";
}

TEST(Log, RefusesAppendsOnceStopping) {
  LogFixture log;
  bool stopped = false;
  start(log.log->stop(), [&] { stopped = true; });
  log.scheduler.run();
  EXPECT_TRUE(stopped);
  EXPECT_TRUE(log.append({"late"}).status.error().is(code::kCancelled));
}

}  // namespace
}  // namespace tarn::kinesis
