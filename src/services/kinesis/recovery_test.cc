#include "services/kinesis/recovery.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "services/kinesis/log_fixture.h"

namespace tarn::kinesis {
namespace {

using Strings = std::vector<std::string>;

std::string last_segment(LogFixture& log) {
  std::string last;
  const auto entries = log.files.list(kShardFolder);
  for (const auto& entry : *entries) {
    if (parse_segment_name(entry.name)) last = kShardFolder + "/" + entry.name;
  }
  return last;
}

TEST(Recovery, CutsATornTailAndSaysSo) {
  LogFixture log;
  ASSERT_TRUE(log.append({"kept"}).status.ok());
  const std::string path = last_segment(log);
  log.stop();
  {
    auto file = log.files.open(path, platform::OpenMode::kAppend);
    ASSERT_TRUE((*file)->append("TKB1 half a batch").ok());
  }
  ASSERT_TRUE(log.open().ok());
  EXPECT_EQ(log.note.cut_bytes, 17U);
  EXPECT_EQ(log.note.path, path);
  EXPECT_EQ(log.read_all(), Strings{"kept"});
  ASSERT_TRUE(log.append({"next"}).status.ok());
  EXPECT_EQ(log.read_all(), (Strings{"kept", "next"}));
}

TEST(Recovery, NamesDamageInTheMiddleInsteadOfCuttingIt) {
  LogFixture log;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(log.append({"record " + std::to_string(i)}).status.ok());
  const std::string path = last_segment(log);
  log.stop();
  log.files.spoil(path, SegmentHeader::kBytes + BatchHeader::kBytes + 3);
  const Status opened = log.open();
  ASSERT_FALSE(opened.ok());
  EXPECT_TRUE(opened.error().is(code::kCorrupt));
  EXPECT_EQ(opened.error().message,
            path +
                " is damaged at offset 64: a batch does not hold, and later "
                "ones follow it");
}

TEST(Recovery, ReportsDamageOfSealedSegmentsToTheirReaders) {
  LogOptions options;
  options.segment_bytes = 500;
  LogFixture log(1, options);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(log.append({std::string(200, 'x')}).status.ok());
  const std::string path = kShardFolder + "/" + segment_name(1);
  log.files.spoil(path, SegmentHeader::kBytes + BatchHeader::kBytes + 100);
  ASSERT_TRUE(log.restart(false).ok());
  const auto read = log.shard->read({});
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message,
            path + " is damaged at offset 64: a batch's checksum does not hold");
}

TEST(Recovery, ReportsASealedSegmentThatLostItsEnd) {
  LogOptions options;
  options.segment_bytes = 500;
  LogFixture log(1, options);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(log.append({std::string(200, 'x')}).status.ok());
  log.stop();
  {
    auto file =
        log.files.open(kShardFolder + "/" + segment_name(1), platform::OpenMode::kReadWrite);
    ASSERT_TRUE((*file)->truncate(200).ok());
  }
  ASSERT_TRUE(log.open().ok());
  EXPECT_TRUE(log.shard->read({}).error().is(code::kCorrupt));
}

TEST(Recovery, RefusesAFolderWithoutSegments) {
  LogFixture log;
  log.stop();
  ASSERT_TRUE(log.files.remove(kShardFolder + "/" + segment_name(1)).ok());
  EXPECT_TRUE(log.open().error().is(code::kCorrupt));
}

TEST(Recovery, RefusesASegmentOfAnotherShard) {
  LogFixture log;
  log.stop();
  RecoveryNote note;
  Log other(log.scheduler, log.files, log.scheduler, {});
  EXPECT_TRUE(
      other.open_shard(kShardFolder, {kOrigin.epoch_ms, 1}, note).error().is(code::kCorrupt));
}

TEST(Recovery, ReadsLittleHoweverMuchIsRetained) {
  LogFixture log;
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(log.append({std::string(100'000, 'x')}).status.ok());
  ASSERT_TRUE(log.restart(false).ok());
  EXPECT_LT(log.note.scanned_bytes, 400'000U);
  EXPECT_EQ(log.shard->end(), 201U);
}

TEST(Recovery, DoesWithoutItsIndexFiles) {
  LogOptions options;
  options.segment_bytes = 50'000;
  options.index_bytes = 1000;
  LogFixture log(1, options);
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(log.append({std::string(1000, 'x')}).status.ok());
  log.stop();
  const auto entries = log.files.list(kShardFolder);
  for (const auto& entry : *entries) {
    if (!entry.name.ends_with(".idx")) continue;
    ASSERT_TRUE(log.files.remove(kShardFolder + "/" + entry.name).ok());
  }
  ASSERT_TRUE(log.open().ok());
  EXPECT_EQ(log.read_all().size(), 200U);
  ReadRequest middle;
  middle.from.counter = 20;
  EXPECT_EQ(log.shard->read(middle)->records.front().counter, 20U);
}

// What a client may rely on, whatever happens: acknowledged records are read back once and in
// order; a record that was refused may be there or not, but never twice, never in a wrong place,
// never in part.
class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed), log_(seed, options()) {}

  void step() {
    switch (draw(9)) {
      case 0: log_.files.fail_write_after(draw(3)); break;
      case 1: log_.files.fail_sync_after(draw(3)); break;
      case 2: log_.files.fail_truncate_after(draw(2)); break;
      case 3: log_.files.set_capacity(draw(1) == 0 ? UINT64_MAX : 1000 + draw(60'000)); break;
      case 4: restart(); break;
      default: burst(); break;
    }
  }

  void finish() {
    log_.files.set_capacity(UINT64_MAX);
    restart();
    check();
  }

 private:
  static LogOptions options() {
    LogOptions options;
    options.segment_bytes = 6000;
    options.index_bytes = 700;
    options.commit_bytes = 3000;
    options.queue_bytes = 9000;
    return options;
  }

  std::uint64_t draw(std::uint64_t up_to) {
    return std::uniform_int_distribution<std::uint64_t>(0, up_to)(random_);
  }

  // Several requests at once, perhaps with the power going off among them.
  void burst() {
    std::vector<std::vector<Append>> requests(1 + draw(7));
    std::vector<Strings> sent(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      requests[i].resize(1);
      requests[i][0].shard = log_.shard;
      for (std::uint64_t n = draw(12); n-- > 0;) {
        sent[i].push_back(std::to_string(serial_++) + std::string(draw(300), 'r'));
        requests[i][0].pack.add("k", sent[i].back());
      }
      start(log_.log->append(requests[i]));
    }
    if (draw(9) == 0) log_.files.power_off_after(draw(6));
    log_.scheduler.run();
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (requests[i][0].status.ok()) acknowledge(requests[i][0].first, sent[i]);
      possible_.insert(sent[i].begin(), sent[i].end());
    }
    if (log_.files.powered()) {
      check();
    } else {
      restart();
    }
  }

  void acknowledge(Counter first, const Strings& records) {
    for (const std::string& record : records) {
      ASSERT_FALSE(acknowledged_.contains(first)) << "one place given twice";
      acknowledged_[first++] = record;
    }
  }

  void restart() {
    const Status opened = log_.restart(!log_.files.powered() || draw(2) > 0);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    check();
  }

  void check() {
    const Strings read = log_.read_all();
    std::set<std::string> seen;
    for (std::size_t i = 0; i < read.size(); ++i) {
      EXPECT_TRUE(seen.insert(read[i]).second) << "read twice: " << read[i];
      EXPECT_TRUE(possible_.contains(read[i])) << "never sent: " << read[i];
    }
    for (const auto& [counter, record] : acknowledged_) {
      ASSERT_LE(counter, read.size()) << "lost: " << record;
      ASSERT_EQ(read[counter - 1], record);
    }
  }

  std::mt19937_64 random_;
  LogFixture log_;
  std::uint64_t serial_ = 0;
  std::map<Counter, std::string> acknowledged_;
  std::set<std::string> possible_;
};

TEST(Recovery, KeepsWhatWasAcknowledgedWhateverHappens) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Model model(seed);
    for (int step = 0; step < 40 && !testing::Test::HasFailure(); ++step) model.step();
    model.finish();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace tarn::kinesis
