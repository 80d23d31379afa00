// A KMS room on a disk in memory, under one seed and virtual time, for tests.
//
// Place: services/kms, tests only (also of rooms that encrypt). Threads: the test's.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

#include <gtest/gtest.h>

#include "services/kms/service.h"
#include "sim/failing_files.h"
#include "sim/scheduler.h"
#include "store/store.h"

namespace tarn::kms {

class NoProcesses final : public platform::Processes {
 public:
  Result<std::unique_ptr<platform::Process>> spawn(platform::ProcessSpec) override {
    return Error(code::kNotFound, "no programs here");
  }
};

class KmsTest : public testing::Test {
 protected:
  KmsTest() {
    static int number = 0;
    directory_ = std::filesystem::temp_directory_path() /
                 ("tarn-kms-test-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    caller_.kind = Caller::Kind::kRoot;
    caller_.account_id = "111122223333";
    caller_.region = "us-west-2";
    EXPECT_TRUE(open().ok());
  }
  ~KmsTest() override {
    kms_.reset();
    records_.reset();
    std::filesystem::remove_all(directory_);
  }

  Status open() {
    kms_.reset();
    records_.reset();
    records_ = std::move(store::open_store(directory_.string())).value();
    kms_ = std::make_unique<KmsService>(platform(), *records_, authorizer_, kRootKeyPath);
    return run(kms_->start());
  }

  platform::Platform platform() { return {scheduler_, scheduler_, scheduler_, files_, processes_}; }
  KeyRing& ring() { return kms_->ring(); }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    scheduler_.spawn(keep(std::move(task), result));
    scheduler_.run();
    return std::move(result).value();
  }

  static constexpr const char* kRootKeyPath = "/data.root-key";

  sim::Scheduler scheduler_{7};
  sim::FailingFiles files_{7};
  iam::Authorizer authorizer_{scheduler_};
  NoProcesses processes_;
  std::filesystem::path directory_;
  std::unique_ptr<store::Store> records_;
  std::unique_ptr<KmsService> kms_;
  Caller caller_;

 private:
  template <class T>
  static Task<void> keep(Task<T> task, std::optional<T>& out) {
    out.emplace(co_await std::move(task));
  }
};

}  // namespace tarn::kms
