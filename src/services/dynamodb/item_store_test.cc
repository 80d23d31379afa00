// The item store over a real store: what is written, what is walked, what survives.
#include "services/dynamodb/item_store.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "services/dynamodb/catalog.h"
#include "services/dynamodb/expiry.h"
#include "services/dynamodb/expression/parser.h"
#include "services/dynamodb/keys.h"
#include "services/dynamodb/testing/plain.h"

namespace tarn::dynamodb {
namespace {

class ItemStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::temp_directory_path() / ("tarn-item-store-" + std::string(test->name()));
    std::filesystem::remove_all(folder_);
    open();
    TableRecord record;
    record.account = "123456789012";
    record.region = "us-west-2";
    record.name = "t";
    record.status = "ACTIVE";
    record.billing_mode = "PAY_PER_REQUEST";
    record.keys = {{"pk", Type::kString}, KeyAttribute{"sk", Type::kNumber}};
    record.attributes = {{"pk", Type::kString}, {"sk", Type::kNumber}, {"owner", Type::kString}};
    IndexRecord index;
    index.number = 1;
    index.name = "by-owner";
    index.keys = {{"owner", Type::kString}, std::nullopt};
    index.projection_type = "ALL";
    index.status = "ACTIVE";
    record.indexes.push_back(index);
    record.next_index = 2;
    table_ = catalog_->create(record).value();
  }
  void TearDown() override {
    close();
    std::filesystem::remove_all(folder_);
  }

  void open() {
    store_ = std::move(store::open_store(folder_.string())).value();
    catalog_ = std::make_unique<Catalog>(*store_);
    ASSERT_TRUE(catalog_->load().ok());
    items_ = std::make_unique<ItemStore>(*store_);
  }
  void close() {
    table_.reset();
    items_.reset();
    catalog_.reset();
    store_.reset();
  }
  void reopen() {
    close();
    open();
    table_ = catalog_->find("123456789012", "us-west-2", "t");
    ASSERT_NE(table_, nullptr);
  }

  Write put(std::string_view item) const {
    Write write;
    write.table = table_;
    write.item = testing::item(item);
    return write;
  }
  Write update(std::string_view key, std::string_view expression, std::string_view values) const {
    Placeholders::Values given;
    for (auto& [name, value] : testing::item(values)) given.emplace(name, value);
    auto placeholders = Placeholders::make(nullptr, given.empty() ? nullptr : &given).value();
    Write write = put(key);
    write.kind = Write::Kind::kUpdate;
    write.update = parse_update(expression, placeholders).value();
    return write;
  }
  Predicate condition(std::string_view expression) const {
    Placeholders none;
    return parse_condition("ConditionExpression", expression, none).value();
  }
  Written write(Write one) {
    std::vector<Write> writes;
    writes.push_back(std::move(one));
    return std::move(items_->write(std::move(writes)).value()[0]);
  }
  std::optional<Item> get(std::string_view key) {
    return items_->get(*table_->record(), testing::item(key)).value();
  }
  Walk everything() const {
    Walk walk;
    walk.table = table_;
    walk.first = order_prefix(*table_->record(), kPrimary);
    walk.last = store::prefix_end(walk.first);
    return walk;
  }
  std::size_t owned_by(const std::string& owner) {
    const auto record = table_->record();
    Walk walk;
    walk.table = table_;
    walk.index = &record->indexes[0];
    walk.first = hash_prefix(*record, 1, Value{owner});
    walk.last = store::prefix_end(walk.first);
    return items_->walk(walk).value().items.size();
  }

  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<ItemStore> items_;
  std::shared_ptr<Table> table_;
};

TEST_F(ItemStoreTest, WhatWasWrittenIsThereAfterAReopen) {
  write(put(R"({"pk": "a", "sk": 1, "x": [1, {"y": null}]})"));
  reopen();
  EXPECT_EQ(get(R"({"pk": "a", "sk": 1})"),
            testing::item(R"({"pk": "a", "sk": 1, "x": [1, {"y": null}]})"));
  EXPECT_EQ(get(R"({"pk": "a", "sk": 2})"), std::nullopt);
  EXPECT_EQ(table_->items, 1);
}

TEST_F(ItemStoreTest, AConditionThatDoesNotHoldWritesNothing) {
  auto first = put(R"({"pk": "a", "sk": 1, "x": 1})");
  first.condition = condition("attribute_not_exists(pk)");
  EXPECT_TRUE(write(first).condition_held);
  first.item["x"] = testing::value("2");
  const auto second = write(first);
  EXPECT_FALSE(second.condition_held);
  EXPECT_EQ(second.before->at("x"), testing::value("1"));
  EXPECT_EQ(get(R"({"pk": "a", "sk": 1})")->at("x"), testing::value("1"));
}

TEST_F(ItemStoreTest, ManyWritesHappenTogetherOrNotAtAll) {
  auto blocked = put(R"({"pk": "b", "sk": 1})");
  blocked.condition = condition("attribute_exists(pk)");
  const auto written = items_->write({put(R"({"pk": "a", "sk": 1})"), blocked}).value();
  EXPECT_TRUE(written[0].condition_held);
  EXPECT_FALSE(written[1].condition_held);
  EXPECT_EQ(get(R"({"pk": "a", "sk": 1})"), std::nullopt);
}

TEST_F(ItemStoreTest, AnUpdateThatOnlyTakesAwayMakesNoItem) {
  write(update(R"({"pk": "a", "sk": 1})", "REMOVE x", "{}"));
  EXPECT_EQ(get(R"({"pk": "a", "sk": 1})"), std::nullopt);
  write(update(R"({"pk": "a", "sk": 1})", "SET x = :v", R"({":v": 7})"));
  EXPECT_EQ(get(R"({"pk": "a", "sk": 1})"), testing::item(R"({"pk": "a", "sk": 1, "x": 7})"));
}

TEST_F(ItemStoreTest, IndexEntriesFollowTheirItems) {
  write(put(R"({"pk": "a", "sk": 1, "owner": "me"})"));
  write(put(R"({"pk": "a", "sk": 2, "owner": "me"})"));
  EXPECT_EQ(owned_by("me"), 2U);
  write(update(R"({"pk": "a", "sk": 1})", "SET x = :v, owner_since = :v", R"({":v": 7})"));
  EXPECT_EQ(owned_by("me"), 2U);
  write(put(R"({"pk": "a", "sk": 2, "owner": "you"})"));
  EXPECT_EQ(owned_by("me"), 1U);
  EXPECT_EQ(owned_by("you"), 1U);
  Write gone = put(R"({"pk": "a", "sk": 1})");
  gone.kind = Write::Kind::kDelete;
  write(gone);
  EXPECT_EQ(owned_by("me"), 0U);
}

TEST_F(ItemStoreTest, AnItemTooLargeIsRefused) {
  const std::string text(kMaxItemBytes - 20, 'x');
  write(put(R"({"pk": "a", "sk": 1, "x": ")" + text + "\"}"));
  const auto refused = write(
      update(R"({"pk": "a", "sk": 1})", "SET y = :v", R"({":v": "0123456789012345678901234567"})"));
  ASSERT_TRUE(refused.refused.has_value());
  EXPECT_EQ(refused.refused->message, "Item size to update has exceeded the maximum allowed size");
  EXPECT_FALSE(get(R"({"pk": "a", "sk": 1})")->contains("y"));
}

TEST_F(ItemStoreTest, WalksGoOnBothWaysAndSeeEverythingOnce) {
  for (int i = 0; i < 20; ++i) {
    write(put(R"({"pk": "p)" + std::to_string(i % 3) + R"(", "sk": )" + std::to_string(i) + "}"));
  }
  for (const bool forward : {true, false}) {
    Walk walk = everything();
    walk.forward = forward;
    walk.limit = 3;
    std::vector<std::string> keys;
    while (true) {
      const auto page = items_->walk(walk).value();
      for (const auto& item : page.items) keys.push_back(primary_key(*table_->record(), item));
      if (!page.stopped_at) break;
      walk.after = primary_key(*table_->record(), *page.stopped_at);
    }
    EXPECT_EQ(keys.size(), 20U);
    EXPECT_TRUE(forward ? std::is_sorted(keys.begin(), keys.end())
                        : std::is_sorted(keys.rbegin(), keys.rend()));
  }
}

TEST_F(ItemStoreTest, ConcurrentUpdatesOfOneItemLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kEach = 25;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kEach; ++j)
        write(update(R"({"pk": "a", "sk": 1})", "ADD n :one", R"({":one": 1})"));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(get(R"({"pk": "a", "sk": 1})")->at("n"), testing::value("100"));
}

TEST_F(ItemStoreTest, TransactionsOverTheSameItemsInAnyOrderEnd) {
  std::atomic<int> done{0};
  const auto run = [&](const char* first, const char* second) {
    for (int i = 0; i < 50; ++i) {
      const auto written = items_->write({put(first), put(second)});
      if (written.ok()) ++done;
    }
  };
  std::thread one(run, R"({"pk": "a", "sk": 1})", R"({"pk": "b", "sk": 1})");
  std::thread two(run, R"({"pk": "b", "sk": 1})", R"({"pk": "a", "sk": 1})");
  one.join();
  two.join();
  EXPECT_EQ(done, 100);
}

TEST_F(ItemStoreTest, ARequestWithATokenHappensOnce) {
  for (int i = 0; i < 2; ++i) {
    Once once{"token/x", "1 digest", {}};
    std::vector<Write> writes{update(R"({"pk": "a", "sk": 1})", "ADD n :one", R"({":one": 1})")};
    ASSERT_TRUE(items_->write(std::move(writes), &once).ok());
    EXPECT_EQ(once.found.has_value(), i == 1);
  }
  EXPECT_EQ(get(R"({"pk": "a", "sk": 1})")->at("n"), testing::value("1"));
}

TEST_F(ItemStoreTest, ADroppedTableLeavesNothing) {
  write(put(R"({"pk": "a", "sk": 1, "owner": "me"})"));
  ASSERT_TRUE(catalog_->drop(table_).ok());
  EXPECT_TRUE(store_->scan(store::Space::kDynamodbItems, "").value().empty());
  EXPECT_EQ(items_->write({put(R"({"pk": "a", "sk": 2})")}).error().code,
            "ResourceNotFoundException");
  EXPECT_EQ(catalog_->find("123456789012", "us-west-2", "t"), nullptr);
}

TEST_F(ItemStoreTest, ExpiredItemsGo) {
  ASSERT_TRUE(catalog_
                  ->change(*table_,
                           [](TableRecord& record) -> Status {
                             record.ttl_attribute = "ttl";
                             return {};
                           })
                  .ok());
  write(put(R"({"pk": "a", "sk": 1, "ttl": 999})"));
  write(put(R"({"pk": "a", "sk": 2, "ttl": 1001})"));
  write(put(R"({"pk": "a", "sk": 3, "ttl": "999"})"));
  write(put(R"({"pk": "a", "sk": 4})"));
  ASSERT_TRUE(remove_expired(*catalog_, *items_, Timestamp{1'000'000}).ok());
  EXPECT_EQ(items_->walk(everything()).value().items.size(), 3U);
  EXPECT_EQ(get(R"({"pk": "a", "sk": 1})"), std::nullopt);
}

TEST_F(ItemStoreTest, TableRecordsReadBack) {
  const auto record = table_->record();
  const auto back = decode_table(encode_table(*record));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(encode_table(*back), encode_table(*record));
  EXPECT_EQ(decode_table("{}").error().code, code::kCorrupt);
  EXPECT_EQ(decode_table("nonsense").error().code, code::kCorrupt);
  EXPECT_EQ(decode_table(R"({"version": 99})").error().code, code::kCorrupt);
}

}  // namespace
}  // namespace tarn::dynamodb
