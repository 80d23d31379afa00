// The metastore over a real store: what commits win, what goes along, what survives.
#include "services/glue/metastore.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "services/glue/records.h"

namespace tarn::glue {
namespace {

class FixedClock final : public platform::Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return {1'700'000'000'123}; }
  [[nodiscard]] std::chrono::nanoseconds monotonic() const override { return {}; }
  [[nodiscard]] Task<void> sleep(std::chrono::milliseconds) override { co_return; }
};

const Owner kOwner = {"123456789012", "us-west-2", "arn:aws:iam::123456789012:root"};

TableInput table_input(const std::string& name, const std::string& location = "m0") {
  TableInput out;
  out.name = name;
  out.parameters = {{"metadata_location", location}};
  return out;
}

DatabaseInput database_input(const std::string& name) {
  DatabaseInput out;
  out.name = name;
  return out;
}

class MetastoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::temp_directory_path() / ("tarn-metastore-" + std::string(test->name()));
    std::filesystem::remove_all(folder_);
    open();
    ASSERT_TRUE(metastore_->create_database(kOwner, database_input("db"), {}).ok());
  }
  void TearDown() override {
    metastore_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    metastore_.reset();
    store_.reset();
    store_ = std::move(store::open_store(folder_.string())).value();
    metastore_ = std::make_unique<Metastore>(*store_, clock_);
  }
  std::string version() { return *metastore_->table(kOwner, "db", "t")->version_id; }

  FixedClock clock_;
  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Metastore> metastore_;
};

TEST_F(MetastoreTest, NamesAreFoldedToLowerCase) {
  ASSERT_TRUE(metastore_->create_table(kOwner, "DB", table_input("Events")).ok());
  EXPECT_EQ(metastore_->table(kOwner, "db", "EVENTS")->name, "events");
  EXPECT_EQ(metastore_->create_table(kOwner, "db", table_input("EVENTS")).error().code,
            "AlreadyExistsException");
}

TEST_F(MetastoreTest, WhatIsMissingIsNamedAsGlueNamesIt) {
  EXPECT_EQ(metastore_->table(kOwner, "db", "t").error().message, "Entity Not Found");
  EXPECT_EQ(metastore_->table(kOwner, "nix", "t").error().message, "Database nix not found.");
  EXPECT_EQ(metastore_->tables(kOwner, "nix", std::nullopt, {}).error().code,
            "EntityNotFoundException");
}

TEST_F(MetastoreTest, AnUpdateFromAnOldVersionIsRefused) {
  ASSERT_TRUE(metastore_->create_table(kOwner, "db", table_input("t")).ok());
  ASSERT_TRUE(metastore_->update_table(kOwner, "db", table_input("t", "m1"), "0", true).ok());
  const auto late = metastore_->update_table(kOwner, "db", table_input("t", "m2"), "0", true);
  EXPECT_EQ(late.error().code, "ConcurrentModificationException");
  EXPECT_EQ(version(), "1");
  EXPECT_EQ(metastore_->table(kOwner, "db", "t")->parameters->at("metadata_location"), "m1");
}

TEST_F(MetastoreTest, OfManyUpdatesFromOneVersionExactlyOneWins) {
  ASSERT_TRUE(metastore_->create_table(kOwner, "db", table_input("t")).ok());
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> won{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        if (metastore_->update_table(kOwner, "db", table_input("t"), std::to_string(round), true)
                .ok())
          ++won;
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(won, 1);
  }
  EXPECT_EQ(version(), "20");
}

TEST_F(MetastoreTest, VersionsStandNewestFirstAndGoWithTheirTable) {
  ASSERT_TRUE(metastore_->create_table(kOwner, "db", table_input("t")).ok());
  for (int i = 0; i < 11; ++i) {
    ASSERT_TRUE(metastore_->update_table(kOwner, "db", table_input("t"), std::nullopt, false).ok());
  }
  const auto page = metastore_->table_versions(kOwner, "db", "t", {});
  ASSERT_EQ(page->entries.size(), 12U);
  for (std::size_t i = 0; i < 12; ++i)
    EXPECT_EQ(page->entries[i].version_id, std::to_string(11 - i));
  ASSERT_TRUE(metastore_->delete_table(kOwner, "db", "t").ok());
  ASSERT_TRUE(metastore_->create_table(kOwner, "db", table_input("t")).ok());
  EXPECT_EQ(metastore_->table_versions(kOwner, "db", "t", {})->entries.size(), 1U);
}

TEST_F(MetastoreTest, PagesGoOnWhereTheyStopped) {
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    ASSERT_TRUE(metastore_->create_table(kOwner, "db", table_input(name)).ok());
  }
  std::vector<std::string> names;
  PageRequest request;
  request.limit = 2;
  do {
    const auto page = metastore_->tables(kOwner, "db", "[a-d]", request);
    ASSERT_TRUE(page.ok());
    for (const auto& table : page->entries) names.push_back(table.name);
    request.token = page->next_token;
  } while (request.token);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c", "d"}));
  request.token = "!";
  EXPECT_EQ(metastore_->tables(kOwner, "db", std::nullopt, request).error().code,
            "InvalidInputException");
}

TEST_F(MetastoreTest, NamesThatBeginAlikeStayApart) {
  ASSERT_TRUE(metastore_->create_database(kOwner, database_input("db2"), {}).ok());
  ASSERT_TRUE(metastore_->create_table(kOwner, "db2", table_input("t")).ok());
  EXPECT_TRUE(metastore_->tables(kOwner, "db", std::nullopt, {})->entries.empty());
  ASSERT_TRUE(metastore_->delete_database(kOwner, "db").ok());
  EXPECT_TRUE(metastore_->table(kOwner, "db2", "t").ok());
}

TEST_F(MetastoreTest, EverythingIsThereAfterAReopen) {
  ASSERT_TRUE(metastore_->create_table(kOwner, "db", table_input("t")).ok());
  ASSERT_TRUE(
      metastore_->update_table(kOwner, "db", table_input("t", "m1"), std::nullopt, false).ok());
  open();
  EXPECT_EQ(version(), "1");
  const auto old = metastore_->table_version(kOwner, "db", "t", "0");
  ASSERT_TRUE(old.ok());
  EXPECT_EQ(old->parameters->at("metadata_location"), "m0");
  EXPECT_EQ(old->create_time->ms, 1'700'000'000'123);
}

TEST_F(MetastoreTest, DamagedRecordsAreNamed) {
  EXPECT_EQ(decode<Table>("").error().code, code::kCorrupt);
  EXPECT_EQ(decode<Table>("9{}").error().code, code::kCorrupt);
  EXPECT_EQ(decode<Table>("1{").error().code, code::kCorrupt);
  EXPECT_EQ(decode_tags("1[]").error().code, code::kCorrupt);
}

}  // namespace
}  // namespace tarn::glue
