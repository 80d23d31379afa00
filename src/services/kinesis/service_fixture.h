// The whole service on a disk in memory, under one seed and virtual time, for tests.
//
// Place: kinesis, tests only. Threads: the test's.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

#include <gtest/gtest.h>

#include "services/kinesis/handlers.h"
#include "sim/failing_files.h"
#include "sim/scheduler.h"
#include "store/store.h"

namespace tarn::kinesis {

class NoProcesses final : public platform::Processes {
 public:
  Result<std::unique_ptr<platform::Process>> spawn(platform::ProcessSpec) override {
    return tarn::Error(code::kNotFound, "no programs here");
  }
};

class ServiceTest : public testing::Test {
 protected:
  explicit ServiceTest(KinesisOptions options = {}) : options_(options) {
    static int number = 0;
    directory_ =
        std::filesystem::temp_directory_path() /
        ("tarn-kinesis-test-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    caller_.kind = Caller::Kind::kRoot;
    caller_.account_id = "111122223333";
    caller_.region = "us-west-2";
    open();
  }
  ~ServiceTest() override {
    close();
    std::filesystem::remove_all(directory_);
  }

  void open() {
    records_ = std::move(store::open_store(directory_.string())).value();
    const platform::Platform platform{scheduler_, scheduler_, scheduler_, files_, processes_};
    kinesis_ = std::make_unique<KinesisService>(platform, *records_, "/data/kinesis", options_);
    EXPECT_TRUE(run(kinesis_->start()).ok());
  }
  void close() {
    kinesis_->end_subscriptions();
    scheduler_.run();
    scheduler_.spawn(kinesis_->stop());
    // Whoever sleeps finds that the service stops.
    scheduler_.run_for(std::chrono::minutes(1));
    kinesis_.reset();
    records_.reset();
  }

  // The result of `task`, which must not wait for time to pass.
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    scheduler_.spawn(keep(std::move(task), result));
    scheduler_.run();
    return std::move(result).value();
  }

  template <class Op>
  Result<typename Op::Output> call(typename Op::Input input) {
    return run(handle(Op{}, *kinesis_, caller_, std::move(input)));
  }

  // An ACTIVE stream; its ARN.
  std::string make_stream(const std::string& name, std::int32_t shards = 1) {
    CreateStreamInput input;
    input.stream_name = name;
    input.shard_count = shards;
    EXPECT_TRUE(call<CreateStream>(input).ok());
    scheduler_.run();
    EXPECT_EQ(stream(name)->state().status, StreamStatus::kActive);
    return stream(name)->state().arn();
  }

  StreamView stream(const std::string& name) {
    return kinesis_->catalog().find({caller_.account_id, caller_.region, name});
  }

  Result<PutRecordOutput> put(const std::string& name, const std::string& data,
                              const std::string& key = "key") {
    PutRecordInput input;
    input.stream_name = name;
    input.data = data;
    input.partition_key = key;
    return call<PutRecord>(input);
  }

  Result<std::string> iterator(const std::string& name, const std::string& type,
                               std::uint32_t shard = 0) {
    GetShardIteratorInput input;
    input.stream_name = name;
    input.shard_id = shard_id(shard);
    input.shard_iterator_type = type;
    TARN_TRY(const GetShardIteratorOutput output, call<GetShardIterator>(input));
    return *output.shard_iterator;
  }

  Result<GetRecordsOutput> get(const std::string& shard_iterator) {
    GetRecordsInput input;
    input.shard_iterator = shard_iterator;
    return call<GetRecords>(input);
  }

  static std::string code_of(const auto& result) {
    return result.ok() ? "" : std::string(result.error().code);
  }

  sim::Scheduler scheduler_{7};
  sim::FailingFiles files_{7};
  NoProcesses processes_;
  KinesisOptions options_;
  std::filesystem::path directory_;
  Caller caller_;
  std::unique_ptr<store::Store> records_;
  std::unique_ptr<KinesisService> kinesis_;

 private:
  template <class T>
  static Task<void> keep(Task<T> task, std::optional<T>& result) {
    T value = co_await std::move(task);
    result.emplace(std::move(value));
  }
};

}  // namespace tarn::kinesis
