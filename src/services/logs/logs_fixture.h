// A logs room on a disk, under one seed and virtual time, for tests.
//
// Place: services/logs, tests only. Threads: the test's.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

#include "services/logs/service.h"
#include "sim/failing_files.h"
#include "sim/scheduler.h"
#include "store/store.h"

namespace tarn::logs {

class NoProcesses final : public platform::Processes {
 public:
  Result<std::unique_ptr<platform::Process>> spawn(platform::ProcessSpec) override {
    return Error(code::kNotFound, "no programs here");
  }
};

class LogsTest : public testing::Test {
 protected:
  LogsTest() {
    static int number = 0;
    directory_ = std::filesystem::temp_directory_path() /
                 ("tarn-logs-test-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    caller_.kind = Caller::Kind::kRoot;
    caller_.account_id = "111122223333";
    caller_.region = "us-west-2";
    caller_.arn = "arn:aws:iam::111122223333:root";
    open();
  }
  ~LogsTest() override {
    close();
    std::filesystem::remove_all(directory_);
  }

  // Opens the room, again where it is open: what it knows then is what was on the disk.
  void open() {
    close();
    records_ = std::move(store::open_store(directory_.string())).value();
    logs_ = std::make_unique<LogsService>(platform(), *records_);
    EXPECT_TRUE(run(logs_->start()).ok());
  }

  platform::Platform platform() { return {scheduler_, scheduler_, scheduler_, files_, processes_}; }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    scheduler_.spawn(keep(std::move(task), result));
    scheduler_.run();
    return std::move(result).value();
  }

  std::shared_ptr<Group> make_group(const std::string& name, std::int32_t retention_days = 0) {
    GroupRecord record;
    record.account = caller_.account_id;
    record.region = caller_.region;
    record.name = name;
    record.created = scheduler_.now();
    record.retention_days = retention_days;
    return logs_->groups().create(std::move(record)).value();
  }
  std::shared_ptr<Group> find(const std::string& name) {
    return logs_->groups().find(caller_.account_id, caller_.region, name);
  }
  void make_stream(Group& group, const std::string& name) {
    EXPECT_TRUE(logs_->streams().create(group, name, scheduler_.now()).ok());
  }
  // An event `seconds` before now.
  NewEvent event(std::int64_t seconds, std::string message) {
    return {Timestamp{scheduler_.now().ms - seconds * 1000}, std::move(message)};
  }
  Result<Refused> append(Group& group, const std::string& stream, std::vector<NewEvent> batch) {
    return logs_->events().append(group, stream, std::move(batch), scheduler_.now());
  }
  // All messages of a stream, oldest first.
  std::vector<std::string> messages(Group& group, const std::string& stream) {
    const auto record = logs_->streams().find(group, stream).value();
    const auto events =
        logs_->events().read(group, record, {}, ReadPlace{.forward = true}, kMostEvents).value();
    std::vector<std::string> out;
    for (const Event& each : events) out.push_back(each.message);
    return out;
  }

  sim::Scheduler scheduler_{7};
  sim::FailingFiles files_{7};
  NoProcesses processes_;
  std::filesystem::path directory_;
  std::unique_ptr<store::Store> records_;
  std::unique_ptr<LogsService> logs_;
  Caller caller_;

 private:
  void close() {
    if (logs_) {
      scheduler_.spawn(logs_->stop());
      scheduler_.run_for(std::chrono::seconds(1));
    }
    logs_.reset();
    records_.reset();
  }
  template <class T>
  static Task<void> keep(Task<T> task, std::optional<T>& out) {
    out.emplace(co_await std::move(task));
  }
};

}  // namespace tarn::logs
