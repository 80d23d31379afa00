// A whole object store on a disk in memory, under one seed and virtual time, for tests.
//
// Place: services/s3, tests only. Threads: the test's.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "services/kms/service.h"
#include "services/s3/embedded_store.h"
#include "services/s3/encryption.h"
#include "sim/failing_files.h"
#include "sim/scheduler.h"
#include "store/store.h"

namespace tarn::s3 {

class NoProcesses final : public platform::Processes {
 public:
  Result<std::unique_ptr<platform::Process>> spawn(platform::ProcessSpec) override {
    return tarn::Error(code::kNotFound, "no programs here");
  }
};

// Bytes that repeat only after a long while, so that a piece in the wrong place shows.
inline std::string noise(std::size_t size, std::uint64_t seed = 1) {
  std::string out(size, '\0');
  std::uint64_t state = seed * 0x9E3779B97F4A7C15ULL + 1;
  for (char& c : out) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    c = static_cast<char>(state >> 56);
  }
  return out;
}

// A body that arrives in pieces of a given length, and may break off.
class PieceBody final : public wire::BodySource {
 public:
  PieceBody(std::string content, std::size_t piece) : content_(std::move(content)), piece_(piece) {}

  Task<Result<std::string_view>> next() override {
    if (breaks_at && at_ >= *breaks_at) {
      co_return tarn::Error("IncompleteBody", "The peer stopped early");
    }
    const std::string_view piece = std::string_view(content_).substr(at_, piece_);
    at_ += piece.size();
    co_return piece;
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return std::nullopt; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& trailers() const override {
    return trailer_fields;
  }

  std::optional<std::size_t> breaks_at;
  std::vector<std::pair<std::string, std::string>> trailer_fields;

 private:
  std::string content_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

// Empty where it succeeded.
inline std::string code_of(const auto& result) {
  return result.ok() ? "" : result.error().code;
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    static int number = 0;
    directory_ = std::filesystem::temp_directory_path() /
                 ("tarn-s3-test-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    open();
    StoredBucket bucket{"b", "111122223333", "us-west-2", {}};
    EXPECT_TRUE(run(s3_->create_bucket(bucket)).ok());
  }
  ~StoreTest() override {
    close();
    std::filesystem::remove_all(directory_);
  }

  void open() {
    records_ = std::move(store::open_store(directory_.string())).value();
    kms_ = std::make_unique<kms::KmsService>(platform(), *records_, authorizer_, "/data.root-key");
    EXPECT_TRUE(run(kms_->start()).ok());
    encryption_ = std::make_unique<Encryption>(kms_->keys());
    s3_ = std::make_unique<EmbeddedStore>(platform(), *records_, "/data/s3", *encryption_);
    EXPECT_TRUE(run(s3_->start()).ok());
    scheduler_.run();
  }
  void close() {
    scheduler_.run();
    s3_.reset();
    encryption_.reset();
    kms_.reset();
    records_.reset();
  }
  // The machine loses power and starts again.
  void crash() {
    files_.power_off();
    close();
    files_.crash();
    open();
  }

  platform::Platform platform() { return {scheduler_, scheduler_, scheduler_, files_, processes_}; }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    scheduler_.spawn(keep(std::move(task), result));
    scheduler_.run();
    return std::move(result).value();
  }

  Result<StoredObject> put(std::string key, std::string content, PutOptions options = {}) {
    return run(
        s3_->put("b", std::move(key), wire::make_body(std::move(content)), std::move(options)));
  }
  Result<std::string> get(const std::string& key, std::uint64_t offset = 0,
                          std::optional<std::uint64_t> length = std::nullopt) {
    TARN_TRY(const OpenObject object, s3_->open("b", key));
    TARN_TRY(const wire::Body body,
             run(s3_->read(object, offset, length.value_or(object.info.size - offset))));
    return run(wire::read_all(*body, SIZE_MAX));
  }
  // Files that hold bodies.
  std::size_t file_count() {
    std::size_t count = 0;
    const auto folders = files_.list("/data/s3");
    for (const auto& folder : *folders) count += files_.list("/data/s3/" + folder.name)->size();
    return count;
  }
  std::string only_file() {
    const auto folders = files_.list("/data/s3");
    for (const auto& folder : *folders) {
      const auto files = files_.list("/data/s3/" + folder.name);
      if (!files->empty()) return "/data/s3/" + folder.name + "/" + files->front().name;
    }
    return {};
  }

  sim::Scheduler scheduler_{7};
  sim::FailingFiles files_{7};
  iam::Authorizer authorizer_{scheduler_};
  NoProcesses processes_;
  std::filesystem::path directory_;
  std::unique_ptr<store::Store> records_;
  std::unique_ptr<kms::KmsService> kms_;
  std::unique_ptr<Encryption> encryption_;
  std::unique_ptr<EmbeddedStore> s3_;

 private:
  template <class T>
  static Task<void> keep(Task<T> task, std::optional<T>& out) {
    out.emplace(co_await std::move(task));
  }
};

}  // namespace tarn::s3
