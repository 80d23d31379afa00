// A log on a failing disk, in virtual time: what the log's tests stand on.
//
// Place: kinesis, tests only. Threads: one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/kinesis/log.h"
#include "sim/failing_files.h"
#include "sim/scheduler.h"

namespace tarn::kinesis {

inline const std::string kShardFolder = "/log/stream/0";
inline constexpr ShardOrigin kOrigin = {1'700'000'000'000, 0};

// The log of one shard.
class LogFixture {
 public:
  explicit LogFixture(std::uint64_t seed = 1, LogOptions log_options = {})
      : scheduler(seed), files(seed), options(log_options) {
    log = std::make_unique<Log>(scheduler, files, scheduler, options);
    auto made = log->create_shard(kShardFolder, kOrigin);
    EXPECT_TRUE(made.ok());
    shard = made.value();
  }
  ~LogFixture() { stop(); }
  LogFixture(const LogFixture&) = delete;
  LogFixture& operator=(const LogFixture&) = delete;

  void stop() {
    if (!log) return;
    bool stopped = false;
    start(log->stop(), [&stopped] { stopped = true; });
    scheduler.run();
    EXPECT_TRUE(stopped);
    shard.reset();
    log.reset();
  }

  // The process ends (by a clean stop, or with the power) and starts again.
  Status restart(bool with_crash) {
    if (with_crash) files.power_off();
    scheduler.run();
    stop();
    files.disarm();
    if (!files.powered()) files.crash();
    return open();
  }

  Status open() {
    log = std::make_unique<Log>(scheduler, files, scheduler, options);
    note = RecoveryNote();
    TARN_TRY(shard, log->open_shard(kShardFolder, kOrigin, note));
    return {};
  }

  // Appends one pack of records and waits for it.
  Append append(const std::vector<std::string>& records) {
    std::vector<Append> appends(1);
    appends[0].shard = shard;
    for (const std::string& record : records) appends[0].pack.add("key", record);
    start(log->append(appends));
    scheduler.run();
    return std::move(appends[0]);
  }

  std::vector<std::string> read_all(ReadPosition from = {}) {
    std::vector<std::string> read;
    from.counter = std::max(from.counter, shard->first());
    for (;;) {
      ReadRequest request;
      request.from = from;
      const auto result = shard->read(request);
      if (!result.ok()) {
        ADD_FAILURE() << result.error().message;
        return read;
      }
      for (const ReadRecord& record : result->records) {
        EXPECT_EQ(record.counter, from.counter++) << "a gap or a repeat";
        read.emplace_back(record.data);
      }
      if (result->records.empty()) return read;
      from = result->next;
    }
  }

  sim::Scheduler scheduler;
  sim::FailingFiles files;
  LogOptions options;
  RecoveryNote note;
  std::unique_ptr<Log> log;
  std::shared_ptr<ShardLog> shard;
};

}  // namespace tarn::kinesis
